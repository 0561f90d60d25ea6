"""What a monitor is told: only with the token, only in words of ours, and also while the database is away."""

import asyncio
import hashlib
import hmac
import os
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from adapters.nango.budget import CallBudget, Share
from adapters.nango.calls import Outcome
from adapters.postgres.pool import create_pool
from application.deliveries.process_delivery import DeliveryHeld, DeliveryProcessed
from application.reconcile.treatment import Treated, Treatment
from domain.connection import ConnectionId
from domain.delivery import DeliveryId, DeliveryKind, DeliveryState
from domain.errors import UpstreamUnavailable
from domain.reconcile import Finding, FindingKind
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.metrics import METHODS, REASONS
from entrypoints.metrics import FOLDER, MeasuredProcessing, added_up, count_call, counts, watched
from entrypoints.reconcile_chore import note
from entrypoints.settings import Settings, WrongSetting
from tests.adapters.nango.stub import GET, Nango
from tests.databases import PostgresServer
from tests.fakes.clock import NOON

TOKEN: Final = "monitor-0123456789"
SETTINGS: Final = Settings(nango_secret_key="key", jwt_secret="x" * 32, metrics_token=TOKEN)
pytestmark = pytest.mark.postgres

WEBHOOKS: Final = "/api/webhooks/nango"
ONE: Final = DeliveryProcessed(
    id=DeliveryId(1), kind=DeliveryKind.SYNC, state=DeliveryState.DONE, note="", waited=timedelta(seconds=3)
)


def app_over(database_url: str, settings: Settings = SETTINGS) -> Litestar:
    return create_app(Container(settings=settings, conninfo=database_url))


@pytest.fixture
def app(database_url: str) -> Litestar:
    return app_over(database_url)


@pytest.fixture
def client(app: Litestar) -> Generator[TestClient[Litestar]]:
    with TestClient(app) as client:
        yield client


def scrape(client: TestClient[Litestar]) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return what a monitor reads: by name, labels and values."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    samples: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append((sample.labels, sample.value))
    return samples


def counted(name: str, **labels: str) -> float:
    """Return what this process has counted, in all tests."""
    return counts.get_sample_value(name, labels) or 0


def post(client: TestClient[Litestar], raw: bytes, *, headers: dict[str, str] | None = None) -> httpx.Response:
    signature = hmac.new(b"key", raw, hashlib.sha256).hexdigest()
    return client.post(WEBHOOKS, content=raw, headers={"X-Nango-Hmac-Sha256": signature, **(headers or {})})


def test_without_a_token_in_the_settings_there_is_nothing(database_url: str) -> None:
    settings = Settings(nango_secret_key="key", jwt_secret="x" * 32)

    with TestClient(app_over(database_url, settings)) as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer None"}).status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \xe9"],
)
def test_nobody_without_the_token_is_told_anything(client: TestClient[Litestar], given: str | None) -> None:
    answer = client.get("/metrics", headers=[] if given is None else [(b"Authorization", given.encode("latin-1"))])

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "latchkey_" not in answer.text


@pytest.mark.parametrize("token", ["fifteen-letters", "with spaces in it, and long", "with-an-\u00e9-and-long-enough"])
def test_a_token_that_can_be_guessed_or_not_be_sent_ends_the_start(token: str) -> None:
    with pytest.raises(WrongSetting, match=r"^METRICS_TOKEN: "):
        Settings.from_environment({"NANGO_SECRET_KEY": "key", "JWT_SECRET": "x" * 32, "METRICS_TOKEN": token})


def test_no_label_is_what_a_stranger_wrote(app: Litestar, client: TestClient[Litestar]) -> None:
    mark = uuid4().hex
    for path in (f"/{mark}", f"/static/{mark}", f"/auth/nango/status/{mark}", f"/oauth/connect/{mark}", "/healthz"):
        client.get(f"{path}?{mark}={mark}", headers={"X-GitHub-Event": mark, "User-Agent": mark, "Cookie": mark})
        client.request("BREW", path)
        client.request(mark.upper(), path)
    for body in ({"type": mark}, {"type": "forward", "connectionId": mark, mark: mark}):
        assert post(client, str(body).replace("'", '"').encode(), headers={"X-GitHub-Event": mark}).status_code == 200

    samples = scrape(client)

    allowed = {
        "route": {route.path_format for route in app.routes} | {"none"},
        "method": METHODS | {"other"},
        "reason": {*REASONS.values(), "other"},
        "kind": {kind.value for kind in DeliveryKind} | {kind.value for kind in FindingKind},
        "treatment": {treatment.value for treatment in Treatment},
        "share": {share.value for share in Share},
        "outcome": {outcome.value for outcome in Outcome} | {state.value for state in DeliveryState} | {"retried"},
    }
    for labels, _ in (sample for found in samples.values() for sample in found):
        for name, text in labels.items():
            assert name in {"le", "status"} or text in allowed[name], (name, text)
            assert mark.lower() not in text.lower()
    met = samples["latchkey_http_requests_total"]
    assert {labels["method"] for labels, _ in met} >= {"GET", "other"}
    assert {labels["route"] for labels, _ in met} >= {"none", "/healthz", "/auth/nango/status/{connection_id}"}


