"""Installations, repositories and proofs, with only what matters to a test said in them."""

from datetime import datetime, timedelta
from typing import Final

from domain.grant import Proof, ProofRules, ProofSource
from domain.installation import AccountType, Installation, InstallationId, InstallationState, RepositorySelection
from domain.repository import Permission, Repository, RepositoryId, SeenRepository, Visibility
from domain.user import User
from tests.fakes.clock import NOON

HOUR: Final = timedelta(hours=1)
RULES: Final = ProofRules(lifetime=4 * HOUR, grace=24 * HOUR)
ACME: Final = InstallationId(71)
GLOBEX: Final = InstallationId(72)


def an_installation(number: int = ACME, account: str = "acme", at: datetime = NOON) -> Installation:
    return Installation(
        id=InstallationId(number),
        account_id=number * 10,
        account=account,
        account_type=AccountType.ORGANIZATION,
        selection=RepositorySelection.SELECTED,
        state=InstallationState.ACTIVE,
        checked_at=at,
    )


def a_repository(number: int, name: str | None = None, owner: str = "acme") -> Repository:
    called = name or f"repository-{number}"
    return Repository(
        id=RepositoryId(number),
        owner_id=710,
        owner=owner,
        name=called,
        visibility=Visibility.PRIVATE,
        is_archived=False,
        default_branch="main",
        url=f"https://github.test/{owner}/{called}",
    )


def seen(*repositories: int | Repository, permission: Permission = Permission.READ) -> list[SeenRepository]:
    return [
        SeenRepository(
            repository=one if isinstance(one, Repository) else a_repository(one),
            permission=permission,
        )
        for one in repositories
    ]


def a_proof(user: User, installation_id: InstallationId = ACME, at: datetime = NOON) -> Proof:
    return Proof.of(user.id, installation_id, ProofSource.LOGIN, at, RULES)
