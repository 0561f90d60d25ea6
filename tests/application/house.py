"""All use cases, built by hand on fakes, and what browsers and Nango do with them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from application.deliveries.accept_delivery import AcceptDelivery
from application.deliveries.hear_auth import HearAuth
from application.deliveries.hear_github import HearGitHub
from application.deliveries.hear_sync import HearSync
from application.deliveries.process_delivery import DeliveryProcessed, ProcessDelivery
from application.deliveries.recheck_hinted import RecheckHinted
from application.deliveries.recheck_installation import RecheckInstallation
from application.deliveries.recheck_login import RecheckLogin
from application.deliveries.reread_hinted import RereadHinted
from application.forget_expired import ForgetExpired
from application.login.aim_login import AimLogin
from application.login.await_login import AwaitLogin
from application.login.collect_login import CollectLogin, LoginCollected
from application.login.collect_token import CollectToken
from application.login.complete_login import CompleteLogin
from application.login.open_connect_ui import OpenConnectUi
from application.login.pass_callback import PassCallback, Room
from application.login.pull_attempt import PullAttempt
from application.login.recheck_connection import RecheckConnection
from application.login.settle_connections import SettleConnections
from application.login.start_login import LoginStarted, StartLogin
from application.login.sweep_attempts import SweepAttempts
from application.reconcile.adopt_connection import AdoptConnection
from application.reconcile.clear_stray import ClearStray
from application.reconcile.compare_connections import CompareConnections
from application.reconcile.compare_installations import CompareInstallations
from application.reconcile.heal_finding import HealFinding
from application.reconcile.patience import Patience
from application.reconcile.reconcile_logins import ReconcileLogins
from application.reconcile.treatment import Treated
from application.repositories.await_link import AwaitLink
from application.repositories.disconnect import Disconnect
from application.repositories.explain_access import ExplainAccess
from application.repositories.list_installations import ListInstallations
from application.repositories.list_repositories import ListRepositories
from application.repositories.renew_due import RenewDue
from application.repositories.show_repository import ShowRepository
from application.repositories.start_link import StartLink
from application.sessions.authenticate import Authenticate
from application.sessions.end_session import EndSession
from application.sessions.exchange_code import ExchangeCode
from application.sessions.show_profile import ShowProfile
from domain.attempt import Attempt, AttemptState, ProviderAnswer, Purpose
from domain.connection import Connection, ConnectionKind
from domain.delivery import DeliveryState, Json
from domain.grant import GrantFilter, ProofRules
from domain.installation import InstallationId
from domain.reconcile import FindingKind
from domain.repository import RepositoryId
from domain.secret import Secret
from domain.sync_plan import SyncPlan
from domain.user import GitHubAccount, User, UserId
from entrypoints.proving import Proving
from tests.fakes.access_tokens import FakeAccessTokens
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_intake import InMemoryDeliveryIntake
from tests.fakes.delivery_quota import InMemoryDeliveryQuota
from tests.fakes.installation_access import FakeInstallationAccess
from tests.fakes.installation_imports import FakeInstallationImports
from tests.fakes.nango.authorizations import FakeAuthorizations
from tests.fakes.nango.github import FakeGitHub
from tests.fakes.nango.github_accounts import FakeGitHubAccounts
from tests.fakes.nango.model import FakeConnection
from tests.fakes.nango.provider_connections import FakeProviderConnections
from tests.fakes.personal_access import FakePersonalAccess
from tests.fakes.randomness import FakeRandomness
from tests.fakes.unit_of_work import BeginInMemoryWork
from tests.fakes.webhook_signatures import FakeWebhookSignatures, signed
from tests.fakes.work_log import FakeWorkLog

OWN: Final = "https://latchkey.test"
APP: Final = "https://app.test"
MONTH: Final = timedelta(days=30)
DAILY_BYTES: Final = 4 * 1024 * 1024
LOGIN: Final = "github"
LINK: Final = "github-app-oauth"
RULES: Final = ProofRules(lifetime=timedelta(hours=24), grace=timedelta(hours=24))
PERIOD: Final = timedelta(minutes=10)
PLAN: Final = SyncPlan(models={"pull_requests": "PullRequest", "commits": "Commit", "issues": "Issue"})


class House:
    def __init__(self, *, is_bound_by_cookie: bool = False, reads_access: bool = False) -> None:
        self.clock = FakeClock()
        self.github = FakeGitHub(clock=self.clock)
        self.nango, self.links = self.github.logins, self.github.links
        self.nango.gives_app_tokens = self.github.is_login_the_apps = reads_access
        self.begin_work = BeginInMemoryWork()
        randomness, tokens = FakeRandomness(), FakeAccessTokens()
        work, clock = self.begin_work, self.clock
        authorizations = FakeAuthorizations(self.nango)
        provided, links = FakeProviderConnections(self.nango), FakeProviderConnections(self.links)
        link_authorizations = FakeAuthorizations(self.links)
        accounts = FakeGitHubAccounts(self.nango)

        self.start_login = StartLogin(
            authorizations=authorizations,
            begin_work=work,
            clock=clock,
            randomness=randomness,
            own_origin=OWN,
            allowed_origins=[APP],
        )
        self.complete_login = CompleteLogin(
            provider_connections=provided,
            github_accounts=accounts,
            begin_work=work,
            clock=clock,
            integration=LOGIN,
        )
        self.proving = Proving(
            personal_access=FakePersonalAccess(self.github),
            installation_access=FakeInstallationAccess(self.github),
            installation_imports=FakeInstallationImports(self.github),
            provider_connections=links,
            begin_work=work,
            clock=clock,
            randomness=randomness,
            rules=RULES,
            integration=LINK,
            is_bound_by_cookie=is_bound_by_cookie,
            sleep=self.sleep,
            observe=self.note_link,
        )
        complete_link = self.proving.complete_link
        self.pass_callback = PassCallback(
            rooms={
                Purpose.LOGIN: Room(
                    authorizations=authorizations, complete=self.complete_login, look_up=self.complete_login
                ),
                Purpose.LINK: Room(authorizations=link_authorizations, complete=complete_link, look_up=complete_link),
            },
            begin_work=work,
            clock=clock,
        )
        self.start_link = StartLink(
            authorizations=link_authorizations,
            begin_work=work,
            clock=clock,
            randomness=randomness,
            own_origin=OWN,
            allowed_origins=[APP],
        )
        self.open_link_ui = OpenConnectUi(
            authorizations=link_authorizations, begin_work=work, clock=clock, randomness=randomness
        )
        self.await_link = AwaitLink(
            pull_link=PullAttempt(provider_connections=links, complete=complete_link, begin_work=work, clock=clock),
            login_feed=work.login_feed,
            begin_work=work,
            clock=clock,
            is_bound_by_cookie=is_bound_by_cookie,
        )
        self.list_repositories = ListRepositories(begin_work=work, clock=clock)
        self.show_repository = ShowRepository(begin_work=work, clock=clock)
        self.explain_access = ExplainAccess(begin_work=work, clock=clock)
        self.list_installations = ListInstallations(begin_work=work)
        self.disconnect = Disconnect(installation_access=self.proving.installation_access, begin_work=work, clock=clock)
        self.renew_due = RenewDue(renew_access=self.proving.renew_access, begin_work=work, clock=clock)
        self.open_connect_ui = OpenConnectUi(
            authorizations=authorizations, begin_work=work, clock=clock, randomness=randomness
        )
        self.aim_login = AimLogin(
            authorizations={Purpose.LOGIN: authorizations, Purpose.LINK: link_authorizations},
            begin_work=work,
            clock=clock,
            randomness=randomness,
        )
        self.await_login = AwaitLogin(
            pull_login=PullAttempt(
                provider_connections=provided, complete=self.complete_login, begin_work=work, clock=clock
            ),
            login_feed=work.login_feed,
            begin_work=work,
            clock=clock,
            is_bound_by_cookie=is_bound_by_cookie,
        )
        self.collect_token = CollectToken(
            access_tokens=tokens, begin_work=work, clock=clock, randomness=randomness, session_lifetime=MONTH
        )
        self.collect_login = CollectLogin(begin_work=work, clock=clock, randomness=randomness, session_lifetime=MONTH)
        self.settle_connections = SettleConnections(provider_connections=provided, begin_work=work, clock=clock)
        self.sweep_attempts = SweepAttempts(
            provider_connections={Purpose.LOGIN: provided, Purpose.LINK: links}, begin_work=work, clock=clock
        )
        self.work_log = FakeWorkLog()
        self.forget_expired = ForgetExpired(begin_work=work, work_log=self.work_log, clock=clock, deliveries_kept=MONTH)
        self.authenticate = Authenticate(access_tokens=tokens, begin_work=work, clock=clock)
        self.exchange_code = ExchangeCode(
            access_tokens=tokens, begin_work=work, clock=clock, randomness=randomness, session_lifetime=MONTH
        )
        self.end_session = EndSession(begin_work=work)
        self.show_profile = ShowProfile(begin_work=work)
        self.delivery_quota = InMemoryDeliveryQuota(DAILY_BYTES)
        self.accept_delivery = AcceptDelivery(
            signatures=FakeWebhookSignatures(),
            delivery_quota=self.delivery_quota,
            delivery_intake=InMemoryDeliveryIntake(work),
            clock=clock,
        )
        recheck_connection = RecheckConnection(
            provider_connections=provided, github_accounts=accounts, begin_work=work, clock=clock, integration=LOGIN
        )
        recheck_hinted = RecheckHinted(recheck_connection=recheck_connection, clock=clock)
        reread_hinted = RereadHinted(begin_work=work, clock=clock)
        self.process_delivery = ProcessDelivery(
            hear_auth={
                LOGIN: HearAuth(
                    provider_connections=provided,
                    recheck_known=RecheckLogin(recheck_hinted=recheck_hinted, begin_work=work),
                    complete=self.complete_login,
                    begin_work=work,
                    clock=clock,
                    purpose=Purpose.LOGIN,
                    is_bound_by_cookie=is_bound_by_cookie,
                ),
                LINK: HearAuth(
                    provider_connections=links,
                    recheck_known=RecheckInstallation(
                        provider_connections=links,
                        reread_hinted=reread_hinted,
                        reread_installation=self.proving.reread_installation,
                        renew_hinted=self.proving.renew_hinted,
                        begin_work=work,
                        clock=clock,
                    ),
                    complete=complete_link,
                    begin_work=work,
                    clock=clock,
                    purpose=Purpose.LINK,
                    is_bound_by_cookie=is_bound_by_cookie,
                ),
            },
            hear_github=HearGitHub(
                recheck_hinted=recheck_hinted,
                reread_hinted=reread_hinted,
                reread_installation=self.proving.reread_installation,
                reread_repository=self.proving.reread_repository,
                renew_hinted=self.proving.renew_hinted,
                begin_work=work,
                clock=clock,
            ),
            hear_sync=HearSync(plan=PLAN, begin_work=work, clock=clock),
            begin_work=work,
            clock=clock,
        )

        self.compare_connections = CompareConnections(
            provider_connections=provided, begin_work=work, clock=clock, is_bound_by_cookie=is_bound_by_cookie
        )
        self.compare_installations = CompareInstallations(
            provider_connections=links, begin_work=work, clock=clock, is_bound_by_cookie=is_bound_by_cookie
        )
        self.heal_finding = HealFinding(
            complete_login=self.complete_login,
            recheck_connection=recheck_connection,
            clear_stray=ClearStray(
                adopt_connection=AdoptConnection(
                    provider_connections=provided,
                    github_accounts=accounts,
                    settle_connections=self.settle_connections,
                    begin_work=work,
                    clock=clock,
                    integration=LOGIN,
                ),
                settle_connections=self.settle_connections,
                sweep_attempts=self.sweep_attempts,
                provider_connections=provided,
                begin_work=work,
                clock=clock,
            ),
            settle_connections=self.settle_connections,
            begin_work=work,
            clock=clock,
        )
        self.reconcile_logins = ReconcileLogins(
            compare_connections=self.compare_connections,
            compare_installations=self.compare_installations,
            heal={
                ConnectionKind.LOGIN: self.heal_finding,
                ConnectionKind.REPOSITORY: self.proving.heal_installation(self.sweep_attempts),
            },
            begin_work=work,
            clock=clock,
            randomness=randomness,
            period=PERIOD,
            sleep=self.sleep,
            spread=lambda: 0.5,
        )
        self.slept, self.ended_links = list[float](), list[Attempt]()
        self.meanwhile: Callable[[], object] = lambda: None

    def note_link(self, attempt: Attempt) -> None:
        self.ended_links.append(attempt)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.meanwhile()
        self.clock.advance(timedelta(seconds=seconds))

    async def find(self) -> list[tuple[FindingKind, str]]:
        """Compare with Nango, and change nothing."""
        compared = await self.compare_connections(Patience(sleep=self.sleep, left=PERIOD), nothing)
        return [(finding.kind, finding.connection_id) for finding in compared.findings]

    async def reconcile(self) -> list[Treated]:
        """Run now, and tell what became of each finding."""
        treated: list[Treated] = []
        assert await self.reconcile_logins(is_wanted=True, tell=treated.append)
        return treated

    async def come_back(self, started: LoginStarted, answer: ProviderAnswer) -> Attempt:
        """Bring the browser that began back from GitHub."""
        return await self.pass_callback(state_of(started), answer, {started.attempt.id: started.secret}, None)

    async def sign_in(self, account: GitHubAccount, return_to: str | None = None) -> LoginCollected:
        """Sign a person in, all the way."""
        started = await self.start_login(return_to, None)
        attempt = await self.come_back(started, self.nango.approval_by(account))
        collected = await self.collect_login(attempt, None)
        await self.settle_connections(collected.user_id)
        return collected

    async def come_back_to_link(self, started: LoginStarted, answer: ProviderAnswer) -> Attempt:
        """Bring the browser of a link attempt back, with its person signed in."""
        secrets = {started.attempt.id: started.secret}
        return await self.pass_callback(state_of(started), answer, secrets, started.attempt.user_id)

    async def link(self, user_id: UserId, account: GitHubAccount, claim: InstallationId | None = None) -> Attempt:
        """Have somebody connect repositories, all the way; GitHub's callback may claim an installation."""
        started = await self.start_link(user_id, None, installs=True)
        answer = replace(self.links.approval_by(account), claim=claim)
        return await self.come_back_to_link(started, answer)

    async def ask_for_approval(self, user_id: UserId, account: GitHubAccount) -> Attempt:
        """Have somebody ask an organisation's owner for the App."""
        started = await self.start_link(user_id, None, installs=True)
        return await self.come_back_to_link(started, replace(self.links.approval_by(account), is_request=True))

    async def seen_by(self, user_id: UserId) -> list[str]:
        """List what `GET /repos` would show somebody now."""
        grants, has_more = await self.list_repositories(user_id, GrantFilter(), RepositoryId(0), 1000)
        assert not has_more
        return [grant.repository.full_name for grant in grants]

    async def receive(self, body: Json, headers: Mapping[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        await self.accept_delivery(raw, {**signed(raw), **(headers or {})})

    async def hear(self, body: Json, headers: Mapping[str, str] | None = None) -> DeliveryProcessed | None:
        """Receive a signed webhook and work on it."""
        await self.receive(body, headers)
        return await self.work()

    async def work(self) -> DeliveryProcessed | None:
        """Work on the delivery that is due first, as a worker does; None if none is due."""
        due = [
            (stored.due_at, delivery_id)
            for delivery_id, stored in self.begin_work.tables.deliveries.items()
            if stored.state is DeliveryState.WAITING and stored.due_at <= self.clock.now()
        ]
        return await self.process_delivery(min(due)[1]) if due else None

    def attempt_state(self, started: LoginStarted) -> AttemptState:
        return self.begin_work.tables.attempts[started.attempt.id].state

    @property
    def users(self) -> list[User]:
        return list(self.begin_work.tables.users.values())

    @property
    def connections(self) -> list[Connection]:
        return list(self.begin_work.tables.connections.values())

    @property
    def nango_connections(self) -> list[FakeConnection]:
        return list(self.nango.connections.values())


async def nothing() -> None:
    """Let a comparison go on."""


def state_of(started: LoginStarted) -> Secret:
    """Read our state from GitHub's URL."""
    return Secret(started.url.rpartition("state=")[2])


def auth_webhook(connection_id: str, end_user_id: str | None = None, **other: Json) -> dict[str, Json]:
    body: dict[str, Json] = {
        "type": "auth",
        "from": "nango",
        "operation": "creation",
        "success": True,
        "providerConfigKey": LOGIN,
        "connectionId": connection_id,
    }
    if end_user_id is not None:
        body["endUser"] = {"endUserId": end_user_id}
    return body | other
