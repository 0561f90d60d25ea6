"""How the sandbox gets into the states in which the GitHub App's connections were recorded."""

import asyncio
import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

from entrypoints.sandbox.github.model import Account, Installation, Repository
from entrypoints.sandbox.github.tokens import AuthorizationRequest
from tests.sandbox.app_connects import CONNECTS, EXPIRING, PENDING_REFRESHED, REFRESHED, Recorded
from tests.sandbox.recorded import Call, recorded_call, recorded_hops
from tests.sandbox.scenes import Scene
from tests.sandbox.stage import Stage

PEOPLE: Final = {"octo-a": 1001, "octo-b": 1002, "octo-x": 1003, "octo-p": 1004}
PERMISSIONS: Final = {"contents": "read", "metadata": "read", "members": "read"}
ACCOUNTS: Final = {"acme": 9001, "octo-a": 1001, "pendingorg": 9003}
INSTALLATIONS: Final = {5001: ("acme", 45), 5002: ("octo-a", 3), 5003: ("pendingorg", 2)}
TO_INSTALL: Final = {"installation_id": "5001", "setup_action": "install"}
TO_REQUEST: Final = {"setup_action": "request"}


async def settled(stage: Stage) -> None:
    """Have the recorded people and organisations, once."""
    world, at = stage.sandbox.world, stage.clock.now()
    if 9001 in world.accounts:
        return
    for login, number in PEOPLE.items():
        await stage.person(login, number)
    for login in ("acme", "pendingorg"):
        account = Account(id=ACCOUNTS[login], login=login, type="Organization", created_at=at)
        world.accounts[account.id] = account
    for number, (login, size) in INSTALLATIONS.items():
        owner = ACCOUNTS[login]
        ids = range(1000 * number + 1, 1000 * number + size + 1)
        world.repositories |= {one: Repository(id=one, owner_id=owner, name=f"repo-{one % 1000}") for one in ids}
        world.installations[number] = Installation(
            id=number, account_id=owner, repository_ids=set(ids), permissions=PERMISSIONS
        )


async def leave(stage: Stage, who: Recorded, connect: Call | None = None) -> httpx.Response:
    """Open a session and leave for GitHub; the session's token stands for the recorded one."""
    await settled(stage)
    path, body = who.session
    token = await stage.session({name: stage.same.get(str(value), value) for name, value in body.items()}, path)
    if connect is None:
        url = "/oauth/connect/github-app-oauth"
        return await stage.http.get(url, params={"connect_session_token": token})
    stage.same[parse_qs(urlsplit(connect.target).query)["connect_session_token"][0]] = token
    return await stage.send(connect)


def code_for(stage: Stage, login: str) -> str:
    """Authorize the App as GitHub's installation page does."""
    sandbox, person = stage.sandbox, stage.sandbox.world.person(login)
    assert person is not None
    asked = AuthorizationRequest(
        client_id=sandbox.world.app.client_id,
        redirect_uri=sandbox.settings.redirect_uri,
        scope="",
        code_challenge=None,
    )
    return sandbox.tokens.issue_code(person.id, asked, sandbox.now())


async def come_back(
    stage: Stage, who: Recorded, leaving: httpx.Response, query: dict[str, str], headers: dict[str, str] | None = None
) -> httpx.Response:
    """Call back with that query, whose code and state are replaced by this run's own."""
    state = parse_qs(urlsplit(leaving.headers["location"]).query)["state"][0]
    if who.connection:
        stage.same[who.connection] = stage.sandbox.nango.states[state].connection_id
    mine = {"code": code_for(stage, who.person), "state": state}
    sent = {name: mine.get(name, value) for name, value in query.items()}
    return await stage.http.get(f"/oauth/callback?{urlencode(sent)}", headers=headers)


async def connect(stage: Stage, who: Recorded, **query: str) -> httpx.Response:
    """Connect outside the recordings."""
    return await come_back(stage, who, await leave(stage, who), {"code": "", "state": "", **query})


