"""What a journey ends with."""

from typing import Any
from uuid import UUID

import httpx

from tests.journeys.browser import Browser, problem_of, set_cookies
from tests.journeys.deployment import Deployment
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually


def assert_signed_in(browser: Browser, person: Person) -> UUID:
    answer = browser.me()
    assert answer.status_code == 200, answer.text
    profile = answer.json()
    assert (profile["githubId"], profile["login"], profile["email"]) == (person.id, person.login, person.email)
    return UUID(profile["id"])


def assert_not_signed_in(browser: Browser) -> None:
    assert browser.session is None
    assert browser.me().status_code == 401


def assert_never_seen(latchkey: Deployment, person: Person) -> None:
    """Nobody became this user, and nothing of theirs is left anywhere."""
    assert latchkey.rows.user(person) is None
    eventually(lambda: not latchkey.sandbox.connections_of(person), "the deletion of their connections")


def assert_start_again(answer: httpx.Response) -> None:
    """Look for a plain page that says so, and nothing to keep or to follow."""
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "Please start again" in answer.text
    assert_gives_nothing(answer)


def assert_start_again_problem(answer: httpx.Response) -> None:
    assert answer.status_code == 400, answer.text
    assert problem_of(answer)["code"] == "start_again"
    assert_gives_nothing(answer)


def assert_gives_nothing(answer: httpx.Response) -> None:
    assert not [name for name in set_cookies(answer) if name.endswith("latchkey_session")]
    assert "location" not in answer.headers


def assert_one_connection(latchkey: Deployment, person: Person) -> str:
    """Exactly one login connection is left, here and at Nango; it works, and is the user's own."""
    user_id = str(latchkey.rows.user_id(person))

    def settled() -> tuple[str, dict[str, Any]] | None:
        connections, rows = latchkey.sandbox.connections_of(person), latchkey.rows.connections_of(person)
        if len(connections) != 1 or len(rows) != 1:
            return None
        [connection], [row] = connections, rows
        is_settled = connection.works and {connection.end_user_id, row["end_user_id"]} == {user_id}
        return (connection.id, row) if is_settled else None

    connection_id, row = eventually(settled, "settling on one connection")
    assert (row["id"], row["state"], row["kind"]) == (connection_id, "live", "login")
    return connection_id
