"""The made-up people, organisation and repositories that a sandbox begins with."""

from datetime import UTC, datetime
from typing import Final

from entrypoints.sandbox.github.model import Account, App, Installation, Repository, World

BEGINNING: Final = datetime(2024, 2, 1, 9, 30, tzinfo=UTC)

ADA: Final = 583_201
GRACE: Final = 583_202
SAM: Final = 583_203
ORGANIZATION: Final = 9_100_001
INSTALLATION: Final = 5_001
ATLAS: Final = 770_001
BEACON: Final = 770_002
HANDBOOK: Final = 770_003
NOTES: Final = 770_004


def seeded_world() -> World:
    """Ada administers the organisation, Grace may push to one repository of it, Sam has only their own."""
    app = App(
        id=424_242,
        slug="latchkey-sandbox",
        client_id="Iv1.sandboxclient",
        client_secret="made-up-client-secret",  # noqa: S106 - there is nothing behind it
        private_key="made-up private key",
    )
    accounts = [
        Account(id=ADA, login="ada-rivera", name="Ada Rivera", email="ada@example.test", created_at=BEGINNING),
        Account(id=GRACE, login="grace-okafor", name="Grace Okafor", created_at=BEGINNING),
        Account(id=SAM, login="sam-lindqvist", name="Sam Lindqvist", email="sam@example.test", created_at=BEGINNING),
        Account(
            id=ORGANIZATION, login="northwind-labs", name="Northwind Labs", type="Organization", created_at=BEGINNING
        ),
    ]
    repositories = [
        Repository(id=ATLAS, owner_id=ORGANIZATION, name="atlas"),
        Repository(id=BEACON, owner_id=ORGANIZATION, name="beacon", private=True),
        Repository(id=HANDBOOK, owner_id=ORGANIZATION, name="handbook", private=True),
        Repository(id=NOTES, owner_id=SAM, name="notes", private=True),
    ]
    return World(
        app=app,
        accounts={account.id: account for account in accounts},
        repositories={repository.id: repository for repository in repositories},
        installations={
            INSTALLATION: Installation(id=INSTALLATION, account_id=ORGANIZATION, repository_ids={ATLAS, BEACON})
        },
        memberships={(ORGANIZATION, ADA): "admin", (ORGANIZATION, GRACE): "member"},
        collaborations={(BEACON, GRACE): "push", (ATLAS, SAM): "pull"},
    )
