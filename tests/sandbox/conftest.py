"""Fixtures of the sandbox's tests."""

import pytest

from tests.sandbox.stage import Stage


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def stage() -> Stage:
    return Stage()
