"""The room behind every door: a login is decided here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.clock import Clock
from application.ports.github_accounts import GitHubAccounts
from application.ports.provider_connections import ProviderConnections
from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.attempt import Attempt, AttemptState
from domain.connection import Connection, ConnectionId, ConnectionKind, ConnectionState, ProviderConnection
from domain.errors import ConnectionBroken, ConnectionNotFound, LoginStillPassing, StartAgain
from domain.user import GitHubAccount, User


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteLogin:
    """Finish an attempt that its own browser brought back, from what Nango and GitHub say now.

    Any number of times, by callback or webhook, with the same result.
    """

    provider_connections: ProviderConnections
    github_accounts: GitHubAccounts
    begin_work: BeginWork
    clock: Clock
    integration: str

    async def __call__(self, attempt: Attempt) -> Attempt:
        """Return the attempt finished; raises `StartAgain`, `LoginStillPassing` or `UpstreamUnavailable`."""
        if attempt.state in {AttemptState.FINISHED, AttemptState.COLLECTED}:
            return attempt
        if attempt.state is not AttemptState.PASSING:
            raise StartAgain("this sign-in has failed")

        began = self.clock.now()
        connection_id = await self._only_connection_of(attempt)
        try:
            document = await self.provider_connections.read(connection_id)
            if objection := document.objection(self.integration, attempt.end_user_id):
                await self._refuse(attempt, [connection_id])
                raise StartAgain(f"the connection was refused: {objection}")
            account = await self.github_accounts.behind(connection_id)
        except (ConnectionNotFound, ConnectionBroken) as error:
            await self._refuse(attempt, [connection_id])
            raise StartAgain("the new connection does not work") from error
        try:
            return await self._finish(attempt, document, account, began)
        except _DecidedMeanwhile:
            async with self.begin_work(atomic=False) as work:
                decided = await work.attempts.find(attempt.id)
            return await self(decided or attempt.moved(AttemptState.FAILED))

    async def _only_connection_of(self, attempt: Attempt) -> ConnectionId:
        match await self.provider_connections.of_end_user(attempt.end_user_id):
            case [] if attempt.is_given_up(self.clock.now()):
                await self._refuse(attempt, [])
                raise StartAgain("Nango made no connection for this sign-in")
            case []:
                raise LoginStillPassing("Nango does not show the connection yet")
            case [connection_id]:
                return connection_id
            case several:
                await self._refuse(attempt, several)
                raise StartAgain("more than one connection was made for this sign-in")

    async def _refuse(self, attempt: Attempt, connection_ids: Sequence[ConnectionId]) -> None:
        # First shut the attempt, so that no connection left over by a failing delete can finish it.
        async with self.begin_work(atomic=False) as work:
            if not await work.attempts.move(attempt.moved(AttemptState.FAILING)):
                return
        for connection_id in connection_ids:
            await self.provider_connections.delete(connection_id)
        async with self.begin_work(atomic=False) as work:
            await work.attempts.move(attempt.moved(AttemptState.FAILED))

    async def _finish(
        self, attempt: Attempt, document: ProviderConnection, account: GitHubAccount, read_at: datetime
    ) -> Attempt:
        async with self.begin_work() as work:
            # Locks the user: two logins of one person are recorded one after the other.
            user = await work.users.remember(User.join(attempt.future_user_id, account, read_at))
            finished = attempt.finished(user.id, document.id)
            if not await work.attempts.move(finished):
                raise _DecidedMeanwhile
            connection = Connection(
                id=document.id,
                kind=ConnectionKind.LOGIN,
                user_id=user.id,
                end_user_id=attempt.end_user_id,
                state=ConnectionState.LIVE,
                authorized_at=document.authorized_at,
                checked_at=read_at,
                reads_access=document.has_app_token,
            )
            if connection.reads_access:
                # What GitHub lists for the person is there with nothing to be clicked.
                await work.access_checks.want(user.id, read_at)
            await keep_one_connection(work, connection)
        return finished


class _DecidedMeanwhile(Exception):
    """Somebody else finished the attempt, or gave it up: roll back, their result stands."""


async def keep_one_connection(work: UnitOfWork, newcomer: Connection) -> None:
    """Store the user's new login connection and retire the other one, whichever that is."""
    current = await work.connections.current_login_of(newcomer.user_id)
    if current is None:
        await work.connections.add(newcomer)
    elif newcomer.outlives(current):
        await work.connections.save(current.retired("a newer login replaced it"))
        await work.connections.add(newcomer)
    else:
        await work.connections.add(newcomer.retired("a newer login was there already"))
