"""Every command and request of the README, run as it stands there."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import pytest

from tests.databases import temporary_data_dir
from tests.journeys.programs import free_port, url_of
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60
STOP_SECONDS: Final = 30
BLOCKS: Final = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
LINES: Final = [line for block in BLOCKS for line in block.splitlines() if line]
REQUESTS: Final = [line for line in LINES if line.startswith("curl ")]
# How the answer to each request of the README begins, or what it contains.
ANSWERS: Final = {
    "/healthz": '{"status":"ok"}',
    "/readyz": '{"status":"ready"}',
    "/auth/me": "HTTP/1.1 401",
    "/auth/login?return_to=/welcome": "HTTP/1.1 303",
    "/schema/openapi.json": '"Latchkey"',
}


@contextmanager
def started(command: list[str], environment: dict[str, str], announcement: str) -> Generator[str, None, None]:
    """Run a command until it says that it is ready, and give what it said; end it by process id."""
    with NamedTemporaryFile("r") as output:
        process = subprocess.Popen(  # noqa: S603 - from our README
            command, cwd=ROOT, env=os.environ | environment, stdout=output.fileno(), start_new_session=True
        )
        try:
            yield eventually(lambda: announced(Path(output.name), announcement), " ".join(command), START_SECONDS)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(STOP_SECONDS)


def announced(output: Path, announcement: str) -> str:
    return next((line for line in output.read_text().splitlines() if announcement in line), "")


@pytest.fixture(scope="module")
def demo() -> Generator[int, None, None]:
    """Run `make demo` as the README says, on a free port."""
    port = free_port()
    with temporary_data_dir() as folder:
        environment = {"PORT": str(port), "LATCHKEY_DATA_DIR": str(folder), "PYTHON": sys.executable}
        with started(["make", "demo"], environment, "Open http") as said:
            assert f"http://127.0.0.1:{port}" in said
            yield port


@pytest.mark.parametrize("line", REQUESTS)
def test_a_request_of_the_readme_is_answered(demo: int, line: str) -> None:
    answer = subprocess.run(  # noqa: S603 - from our README
        shlex.split(line.replace(":8000", f":{demo}")), capture_output=True, text=True, check=True, timeout=10
    )

    [expected] = [start for path, start in ANSWERS.items() if line.endswith(path)]
    assert expected in answer.stdout


def test_make_test_runs_the_tests() -> None:
    command = ["make", "--no-print-directory", "--dry-run", "test"]
    dry = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own

    assert dry.stdout.splitlines()[-1].split()[0] == ".venv/bin/pytest"


def test_serve_starts_with_the_variables_of_the_readme(database_url: str) -> None:
    exports = dict(line.removeprefix("export ").split("=", 1) for line in LINES if line.startswith("export "))
    [serve] = [line for line in LINES if line.endswith("latchkey serve")]
    environment = exports | {"PORT": str(free_port()), "DATABASE_URL": url_of(database_url)}
    command = [str(Path(sys.executable).parent / "latchkey"), *shlex.split(serve)[1:]]

    with started(command, environment, "Latchkey serves") as said:
        assert said.strip().endswith(exports["PUBLIC_URL"])


def test_no_command_of_the_readme_is_left_out() -> None:
    known = {"make demo", "make test", ".venv/bin/latchkey serve", *REQUESTS}

    assert {line for line in LINES if not line.startswith("export ")} == known
