"""GitHub's documents in the words of the domain."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters.nango import github_documents as documents
from domain.errors import UpstreamUnavailable
from domain.installation import (
    AccountType,
    Installation,
    InstallationId,
    InstallationState,
    RepositorySelection,
)
from domain.repository import Permission, Repository, RepositoryId, SeenRepository, Visibility

# Looked up ten thousand times in a row, which an enumeration's own look-up is too slow for.
VISIBILITIES: Final[Mapping[str | None, Visibility]] = {one.value: one for one in Visibility}
ROLES: Final[Mapping[str | None, Permission]] = {one.role: one for one in Permission}
ACCOUNT_TYPES: Final[Mapping[str | None, AccountType]] = {one.value: one for one in AccountType}


def repository_of(document: documents.Repository) -> Repository:
    return Repository(
        id=RepositoryId(document.id),
        owner_id=document.owner.id,
        owner=document.owner.login,
        name=document.name,
        visibility=VISIBILITIES.get(document.visibility) or _visibility(is_private=document.private),
        is_archived=document.archived,
        default_branch=document.default_branch or "",
        url=document.html_url,
    )


def _visibility(*, is_private: bool) -> Visibility:
    return Visibility.PRIVATE if is_private else Visibility.PUBLIC


def seen_repository_of(document: documents.SeenRepository) -> SeenRepository | None:
    """Read a repository with the token's owner's permission; None if it says that there is none."""
    permission = permission_in(document.role_name, document.permissions)
    return None if permission is None else SeenRepository(repository=repository_of(document), permission=permission)


def permission_in(role_name: str | None, permissions: documents.Permissions | None) -> Permission | None:
    """Read a role; a custom one is worth what it includes."""
    role = ROLES.get(role_name)
    if role is not None:
        return role
    if permissions is None:
        raise UpstreamUnavailable("GitHub did not say what somebody may do in a repository")
    return _strongest(permissions)


def _strongest(permissions: documents.Permissions) -> Permission | None:
    given = (
        (permissions.admin, Permission.ADMIN),
        (permissions.maintain, Permission.MAINTAIN),
        (permissions.push, Permission.WRITE),
        (permissions.triage, Permission.TRIAGE),
        (permissions.pull, Permission.READ),
    )
    return next((permission for is_given, permission in given if is_given), None)


def installation_of(document: documents.Installation, at: datetime) -> Installation | None:
    """Read an installation; None for one that is not on a person or an organisation."""
    account = document.account
    account_type = None if account is None else ACCOUNT_TYPES.get(account.type)
    if account is None or account.login is None or account_type is None:
        return None
    return Installation(
        id=InstallationId(document.id),
        account_id=account.id,
        account=account.login,
        account_type=account_type,
        selection=RepositorySelection.ALL if document.repository_selection == "all" else RepositorySelection.SELECTED,
        state=InstallationState.ACTIVE if document.suspended_at is None else InstallationState.SUSPENDED,
        checked_at=at,
    )


def installation_covering(
    covered: documents.CoveredPage, installation_id: InstallationId, at: datetime
) -> Installation | None:
    """Read an installation from what it covers; None if that is nothing."""
    if not covered.repositories:
        return None
    document = documents.Installation(
        id=installation_id,
        app_id=0,
        account=covered.repositories[0].owner,
        repository_selection=covered.repository_selection,
    )
    return installation_of(document, at)
