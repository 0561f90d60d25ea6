"""The same people sign in twice over: with webhooks, and while all of them are lost."""

import re
import time
from dataclasses import dataclass
from typing import Any, Final

from tests.journeys.connect_ui import Page, assert_ready, connect_at_nango
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import assert_one_connection
from tests.journeys.sandbox import PLENTY, Person
from tests.journeys.waiting import eventually

# Of those who sign in, one in so many returns in another browser; and as many were there before.
RETURNING: Final = 4
PATIENCE_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Story:
    """What is in the database at the end, person by person, without times and ids."""

    rows: list[dict[str, Any]]
    calls: int = 0
    seconds: float = 0.0


def play(latchkey: Deployment, size: int, *, calls_per_minute: int | None = None) -> Story:
    """Let people sign in, and tokens fail to be refreshed: with a number of calls, without webhooks, by one reconcile.

    The deployment is one with `LOGIN_BINDING=cookie`, where a sign-in needs its webhook.
    """
    known = [latchkey.sandbox.newcomer() for _ in range(max(1, size // RETURNING))]
    pages = [sign_in(latchkey, person) for person in known]
    wait_until_done(latchkey, pages)
    for person in known:
        latchkey.rows.let_connections_rest(person)
    broken = [assert_one_connection(latchkey, person) for person in known]

    if calls_per_minute:
        latchkey.sandbox.trouble_webhooks(drop=PLENTY)
    newcomers = [latchkey.sandbox.newcomer() for _ in range(size - size // RETURNING)]
    returning = newcomers[: size // RETURNING]
    pages += [sign_in(latchkey, person) for person in (*newcomers, *returning)]
    for connection_id in broken:
        latchkey.sandbox.break_refresh(connection_id)
    calls, seconds = heal(latchkey, calls_per_minute) if calls_per_minute else (0, 0.0)

    wait_until_done(latchkey, pages)
    for page in pages:
        assert_ready(page.status(page.connection_id))
    return Story([in_words(latchkey, person) for person in (*known, *newcomers)], calls, seconds)


def heal(latchkey: Deployment, calls_per_minute: int) -> tuple[int, float]:
    """Run reconcile once; return how many calls were made meanwhile, and how many seconds it took."""
    latchkey.sandbox.trouble_webhooks()
    latchkey.sandbox.limit_calls(calls_per_minute)
    latchkey.tap.clear()
    began = time.monotonic()
    status, said = latchkey.reconcile(NANGO_CALLS_PER_MINUTE=str(calls_per_minute))
    assert status == 0, said
    return len(latchkey.tap.asked), time.monotonic() - began


def sign_in(latchkey: Deployment, person: Person) -> Page:
    page = Page(latchkey, latchkey.browser())
    connect_at_nango(page, person)
    return page


def wait_until_done(latchkey: Deployment, pages: list[Page]) -> None:
    """Wait until the sign-ins are finished, no webhook waits, and Nango was told of everything."""
    waiting: Final = """
        SELECT id::text FROM attempts WHERE state IN ('open', 'passing', 'failing')
         UNION ALL SELECT id::text FROM deliveries WHERE state = 'waiting'
         UNION ALL SELECT id FROM connections WHERE state = 'retired' OR end_user_id <> user_id::text
    """
    eventually(lambda: not latchkey.rows.read(waiting), "the end of all work", PATIENCE_SECONDS)
    assert {page.state for page in pages} <= {"finished", "collected"}


def in_words(latchkey: Deployment, person: Person) -> dict[str, Any]:
    user = latchkey.rows.user(person)
    assert user is not None
    assert (user["login"], user["github_id"]) == (person.login, person.id)
    attempts = latchkey.rows.read(
        "SELECT state, door, return_url FROM attempts WHERE user_id = %(id)s", {"id": user["id"]}
    )
    [connection] = latchkey.rows.connections_of(person)
    [listed] = latchkey.sandbox.connections_of(person)
    return {
        "user": (user["name"], user["email"]),
        "connection": (connection["kind"], connection["state"], without_status(connection["last_error"])),
        "is_settled": connection["end_user_id"] == str(connection["user_id"]) == listed.end_user_id,
        "is_the_same": connection["id"] == listed.id,
        "attempts": attempts,
        "sessions": len(latchkey.rows.sessions_of(person)),
    }


def without_status(text: str | None) -> str | None:
    """Leave out what depends on when Nango last tried: it refuses with 500, and with 424 for the next half minute."""
    return text and re.sub(r"\b\d{3}\b", "…", text)
