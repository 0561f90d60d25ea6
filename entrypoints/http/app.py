"""The web application: routes, and what every request passes on its way to one."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Final, TypeVar

from dependency_injector.providers import Provider
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router  # pyright: ignore[reportUnknownVariableType]
from litestar.stores.memory import MemoryStore
from litestar.template import TemplateConfig

from domain.errors import DomainError
from entrypoints.container import Container
from entrypoints.http import (
    address_limits,
    connect_repositories,
    connect_ui,
    connect_ui_reads,
    contents,
    health,
    home,
    installations,
    login,
    metrics,
    profile,
    public_keys,
    replica,
    repositories,
    sync_now,
    webhooks,
)
from entrypoints.http.authentication import SessionAuthentication
from entrypoints.http.cookies import Cookies
from entrypoints.http.edge import edge
from entrypoints.http.problems import from_bug, from_domain, from_litestar
from entrypoints.metrics import watched
from entrypoints.settings import Settings
from entrypoints.version import VERSION
from entrypoints.worker import Worker

T = TypeVar("T")

HERE: Final = Path(__file__).parent
END_WAITS: Final = "end_waits"
LARGEST_REQUEST_BYTES: Final = 64 * 1024
# The seed of this product used both spellings.
AUTH_PREFIXES: Final = ("/auth", "/api/auth")
PROVIDED: Final = (
    "accept_delivery",
    "login_feed",
    "exchange_code",
    "end_session",
    "show_profile",
    "measure_backlog",
    "readiness",
    "public_keys",
    "tell_purpose",
    "list_repositories",
    "show_repository",
    "explain_access",
    "show_freshness",
    "list_pull_requests",
    "list_commits",
    "list_issues",
    "list_installations",
    "disconnect",
    "settle_installations",
    "read_file",
    "show_pull_request",
    "comment",
    "sync_now",
)


def create_app(container: Container, worker: Worker | None = None) -> Litestar:
    """Build the application; its lifespan opens and closes the container's connections, with the worker inside."""
    settings = container.settings()
    is_measured = settings.metrics_token is not None
    cookies = Cookies(is_secure=settings.is_secure)
    trusted_origins = frozenset({settings.origin, *settings.allowed_origins})
    static_files: Router = create_static_files_router(
        "/static", [HERE / "static"], opt={"public": True}, include_in_schema=False
    )
    counters = MemoryStore()
    sockets = connect_ui_reads.Sockets()
    redirect_door = login.RedirectDoor(
        start_login=container.start_login(),
        pass_callback=container.pass_callback(),
        collect_login=container.collect_login(),
        settle_connections=container.settle_connections(),
        authenticate=container.authenticate(),
        want_renewal=container.want_renewal(),
        cookies=cookies,
        trusted_origins=trusted_origins,
        session_lifetime=settings.session_lifetime,
    )
    connect_ui_door = connect_ui.ConnectUiDoor(
        open_connect_ui=container.open_connect_ui(),
        aim_login=container.aim_login(),
        await_login=container.await_login(),
        collect_token=container.collect_token(),
        settle_connections=container.settle_connections(),
        cookies=cookies,
        trusted_origins=trusted_origins,
        settings=settings,
    )
    link_door = connect_repositories.LinkDoor(
        start_link=container.start_link(),
        open_link_ui=container.open_link_ui(),
        await_link=container.await_link(),
        cookies=cookies,
        trusted_origins=trusted_origins,
        settings=settings,
    )
    return Litestar(
        route_handlers=[
            *(auth_router(prefix) for prefix in AUTH_PREFIXES),
            login.get_callback,
            connect_ui.get_oauth_connect,
            connect_ui_reads.get_connect_session,
            connect_ui_reads.get_integrations,
            connect_ui_reads.get_provider,
            connect_ui_reads.post_telemetry,
            connect_ui_reads.connect_socket,
            installations.get_installations,
            installations.delete_installation,
            repositories.get_repositories,
            repositories.get_repository,
            repositories.get_access,
            replica.get_pull_requests,
            replica.get_commits,
            replica.get_issues,
            contents.get_file,
            contents.get_pull_request,
            contents.post_comment,
            sync_now.post_sync,
            webhooks.post_nango_webhook,
            health.get_healthz,
            health.get_readyz,
            *([metrics.get_metrics] if is_measured else []),
            public_keys.get_public_keys,
            home.get_home,
            static_files,
        ],
        dependencies={
            **{name: inject(container.providers[name]) for name in PROVIDED},
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "sockets": Provide(lambda: sockets, sync_to_thread=False),
            "our_cookies": Provide(lambda: cookies, sync_to_thread=False),
            "redirect_door": Provide(lambda: redirect_door, sync_to_thread=False),
            "connect_ui_door": Provide(lambda: connect_ui_door, sync_to_thread=False),
            "link_door": Provide(lambda: link_door, sync_to_thread=False),
        },
        middleware=[
            *([metrics.MeasuredRequests()] if is_measured else []),
            *address_limits.address_limits(limits_of(settings)),
            DefineMiddleware(
                SessionAuthentication,
                authenticate=container.authenticate(),
                cookies=cookies,
                trusted_origins=trusted_origins,
            ),
        ],
        before_send=[
            edge(is_secure=settings.is_secure, connect_ui_origin=settings.connect_ui_origin),
            connect_ui_reads.allow_connect_ui(settings.connect_ui_origin),
            *([metrics.count_request] if is_measured else []),
        ],
        exception_handlers={DomainError: from_domain, HTTPException: from_litestar, Exception: from_bug},
        state=State({END_WAITS: container.login_feed().end}),
        lifespan=[connections_of(container, worker, is_measured=is_measured), address_limits.forgetting(counters)],
        stores={address_limits.STORE: counters},
        cors_config=cors_for(settings),
        request_max_body_size=LARGEST_REQUEST_BYTES,
        template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
        openapi_config=openapi(),
        logging_config=None,
    )


