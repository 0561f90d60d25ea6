"""The made-up people, organisations and repositories that a sandbox begins with."""

from datetime import UTC, datetime, timedelta
from typing import Final

from entrypoints.sandbox.github.made_up_history import Amount, write_history
from entrypoints.sandbox.github.model import (
    Account,
    App,
    ChangedFile,
    Installation,
    Issue,
    PullRequest,
    Repository,
)
from entrypoints.sandbox.github.pairs import Pairs
from entrypoints.sandbox.github.repositories import Repositories
from entrypoints.sandbox.github.world import World

CLIENT_ID: Final = "Iv1.sandboxclient"
BEGINNING: Final = datetime(2024, 2, 1, 9, 30, tzinfo=UTC)
HALF_A_YEAR: Final = timedelta(days=182)

ADA: Final = 583_201
GRACE: Final = 583_202
SAM: Final = 583_203
ORGANIZATION: Final = 9_100_001
SECOND_ORGANIZATION: Final = 9_100_002
INSTALLATION: Final = 5_001
ATLAS: Final = 770_001
BEACON: Final = 770_002
HANDBOOK: Final = 770_003
NOTES: Final = 770_004


def seeded_world() -> World:
    """Put it together.

    `northwind-labs` has the App, for two of its three repositories: Ada administers it, Grace is a member and may push
    to `beacon`, Sam was invited to `atlas`. `tidewater-studio` has nothing installed: Sam administers it, Ada is a
    plain member. Everybody has repositories of their own.
    """
    app = App(
        id=424_242,
        slug="latchkey-sandbox",
        client_id=CLIENT_ID,
        client_secret="made-up-client-secret",  # noqa: S106 - there is nothing behind it
        private_key="made-up private key",
    )
    accounts, repositories = seeded_accounts(), seeded_repositories()
    write_histories(repositories, {account.id: account for account in accounts})
    return World(
        app=app,
        accounts={account.id: account for account in accounts},
        repositories=Repositories(repositories),
        installations={
            INSTALLATION: Installation(id=INSTALLATION, account_id=ORGANIZATION, repository_ids={ATLAS, BEACON})
        },
        memberships=Pairs(
            {
                (ORGANIZATION, ADA): "admin",
                (ORGANIZATION, GRACE): "member",
                (SECOND_ORGANIZATION, SAM): "admin",
                (SECOND_ORGANIZATION, ADA): "member",
            }
        ),
        collaborations=Pairs({(BEACON, GRACE): "push", (ATLAS, SAM): "pull"}),
    )


def seeded_accounts() -> list[Account]:
    return [
        Account(id=ADA, login="ada-rivera", name="Ada Rivera", email="ada@example.test", created_at=BEGINNING),
        Account(id=GRACE, login="grace-okafor", name="Grace Okafor", created_at=BEGINNING),
        Account(id=SAM, login="sam-lindqvist", name="Sam Lindqvist", email="sam@example.test", created_at=BEGINNING),
        Account(
            id=ORGANIZATION, login="northwind-labs", name="Northwind Labs", type="Organization", created_at=BEGINNING
        ),
        Account(
            id=SECOND_ORGANIZATION,
            login="tidewater-studio",
            name="Tidewater Studio",
            type="Organization",
            created_at=BEGINNING,
        ),
    ]


def seeded_repositories() -> list[Repository]:
    return [
        Repository(id=ATLAS, owner_id=ORGANIZATION, name="atlas", files=atlas_files(), issues=atlas_issues()),
        Repository(id=BEACON, owner_id=ORGANIZATION, name="beacon", private=True, files=beacon_files()),
        Repository(id=HANDBOOK, owner_id=ORGANIZATION, name="handbook", private=True),
        Repository(id=NOTES, owner_id=SAM, name="notes", private=True, files={"README.md": b"# Notes\n"}),
        Repository(id=770_005, owner_id=SAM, name="garden"),
        Repository(id=770_006, owner_id=ADA, name="dotfiles"),
        Repository(id=770_007, owner_id=ADA, name="journal", private=True),
        Repository(id=770_008, owner_id=GRACE, name="recipes"),
        Repository(id=770_009, owner_id=GRACE, name="thesis", private=True),
        Repository(id=770_010, owner_id=SECOND_ORGANIZATION, name="harbour"),
        Repository(id=770_011, owner_id=SECOND_ORGANIZATION, name="ledger", private=True),
        Repository(id=770_012, owner_id=SECOND_ORGANIZATION, name="lantern", private=True, internal=True),
    ]


def atlas_files() -> dict[str, bytes]:
    return {
        "README.md": b"# Atlas\n\nMaps of places that are not there.\n",
        "docs/guide/first steps.md": "# First steps\n\nBegin in Malmö.\n".encode(),
        "src/atlas.py": b'"""Maps."""\n',
    }


def beacon_files() -> dict[str, bytes]:
    return {"README.md": b"# Beacon\n", "lamp.bin": bytes(range(256))}


def atlas_issues() -> dict[int, Issue]:
    changed = (
        ChangedFile(path="README.md", additions=2, deletions=1),
        ChangedFile(path="docs/legend.md", status="added", additions=12),
    )
    return {
        1: Issue(number=1, title="The legend is missing", author_id=GRACE, created_at=BEGINNING),
        2: PullRequest(
            number=2,
            title="Add a legend",
            author_id=ADA,
            created_at=BEGINNING,
            body="Closes #1.",
            branch="legend",
            files=changed,
        ),
    }


def write_histories(repositories: list[Repository], accounts: dict[int, Account]) -> None:
    """Let every repository have some commits, and those that are worked on together issues and pull requests too."""
    everybody = [accounts[person_id] for person_id in (ADA, GRACE, SAM)]
    for repository in repositories:
        owner = accounts[repository.owner_id]
        shared = owner.type == "Organization"
        amount = Amount(commits=24, pulls=9, issues=6) if shared else Amount(commits=8)
        write_history(repository, everybody if shared else [owner], amount, BEGINNING, BEGINNING + HALF_A_YEAR)
