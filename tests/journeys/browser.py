"""One browser: its own cookies, and no redirect followed but by a test's own hand."""

import re
from collections.abc import Mapping
from http.cookiejar import Cookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

ATTEMPT_COOKIE: Final = "latchkey_login_"
SESSION_COOKIE: Final = "latchkey_session"
NAVIGATION: Final = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Sec-Fetch-Site": "none"}
SHORTEST_SECRET: Final = 20
JSON_CONTENT: Final = {"Content-Type": "application/json"}


class Browser:
    def __init__(self, http: httpx.Client, origin: str) -> None:
        self.http = http
        self.origin = origin

    def begin(
        self,
        return_to: str | None = None,
        *,
        prefix: str = "/auth",
        headers: Mapping[str, str] = NAVIGATION,
        **query: str,
    ) -> httpx.Response:
        """Ask to sign in, whatever the answer is."""
        given = query if return_to is None else {"return_to": return_to, **query}
        return self.http.get(f"{self.origin}{prefix}/login", params=given, headers=dict(headers))

    def start(self, return_to: str | None = None, *, prefix: str = "/auth", **query: str) -> str:
        """Begin to sign in, and return where on GitHub that goes on."""
        answer = self.begin(return_to, prefix=prefix, headers=NAVIGATION, **query)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def authorize(self, github_url: str, login: str) -> str:
        """Say yes on GitHub as somebody, and return where GitHub sends the browser."""
        return self._redirect(f"{github_url}&as={login}")

    def deny(self, github_url: str) -> str:
        """Say no on GitHub."""
        return self._redirect(f"{github_url}&deny=1")

    def callback(self, url: str, headers: Mapping[str, str] = NAVIGATION) -> httpx.Response:
        return self.http.get(url, headers=dict(headers))

    def sign_in(self, login: str, return_to: str | None = None) -> httpx.Response:
        """Go all the way."""
        answer = self.callback(self.authorize(self.start(return_to), login))
        assert answer.status_code == 303, answer.text
        return answer

    def me(self, prefix: str = "/auth") -> httpx.Response:
        return self.http.get(f"{self.origin}{prefix}/me")

    def sign_out(self, prefix: str = "/auth") -> httpx.Response:
        """As the button on our page does."""
        return self.http.post(
            f"{self.origin}{prefix}/logout", content="{}", headers={"Origin": self.origin, **JSON_CONTENT}
        )

    @property
    def session(self) -> str | None:
        return self.http.cookies.get(SESSION_COOKIE)

    @property
    def attempts(self) -> list[UUID]:
        """The ids of the sign-ins under way, in the order of their beginning."""
        names = [cookie.name for cookie in self.http.cookies.jar]
        return [UUID(hex=name.removeprefix(ATTEMPT_COOKIE)) for name in names if name.startswith(ATTEMPT_COOKIE)]

    def state_of(self, github_url: str) -> str:
        state = parameter(github_url, "state")
        assert state
        return state

    def age_attempt(self, attempt_id: UUID, seconds: int = 60) -> None:
        """Make one of the sign-ins under way look older."""
        cookie = self._attempt_cookie(attempt_id)
        began, _, secret = str(cookie.value).partition(".")
        cookie.value = f"{int(began) - seconds}.{secret}"

    def begin_all_attempts_at_once(self) -> None:
        """Make all sign-ins under way look as if begun in the second of the last one."""
        cookies = [self._attempt_cookie(attempt_id) for attempt_id in self.attempts]
        newest = max(str(cookie.value).partition(".")[0] for cookie in cookies)
        for cookie in cookies:
            cookie.value = f"{newest}.{str(cookie.value).partition('.')[2]}"

    def attempt_secret(self, attempt_id: UUID) -> str:
        """Return the whole value of an attempt's cookie."""
        return str(self._attempt_cookie(attempt_id).value)

    def _attempt_cookie(self, attempt_id: UUID) -> Cookie:
        [cookie] = [one for one in self.http.cookies.jar if one.name == f"{ATTEMPT_COOKIE}{attempt_id.hex}"]
        return cookie

    def _redirect(self, url: str) -> str:
        answer = self.http.get(url)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


def note_secrets(secrets: set[str], response: httpx.Response) -> None:
    """Note what an answer says that must never be found in a log."""
    for header in response.headers.get_list("set-cookie"):
        value = header.partition(";")[0].partition("=")[2].strip('"')
        secrets.update(text for text in (value, value.rpartition(".")[2]) if len(text) >= SHORTEST_SECRET)
    for name in ("state", "code"):
        if value := parameter(response.headers.get("location", ""), name):
            secrets.add(value)
    if response.request.url.path.endswith("/token"):
        response.read()
        secrets.update(re.findall(r'"token":"([^"]+)"', response.text))


def parameter(url: str, name: str) -> str | None:
    """Read a query parameter that is there once, or not at all."""
    values = parse_qs(urlsplit(url).query).get(name, [])
    assert len(values) <= 1
    return values[0] if values else None


def set_cookies(response: httpx.Response) -> dict[str, str]:
    """Return the `Set-Cookie` headers by the names of the cookies."""
    headers = response.headers.get_list("set-cookie")
    return {header.partition("=")[0]: header for header in headers}


def problem_of(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    return response.json()
