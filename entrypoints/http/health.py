"""For the operator's probes."""

from http import HTTPStatus

import msgspec
from litestar import get
from litestar.di import NamedDependency

from application.ports.readiness import Readiness
from entrypoints.http.problems import problems


class HealthResponse(msgspec.Struct, frozen=True):
    status: str


@get("/healthz", operation_id="healthz", security=[{}], public=True)
async def get_healthz() -> HealthResponse:
    """Tell that the process answers; nothing else is asked."""
    return HealthResponse(status="ok")


@get(
    "/readyz",
    operation_id="readyz",
    responses=problems(HTTPStatus.SERVICE_UNAVAILABLE),
    security=[{}],
    public=True,
)
async def get_readyz(readiness: NamedDependency[Readiness]) -> HealthResponse:
    """Tell that the database answers and is migrated."""
    await readiness.check()
    return HealthResponse(status="ready")
