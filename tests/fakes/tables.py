"""The rows of the database in memory."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from domain.approval import ApprovalRequest, ApprovalRequestId
from domain.attempt import Attempt, AttemptId
from domain.connection import Connection, ConnectionId
from domain.delivery import DeliveryId
from domain.grant import Proof
from domain.installation import Installation, InstallationConnection, InstallationId
from domain.replica import Commit, Issue, PullRequest
from domain.repository import Permission, Repository, RepositoryId
from domain.secret import SecretHash
from domain.session import Session, SessionId, SignInCode
from domain.sync import SyncId
from domain.user import User, UserId
from tests.fakes.deliveries import StoredDelivery
from tests.fakes.reconcile_runs import StoredRun
from tests.fakes.rereads import StoredReread
from tests.fakes.sync_scopes import StoredScope
from tests.fakes.syncs import StoredSync

T = TypeVar("T")

MUTABLE: Final = {"deliveries", "reconcile_runs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRepository:
    """Which installation has it, or none any more, and what it is like: both as last read."""

    repository: Repository
    installation_id: InstallationId | None
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGrant:
    installation_id: InstallationId
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheck:
    due_at: datetime
    lease_until: datetime | None = None
    wanted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem(Generic[T]):
    """A pull request or an issue; `entity` has tuples for its lists, as rows read from a database have."""

    entity: T
    sync_id: SyncId
    record_id: str
    modified_at: datetime
    seen_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommit:
    """Without branches: those are its sightings."""

    entity: Commit
    sync_id: SyncId
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSighting:
    sync_id: SyncId
    record_id: str
    modified_at: datetime
    seen_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUnplaced:
    """A record of a repository that is not known, or one that cannot be understood: then without a name."""

    record: Mapping[str, Any]
    full_name: str | None
    modified_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReplica:
    """Since when a repository's data has been of no use, and when it was last deleted for that."""

    unused_since: datetime | None = None
    deleted_at: datetime | None = None


@dataclass
class Tables:
    users: dict[UserId, User] = field(default_factory=dict[UserId, User])
    attempts: dict[AttemptId, Attempt] = field(default_factory=dict[AttemptId, Attempt])
    connections: dict[ConnectionId, Connection] = field(default_factory=dict[ConnectionId, Connection])
    rests: dict[ConnectionId, datetime] = field(default_factory=dict[ConnectionId, datetime])
    sessions: dict[SessionId, Session] = field(default_factory=dict[SessionId, Session])
    sign_in_codes: dict[SecretHash, SignInCode] = field(default_factory=dict[SecretHash, SignInCode])
    deliveries: dict[DeliveryId, StoredDelivery] = field(default_factory=dict[DeliveryId, StoredDelivery])
    reconcile_runs: list[StoredRun] = field(default_factory=list[StoredRun])
    installations: dict[InstallationId, Installation] = field(default_factory=dict[InstallationId, Installation])
    installation_connections: dict[ConnectionId, InstallationConnection] = field(
        default_factory=dict[ConnectionId, InstallationConnection]
    )
    installation_rests: dict[ConnectionId, datetime] = field(default_factory=dict[ConnectionId, datetime])
    repositories: dict[RepositoryId, StoredRepository] = field(default_factory=dict[RepositoryId, StoredRepository])
    proofs: dict[tuple[UserId, InstallationId], Proof] = field(
        default_factory=dict[tuple[UserId, InstallationId], Proof]
    )
    grants: dict[tuple[UserId, RepositoryId], StoredGrant] = field(
        default_factory=dict[tuple[UserId, RepositoryId], StoredGrant]
    )
    left: dict[tuple[UserId, InstallationId], datetime] = field(
        default_factory=dict[tuple[UserId, InstallationId], datetime]
    )
    access_checks: dict[UserId, StoredCheck] = field(default_factory=dict[UserId, StoredCheck])
    approval_requests: dict[ApprovalRequestId, ApprovalRequest] = field(
        default_factory=dict[ApprovalRequestId, ApprovalRequest]
    )

    rereads: dict[str, StoredReread] = field(default_factory=dict[str, StoredReread])
    pull_requests: dict[tuple[RepositoryId, int], StoredItem[PullRequest]] = field(
        default_factory=dict[tuple[RepositoryId, int], StoredItem[PullRequest]]
    )
    issues: dict[tuple[RepositoryId, int], StoredItem[Issue]] = field(
        default_factory=dict[tuple[RepositoryId, int], StoredItem[Issue]]
    )
    commits: dict[tuple[RepositoryId, str], StoredCommit] = field(
        default_factory=dict[tuple[RepositoryId, str], StoredCommit]
    )
    # By repository, sha and branch; the branch is empty where the model does not name it.
    sightings: dict[tuple[RepositoryId, str, str], StoredSighting] = field(
        default_factory=dict[tuple[RepositoryId, str, str], StoredSighting]
    )

    replicas: dict[RepositoryId, StoredReplica] = field(default_factory=dict[RepositoryId, StoredReplica])
    syncs: dict[SyncId, StoredSync] = field(default_factory=dict[SyncId, StoredSync])
    sync_scopes: dict[InstallationId, StoredScope] = field(default_factory=dict[InstallationId, StoredScope])
    told_repositories: dict[tuple[InstallationId, RepositoryId], datetime] = field(
        default_factory=dict[tuple[InstallationId, RepositoryId], datetime]
    )
    noted: dict[tuple[SyncId, str], datetime] = field(default_factory=dict[tuple[SyncId, str], datetime])
    unplaced: dict[tuple[SyncId, str], StoredUnplaced] = field(default_factory=dict[tuple[SyncId, str], StoredUnplaced])
    # The latest last.
    former_names: list[tuple[str, RepositoryId, datetime]] = field(
        default_factory=list[tuple[str, RepositoryId, datetime]]
    )

    def copy(self) -> "Tables":
        """Copy what may change: most rows are frozen."""
        copied = Tables()
        for one in fields(self):
            rows = getattr(self, one.name)
            setattr(copied, one.name, deepcopy(rows) if one.name in MUTABLE else rows.copy())
        return copied
