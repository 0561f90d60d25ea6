"""A signed-in browser that connects repositories, and asks what it may see."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from tests.journeys.browser import NAVIGATION, Browser, parameter
from tests.journeys.github import Repo
from tests.journeys.sandbox import Person

START: Final = "/auth/connect-repositories"


@dataclass(frozen=True, slots=True)
class Linking:
    """`person` is who is signed in there."""

    browser: Browser
    person: Person

    def begin(self, prefix: str = "", **query: str) -> httpx.Response:
        """Ask to connect, whatever the answer is."""
        return self.browser.http.get(f"{self.browser.origin}{prefix}{START}", params=query, headers=NAVIGATION)

    def start(self, return_to: str = "/") -> str:
        """Begin, and return where on GitHub that goes on."""
        answer = self.begin(return_to=return_to)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def install(self, github_url: str, account: str, *repos: Repo, by: Person | None = None) -> str:
        """Install the App there, on everything or on some; return where GitHub sends the browser."""
        chosen = {"repositories": ",".join(repo.name for repo in repos)} if repos else {"selection": "all"}
        return self._act(github_url, by, account=account, **chosen)

    def request(self, github_url: str, account: str) -> str:
        """Ask an owner for the App; return where GitHub sends the browser."""
        return self._act(github_url, None, account=account, action="request")

    def finish(self, callback: str) -> str:
        """Come back from GitHub; return the id of the connection."""
        answer = self.browser.callback(callback)
        assert answer.status_code == 303, answer.text
        connection_id = parameter(answer.headers["location"], "connection_id")
        assert connection_id
        return connection_id

    def connect(self, account: str, *repos: Repo) -> str:
        """Go all the way."""
        return self.finish(self.install(self.start(), account, *repos))

    def ask_owner(self, account: str) -> str:
        return self.finish(self.request(self.start(), account))

    def status(self, connection_id: str, wait: int | None = None) -> dict[str, Any]:
        query = {} if wait is None else {"wait": str(wait)}
        return self.get(f"/auth/github-app/status/{connection_id}", **query)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    def ask(self, path: str, **query: str) -> httpx.Response:
        return self.browser.http.get(f"{self.browser.origin}{path}", params=query)

    def sees(self) -> dict[str, str]:
        """Name what is listed, with the permission."""
        return {one["fullName"]: one["permission"] for one in self.get("/repos", limit="100")["repos"]}

    def access(self, repo: Repo) -> dict[str, Any]:
        return self.get(f"/repos/{repo.id}/access")

    def disconnect(self, installation_id: int, *, everyone: bool = False, origin: str | None = None) -> httpx.Response:
        query = {"everyone": "true"} if everyone else {}
        return self.browser.http.delete(
            f"{self.browser.origin}/installations/{installation_id}",
            params=query,
            headers={"Origin": self.browser.origin if origin is None else origin},
        )

    def comment(self, repo: Repo, number: int, body: str) -> httpx.Response:
        return self.browser.http.post(
            f"{self.browser.origin}/repos/{repo.id}/issues/{number}/comments",
            json={"body": body},
            headers={"Origin": self.browser.origin},
        )

    def _act(self, github_url: str, by: Person | None, **query: str) -> str:
        who = self.person if by is None else by
        joint = "&" if "?" in github_url else "?"
        answer = self.browser.http.get(f"{github_url}{joint}{urlencode({'as': who.login, **query})}")
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


def signed_in(browser: Browser, person: Person) -> Linking:
    browser.sign_in(person.login)
    return Linking(browser, person)
