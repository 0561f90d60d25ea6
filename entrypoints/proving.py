"""What asks Nango and GitHub about access, and writes down what they said; one for each share of Nango's calls."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from application.login.sweep_attempts import SweepAttempts
from application.ports.clock import Clock
from application.ports.installation_access import InstallationAccess
from application.ports.installation_imports import InstallationImports
from application.ports.personal_access import PersonalAccess
from application.ports.provider_connections import ProviderConnections
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from application.reconcile.heal_installation import HealInstallation
from application.repositories.adopt_installation import AdoptInstallation
from application.repositories.answer_approvals import AnswerApprovals
from application.repositories.complete_link import CompleteLink
from application.repositories.ensure_connection import EnsureConnection
from application.repositories.prove_access import ProveAccess
from application.repositories.prove_by_role import ProveByRole
from application.repositories.prove_waiting import ProveWaiting
from application.repositories.renew_access import RenewAccess
from application.repositories.renew_hinted import RenewHinted
from application.repositories.reread_installation import RereadInstallation
from application.repositories.reread_repository import RereadRepository
from application.repositories.settle_installations import SettleInstallations
from domain.attempt import Attempt
from domain.grant import ProofRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """The ports, each with the same share; the use cases are made of them."""

    personal_access: PersonalAccess
    installation_access: InstallationAccess
    installation_imports: InstallationImports
    provider_connections: ProviderConnections
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    rules: ProofRules
    integration: str
    is_bound_by_cookie: bool
    sleep: Callable[[float], Awaitable[None]]
    observe: Callable[[Attempt], None] = lambda _: None

    @property
    def ensure_connection(self) -> EnsureConnection:
        return EnsureConnection(
            installation_imports=self.installation_imports, begin_work=self.begin_work, clock=self.clock
        )

    @property
    def prove_access(self) -> ProveAccess:
        return ProveAccess(
            personal_access=self.personal_access,
            ensure_connection=self.ensure_connection,
            begin_work=self.begin_work,
            clock=self.clock,
            rules=self.rules,
        )

    @property
    def prove_by_role(self) -> ProveByRole:
        return ProveByRole(
            installation_access=self.installation_access,
            begin_work=self.begin_work,
            clock=self.clock,
            rules=self.rules,
        )

    @property
    def complete_link(self) -> CompleteLink:
        return CompleteLink(
            provider_connections=self.provider_connections,
            prove_access=self.prove_access,
            adopt_installation=AdoptInstallation(
                prove_by_role=self.prove_by_role,
                ensure_connection=self.ensure_connection,
                begin_work=self.begin_work,
                clock=self.clock,
            ),
            begin_work=self.begin_work,
            clock=self.clock,
            randomness=self.randomness,
            integration=self.integration,
            is_bound_by_cookie=self.is_bound_by_cookie,
            sleep=self.sleep,
            observe=self.observe,
        )

    @property
    def renew_access(self) -> RenewAccess:
        return RenewAccess(
            prove_access=self.prove_access,
            prove_by_role=self.prove_by_role,
            reread_installation=self.reread_installation,
            prove_waiting=ProveWaiting(
                provider_connections=self.provider_connections,
                prove_by_role=self.prove_by_role,
                ensure_connection=self.ensure_connection,
                begin_work=self.begin_work,
            ),
            answer_approvals=AnswerApprovals(
                provider_connections=self.provider_connections, begin_work=self.begin_work, clock=self.clock
            ),
            begin_work=self.begin_work,
            clock=self.clock,
            rules=self.rules,
        )

    @property
    def renew_hinted(self) -> RenewHinted:
        return RenewHinted(renew_access=self.renew_access, begin_work=self.begin_work, clock=self.clock)

    @property
    def reread_installation(self) -> RereadInstallation:
        return RereadInstallation(
            installation_access=self.installation_access,
            personal_access=self.personal_access,
            ensure_connection=self.ensure_connection,
            begin_work=self.begin_work,
            clock=self.clock,
        )

    @property
    def reread_repository(self) -> RereadRepository:
        return RereadRepository(
            installation_access=self.installation_access,
            reread_installation=self.reread_installation,
            begin_work=self.begin_work,
            clock=self.clock,
        )

    @property
    def settle_installations(self) -> SettleInstallations:
        return SettleInstallations(
            provider_connections=self.provider_connections, begin_work=self.begin_work, clock=self.clock
        )

    def heal_installation(self, sweep_attempts: SweepAttempts) -> HealInstallation:
        return HealInstallation(
            complete=self.complete_link,
            reread_installation=self.reread_installation,
            renew_hinted=self.renew_hinted,
            ensure_connection=self.ensure_connection,
            settle_installations=self.settle_installations,
            sweep_attempts=sweep_attempts,
            provider_connections=self.provider_connections,
            begin_work=self.begin_work,
            clock=self.clock,
        )
