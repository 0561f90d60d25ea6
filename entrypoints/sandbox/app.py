"""The sandbox as one application: Nango, GitHub, and the control API under `/__sandbox/`.

Held to the recorded traffic in `tests/fixtures/nango`; `tests/sandbox` replays it. Not faithful, on purpose:

* Nango's race after an installation ends as a condition says, never in the third way, seen once, that loses the JWT.
* Of several connections of one installation (or pending ones of one person) the oldest counts; Nango promises no order.
* What the page hears when a connection is taken over, and what an import of a refused installation gets, are guessed.
* The App's JWT has a made-up signature, as its private key is made up.
* Syncs run when they are triggered, started, or told to by control, never by a schedule; nor do they ask again.
* What `GET /sync/status`, `/sync/start` and `/sync/pause` answer is from Nango's documentation, unrecorded.
* No dashboard API or public keys. Telemetry is thrown away; of a provider little is told.
* Connect UI is a page of our own that speaks its protocol. It is served from here, so nothing here allows CORS.
* A refused call without a known key, and the answer to a connect without any session, are guessed.
* GitHub's documents have its real fields, the recorded imitation had fewer; any OAuth client id counts as registered.
* The callback page says and posts what Nango's does, and looks plainer.
* A webhook's `Host` header comes first (the HTTP library insists) and its other headers in Nango's order.
* No tracing headers; a `Base-Url-Override` of the proxy is ignored, there is one GitHub.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template.config import TemplateConfig
from litestar.types import Scope

from entrypoints.sandbox.clock import SandboxClock, SystemClock
from entrypoints.sandbox.control.routes import control_routes
from entrypoints.sandbox.gate import Gate, add_rate_limit_headers
from entrypoints.sandbox.github.pages import github_pages
from entrypoints.sandbox.nango.callback import callback_routes
from entrypoints.sandbox.nango.connect import connect_routes
from entrypoints.sandbox.nango.connect_ui import connect_ui_routes
from entrypoints.sandbox.nango.connection_changes import connection_routes
from entrypoints.sandbox.nango.ingress import ingress_routes
from entrypoints.sandbox.nango.integration_routes import integration_routes
from entrypoints.sandbox.nango.proxy import proxy_routes
from entrypoints.sandbox.nango.records.routes import record_routes
from entrypoints.sandbox.nango.refusals import NangoRefusal, refusal_answer
from entrypoints.sandbox.nango.sessions import session_routes
from entrypoints.sandbox.nango.syncs.routes import sync_routes
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings

log = logging.getLogger(__name__)

TEMPLATES: Final = Path(__file__).parent / "templates"


async def log_bug(error: Exception, scope: Scope) -> None:
    """Leave a trace of what is neither an answer of Nango nor of the framework."""
    if not isinstance(error, NangoRefusal | HTTPException):
        log.error("%s failed", scope["path"], exc_info=error)


def provide_sandbox(state: State) -> Sandbox:
    sandbox: Sandbox = state.sandbox
    return sandbox


@asynccontextmanager
async def deliveries(app: Litestar) -> AsyncGenerator[None, None]:
    yield
    await provide_sandbox(app.state).stop()


def imitations() -> Router:
    """Put together what plays Nango and GitHub."""
    return Router(
        "/",
        route_handlers=[
            *session_routes(),
            connect_routes(),
            *connect_ui_routes(),
            callback_routes(),
            connection_routes(),
            proxy_routes(),
            record_routes(),
            sync_routes(),
            ingress_routes(),
            *integration_routes(),
            github_pages(),
        ],
        middleware=[Gate()],
        include_in_schema=False,
    )


def create_sandbox(
    settings: SandboxSettings,
    clock: SandboxClock | None = None,
    *,
    webhook_transport: httpx.AsyncBaseTransport | None = None,
) -> Litestar:
    """Make a sandbox with the seeded people; a transport delivers its webhooks without a network."""
    sandbox = Sandbox(settings, clock or SystemClock(), webhook_transport)
    return Litestar(
        [imitations(), control_routes()],
        dependencies={"sandbox": Provide(provide_sandbox, sync_to_thread=False)},
        before_send=[add_rate_limit_headers],
        after_exception=[log_bug],
        exception_handlers={NangoRefusal: refusal_answer},
        lifespan=[deliveries],
        template_config=TemplateConfig(directory=TEMPLATES, engine=JinjaTemplateEngine),
        openapi_config=OpenAPIConfig(
            title="Sandbox control",
            version="1",
            path="/__sandbox/schema",
            render_plugins=[JsonRenderPlugin()],
            use_handler_docstrings=True,
        ),
        logging_config=None,
        state=State({"sandbox": sandbox}),
    )
