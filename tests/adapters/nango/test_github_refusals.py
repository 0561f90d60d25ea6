"""What GitHub refuses, in its own words, and what is made of it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from application.ports.github_access import Viewpoint
from structlog.testing import capture_logs

from adapters.nango.app import NangoApp
from adapters.nango.budget import Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.installation_access import NangoInstallationAccess
from adapters.nango.installation_imports import NangoInstallationImports
from adapters.nango.personal_access import NangoPersonalAccess
from adapters.nango.repository_contents import NangoRepositoryContents
from domain.connection import ConnectionId, ConnectionKind
from domain.errors import (
    AccessNotReadable,
    AppPermissionMissing,
    ConnectionBroken,
    ConnectionNotFound,
    DomainError,
    InstallationGone,
    InstallationSuspended,
    RepositoryContentNotFound,
    UpstreamMisconfigured,
    UpstreamUnavailable,
)
from domain.grant import ProofSource
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.user import GitHubId
from tests.adapters.nango import recorded
from tests.adapters.nango.stub import Nango

KEY: Final = "github-app-oauth"
LINK: Final = ConnectionId("b271a040-56ab-4c79-8057-0a79ff26e241")
LOGIN: Final = Viewpoint(connection_id=LINK, source=ProofSource.LOGIN)
INSTALLED: Final = Viewpoint(connection_id=LINK, source=ProofSource.LINK, is_installation=True)
REPOSITORY: Final = RepositoryId(770_001)
INSTALLATION: Final = InstallationId(5_001)
NOT_OF_AN_APP: Final = (
    "You must authenticate with an access token authorized to a GitHub App in order to list installations"
)
NOT_FOR_APPS: Final = "Resource not accessible by integration"
SUSPENDED: Final = "This installation has been suspended"


def personal(client: NangoClient) -> NangoPersonalAccess:
    return NangoPersonalAccess(
        client=client,
        login_integration="github",
        repository_integration=KEY,
        app=NangoApp(client=client, integration=KEY, app_id=424_242),
        share=Share.FINISH,
    )


def installed(client: NangoClient) -> NangoInstallationAccess:
    return NangoInstallationAccess(client=client, integration=KEY, share=Share.FINISH)


def contents(client: NangoClient) -> NangoRepositoryContents:
    return NangoRepositoryContents(client=client, integration=KEY, share=Share.FINISH)


def imports(client: NangoClient) -> NangoInstallationImports:
    app = NangoApp(client=client, integration=KEY, app_id=424_242)
    return NangoInstallationImports(client=client, integration=KEY, app=app, share=Share.FINISH)


Ask = Callable[[NangoClient], Awaitable[object]]
PERSONAL: Final[dict[str, Ask]] = {
    "person": lambda client: personal(client).person(LOGIN),
    "installations": lambda client: personal(client).installations(LOGIN),
    "repositories": lambda client: personal(client).repositories(LOGIN, INSTALLATION),
    "repository": lambda client: personal(client).repository(LOGIN, REPOSITORY),
}
INSTALLATIONS: Final[dict[str, Ask]] = {
    "repositories": lambda client: installed(client).repositories(LINK),
    "repository": lambda client: installed(client).repository(LINK, REPOSITORY),
    "check": lambda client: installed(client).check(LINK),
    "login_of": lambda client: installed(client).login_of(LINK, GitHubId(1001)),
    "permission_of": lambda client: installed(client).permission_of(LINK, REPOSITORY, "octo-a"),
    "is_owner": lambda client: installed(client).is_owner(LINK, "acme", "octo-a"),
    "file": lambda client: contents(client).file(LINK, REPOSITORY, "README.md"),
    "pull_request": lambda client: contents(client).pull_request(LINK, REPOSITORY, 2),
    "comment": lambda client: contents(client).comment(LINK, REPOSITORY, 2, "Hello."),
}
as_person = pytest.mark.parametrize("ask", PERSONAL.values(), ids=PERSONAL)
as_installation = pytest.mark.parametrize("ask", INSTALLATIONS.values(), ids=INSTALLATIONS)
as_anybody = pytest.mark.parametrize("ask", [*PERSONAL.values(), *INSTALLATIONS.values()])


def refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return httpx.Response(status, headers=headers, json=body)


async def failure(ask: Ask, *replies: httpx.Response) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await ask(Nango(replies).client())
    return caught.value


@as_person
@pytest.mark.parametrize("message", [NOT_OF_AN_APP, NOT_FOR_APPS])
async def test_a_token_that_cannot_tell_is_not_a_refusal_of_the_person(ask: Ask, message: str) -> None:
    assert type(await failure(ask, refused(403, message))) is AccessNotReadable


@as_person
@pytest.mark.parametrize("message", ["Forbidden", "Sorry. Your account was suspended.", "SAML enforcement"])
async def test_any_other_403_proves_no_absence(ask: Ask, message: str) -> None:
    assert type(await failure(ask, refused(403, message))) is UpstreamUnavailable


@as_person
async def test_a_persons_token_that_is_refused_is_broken(ask: Ask) -> None:
    assert type(await failure(ask, refused(401, "Bad credentials"))) is ConnectionBroken


@as_installation
async def test_an_installations_token_that_is_refused_is_gone(ask: Ask) -> None:
    assert type(await failure(ask, refused(401, "Bad credentials"))) is InstallationGone


@as_installation
@pytest.mark.parametrize("message", [SUSPENDED, "The installation was Suspended by its owner."])
async def test_a_suspended_installation_is_known_by_the_word(ask: Ask, message: str) -> None:
    assert type(await failure(ask, refused(403, message))) is InstallationSuspended


@pytest.mark.parametrize("ask", [INSTALLATIONS["repositories"], INSTALLATIONS["check"]])
async def test_an_installation_that_is_not_found_is_gone(ask: Ask) -> None:
    assert type(await failure(ask, refused(404, "Not Found"))) is InstallationGone


@pytest.mark.parametrize("ask", [INSTALLATIONS["repositories"], INSTALLATIONS["check"]])
async def test_a_connection_that_waits_for_an_approval_has_no_installation(ask: Ask) -> None:
    waiting = recorded.answer("f03_pending_proxy_installation_repositories")

    assert type(await failure(ask, waiting)) is ConnectionBroken


@as_anybody
@pytest.mark.parametrize(
    ("status", "message", "headers", "seconds"),
    [
        (403, "API rate limit exceeded for user ID 1.", {}, 60),
        (429, "API rate limit exceeded", {"retry-after": "7"}, 7),
        (403, "You have exceeded a secondary rate limit.", {"retry-after": "90"}, 90),
        (403, NOT_FOR_APPS, {"retry-after": "5"}, 5),
        (403, SUSPENDED, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795240199"}, 40),
    ],
)
async def test_a_pause_is_nothing_but_a_pause(
    ask: Ask, status: int, message: str, headers: dict[str, str], seconds: float
) -> None:
    caught = await failure(ask, refused(status, message, headers))

    assert type(caught) is UpstreamUnavailable
    assert caught.retry_after == timedelta(seconds=seconds)


@as_anybody
@pytest.mark.parametrize(
    ("file", "error"),
    [
        ("i05_unknown_connection", ConnectionNotFound),
        ("p03_proxy_cooldown", ConnectionBroken),
        ("p04_proxy_refresh_fails", ConnectionBroken),
        ("m02_proxy_first_failure", ConnectionBroken),
        ("i05_unknown_integration", UpstreamMisconfigured),
        ("l10_rate_limited_proxy", UpstreamUnavailable),
        ("i07_upstream_500", UpstreamUnavailable),
    ],
)
async def test_nangos_own_refusals_are_nangos(ask: Ask, file: str, error: type[DomainError]) -> None:
    assert type(await failure(ask, recorded.answer(file))) is error


@as_anybody
@pytest.mark.parametrize("body", [b"", b"<html>nothing here</html>", b'{"message":"no Route matched"}'])
async def test_a_404_of_somebody_on_the_way_proves_no_absence(ask: Ask, body: bytes) -> None:
    assert type(await failure(ask, httpx.Response(404, content=body))) is UpstreamUnavailable


async def test_the_setting_that_is_wrong_is_named() -> None:
    missing = recorded.answer("i05_unknown_integration")
    nowhere = httpx.Response(404, json={"error": {"code": "not_found", "message": "Integration does not exist"}})

    assert "NANGO_LOGIN_INTEGRATION" in str(await failure(PERSONAL["person"], missing))
    assert "NANGO_REPOSITORY_INTEGRATION" in str(await failure(INSTALLATIONS["check"], missing))
    assert "NANGO_REPOSITORY_INTEGRATION" in str(
        await failure(lambda client: imports(client).make(INSTALLATION), nowhere)
    )
    links = recorded.answer("h07_get_unknown_integration")
    assert "NANGO_REPOSITORY_INTEGRATION" in str(
        await failure(
            lambda client: NangoConnections(client, KEY, Share.FINISH, kind=ConnectionKind.REPOSITORY).read(LINK), links
        )
    )


async def test_a_permission_that_the_app_lacks_is_told_from_what_is_not_there() -> None:
    lacking, missing = refused(403, NOT_FOR_APPS), refused(404, "Not Found")

    for name, permission in (("file", "contents"), ("pull_request", "pull requests"), ("comment", "issues")):
        caught = await failure(INSTALLATIONS[name], lacking)
        assert type(caught) is AppPermissionMissing
        assert permission in str(caught)
        assert type(await failure(INSTALLATIONS[name], missing)) is RepositoryContentNotFound


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"error": {"code": "server_error", "message": "Failed to create connection"}}),
        httpx.Response(500, json={"error": {"code": "server_error", "message": "Failed to update end user"}}),
        httpx.Response(500, json={"error": {"code": "generic_error_support"}}),
        httpx.Response(500, content=b""),
        httpx.Response(400, json={"error": {"code": "resource_capped", "message": "Reached maximum number"}}),
    ],
)
async def test_a_failing_import_of_nangos_own_is_not_the_installations(answer: httpx.Response) -> None:
    assert type(await failure(lambda client: imports(client).make(INSTALLATION), answer)) is UpstreamUnavailable


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
