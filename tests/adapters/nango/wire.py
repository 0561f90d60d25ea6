"""The fake Nango spoken to over HTTP, in the shapes that were recorded."""

import json
import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.github_accounts import NangoGitHubAccounts
from domain.attempt import PendingAuthorization
from domain.connection import ConnectionId, EndUserId
from domain.errors import ConnectionNotFound
from tests.adapters.nango import recorded
from tests.adapters.nango.harness import CALLBACK_URL, PAGE_SIZE, Harness, harness_on
from tests.fakes.nango.model import FakeConnection, FakeNango

ONE_CONNECTION = re.compile(r"/connections/([^/]+)")


@dataclass(frozen=True, slots=True)
class WireNango:
    """Answers as the model says, with the recorded answer of that case."""

    model: FakeNango
    sessions: dict[str, EndUserId] = field(default_factory=dict[str, EndUserId])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.raw_path.decode().partition("?")[0], request.url.params
        if not path.startswith("/oauth/"):
            assert request.headers["authorization"] == f"Bearer {recorded.SECRET_KEY}"
        match request.method, path:
            case "POST", "/connect/sessions":
                return self._open_session(json.loads(request.content))
            case "GET", "/oauth/connect/github":
                return self._redirect(query["connect_session_token"])
            case "GET", "/oauth/callback":
                return self._callback(query["state"], query.get("code"), request.headers["cookie"])
            case "GET", "/connections":
                assert query["integrationId"] == self.model.integration
                return self._list(query["endUserId"]) if "endUserId" in query else self._page(query)
            case "GET", "/proxy/user":
                assert request.headers["provider-config-key"] == self.model.integration
                return self._user(ConnectionId(request.headers["connection-id"]))
            case method, path if one := ONE_CONNECTION.fullmatch(path):
                assert query["provider_config_key"] == self.model.integration
                return self._connection(method, ConnectionId(one[1]), request)
            case _:
                raise AssertionError(f"{request.method} {path}")

    def _open_session(self, asked: dict[str, Any]) -> httpx.Response:
        assert asked == {
            "end_user": {"id": asked["end_user"]["id"]},
            "allowed_integrations": [self.model.integration],
        }
        document = recorded.body("a01_sessions_end_user")
        document["data"]["token"] = token = f"nango_connect_session_{len(self.sessions):064x}"
        self.sessions[token] = EndUserId(asked["end_user"]["id"])
        return httpx.Response(201, json=document)

    def _redirect(self, token: str) -> httpx.Response:
        pending = self.model.begin(self.sessions[token])
        location = urlsplit(recorded.answer("b03_github_login_flow", 0).headers["location"])
        query = parse_qs(location.query) | {"state": [pending.state], "redirect_uri": [CALLBACK_URL]}
        headers = [
            ("Location", location._replace(query=urlencode(query, doseq=True)).geturl()),
            ("Set-Cookie", f"{pending.cookie}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax"),
        ]
        return httpx.Response(302, headers=headers)

    def _callback(self, state: str, code: str | None, cookie: str) -> httpx.Response:
        assert PendingAuthorization(state=state, cookie=cookie).cookie == f"oauth2-{state}=1"
        made = self.model.exchange(state, code)
        return recorded.answer("b03_github_login_flow", 2) if made else recorded.answer("b12_bad_code", 2)

    def _list(self, end_user_id: str) -> httpx.Response:
        mine = [one for one in self.model.connections.values() if one.end_user_id == end_user_id]
        return httpx.Response(200, json={"connections": [_document(one) for one in reversed(mine)]})

    def _page(self, query: httpx.QueryParams) -> httpx.Response:
        size, number = int(query["limit"]), int(query["page"])
        page = [*reversed(self.model.connections.values())][number * size : (number + 1) * size]
        return httpx.Response(200, json={"connections": [_listed(one) for one in page]})

    def _connection(self, method: str, connection_id: ConnectionId, request: httpx.Request) -> httpx.Response:
        try:
            found = self.model.find(connection_id)
        except ConnectionNotFound:
            return recorded.answer(
                "h26_delete_unknown_integration" if method == "DELETE" else "h07_get_unknown_connection"
            )
        match method:
            case "DELETE":
                del self.model.connections[connection_id]
                return recorded.answer("h26_delete")
            case "PATCH":
                found.end_user_id = found.tagged_end_user_id = EndUserId(json.loads(request.content)["end_user"]["id"])
                return recorded.answer("h01_patch_end_user")
            case _ if found.is_broken:
                return recorded.answer("p03_get_cooldown")
            case _:
                return httpx.Response(200, json=_document(found))

    def _user(self, connection_id: ConnectionId) -> httpx.Response:
        try:
            found = self.model.find(connection_id)
        except ConnectionNotFound:
            return recorded.answer("i05_unknown_connection")
        if found.is_broken:
            return recorded.answer("p03_proxy_cooldown")
        if found.is_revoked:
            return recorded.answer("i07_upstream_401")
        return recorded.answer("i01_proxy_user")


def _document(connection: FakeConnection) -> dict[str, Any]:
    document = deepcopy(recorded.body("b05_get_connection"))
    document["connection_id"] = connection.id
    document["end_user"] = {"id": connection.end_user_id, "display_name": None, "email": None, "organization": None}
    document["tags"] = {"end_user_id": connection.tagged_end_user_id}
    document["created_at"] = connection.authorized_at.isoformat()
    return document


def _listed(connection: FakeConnection) -> dict[str, Any]:
    document = deepcopy(recorded.body("h10_list_limit1")["connections"][0])
    document |= {"connection_id": connection.id, "created": connection.authorized_at.isoformat()}
    document["end_user"]["id"] = connection.end_user_id
    if connection.is_broken:
        document["errors"] = recorded.body("k05_list_errors")["connections"][0]["errors"]
    return document


def wire_harness() -> Harness:
    model = FakeNango()
    client = NangoClient(
        http=httpx.MockTransport(WireNango(model)),
        host="http://nango.test",
        secret_key=recorded.SECRET_KEY,
        budget=CallBudget(),
    )
    return harness_on(
        model,
        NangoAuthorizations(client, model.integration, CALLBACK_URL, Share.START),
        NangoConnections(client, model.integration, Share.FINISH, PAGE_SIZE),
        NangoGitHubAccounts(client, model.integration, Share.FINISH),
    )
