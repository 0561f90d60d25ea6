"""The App's page of recent deliveries: which webhooks GitHub sent, and what it was answered."""

from dataclasses import dataclass

from entrypoints.sandbox.wire import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """One webhook of the App; no status means that it was never sent."""

    number: int
    guid: str
    event: str
    body: JsonObject
    status: int | None
    answer: JsonObject | None
