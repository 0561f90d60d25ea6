"""All use cases, built by hand on fakes, and what browsers and Nango do with them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from application.deliveries.accept_delivery import AcceptDelivery
from application.deliveries.hear_auth import HearAuth
from application.deliveries.hear_github import HearGitHub
from application.deliveries.process_delivery import DeliveryProcessed, ProcessDelivery
from application.deliveries.recheck_hinted import RecheckHinted
from application.forget_expired import ForgetExpired
from application.login.aim_login import AimLogin
from application.login.await_login import AwaitLogin
from application.login.collect_login import CollectLogin, LoginCollected
from application.login.collect_token import CollectToken
from application.login.complete_login import CompleteLogin
from application.login.open_connect_ui import OpenConnectUi
from application.login.pass_callback import PassCallback
from application.login.pull_attempt import PullAttempt
from application.login.recheck_connection import RecheckConnection
from application.login.settle_connections import SettleConnections
from application.login.start_login import LoginStarted, StartLogin
from application.login.sweep_attempts import SweepAttempts
from application.reconcile.adopt_connection import AdoptConnection
from application.reconcile.clear_stray import ClearStray
from application.reconcile.compare_connections import CompareConnections
from application.reconcile.heal_finding import HealFinding
from application.reconcile.patience import Patience
from application.reconcile.reconcile_logins import ReconcileLogins
from application.reconcile.treatment import Treated
from application.sessions.authenticate import Authenticate
from application.sessions.end_session import EndSession
from application.sessions.exchange_code import ExchangeCode
from application.sessions.show_profile import ShowProfile
from domain.attempt import Attempt, AttemptState, ProviderAnswer
from domain.connection import Connection
from domain.delivery import DeliveryState, Json
from domain.reconcile import FindingKind
from domain.secret import Secret
from domain.user import GitHubAccount, User
from tests.fakes.access_tokens import FakeAccessTokens
from tests.fakes.clock import FakeClock
from tests.fakes.delivery_intake import InMemoryDeliveryIntake
from tests.fakes.delivery_quota import InMemoryDeliveryQuota
from tests.fakes.nango.authorizations import FakeAuthorizations
from tests.fakes.nango.github_accounts import FakeGitHubAccounts
from tests.fakes.nango.model import FakeConnection, FakeNango
from tests.fakes.nango.provider_connections import FakeProviderConnections
from tests.fakes.randomness import FakeRandomness
from tests.fakes.unit_of_work import BeginInMemoryWork
from tests.fakes.webhook_signatures import FakeWebhookSignatures, signed
from tests.fakes.work_log import FakeWorkLog

OWN: Final = "https://latchkey.test"
APP: Final = "https://app.test"
MONTH: Final = timedelta(days=30)
DAILY_BYTES: Final = 4 * 1024 * 1024
LOGIN: Final = "github"
PERIOD: Final = timedelta(minutes=10)


class House:
    def __init__(self, *, is_bound_by_cookie: bool = False) -> None:
        self.clock = FakeClock()
        self.nango = FakeNango()
        self.begin_work = BeginInMemoryWork()
        randomness, tokens = FakeRandomness(), FakeAccessTokens()
        work, clock = self.begin_work, self.clock
        authorizations = FakeAuthorizations(self.nango)
        provided = FakeProviderConnections(self.nango)
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
        self.pass_callback = PassCallback(
            authorizations=authorizations,
            complete_login=self.complete_login,
            look_up_login=self.complete_login,
            begin_work=work,
            clock=clock,
        )
        self.open_connect_ui = OpenConnectUi(
            authorizations=authorizations, begin_work=work, clock=clock, randomness=randomness
        )
        self.aim_login = AimLogin(authorizations=authorizations, begin_work=work, clock=clock, randomness=randomness)
        self.await_login = AwaitLogin(
            pull_login=PullAttempt(
                provider_connections=provided, complete_login=self.complete_login, begin_work=work, clock=clock
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
        self.sweep_attempts = SweepAttempts(provider_connections=provided, begin_work=work, clock=clock)
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
        self.process_delivery = ProcessDelivery(
            hear_auth=HearAuth(
                provider_connections=provided,
                complete_login=self.complete_login,
                recheck_hinted=recheck_hinted,
                begin_work=work,
                clock=clock,
                integration=LOGIN,
                is_bound_by_cookie=is_bound_by_cookie,
            ),
            hear_github=HearGitHub(recheck_hinted=recheck_hinted, begin_work=work),
            begin_work=work,
            clock=clock,
        )

        self.compare_connections = CompareConnections(
            provider_connections=provided, begin_work=work, clock=clock, is_bound_by_cookie=is_bound_by_cookie
        )
        self.reconcile_logins = ReconcileLogins(
            compare_connections=self.compare_connections,
            heal_finding=HealFinding(
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
            ),
            begin_work=work,
            clock=clock,
            randomness=randomness,
            period=PERIOD,
            sleep=self.sleep,
            spread=lambda: 0.5,
        )
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
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
        return await self.pass_callback(state_of(started), answer, {started.attempt.id: started.secret})

    async def sign_in(self, account: GitHubAccount, return_to: str | None = None) -> LoginCollected:
        """Sign a person in, all the way."""
        started = await self.start_login(return_to, None)
        attempt = await self.come_back(started, self.nango.approval_by(account))
        collected = await self.collect_login(attempt, None)
        await self.settle_connections(collected.user_id)
        return collected

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
