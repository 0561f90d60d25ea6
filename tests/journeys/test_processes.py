"""Several processes serve one port: together they are one service, and none of them is needed."""

import os
import re
import shutil
import signal
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import Browser
from tests.journeys.connect_ui import Page, socket_at
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.outcomes import assert_signed_in
from tests.journeys.waiting import eventually

TOKEN = "monitor-of-the-journeys"

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


@pytest.fixture(scope="module")
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    with deployed(
        postgres_server, tmp_path_factory.mktemp("processes"), PROCESSES="2", METRICS_TOKEN=TOKEN
    ) as deployment:
        yield deployment


def processes(latchkey: Deployment) -> set[int]:
    """Find those that serve; the one that was started only looks after them."""
    return {child.pid for child in psutil.Process(latchkey.service.pid).children() if serves(child)}


def serves(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:  # it is gone
        return False


def hopping_browser(latchkey: Deployment) -> Browser:
    """Open one that meets whichever process is free, with each of its requests."""
    browser = latchkey.browser()
    browser.http.headers["Connection"] = "close"
    return browser


def sign_somebody_in(latchkey: Deployment) -> None:
    person, browser = latchkey.sandbox.newcomer(), hopping_browser(latchkey)
    browser.sign_in(person.login)
    assert_signed_in(browser, person)


def requests_counted(latchkey: Deployment) -> int:
    """Ask whichever process is free how many requests for its health all of them have answered."""
    token = {"Authorization": f"Bearer {TOKEN}"}
    answer = hopping_browser(latchkey).http.get(f"{latchkey.address}/metrics", headers=token)
    assert answer.status_code == 200
    found = re.search(r'^latchkey_http_requests_total\{.*route="/healthz".*\} (\S+)$', answer.text, re.MULTILINE)
    return int(float(found[1])) if found else 0


def counting_folder(pid: int) -> Path:
    """Find where a process keeps its counts for the others."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    [folder] = [variable.partition(b"=")[2] for variable in variables if variable.startswith(b"PROMETHEUS_")]
    return Path(folder.decode())


def answers(latchkey: Deployment) -> bool:
    try:
        return latchkey.stranger().get("/readyz").is_success
    except httpx.TransportError:
        return False


def test_a_sign_in_may_meet_another_process_at_every_step(latchkey: Deployment) -> None:
    assert len(processes(latchkey)) == 2

    for _ in range(5):
        sign_somebody_in(latchkey)


def test_a_page_hears_of_its_sign_in_from_whichever_process_it_met(latchkey: Deployment) -> None:
    # The socket stays with one process; of so many callbacks not all will meet the same.
    for _ in range(8):
        page = Page(latchkey, hopping_browser(latchkey))
        with socket_at(latchkey.address) as socket:
            connection_id = page.finish(latchkey.sandbox.newcomer(), socket.id)
            assert socket.hear()["connection_id"] == connection_id
        assert page.status(connection_id, wait=25).json()["ready"]


def test_what_each_of_them_counts_adds_up(latchkey: Deployment) -> None:
    before = requests_counted(latchkey)
    folder = counting_folder(min(processes(latchkey)))

    http = hopping_browser(latchkey).http
    with ThreadPoolExecutor(8) as threads:
        answers_given = list(threads.map(http.get, [f"{latchkey.address}/healthz"] * 60))

    assert all(answer.is_success for answer in answers_given)
    assert {requests_counted(latchkey) for _ in range(5)} == {before + 60}
    counted_in = {path for path in folder.glob("counter_*.db") if b"/healthz" in path.read_bytes()}
    assert len(counted_in) == 2


def test_one_that_dies_is_replaced_and_nobody_is_turned_away(latchkey: Deployment) -> None:
    before = processes(latchkey)
    counted = requests_counted(latchkey)
    folder = counting_folder(min(before))

    os.kill(min(before), signal.SIGKILL)

    eventually(lambda: len(processes(latchkey) - {min(before)}) == 2, "the new process")
    eventually(lambda: answers(latchkey), "an answer")
    sign_somebody_in(latchkey)
    assert requests_counted(latchkey) == counted
    eventually(lambda: not (folder / f"gauge_livesum_{min(before)}.db").exists(), "forgetting what it had")


def test_when_the_one_that_looks_after_them_dies_they_leave_the_port(latchkey: Deployment) -> None:
    orphans = processes(latchkey)
    folder = counting_folder(min(orphans))

    latchkey.service.kill()

    eventually(lambda: not any(psutil.pid_exists(pid) for pid in orphans), "the end of the others")
    # Nobody was left to do so.
    shutil.rmtree(folder)
    latchkey.restart()
    assert answers(latchkey)


def test_who_waits_for_a_sign_in_is_answered_when_a_process_is_told_to_end(latchkey: Deployment) -> None:
    page = Page(latchkey, latchkey.browser())
    with ThreadPoolExecutor() as threads:
        asking = threads.submit(page.status, "made-up", wait=25)
        time.sleep(0.5)
        began = time.monotonic()
        latchkey.service.terminate()
        answer = asking.result()

    assert answer.json() == {"ready": False}
    assert latchkey.service.wait() == 0
    assert time.monotonic() - began < 8
    latchkey.restart()


def test_a_second_sigterm_interrupts_nothing(latchkey: Deployment) -> None:
    for _ in range(5):
        latchkey.service.terminate()
        time.sleep(0.05)

    assert latchkey.service.wait() == 0
    latchkey.restart()
