"""Conditions, planned failures, the log of calls, and starting over."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType

from entrypoints.sandbox.calls import Bucket
from entrypoints.sandbox.conditions import FailureKind, PlannedFailure
from entrypoints.sandbox.nango.records.shapes import SyncModel
from entrypoints.sandbox.sandbox import Sandbox


class ConditionsChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    latency_seconds: float | UnsetType = UNSET
    rate_limit_per_minute: int | UnsetType | None = UNSET
    token_lifetime_seconds: int | UnsetType | None = UNSET
    chunked_proxy_answers: bool | UnsetType = UNSET
    drop_github_events: bool | UnsetType = UNSET
    withheld_permissions: frozenset[str] | UnsetType = UNSET
    installation_delay_seconds: float | UnsetType = UNSET
    says_none_for_strangers: bool | UnsetType = UNSET
    lose_user_credentials: bool | UnsetType = UNSET
    records_page_bytes: int | UnsetType | None = UNSET
    syncs: dict[str, SyncModel] | UnsetType = UNSET
    tell_of_empty_syncs: bool | UnsetType = UNSET


class CurrentConditions(msgspec.Struct, frozen=True):
    latency_seconds: float
    rate_limit_per_minute: int | None
    token_lifetime_seconds: int | None
    chunked_proxy_answers: bool
    drop_github_events: bool
    withheld_permissions: frozenset[str]
    installation_delay_seconds: float
    says_none_for_strangers: bool
    lose_user_credentials: bool
    records_page_bytes: int | None
    syncs: dict[str, SyncModel]
    tell_of_empty_syncs: bool


class FailurePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    endpoint: str
    times: Annotated[int, Meta(gt=0)] = 1
    kind: FailureKind = "status"
    status: Annotated[int, Meta(ge=200, le=599)] = 503
    seconds: float = 0.0


class CallMade(msgspec.Struct, frozen=True):
    at: datetime
    endpoint: str
    bucket: Bucket


class CallsMade(msgspec.Struct, frozen=True):
    counts: dict[str, dict[Bucket, int]]
    latest: list[CallMade]


class Health(msgspec.Struct, frozen=True):
    status: str = "ok"


def current(sandbox: Sandbox) -> CurrentConditions:
    conditions = sandbox.conditions
    return CurrentConditions(
        latency_seconds=conditions.latency_seconds,
        rate_limit_per_minute=conditions.rate_limit_per_minute,
        token_lifetime_seconds=conditions.token_lifetime_seconds,
        chunked_proxy_answers=conditions.chunked_proxy_answers,
        drop_github_events=conditions.drop_github_events,
        withheld_permissions=conditions.withheld_permissions,
        installation_delay_seconds=conditions.installation_delay_seconds,
        says_none_for_strangers=conditions.says_none_for_strangers,
        lose_user_credentials=conditions.lose_user_credentials,
        records_page_bytes=conditions.records_page_bytes,
        syncs=conditions.syncs,
        tell_of_empty_syncs=conditions.tell_of_empty_syncs,
    )


@get("/healthz")
async def get_health() -> Health:
    """Up."""
    return Health()


@get("/conditions")
async def get_conditions(sandbox: NamedDependency[Sandbox]) -> CurrentConditions:
    """Show what is switched on."""
    return current(sandbox)


@patch("/conditions")
async def patch_conditions(sandbox: NamedDependency[Sandbox], data: JSONBody[ConditionsChange]) -> CurrentConditions:
    """Change what is named, and leave the rest.

    Latency, Nango's rate limit (null is off), the lifetime of new GitHub tokens (null is for ever), whether GitHub
    answers chunked (if not, Nango's proxy loses GitHub's headers), whether the App's webhooks are lost before they
    reach Nango, which permissions the App has lost everywhere, how long a new installation is not listed yet,
    whether a stranger's permission on a private repository is "none" in place of a 404, whether Nango loses the
    person's token when the App is installed, and after how many bytes a page of Nango's records ends (null is never).

    Also which syncs there are, by name, with the model that each fills ({} is none, as on a free self-hosted Nango; the
    family `github-app` is {"pull-requests": "GithubPullRequest", "commits": "GithubCommit"}), and whether a sync that
    changed nothing is told of.
    """
    for name, value in msgspec.structs.asdict(data).items():
        if value is not UNSET:
            setattr(sandbox.conditions, name, value)
    sandbox.rate_limits.windows.clear()
    return current(sandbox)


@post("/failures", status_code=201)
async def plan_failure(sandbox: NamedDependency[Sandbox], data: JSONBody[FailurePlan]) -> FailurePlan:
    """Let the next `times` calls of an endpoint fail.

    They get a `status`, or hang `seconds` before that status (`timeout`), or are cut off (`reset`, on a real server
    only). Endpoints are named as in the log of calls: `GET /connections/{connection_id}`, `GET /proxy/{path}`. What
    Nango asks of GitHub is `github GET /user`, `github GET /repositories/{repository_id}`, the same with a number in
    place, or `github POST /login/oauth/access_token`, and always gets a status.
    """
    sandbox.conditions.failures.append(PlannedFailure(data.endpoint, data.times, data.kind, data.status, data.seconds))
    return data


@delete("/failures", status_code=204)
async def forget_failures(sandbox: NamedDependency[Sandbox]) -> None:
    """Call off every planned failure, of syncs too."""
    sandbox.conditions.failures.clear()
    sandbox.conditions.sync_failures.clear()


@get("/calls")
async def list_calls(sandbox: NamedDependency[Sandbox]) -> CallsMade:
    """Counters per endpoint and rate-limit bucket, and the latest calls in order."""
    counts: dict[str, dict[Bucket, int]] = {}
    for (endpoint, bucket), number in sandbox.calls.counts.items():
        counts.setdefault(endpoint, {})[bucket] = number
    latest = [CallMade(at=call.at, endpoint=call.endpoint, bucket=call.bucket) for call in sandbox.calls.latest]
    return CallsMade(counts=counts, latest=latest)


@post("/reset", status_code=204)
async def reset(sandbox: NamedDependency[Sandbox]) -> None:
    """Begin anew: the seeded people, no connections, no trouble, empty logs; what is under way is dropped."""
    await sandbox.stop()
    sandbox.reset()