async def replay(stage: Stage, name: str) -> httpx.Response:
    """Connect as recorded, whatever GitHub answered in between."""
    who, hops = CONNECTS[name], recorded_hops(name)
    leaving = await leave(stage, who, hops[0])
    return await come_back(stage, who, leaving, dict(parse_qsl(urlsplit(hops[2].target).query)))


def played(*steps: str | Scene) -> Scene:
    """Go through recorded connects, GitHub's events, other calls, and whatever else, in this order."""

    async def scene(stage: Stage) -> None:
        await settled(stage)
        for step in steps:
            if not isinstance(step, str):
                await step(stage)
            elif step in CONNECTS:
                await replay(stage, step)
            else:
                await signed(stage, step)

    return scene


def last(*steps: str | Scene) -> Scene:
    """Do the same, and let the app see only what comes of the last step."""

    async def scene(stage: Stage) -> None:
        await played(*steps[:-1])(stage)
        await stage.clock.settle()
        stage.sink.received.clear()
        await played(steps[-1])(stage)

    return scene


async def signed(stage: Stage, name: str) -> httpx.Response:
    """Send a recorded call; what GitHub signed is signed anew, since the secret comes from the App's private key."""
    call = recorded_call(name)
    body, secret = (call.body or "").encode(), stage.sandbox.hook_secret.encode()
    right = f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    stage.same |= {value: right for name, value in call.headers.items() if name.lower() == "x-hub-signature-256"}
    return await stage.send(call)


def connected(who: Recorded, **query: str) -> Scene:
    return lambda stage: connect(stage, who, **query)


def installation(number: int, *, suspended: bool = False, deleted: bool = False) -> Scene:
    async def scene(stage: Stage) -> None:
        installations = stage.sandbox.world.installations
        installations[number].suspended_at = stage.clock.now() if suspended else None
        if deleted:
            del installations[number]

    return scene


async def user_token_revoked(stage: Stage) -> None:
    stage.sandbox.tokens.revoke_all_of(PEOPLE["octo-a"])


async def half_a_minute(stage: Stage) -> None:
    await stage.clock.advance(31)


async def about_to_expire(stage: Stage) -> None:
    """Let the installation's token live ten minutes, as the recorded imitation of GitHub was made to."""
    connection_id = stage.same[EXPIRING]
    url = f"/connections/{connection_id}?provider_config_key=github-app-oauth&force_refresh=true"
    await stage.http.get(url, headers=stage.key)
    body = {"fails": False, "expires_in_seconds": 600}
    await stage.control("POST", f"/connections/{connection_id}/refresh", body)


async def losing(stage: Stage) -> None:
    stage.sandbox.conditions.lose_user_credentials = True


first = played("e01_first_user")
updated = played("e01_first_user", "e07_same_user_update")
pending = played("f01_pending_flow")
approved = played(pending, "f04_github_installation_created_requester")
three_pending = played(approved, "f08_pending_upa", "f08_pending_upb")
waiting = played("f11_pending")
to_refresh = connected(Recorded("u1", connection=REFRESHED), **TO_INSTALL)


async def two_at_once(stage: Stage) -> None:
    """Let two people come back from GitHub at the same time, with the same new installation."""
    names = ("k10_parallel_pa", "k10_parallel_pb")
    await settled(stage)
    await asyncio.gather(*(replay(stage, name) for name in names))


refreshed = played(to_refresh, "k01_force_refresh_ok")
half_refreshed = played(refreshed, user_token_revoked, "k02_force_refresh_user_refresh_fails")
suspended = played(half_refreshed, installation(5001, suspended=True))
failed = played(suspended, "k03_force_refresh_suspended")
expiring = played(
    connected(Recorded("m1", connection=EXPIRING), **TO_INSTALL), about_to_expire, installation(5001, suspended=True)
)
pending_to_refresh = connected(Recorded("m3", "octo-p", PENDING_REFRESHED), **TO_REQUEST)
asked_for_5003 = connected(Recorded("m7", "octo-p"), **TO_REQUEST)
