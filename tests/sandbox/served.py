"""The one application that tests in this process serve their sandboxes by."""

from functools import cache
from typing import Any

from litestar import Litestar

from entrypoints.sandbox.app import create_sandbox
from entrypoints.sandbox.sandbox import Sandbox
from entrypoints.sandbox.settings import SandboxSettings


@cache
def built() -> Litestar:
    return create_sandbox(SandboxSettings())


def app_of(sandbox: Sandbox) -> Any:  # noqa: ANN401 - Litestar and httpx name the parts of ASGI differently
    """Serve this sandbox, and no earlier one any more; building an application takes longer than most tests.

    All that a sandbox knows, its settings among it, is in the sandbox itself.
    """
    app = built()
    app.state.sandbox = sandbox
    return app
