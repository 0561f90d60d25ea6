"""The rules that hold the house together."""

import inspect
from collections.abc import Iterator
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from domain.errors import DomainError
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.problems import STATUS_OF, status_of
from entrypoints.settings import Settings

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(nango_secret_key="key", jwt_secret="a secret of at least thirty-two characters")


@pytest.fixture
def container() -> Container:
    return Container(settings=SETTINGS, conninfo="dbname=nowhere")


@pytest.fixture
def app(container: Container) -> Litestar:
    # No database is needed to be turned away at the door.
    container.pool.override(nullcontext())  # pyright: ignore[reportUnknownMemberType]
    return create_app(container)


async def test_the_container_can_build_everything(container: Container) -> None:
    container.check_dependencies()

    for provider in container.providers.values():
        provider()


def test_every_adapter_says_which_port_it_is(container: Container) -> None:
    ports = {
        port
        for path in (ROOT / "application/ports").glob("[a-z]*.py")
        for _, port in inspect.getmembers(import_module(f"application.ports.{path.stem}"), inspect.isclass)
        if getattr(port, "_is_protocol", False)
    }
    given = {port for provider in container.providers.values() for port in type(provider()).__mro__ if port in ports}

    # Made by another adapter: the stores by a unit of work, a watch by the feed.
    stores = {"LoginWatch", "Users", "Attempts", "Connections", "Sessions", "SignInCodes", "Deliveries"}
    stores |= {"ReconcileRuns", "Installations", "InstallationConnections", "Repositories", "Grants"}
    stores |= {"AccessChecks", "ApprovalRequests", "Rereads", "PullRequests", "Issues", "Commits"}
    stores |= {"Syncs", "SyncScopes", "Replica", "ReplicatedRepositories"}
    assert {port.__name__ for port in ports - given} == stores


def test_every_port_has_a_contract_suite() -> None:
    suites = {path.name for path in (ROOT / "tests").glob("**/test_*.py")}
    ports = {path.stem for path in (ROOT / "application/ports").glob("[a-z]*.py")}
    bundled = {"unit_of_work"}  # shown by the suites of the stores in it

    assert {port for port in ports - bundled if not suites & {f"test_{port}.py", f"test_{port}_contract.py"}} == set()


def routes_of(app: Litestar) -> Iterator[tuple[str, str, bool]]:
    """List method, path and whether it is public."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS"}:
                    yield method, route.path_format, bool(handler.opt.get("public"))
        else:
            yield "GET", route.path_format, bool(route.route_handler.opt.get("public"))


def test_every_route_is_closed_unless_it_says_public(app: Litestar) -> None:
    routes = set(routes_of(app))

    with TestClient(app) as client:
        answers = {client.request(method, path).status_code for method, path, is_public in routes if not is_public}

    assert answers == {401}
    assert {path for _, path, is_public in routes if is_public} == PUBLIC


PUBLIC = {
    "/",
    "/.well-known/jwks.json",
    "/auth/login",
    "/auth/token",
    "/auth/nango-session",
    "/auth/nango/status/{connection_id}",
    "/api/auth/login",
    "/api/auth/token",
    "/api/auth/nango-session",
    "/api/auth/nango/status/{connection_id}",
    "/connect/session",
    "/connect/socket",
    "/connect/telemetry",
    "/integrations",
    "/oauth/connect/{integration}",
    "/providers/{provider}",
    "/api/webhooks/nango",
    "/healthz",
    "/oauth/callback",
    "/readyz",
    "/schema",
    "/schema/openapi.json",
    "/schema/{path}",
    "/static/{file_path}",
}


def test_every_failure_has_a_status_and_a_code_of_its_own() -> None:
    def family(error: type[DomainError]) -> list[type[DomainError]]:
        return [member for child in error.__subclasses__() for member in (child, *family(child))]

    errors = family(DomainError)

    assert {status_of(error.__new__(error)) for error in errors} <= set(STATUS_OF.values())
    assert len({error.code for error in errors}) == len(errors)


def test_the_openapi_document_names_every_route_and_its_problems(app: Litestar) -> None:
    document = app.openapi_schema.to_schema()

    assert set(document["paths"]) == {
        "/.well-known/jwks.json",
        "/auth/connect-repositories",
        "/auth/github-app-session",
        "/auth/github-app/status/{connection_id}",
        "/auth/login",
        "/auth/logout",
        "/auth/me",
        "/auth/nango-session",
        "/auth/nango/status/{connection_id}",
        "/auth/token",
        "/api/webhooks/nango",
        "/healthz",
        "/installations",
        "/installations/{installation_id}",
        "/oauth/callback",
        "/oauth/connect/{integration}",
        "/readyz",
        "/repos",
        "/repos/{repository_id}",
        "/repos/{repository_id}/access",
        "/repos/{repository_id}/commits",
        "/repos/{repository_id}/files/{path}",
        "/repos/{repository_id}/issues",
        "/repos/{repository_id}/issues/{number}/comments",
        "/repos/{repository_id}/pulls",
        "/repos/{repository_id}/pulls/{number}",
        "/repos/{repository_id}/sync",
    }
    refusal = document["paths"]["/auth/me"]["get"]["responses"]["401"]
    assert list(refusal["content"]) == ["application/problem+json"]
