"""A page that signs in through Connect UI: its session, its pop-up, its socket, and the question how it went."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.journeys.browser import NAVIGATION, Browser
from tests.journeys.deployment import Deployment
from tests.journeys.outcomes import assert_gives_nothing
from tests.journeys.sandbox import Person

NOT_READY: Final = {"ready": False}
# A long wait is 25 seconds; whatever ends sooner than this was not waited for.
PROMPT_SECONDS: Final = 8.0


class Page:
    """Opened in a browser; `session` is what the service answered."""

    def __init__(self, latchkey: Deployment, browser: Browser, prefix: str = "/auth", method: str = "GET") -> None:
        self.latchkey = latchkey
        self.browser = browser
        self.prefix = prefix
        self.answer = open_session(browser, prefix, method)
        assert self.answer.status_code == 200, self.answer.text
        self.session: dict[str, Any] = self.answer.json()
        self.token: str = self.session["sessionToken"]
        self.attempt_id = UUID(self.session["tempUserId"])
        latchkey.secrets.add(self.token)

    def pop_up(self, query: str = "", by: Browser | None = None) -> httpx.Response:
        """Open the pop-up, in this browser or in another; more of the query may be given as it is."""
        url = f"{self.browser.origin}/oauth/connect/github?connect_session_token={self.token}"
        return (by or self.browser).http.get(f"{url}&{query}" if query else url, headers=NAVIGATION)

    def aim(self, socket_id: str | None = None) -> str:
        """Open the pop-up, and return where on GitHub that goes on."""
        answer = self.pop_up(f"ws_client_id={socket_id}" if socket_id else "")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def go_to_github(self, person: Person, socket_id: str | None = None) -> str:
        """Say yes there as somebody, and return where GitHub sends the pop-up."""
        return self.browser.authorize(self.aim(socket_id), person.login)

    def finish(self, person: Person, socket_id: str | None = None) -> str:
        """Go all the way but the last step; return the id of the new connection."""
        answer = self.browser.callback(self.go_to_github(person, socket_id))
        assert answer.status_code == 200, answer.text
        assert "You can close this window" in answer.text
        assert_gives_nothing(answer)
        return self.connection_id

    @property
    def connection_id(self) -> str:
        return str(self.latchkey.rows.attempt(self.attempt_id)["connection_id"])

    @property
    def state(self) -> str:
        return str(self.latchkey.rows.attempt(self.attempt_id)["state"])

    def status(self, connection_id: str, wait: int | None = None) -> httpx.Response:
        return ask(self.browser, connection_id, wait, self.prefix)

    def connect_behind_our_back(self, person: Person) -> None:
        """Use the session token at Nango itself, and let Nango finish there."""
        self.latchkey.sandbox.connect(self.token, person)


def connect_at_nango(page: Page, person: Person) -> str:
    """Authorise as Connect UI does with Nango as its host; return the id of the new connection."""
    sandbox, browser = page.latchkey.sandbox, page.browser
    github = browser.http.get(f"{sandbox.url}/oauth/connect/github", params={"connect_session_token": page.token})
    callback = browser.authorize(github.headers["location"], person.login)
    assert callback.startswith(f"{sandbox.url}/oauth/callback?")
    assert browser.http.get(callback).status_code == 200
    [connection] = sandbox.connections_for(page.attempt_id)
    return connection.id


def open_session(
    browser: Browser, prefix: str = "/auth", method: str = "GET", headers: dict[str, str] | None = None
) -> httpx.Response:
    sent = {"Sec-Fetch-Site": "same-origin"} if headers is None else headers
    return browser.http.request(method, f"{browser.origin}{prefix}/nango-session", headers=sent)


def ask(browser: Browser, connection_id: str, wait: int | None = None, prefix: str = "/auth") -> httpx.Response:
    query = {} if wait is None else {"wait": str(wait)}
    return browser.http.get(f"{browser.origin}{prefix}/nango/status/{connection_id}", params=query)


def assert_not_ready(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.content) == (200, b'{"ready":false}')
    assert "set-cookie" not in answer.headers


def assert_ready(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["ready"] is True, told
    assert sorted(told) == ["expiresIn", "ready", "token", "user"]
    return told


class Socket:
    """What a page hears; `id` is its name for the pop-up."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        acknowledged = self.hear()
        assert acknowledged["message_type"] == "connection_ack"
        self.id: str = acknowledged["ws_client_id"]

    def hear(self, seconds: float = PROMPT_SECONDS) -> dict[str, Any]:
        return json.loads(self._connection.recv(timeout=seconds))


@contextmanager
def socket_at(address: str) -> Generator[Socket]:
    with connect(f"{address.replace('http', 'ws', 1)}/", proxy=None) as connection:
        yield Socket(connection)
