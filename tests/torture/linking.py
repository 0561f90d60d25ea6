"""What GitHub says that people may see, what our rows say, and how a browser goes on when the service dies."""

import time
from http import HTTPStatus
from typing import Final

import httpx

from domain.repository import Permission
from tests.journeys.browser import parameter
from tests.journeys.deployment import Deployment
from tests.journeys.linking import Linking
from tests.journeys.sandbox import Person

PAUSE_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 240.0


def finish(visitor: Linking, callback: str) -> str:
    """Come back from GitHub, again and again until somebody answers; return the id of the connection."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = visitor.browser.callback(callback)
        except httpx.TransportError:
            time.sleep(PAUSE_SECONDS)
            continue
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
            connection_id = parameter(answer.headers["location"], "connection_id")
            assert connection_id
            return connection_id
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("the service did not come back")


def truth(latchkey: Deployment, account: str) -> dict[int, str]:
    """Name an account's repositories on GitHub; its owners are admins of each."""
    return {number: f"{full_name} admin" for number, full_name in latchkey.github.repos_of(account).items()}


def held(latchkey: Deployment, person: Person) -> dict[int, str]:
    rows = latchkey.rows.read(
        """
        SELECT repositories.id, owner || '/' || repositories.name AS full_name, permission
          FROM grants
          JOIN users ON users.id = user_id AND github_id = %(id)s
          JOIN repositories ON repositories.id = repository_id
        """,
        {"id": person.id},
    )
    return {row["id"]: f"{row['full_name']} {Permission(row['permission']).role}" for row in rows}


def let_time_pass(latchkey: Deployment) -> None:
    """Let what was put off until the last look is half a minute old be looked at now; what was first stays first."""
    latchkey.rows.change(
        "UPDATE deliveries SET received_at = received_at - interval '1 minute' WHERE state = 'waiting'"
    )
    latchkey.rows.change("UPDATE rereads SET tried_at = tried_at - interval '1 minute'")
    latchkey.rows.change("UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued' AND execute_after > now()")
