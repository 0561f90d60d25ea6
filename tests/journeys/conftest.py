"""The deployment that journeys share, and people of their own for each of them."""

from collections.abc import Callable, Generator
from typing import Final

import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import Browser
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.github import GitHub
from tests.journeys.sandbox import Person, Sandbox
from tests.journeys.waiting import eventually

LOG_END: Final = 4000
UNDER_WAY: Final = """
    SELECT (SELECT count(*) FROM access_checks WHERE lease_until > now())
         + (SELECT count(*) FROM pgqueuer WHERE status = 'picked') AS number
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the ends of the logs beside a failure."""
    report = yield
    arguments: dict[str, object] = getattr(item, "funcargs", {})
    if report.failed and call.when == "call":
        for deployment in arguments.values():
            if isinstance(deployment, Deployment):
                report.sections += [(name, text[-LOG_END:]) for name, text in deployment.logs().items()]
    return report


@pytest.fixture(scope="session")
def shared_deployment(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Deployment]:
    """Run a service with a worker beside the one inside."""
    with deployed(postgres_server, tmp_path_factory.mktemp("latchkey")) as deployment:
        deployment.start("worker").wait_until_ready()
        yield deployment


@pytest.fixture
def latchkey(shared_deployment: Deployment) -> Generator[Deployment]:
    yield shared_deployment
    shared_deployment.sandbox.calm_down()
    end_background(shared_deployment)
    shared_deployment.tap.clear()


def end_background(latchkey: Deployment) -> None:
    """Have nothing proven, or heard, beside the next test that this one has left to do."""
    for _ in range(2):
        latchkey.rows.change("UPDATE access_checks SET due_at = 'infinity', wanted_at = NULL")
        latchkey.rows.change("UPDATE deliveries SET state = 'ignored', closed_at = now() WHERE state = 'waiting'")
        eventually(lambda: latchkey.rows.read(UNDER_WAY)[0]["number"] == 0, "the end of what is done in the background")


@pytest.fixture
def sandbox(latchkey: Deployment) -> Sandbox:
    return latchkey.sandbox


@pytest.fixture
def github(latchkey: Deployment) -> GitHub:
    return latchkey.github


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    return sandbox.newcomer()


@pytest.fixture
def attacker(sandbox: Sandbox) -> Person:
    return sandbox.newcomer()


@pytest.fixture
def new_browser(latchkey: Deployment) -> Callable[[], Browser]:
    return latchkey.browser


@pytest.fixture
def browser(latchkey: Deployment) -> Browser:
    return latchkey.browser()


@pytest.fixture
def other_browser(latchkey: Deployment) -> Browser:
    return latchkey.browser()
