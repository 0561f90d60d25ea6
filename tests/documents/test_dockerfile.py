"""The image's own launcher, which nothing else runs."""

import re
import runpy
from pathlib import Path

import pytest

DOCKERFILE = Path(__file__).parents[2] / "Dockerfile"


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    [text] = re.findall(r"printf '(.*?)' > /venv/bin/latchkey", DOCKERFILE.read_text())
    path = tmp_path / "latchkey.py"
    path.write_text(text.replace("\\n", "\n"))
    return path


def test_a_process_that_reads_the_launcher_again_does_not_begin_again(launcher: Path) -> None:
    runpy.run_path(str(launcher), run_name="__mp_main__")


def test_the_launcher_runs_the_command_line(launcher: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["latchkey", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(launcher), run_name="__main__")

    assert end.value.code == 0
