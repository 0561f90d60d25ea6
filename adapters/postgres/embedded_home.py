"""The folder of the embedded server: made, closed to others, and checked before anything is put into it."""

from pathlib import Path
from typing import Final

from adapters.postgres.embedded_account import Account, account_name
from adapters.postgres.embedded_unavailable import EmbeddedPostgresUnavailable

# Taken before all else, so a folder with files and without this one is not ours.
DOOR: Final = "door.lock"


def prepare_home(home: Path, account: Account) -> None:
    """Make the folder, for the account only; raise `EmbeddedPostgresUnavailable` when it is or must stay another's."""
    existing = next(folder for folder in home.parents if folder.exists())
    if account.is_other and not account.can_enter(existing):
        raise EmbeddedPostgresUnavailable(
            f"LATCHKEY_DATA_DIR: PostgreSQL runs as {account.name!r}, not as root, and that user may not enter "
            f"{existing}: set it to a folder outside any home, such as /var/lib/latchkey"
        )
    for folder in reversed([folder for folder in home.parents if not folder.exists()]):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711 if account.is_other else 0o700)

    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid not in {account.uid, 0 if account.is_other else account.uid}:
        raise EmbeddedPostgresUnavailable(
            f"LATCHKEY_DATA_DIR: {home} belongs to {account_name(home.stat().st_uid)!r}: "
            "start as that user, or set it to a folder of your own"
        )
    if any(home.iterdir()) and not (home / DOOR).exists():
        raise EmbeddedPostgresUnavailable(
            f"LATCHKEY_DATA_DIR: {home} holds files of something else: set it to a folder for Latchkey alone"
        )
    account.own(home)
    home.chmod(0o700)
