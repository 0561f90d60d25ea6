"""Harnesses for the contract suites: the fake, and the adapter over recorded answers and on the sandbox."""

import pytest

from tests.adapters.nango.github_fake import fake_github_harness
from tests.adapters.nango.github_harness import GitHubHarness
from tests.adapters.nango.github_sandbox import sandbox_github_harness
from tests.adapters.nango.harness import Harness, fake_harness
from tests.adapters.nango.sandbox_harness import sandbox_harness
from tests.adapters.nango.wire import wire_harness


@pytest.fixture(params=["fake", "wire", "sandbox"])
def harness(request: pytest.FixtureRequest) -> Harness:
    match request.param:
        case "fake":
            return fake_harness()
        case "wire":
            return wire_harness()
        case _:
            return sandbox_harness()


@pytest.fixture(params=["fake", "sandbox"])
def github(request: pytest.FixtureRequest) -> GitHubHarness:
    return fake_github_harness() if request.param == "fake" else sandbox_github_harness()
