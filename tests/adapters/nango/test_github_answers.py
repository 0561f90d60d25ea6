"""What is asked of GitHub, and answers that are odd."""

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from domain.errors import (
    ConnectionBroken,
    UpstreamUnavailable,
)
from domain.repository import Permission
from domain.user import GitHubId
from tests.adapters.nango import recorded
from tests.adapters.nango.github_ports import (
    INSTALLATIONS,
    INSTALLED,
    KEY,
    LINK,
    LOGIN,
    PERSONAL,
    REPOSITORY,
    contents,
    failure,
    installed,
    personal,
)
from tests.adapters.nango.stub import Nango


async def test_the_persons_token_goes_in_the_place_of_the_installations_and_nowhere_else() -> None:
    replies = [recorded.answer("f05_connection_after_approval"), recorded.answer("i01_proxy_user")]
    nango = Nango(replies)

    with capture_logs() as logs:
        person = await personal(nango.client()).person(INSTALLED)

    reading, asking = nango.requests
    assert person.login == "octo-a"
    assert (reading.url.path, reading.url.params["provider_config_key"]) == (f"/connections/{LINK}", KEY)
    assert asking.headers["nango-proxy-authorization"] == "Bearer ghu_16ba7fa9600e6466c0e62320"
    assert asking.headers["authorization"] == "Bearer someones-key"
    assert (asking.headers["connection-id"], asking.headers["provider-config-key"]) == (LINK, KEY)
    assert asking.headers["retries"] == "0"
    assert asking.headers["nango-proxy-accept"] == "application/vnd.github+json"
    assert asking.headers["nango-proxy-x-github-api-version"] == "2022-11-28"
    assert "ghu_" not in repr(logs)


@pytest.mark.parametrize("config", [None, {}, {"userCredentials": None}, {"userCredentials": {"access_token": "x\ny"}}])
async def test_a_person_whom_nango_lost_cannot_be_read(config: dict[str, Any] | None) -> None:
    document = recorded.body("f05_connection_after_approval") | {"connection_config": config}

    caught = await failure(lambda client: personal(client).person(INSTALLED), httpx.Response(200, json=document))

    assert type(caught) is ConnectionBroken
    assert "no token of the person" in str(caught)


async def test_an_answer_about_something_else_is_not_taken() -> None:
    owner, permissions = {"id": 1, "login": "acme"}, {"pull": True}
    other = {"id": REPOSITORY + 1, "name": "other", "owner": owner, "private": True, "html_url": "x"}
    answer = httpx.Response(200, json=other | {"permissions": permissions})

    for ask in (PERSONAL["repository"], INSTALLATIONS["repository"]):
        with pytest.raises(UpstreamUnavailable, match="another repository"):
            await ask(Nango([answer]).client())
    with pytest.raises(UpstreamUnavailable, match="another connection"):
        await personal(Nango([recorded.answer("d02_get_connection")]).client()).person(INSTALLED)
    assert await installed(Nango([recorded.answer("i01_proxy_user")]).client()).login_of(LINK, GitHubId(7)) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"permission": "none", "role_name": "none", "user": {"id": 7, "permissions": {}}}, None),
        ({"permission": "none", "role_name": "", "user": {"id": 7, "permissions": {"pull": True}}}, None),
        ({"permission": "read", "role_name": "read", "user": None}, None),
        ({"permission": "read", "role_name": "triage", "user": {"id": 7}}, (7, Permission.TRIAGE)),
        ({"permission": "write", "role_name": "maintain", "user": {"id": 7}}, (7, Permission.MAINTAIN)),
        ({"permission": "write", "role_name": "custom", "user": {"id": 7, "permissions": {"push": True}}}, (7, 3)),
    ],
)
async def test_a_role_of_nobody_or_none_is_none(body: dict[str, Any], expected: object) -> None:
    nango = Nango([httpx.Response(200, json=body)])

    assert await installed(nango.client()).permission_of(LINK, REPOSITORY, "octo-a") == expected


async def test_installations_of_other_apps_and_on_enterprises_are_left_out() -> None:
    def installation(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as JSON is
        account = {"id": 9, "login": "acme", "type": "Organization"}
        return {"id": number, "app_id": 424_242, "account": account, "repository_selection": "all"} | changes

    listed = [
        installation(1),
        installation(2, app_id=7),
        installation(3, account={"id": 10, "slug": "big", "name": "Big Enterprise"}),
        installation(4, account=None),
        installation(5, suspended_at="2026-11-21T12:00:00Z", repository_selection="selected"),
    ]
    nango = Nango([httpx.Response(200, json={"total_count": len(listed), "installations": listed})])

    found = await personal(nango.client()).installations(LOGIN)

    assert [(one.id, one.is_active, one.selection.value) for one in found] == [(1, True, "all"), (5, False, "selected")]


async def test_a_login_connection_sends_no_token_of_ours() -> None:
    nango = Nango([recorded.answer("i01_proxy_user")])

    await personal(nango.client()).person(LOGIN)

    assert "nango-proxy-authorization" not in nango.requests[0].headers
    assert nango.requests[0].headers["provider-config-key"] == "github"


@pytest.mark.parametrize("trouble", [httpx.ReadError("lost"), httpx.ReadTimeout(""), httpx.Response(502)])
async def test_a_comment_that_may_have_arrived_is_not_sent_again(trouble: httpx.Response | Exception) -> None:
    nango = Nango([trouble])

    with pytest.raises(UpstreamUnavailable):
        await contents(nango.client()).comment(LINK, REPOSITORY, 2, "Hello.")

    assert len(nango.requests) == 1
