"""What happens on the sandbox's GitHub: organisations, repositories, the App, and who decides about it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import httpx

from tests.journeys.sandbox import Person

NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True)
class Repo:
    id: int
    owner: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


class GitHub:
    def __init__(self, http: httpx.Client, url: str) -> None:
        self._http = http
        self._url = url

    def organization(self, *, admins: tuple[Person, ...] = (), members: tuple[Person, ...] = ()) -> str:
        """Make one that was never seen before, and return its name."""
        roles = {one.login: "member" for one in members} | {one.login: "admin" for one in admins}
        login = f"organization-{next(NUMBERS)}"
        self._control("POST", "/organizations", {"login": login, "members": roles})
        return login

    def repo(self, owner: str, *, visibility: str = "private", collaborators: Mapping[str, str] | None = None) -> Repo:
        """Make one; collaborators are GitHub's permissions (`pull`, `push`, …) by login name."""
        name = f"repo-{next(NUMBERS)}"
        body = {"owner": owner, "name": name, "visibility": visibility, "collaborators": dict(collaborators or {})}
        [number] = self._control("POST", "/repositories", body)["ids"]
        return Repo(number, owner, name)

    def repos(self, owner: str, count: int) -> None:
        """Make many, all private."""
        self._control("POST", "/repositories", {"owner": owner, "name": "one-of-many", "count": count})

    def repos_of(self, owner: str) -> dict[int, str]:
        """Name all of an account's by their ids."""
        return {one["id"]: one["full_name"] for one in self._control("GET", f"/repositories?owner={owner}")}

    def rename(self, number: int, name: str) -> None:
        self._control("PATCH", f"/repositories/{number}", {"name": name})

    def delete(self, number: int) -> None:
        self._control("DELETE", f"/repositories/{number}")

    def remove_collaborator(self, repo: Repo, person: Person) -> None:
        self._control("DELETE", f"/repositories/{repo.id}/collaborators/{person.login}")

    def put_file(self, repo: Repo, path: str, text: str) -> None:
        self._control("PUT", f"/repositories/{repo.id}/files", {path: text})

    def open_issue(self, repo: Repo, author: Person) -> int:
        return self._control("POST", f"/repositories/{repo.id}/issues", {"title": "A bug", "author": author.login})[
            "number"
        ]

    def open_pull_request(self, repo: Repo, author: Person) -> int:
        body = {"title": "A change", "author": author.login}
        return self._control("POST", f"/repositories/{repo.id}/pulls", body)["number"]

    def comments(self, repo: Repo) -> list[dict[str, Any]]:
        return self._control("GET", f"/repositories/{repo.id}/comments")

    @contextmanager
    def logins_of_the_app(self) -> Generator[None]:
        """Let people sign in with the GitHub App's own client, whose tokens expire."""
        self._control("PATCH", "/conditions", {"token_lifetime_seconds": 8 * 60 * 60})
        try:
            yield
        finally:
            self._control("PATCH", "/conditions", {"token_lifetime_seconds": None})

    def installation_on(self, account: str) -> int:
        [number] = [one["id"] for one in self._control("GET", "/installations") if one["account"] == account]
        return number

    def install(self, account: str) -> None:
        """Install the App on everything, as from GitHub's side."""
        self._control("POST", "/installations", {"account": account})

    def approve(self, account: str, by: Person) -> None:
        """Have an owner approve what somebody asked for."""
        [waiting] = [one["id"] for one in self._control("GET", "/installation-requests") if one["account"] == account]
        self._control("POST", f"/installation-requests/{waiting}/approve", {"by": by.login})

    def _control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        answer = self._http.request(method, f"{self._url}/__sandbox{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None