def test_requests_are_counted_by_the_route_they_met(client: TestClient[Litestar]) -> None:
    labels = {"route": "/healthz", "method": "GET"}
    before = counted("latchkey_http_requests_total", **labels, status="200")
    timed = counted("latchkey_http_request_seconds_count", **labels)

    for _ in range(3):
        client.get("/healthz")

    assert counted("latchkey_http_requests_total", **labels, status="200") == before + 3
    assert counted("latchkey_http_request_seconds_count", **labels) == timed + 3


@pytest.mark.parametrize(
    ("raw", "headers", "reason"),
    [
        (b"{}", {"X-Nango-Hmac-Sha256": "0" * 64}, "signature"),
        (b"{}", {"X-Nango-Hmac-Sha256": ""}, "signature"),
        (b"{", {}, "malformed"),
        (b'{"type":"auth","x":"' + b"x" * 1024 * 1024 + b'"}', {}, "too_large"),
        (b'{"type":"forward","x":"' + b"x" * 25 * 1024 * 1024 + b'"}', {}, "size"),
    ],
    ids=["wrong signature", "no signature", "no JSON", "too large for its kind", "too large for anything"],
)
def test_what_is_refused_is_counted_by_why(
    client: TestClient[Litestar], raw: bytes, headers: dict[str, str], reason: str
) -> None:
    before = counted("latchkey_deliveries_refused_total", reason=reason)

    assert post(client, raw, headers=headers).status_code in {400, 401, 413}

    assert counted("latchkey_deliveries_refused_total", reason=reason) == before + 1


def test_what_is_beyond_the_quota_is_refused_in_words_whichever_process_counted_it(database_url: str) -> None:
    before = counted("latchkey_deliveries_refused_total", reason="quota")
    settings = msgspec.structs.replace(SETTINGS, delivery_quota_mib=1)
    with TestClient(app_over(database_url, settings)) as client:
        assert post(client, b'{"type":"forward","x":"' + b"x" * 600 * 1024 + b'"}').status_code == 200

    with TestClient(app_over(database_url, settings)) as client:
        refusal = post(client, b'{"type":"forward","x":"' + b"y" * 600 * 1024 + b'"}')
        assert post(client, b'{"type":"forward"}').status_code == 200

    assert (refusal.status_code, refusal.json()["code"]) == (413, "delivery_quota_spent")
    assert "quota" in refusal.json()["detail"]
    assert counted("latchkey_deliveries_refused_total", reason="quota") == before + 1


def test_what_is_accepted_is_counted_and_what_waits_is_looked_up(client: TestClient[Litestar]) -> None:
    before = counted("latchkey_deliveries_accepted_total", kind="sync"), counted("latchkey_deliveries_merged_total")

    for _ in range(3):
        post(client, b'{"type":"sync"}')

    samples = scrape(client)
    after = counted("latchkey_deliveries_accepted_total", kind="sync"), counted("latchkey_deliveries_merged_total")
    assert after == (before[0] + 3, before[1] + 2)
    assert samples["latchkey_deliveries_waiting"] == [({}, 1)]
    assert samples["latchkey_deliveries_held"] == [({}, 0)]
    [(_, oldest)] = samples["latchkey_deliveries_oldest_waiting_seconds"]
    assert 0 <= oldest < 60
    assert samples["latchkey_database_up"] == [({}, 1)]