def end_waits(app: Litestar) -> None:
    """Answer all who wait for a sign-in, as the process is about to stop."""
    if END_WAITS in app.state:
        app.state[END_WAITS]()


def auth_router(prefix: str) -> Router:
    return Router(
        prefix,
        route_handlers=[
            login.get_login,
            login.post_token,
            connect_ui.open_nango_session,
            connect_ui.get_nango_status,
            connect_repositories.get_connect_repositories,
            connect_repositories.open_github_app_session,
            connect_repositories.get_github_app_status,
            profile.get_me,
            profile.post_logout,
        ],
        include_in_schema=prefix == AUTH_PREFIXES[0],
    )


def limits_of(settings: Settings) -> dict[str, int]:
    if not settings.address_limits:
        return {}
    return {"login_starts": settings.login_starts_per_minute, "callbacks": settings.callbacks_per_minute}


def inject(provider: Provider[T]) -> Provide:
    """Offer a container's provider to handlers; Litestar cannot inspect a compiled one itself."""

    def build() -> T:
        return provider()

    return Provide(build, sync_to_thread=False)


def connections_of(
    container: Container, worker: Worker | None, *, is_measured: bool
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        async with (
            container.pool(),
            container.nango_http(),
            container.login_feed().listening(),
            watched(container.call_budget(), container.pool()) if is_measured else nullcontext(),
            worker.running() if worker else nullcontext(),
        ):
            yield

    return lifespan


def cors_for(settings: Settings) -> CORSConfig | None:
    if not settings.allowed_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.allowed_origins),
        allow_credentials=True,
        allow_headers=["Authorization", "Content-Type", "If-None-Match"],
        allow_methods=["GET", "POST", "DELETE"],
        expose_headers=["ETag", "Retry-After"],
    )


def openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Latchkey",
        version=VERSION,
        openapi_router=Router("/schema", route_handlers=[], opt={"public": True}, include_in_schema=False),
        # Renderers with a user interface load it from other sites.
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "session": SecurityScheme(type="apiKey", security_scheme_in="cookie", name="__Host-latchkey_session"),
            }
        ),
        security=[{"bearer": []}, {"session": []}],
    )
