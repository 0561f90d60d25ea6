"""Harnesses for the contract suites: the fake, and the adapter over recorded answers."""

import pytest

from tests.adapters.nango.harness import Harness, fake_harness
from tests.adapters.nango.wire import wire_harness


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["fake", "wire"])
def harness(request: pytest.FixtureRequest) -> Harness:
    match request.param:
        case "fake":
            return fake_harness()
        case _:
            return wire_harness()
