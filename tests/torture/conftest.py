"""Small in `make test`; at full size with `make torture`."""

import pytest


@pytest.fixture(scope="session")
def is_full(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--torture"))
