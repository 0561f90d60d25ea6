"""The sandbox's control API, and Nango's own API, from a test's point of view."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, cast
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from entrypoints.sandbox.settings import MADE_UP_ENVIRONMENT_UUID, MADE_UP_SECRET_KEY

NUMBERS: Final = count(1)
PLENTY: Final = 1_000_000
APP_TOKEN_SECONDS: Final = 28_800
GITHUB_USER: Final = "github GET /user"
GITHUB_TOKEN: Final = "github POST /login/oauth/access_token"
LOGIN_INTEGRATION: Final = "github"
PULL_REQUEST: Final = "PullRequest"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the sandbox's GitHub."""

    id: int
    login: str
    email: str | None


@dataclass(frozen=True, slots=True)
class SeenConnection:
    """A connection as Nango has it."""

    id: str
    person: str | None
    end_user_id: str | None
    works: bool


class Sandbox:
    def __init__(self, http: httpx.Client, url: str) -> None:
        self.url = url
        self._http = http

    def newcomer(self, login: str | None = None, *, email: str | None = "someone@example.test") -> Person:
        """Add somebody who was never seen before."""
        named = login or f"person-{next(NUMBERS)}"
        document = self._control("POST", "/people", {"login": named, "email": email})
        return Person(document["id"], document["login"], document["email"])

    def rename(self, person: Person, login: str) -> Person:
        self._control("PATCH", f"/people/{person.login}", {"login": login})
        return Person(person.id, login, person.email)

    def connections(self) -> list[SeenConnection]:
        listed = cast("list[dict[str, Any]]", self._control("GET", "/connections"))
        return [
            SeenConnection(one["connection_id"], one["person"], one["end_user_id"], one["token_works"])
            for one in listed
        ]

    def connections_of(self, person: Person) -> list[SeenConnection]:
        return [one for one in self.connections() if one.person == person.login]

    def connections_for(self, end_user_id: object) -> list[SeenConnection]:
        return [one for one in self.connections() if one.end_user_id == str(end_user_id)]

    def import_connection(self, end_user_id: UUID, **more: object) -> None:
        """Make a connection for an end user through Nango's API, with a token that GitHub does not know."""
        body = {
            "provider_config_key": LOGIN_INTEGRATION,
            "credentials": {"type": "OAUTH2", "access_token": "made-up"},
            "end_user": {"id": str(end_user_id)},
            **more,
        }
        answer = self._http.post(f"{self.url}/connections", json=body, headers=self._key())
        assert answer.status_code == 201, answer.text

    def token_of(self, connection_id: str) -> str:
        """Read a connection's token, as only who holds Nango's key can."""
        url = f"{self.url}/connections/{connection_id}?provider_config_key={LOGIN_INTEGRATION}"
        return self._http.get(url, headers=self._key()).json()["credentials"]["access_token"]

    def give_to(self, connection_id: str, end_user_id: object) -> None:
        """Re-tag a connection for another end user, as Nango does for whoever came last."""
        self._patch(connection_id, {"end_user": {"id": str(end_user_id)}})

    def tag(self, connection_id: str, tags: Mapping[str, str]) -> None:
        """Change a connection's tags, and leave its end user."""
        self._patch(connection_id, {"tags": dict(tags)})

    def reconnect(self, connection_id: str, end_user_id: object, other: Person) -> None:
        """Authorise a connection anew, as another person."""
        body = {"connection_id": connection_id, "integration_id": LOGIN_INTEGRATION}
        session = self._http.post(
            f"{self.url}/connect/sessions/reconnect",
            json={**body, "end_user": {"id": str(end_user_id)}},
            headers=self._key(),
        )
        self.connect(session.json()["data"]["token"], other)

    def connect(self, session_token: str, person: Person) -> None:
        """Use a session's token as Connect UI does by itself, past us, and let Nango finish."""
        query = {"connect_session_token": session_token}
        github = self._http.get(f"{self.url}/oauth/connect/{LOGIN_INTEGRATION}", params=query).headers["location"]
        back = self._http.get(f"{github}&as={person.login}").headers["location"]
        answer = self._http.get(f"{self.url}/oauth/callback?{urlsplit(back).query}")
        assert answer.status_code == 200, answer.text

    def drop(self, connection_id: str) -> None:
        """Delete a connection as somebody at Nango's dashboard would."""
        self._control("DELETE", f"/connections/{connection_id}")

    def revoke(self, connection_id: str) -> None:
        """Let GitHub refuse the connection's token from now on."""
        self._control("POST", f"/connections/{connection_id}/revoke")

    def break_refresh(self, connection_id: str) -> None:
        """Let the refresh of a connection's token fail, and let Nango try it now."""
        self._control("POST", f"/connections/{connection_id}/refresh", {"fails": True, "expires_in_seconds": 60})
        url = f"{self.url}/connections/{connection_id}?provider_config_key={LOGIN_INTEGRATION}"
        assert self._http.get(url, headers=self._key()).status_code == 500

    def limit_calls(self, per_minute: int) -> None:
        self._control("PATCH", "/conditions", {"rate_limit_per_minute": per_minute})

    def sign_in_with_the_app(self) -> None:
        """Let people sign in with the GitHub App's own client: tokens that expire, and see what it is installed on."""
        self._control("PATCH", "/conditions", {"token_lifetime_seconds": APP_TOKEN_SECONDS})

    def fail_next(self, endpoint: str, times: int = 1, status: int = 503, kind: str = "status") -> None:
        self._control("POST", "/failures", {"endpoint": endpoint, "times": times, "status": status, "kind": kind})

    def trouble_webhooks(self, **trouble: float) -> None:
        self._control("PUT", "/webhooks/trouble", trouble)

    def webhooks_about(self, end_user_id: object) -> list[dict[str, Any]]:
        made = cast("list[dict[str, Any]]", self._control("GET", "/webhooks"))
        return [one for one in made if str(end_user_id) in one["body"]]

    def redeliver(self, number: int) -> None:
        self._control("POST", f"/webhooks/{number}/redeliver")

    def sign(self, payload: object) -> tuple[str, dict[str, str]]:
        """Sign anything as Nango would; return the body and the headers."""
        signed = self._control("POST", "/sign", {"payload": payload})
        return signed["body"], signed["headers"]

    def post_to_ingress(self, payload: object, *, event: str | None = None) -> None:
        """Post to Nango's own webhook address, as any stranger may: Nango signs it and passes it on.

        With an event it looks like one of GitHub's.
        """
        address = f"{self.url}/webhook/{MADE_UP_ENVIRONMENT_UUID}/github-app-oauth"
        answer = self._http.post(address, json=payload, headers={"X-GitHub-Event": event} if event else {})
        assert answer.status_code == 200, answer.text

    def keep_records(self, connection_id: str, repository: str, count: int, page_bytes: int) -> None:
        """Let Nango have pull requests of a repository, numbered from 1, in small pages, and no syncs that add more."""
        self._control("PATCH", "/conditions", {"syncs": {}, "records_page_bytes": page_bytes})
        made_up = {"connection_id": connection_id, "model": PULL_REQUEST, "repository": repository}
        self._control("POST", "/records", {**made_up, "from": 1, "count": count})

    def tell_of_records(self, connection_id: str, count: int) -> None:
        told = {"connection_id": connection_id, "sync": "pull_requests", "model": PULL_REQUEST, "type": "INITIAL"}
        self._control("POST", "/syncs/webhook", {**told, "added": count})

    def records(self, connection_id: str) -> Iterator[dict[str, Any]]:
        """Read all pull requests in Nango's order, past the service."""
        headers = {**self._key(), "Connection-Id": connection_id, "Provider-Config-Key": "github-app-oauth"}
        query = {"model": PULL_REQUEST, "limit": "10000"}
        while True:
            page = self._http.get(f"{self.url}/records", params=query, headers=headers).json()
            yield from page["records"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def calm_down(self) -> None:
        """End all trouble."""
        self._control("DELETE", "/failures")
        self.trouble_webhooks()
        self._control("PATCH", "/conditions", {"latency_seconds": 0, "rate_limit_per_minute": PLENTY})

    def _patch(self, connection_id: str, body: Mapping[str, object]) -> None:
        answer = self._http.patch(
            f"{self.url}/connections/{connection_id}?provider_config_key={LOGIN_INTEGRATION}",
            json=body,
            headers=self._key(),
        )
        assert answer.status_code == 200, answer.text

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {MADE_UP_SECRET_KEY}"}

    def _control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        answer = self._http.request(method, f"{self.url}/__sandbox{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None
