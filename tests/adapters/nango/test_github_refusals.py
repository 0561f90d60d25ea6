"""What GitHub refuses, in its own words, and what is made of it."""

from datetime import timedelta

import httpx
import pytest

from adapters.nango.budget import Share
from adapters.nango.connections import NangoConnections
from adapters.nango.github_accounts import NangoGitHubAccounts
from domain.connection import ConnectionKind, EndUserId
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
from tests.adapters.nango import recorded
from tests.adapters.nango.github_ports import (
    INSTALLATION,
    INSTALLATIONS,
    KEY,
    LINK,
    NOT_FOR_APPS,
    NOT_OF_AN_APP,
    PERSONAL,
    SUSPENDED,
    Ask,
    authorizations,
    failure,
    imports,
    refused,
)

as_person = pytest.mark.parametrize("ask", PERSONAL.values(), ids=PERSONAL)
as_installation = pytest.mark.parametrize("ask", INSTALLATIONS.values(), ids=INSTALLATIONS)
as_anybody = pytest.mark.parametrize("ask", [*PERSONAL.values(), *INSTALLATIONS.values()])


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
    assert "NANGO_REPOSITORY_INTEGRATION" in str(
        await failure(
            lambda client: NangoGitHubAccounts(client, KEY, Share.FINISH, ConnectionKind.REPOSITORY).behind(LINK),
            missing,
        )
    )
    unknown = recorded.answer("a07_sessions_unknown_integration")
    assert "NANGO_REPOSITORY_INTEGRATION" in str(
        await failure(lambda client: authorizations(client).open_session(EndUserId("u1")), unknown)
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