def test_while_the_database_is_away_the_rest_is_told(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.http.metrics.DATABASE_SECONDS", 0.2)
    conninfo = postgres_server.create_migrated_database()
    with TestClient(app_over(conninfo)) as client:
        assert scrape(client)["latchkey_database_up"] == [({}, 1)]

        postgres_server.drop_database(conninfo)
        samples = scrape(client)

    assert samples["latchkey_database_up"] == [({}, 0)]
    assert "latchkey_deliveries_waiting" not in samples
    assert samples["latchkey_http_requests_total"]


class Processing:
    """Stands in for the use case."""

    def __init__(self, result: DeliveryProcessed | Exception | None) -> None:
        self.result = result

    async def __call__(self, delivery_id: DeliveryId) -> DeliveryProcessed | None:
        del delivery_id
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


async def test_what_becomes_of_deliveries_is_counted() -> None:
    outcomes = ("done", "held", "retried")
    before = [counted("latchkey_deliveries_processed_total", kind="sync", outcome=outcome) for outcome in outcomes]
    waits, tries = counted("latchkey_delivery_wait_seconds_sum"), counted("latchkey_delivery_processing_seconds_count")
    held = DeliveryProcessed(id=ONE.id, kind=ONE.kind, state=DeliveryState.HELD, note="RuntimeError")
    retried = DeliveryProcessed(id=ONE.id, kind=ONE.kind, state=DeliveryState.WAITING, note="", retry_in=timedelta(1))

    for result in (ONE, retried, None):
        process = MeasuredProcessing(Processing(result))  # pyright: ignore[reportArgumentType]
        assert await process(ONE.id) == result
    for error in (DeliveryHeld(held), UpstreamUnavailable("the database is away")):
        with pytest.raises(type(error)):
            await MeasuredProcessing(Processing(error))(ONE.id)  # pyright: ignore[reportArgumentType]

    after = [counted("latchkey_deliveries_processed_total", kind="sync", outcome=outcome) for outcome in outcomes]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    assert counted("latchkey_delivery_wait_seconds_sum") == waits + 3
    assert counted("latchkey_delivery_processing_seconds_count") == tries + 3


async def test_calls_are_counted_by_share_and_outcome() -> None:
    heard: list[tuple[Share, Outcome]] = []
    replies = [httpx.Response(status) for status in (200, 404, 500)]
    nango = Nango([*replies, httpx.ReadTimeout("slow"), httpx.ReadTimeout("slow"), httpx.ReadTimeout("slow")])
    client = nango.client(observe=lambda share, outcome: heard.append((share, outcome)))

    for _ in range(3):
        await client.send(GET, Share.FINISH)
    with pytest.raises(UpstreamUnavailable):
        await client.send(GET, Share.FINISH)
    nango.budget.block(60)
    with pytest.raises(UpstreamUnavailable):
        await client.send(GET, Share.HINT)

    assert heard == [
        (Share.FINISH, Outcome.ANSWERED),
        (Share.FINISH, Outcome.REFUSED),
        (Share.FINISH, Outcome.FAILED),
        *[(Share.FINISH, Outcome.NO_ANSWER)] * 3,
        (Share.HINT, Outcome.NOT_SENT),
    ]
    before = counted("latchkey_nango_calls_total", share="hint", outcome="not_sent")
    count_call(Share.HINT, Outcome.NOT_SENT)
    assert counted("latchkey_nango_calls_total", share="hint", outcome="not_sent") == before + 1


async def test_what_changes_by_itself_is_looked_at(database_url: str) -> None:
    budget = CallBudget(200)
    for _ in range(10):
        budget.take(Share.HINT)

    async with create_pool(database_url, max_size=1) as pool, watched(budget, pool):
        await asyncio.sleep(0)

    assert counted("latchkey_nango_calls_left", share="hint") == 40
    assert counted("latchkey_database_pool_waiting") == 0


def test_what_a_reconcile_finds_is_counted_by_what_became_of_it() -> None:
    before = counted("latchkey_reconcile_findings_total", kind="adopt", treatment="healed")
    finding = Finding(
        kind=FindingKind.ADOPT, connection_id=ConnectionId("c"), end_user_id=None, reason="odd", seen_at=NOON
    )

    note(Treated(finding=finding, treatment=Treatment.HEALED, note="adopted"))

    assert counted("latchkey_reconcile_findings_total", kind="adopt", treatment="healed") == before + 1


def test_the_folder_in_which_processes_add_up_is_gone_afterwards() -> None:
    with added_up():
        folder = Path(os.environ[FOLDER])
        assert folder.is_dir()

    assert not folder.exists()
    assert FOLDER not in os.environ
