"""How the sandbox gets into the state in which a call was recorded."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from entrypoints.sandbox.github.model import Account, Installation, Repository
from tests.sandbox.recorded import recorded_call
from tests.sandbox.stage import Stage, end_user, parsed

Scene: TypeAlias = Callable[[Stage], Awaitable[object]]

PROXIED: Final = "f2a62cec-b376-422f-8f03-1664d7bf4c11"
APP_CONNECTION: Final = "68af0e60-ed40-45a6-824f-b84bae89bbb7"
SECOND_APP_CONNECTION: Final = "7367b89f-2321-49c1-9bd3-d7ed2828bdea"
CHANGED: Final = "deb7f2a5-edf4-444f-a62a-303ed0b3df91"
RECONNECTED: Final = "e99b831d-5f76-476a-bbde-46882187b55d"
EXPIRING: Final = "e3ce45cc-0732-4c07-9cba-a53a4bc277c4"
FAILING: Final = "cb90950b-3388-47d2-b133-10a124b73c58"
FULL_BODY: Final[dict[str, Any]] = {
    "end_user": {"id": "u3", "email": "u3@app.test", "display_name": "U3", "tags": {"projectId": "P1"}},
    "organization": {"id": "org1", "display_name": "Org One"},
    "tags": {"Workspace": "W1"},
    "allowed_integrations": ["github"],
}
TAGS_ONLY: Final[dict[str, Any]] = {
    "tags": {"end_user_id": "u2", "end_user_email": "u2@app.test", "Workspace": "W1"},
    "allowed_integrations": ["github"],
}
NO_EMAIL: Final[dict[str, Any]] = {"end_user": {"id": "noemail"}, "organization": {"id": "o1", "display_name": "O1"}}


async def nothing(_: Stage) -> None:
    """Leave the sandbox as it begins."""


def has_session(recorded_token: str, body: dict[str, Any] | None = None, *, ending: str = "") -> Scene:
    """There is a session; `ending` says what became of it."""

    async def scene(stage: Stage) -> None:
        token = stage.same[f"nango_connect_session_{recorded_token}"] = await stage.session(body)
        if ending == "expired":
            await stage.control("POST", "/connect-sessions/expire", {"token": token})
        if ending == "deleted":
            await stage.http.delete("/connect/session", headers={"Authorization": f"Bearer {token}"})

    return scene


def has_login(recorded_id: str, body: dict[str, Any] | None = None) -> Scene:
    return lambda stage: stage.log_in(body, recorded_id)


def after(scene: Scene, *calls: str) -> Scene:
    """Follow the scene with recorded calls whose answers are looked at elsewhere."""

    async def then(stage: Stage) -> None:
        await scene(stage)
        for call in calls:
            await stage.send(recorded_call(call))

    return then


async def app_connection(stage: Stage) -> None:
    """Install the App on `acme` with 45 repositories, and let `octo-a` reach two installations."""
    await stage.person()
    world = stage.sandbox.world
    at = stage.clock.now()
    world.accounts[9001] = Account(id=9001, login="acme", type="Organization", created_at=at)
    for number in range(1, 46):
        repository = Repository(id=5_001_000 + number, owner_id=9001, name=f"repo-{number:02}", private=number % 2 == 0)
        world.repositories[repository.id] = repository
    ids = {number for number in world.repositories if number > 5_001_000}
    world.installations[5001] = Installation(id=5001, account_id=9001, repository_ids=ids)
    world.installations[5002] = Installation(id=5002, account_id=1001, repository_ids=set())
    world.collaborations[5_001_001, 1001] = "push"
    ids_given = {"app_id": "424242", "installation_id": "5001"}
    for connection_id in (APP_CONNECTION, SECOND_APP_CONNECTION):
        body: dict[str, Any] = {
            "provider_config_key": "github-app-oauth",
            "connection_id": connection_id,
            "credentials": {"type": "CUSTOM", **ids_given},
            "connection_config": ids_given,
            **end_user("u2"),
            "tags": {"workspace": "w2"},
        }
        del body["allowed_integrations"]
        answer = await stage.http.post("/connections", headers=stage.key, json=body)
        assert answer.status_code == 201, answer.text
    token = stage.sandbox.tokens.issue_for_person(1001, "", at, 28_800)
    stage.same["ghu_72d4151a8de6abe9cbd4a0fa"] = token.value


async def app_connection_unchunked(stage: Stage) -> None:
    await app_connection(stage)
    await stage.change(chunked_proxy_answers=False)


async def both_proxied(stage: Stage) -> None:
    await stage.log_in(None, PROXIED)


async def all_listed(stage: Stage) -> None:
    """Everything that the recorded list names, made in its order."""
    await app_connection(stage)
    for key in [*stage.sandbox.nango.connections]:
        stage.sandbox.nango.remove_connection(*key)
    listed: Any = parsed(recorded_call("h10_list_all").answer)
    for one in reversed(listed["connections"]):
        if one["provider_config_key"] != "github":
            await app_connection(stage)
            stage.sandbox.nango.remove_connection("github-app-oauth", SECOND_APP_CONNECTION)
            connection = stage.sandbox.nango.connections["github-app-oauth", APP_CONNECTION]
            connection.metadata, connection.error_log_id = None, "1795240761862_aQyT7NtC"
            continue
        who = one["end_user"]
        body: dict[str, Any] = {"tags": {"Workspace": "W1", **one["tags"]} if who is None else {}}
        if who is not None:
            given = {key: who[key] for key in ("id", "email", "display_name", "tags") if who[key] is not None}
            body = {"end_user": given, "tags": {"Workspace": "W1"} if who["organization"] else {}}
            body |= {"organization": who["organization"]} if who["organization"] else {}
        known = await stage.log_in(body, one["connection_id"])
        connection = stage.sandbox.nango.connections["github", known]
        connection.metadata = one["metadata"]
        connection.tags = one["tags"]


def used_up(bucket_calls: int = 200) -> Scene:
    async def scene(stage: Stage) -> None:
        for _ in range(bucket_calls):
            await stage.http.get("/connections?limit=1", headers=stage.key)
        await stage.clock.advance(0.5)

    return scene


async def expiring(stage: Stage) -> None:
    """Let the login integration hand out tokens that expire."""
    await stage.change(token_lifetime_seconds=28_800)
    await app_connection(stage)
    await stage.log_in(end_user("ghu1"), EXPIRING)


async def expiring_and_refreshed(stage: Stage) -> None:
    await expiring(stage)
    await stage.send(recorded_call("p02_force_refresh"))
    connection_id = stage.same[EXPIRING]
    await stage.control("POST", f"/connections/{connection_id}/refresh", {"fails": True})


async def failing(stage: Stage) -> None:
    """Have a token that is always about to expire, refreshed once, then not any more."""
    await stage.change(token_lifetime_seconds=60)
    connection_id = await stage.log_in(end_user("ghu2"), FAILING)
    await stage.http.get(f"/connections/{connection_id}?provider_config_key=github", headers=stage.key)
    await stage.control("POST", f"/connections/{connection_id}/refresh", {"fails": True})


async def failing_for_half_a_minute(stage: Stage) -> None:
    await failing(stage)
    connection = stage.sandbox.nango.connections["github", stage.same[FAILING]]
    await stage.send(recorded_call("p04_proxy_refresh_fails"))
    connection.last_refresh_success = None
    await stage.clock.advance(31)


async def reconnected_by_somebody_else(stage: Stage) -> None:
    await stage.person("octo-b", 1002)
    await stage.log_in(end_user("rc1"), RECONNECTED)
    body: Any = parsed(recorded_call("h23_reconnect_other_end_user").body or "")
    token = await stage.session({**body, "connection_id": stage.same[RECONNECTED]}, "/connect/sessions/reconnect")
    await stage.finish(token, automation="as=octo-b")


async def reconnect_begun(stage: Stage) -> None:
    await stage.log_in(end_user("rc1"), RECONNECTED)
    body = {"connection_id": stage.same[RECONNECTED], "integration_id": "github"}
    for recorded in (
        "nango_connect_session_cd048524c3d1803773e0a6188740a81baacbb7318092dd49b5a2ed86ba94dd1a",
        "nango_connect_session_354f2669433f72026c2bcbe912145c4e44c43fd8dcb09eb0c685196465504ff7",
    ):
        stage.same[recorded] = await stage.session(body, "/connect/sessions/reconnect")


async def patched_without_organization(stage: Stage) -> None:
    recorded_id = "25e1390e-78d5-4587-8b95-14fc22b85f17"
    known = await stage.log_in(NO_EMAIL, recorded_id)
    url = f"/connections/{known}?provider_config_key=github"
    await stage.http.patch(url, headers=stage.key, json={"end_user": {"id": "noemail"}})
