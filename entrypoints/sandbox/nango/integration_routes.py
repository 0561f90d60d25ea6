"""Reading the integrations."""

from typing import Final

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from entrypoints.sandbox.nango.admission import by_secret_key, by_secret_key_or_session, session_of
from entrypoints.sandbox.nango.refusals import refused
from entrypoints.sandbox.nango.schema import Issue, invalid, issue
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.wire import JsonObject, SandboxRequest, json_answer

INCLUDABLE: Final = ("webhook", "credentials")


@get("/integrations")
async def get_integrations(request: SandboxRequest, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    session = session_of(request)
    allowed = session.allowed_integrations if session else None
    return json_answer(
        {
            "data": [
                integration.document(sandbox.settings.public_url)
                for integration in sandbox.integrations.values()
                if allowed is None or integration.key in allowed
            ]
        }
    )


@get("/integrations/{integration_key:str}")
async def get_integration(
    request: SandboxRequest, sandbox: NamedDependency[Sandbox], integration_key: FromPath[str]
) -> Response[bytes]:
    """Describe one, with its webhook URL and its credentials when `include` asks for them."""
    asked = request.query_params.getall("include", [])
    wrong: list[Issue] = [
        issue("invalid_value", 'Invalid option: expected one of "webhook"|"credentials"', ("include", str(place)))
        for place, one in enumerate(asked)
        if one not in INCLUDABLE
    ]
    if wrong:
        raise invalid("invalid_query_params", wrong)
    integration = sandbox.integrations.get(integration_key)
    if integration is None:
        raise refused(404, "not_found", f'Integration "{integration_key}" does not exist')
    base = sandbox.settings.public_url
    more: JsonObject = {}
    if "webhook" in asked:
        hook = f"{base}/webhook/{sandbox.settings.environment_uuid}/{integration.key}"
        more["webhook_url"] = hook if integration.app else None
    if "credentials" in asked:
        more["credentials"] = integration.credentials()
    return json_answer({"data": integration.document(base, more)})


def integration_routes() -> list[Router]:
    return [
        Router("/", route_handlers=[get_integrations], guards=[by_secret_key_or_session]),
        Router("/", route_handlers=[get_integration], guards=[by_secret_key]),
    ]
