"""The stores, and how much of what is done with them is one transaction."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from application.ports.access_checks import AccessChecks
from application.ports.approval_requests import ApprovalRequests
from application.ports.attempts import Attempts
from application.ports.commits import Commits
from application.ports.connections import Connections
from application.ports.deliveries import Deliveries
from application.ports.grants import Grants
from application.ports.installation_connections import InstallationConnections
from application.ports.installations import Installations
from application.ports.issues import Issues
from application.ports.pull_requests import PullRequests
from application.ports.reconcile_runs import ReconcileRuns
from application.ports.replica import Replica
from application.ports.replicated_repositories import ReplicatedRepositories
from application.ports.repositories import Repositories
from application.ports.rereads import Rereads
from application.ports.sessions import Sessions
from application.ports.sign_in_codes import SignInCodes
from application.ports.sync_scopes import SyncScopes
from application.ports.syncs import Syncs
from application.ports.users import Users


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOfWork:
    """The stores, over one connection."""

    users: Users
    attempts: Attempts
    connections: Connections
    sessions: Sessions
    sign_in_codes: SignInCodes
    deliveries: Deliveries
    reconcile_runs: ReconcileRuns
    installations: Installations
    installation_connections: InstallationConnections
    repositories: Repositories
    grants: Grants
    access_checks: AccessChecks
    approval_requests: ApprovalRequests
    rereads: Rereads
    syncs: Syncs
    sync_scopes: SyncScopes
    replica: Replica
    replicated_repositories: ReplicatedRepositories
    pull_requests: PullRequests
    issues: Issues
    commits: Commits


class BeginWork(Protocol):
    """Open a unit of work: leaving the block commits, raising inside of it rolls back.

    With `atomic=False` each call of a store stands for itself, and is committed when it returns: for a single call, or
    for reading. That saves two of three trips to the database.
    """

    def __call__(self, *, atomic: bool = True) -> AbstractAsyncContextManager[UnitOfWork]: ...
