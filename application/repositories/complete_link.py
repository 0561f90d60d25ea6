"""The room behind every door, for link attempts: prove first, then connect."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from application.ports.clock import Clock
from application.ports.personal_access import Viewpoint
from application.ports.provider_connections import ProviderConnections
from application.ports.randomness import Randomness
from application.ports.unit_of_work import BeginWork
from application.repositories.adopt_installation import AdoptInstallation
from application.repositories.ensure_connection import Offer
from application.repositories.prove_access import AnotherPerson, Joining, ProveAccess
from application.repositories.renew_access import LOOK_FOR_APPROVAL_IN
from domain.approval import ApprovalRequest, ApprovalRequestId, ApprovalState
from domain.attempt import Attempt, AttemptState, LinkOutcome
from domain.connection import ConnectionId, ConnectionState, ProviderConnection
from domain.errors import (
    AccessNotReadable,
    ConnectionBroken,
    ConnectionNotFound,
    LoginStillPassing,
    StartAgain,
    UpstreamUnavailable,
)
from domain.grant import ProofSource
from domain.installation import Installation, InstallationId
from domain.user import User, UserId

# Requests of one person, each of which costs calls every few minutes.
MOST_WAITING: Final = 5
# GitHub may take a moment to list a new installation.
PAUSES_SECONDS: Final = (0.5, 1.5)
NO_TOKEN: Final = (AccessNotReadable, ConnectionBroken, ConnectionNotFound)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteLink:
    """Finish a link attempt that its own browser brought back, from what Nango and GitHub say now.

    Any number of times, by callback or webhook, with the same result. What the callback claimed only says which
    installation to expect.
    """

    provider_connections: ProviderConnections
    prove_access: ProveAccess
    adopt_installation: AdoptInstallation
    begin_work: BeginWork
    clock: Clock
    randomness: Randomness
    integration: str
    is_bound_by_cookie: bool
    observe: Callable[[Attempt], None] = lambda _: None
    """Hears of every attempt that came to an end here: who gained nothing may have tried what is not theirs."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def __call__(self, attempt: Attempt) -> Attempt:
        """Return the attempt finished; raises `StartAgain`, `LoginStillPassing` or `UpstreamUnavailable`."""
        if attempt.is_done:
            return attempt
        if attempt.state is not AttemptState.PASSING or attempt.user_id is None:
            raise StartAgain("this try to connect repositories has failed")
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find(attempt.user_id)
        if user is None:
            raise StartAgain("the account that began this is gone")
        document = await self._only_connection_of(attempt)
        try:
            return await self._link(attempt, user, document)
        except AnotherPerson as error:
            await self._refuse(attempt, [document.id])
            self.observe(attempt.moved(AttemptState.FAILED))
            raise StartAgain(str(error)) from error
        except (ConnectionNotFound, ConnectionBroken) as error:
            await self._refuse(attempt, [document.id])
            raise StartAgain("the new connection does not work") from error

    async def _only_connection_of(self, attempt: Attempt) -> ProviderConnection:
        match await self.provider_connections.of_end_user(attempt.end_user_id):
            case [] if attempt.is_given_up(self.clock.now()):
                await self._refuse(attempt, [])
                raise StartAgain("Nango made no connection for this try")
            case []:
                raise LoginStillPassing("Nango does not show the connection yet")
            case [connection_id]:
                pass
            case several:
                await self._refuse(attempt, several)
                raise StartAgain("more than one connection was made for this try")
        try:
            document = await self.provider_connections.read(connection_id)
        except (ConnectionNotFound, ConnectionBroken) as error:
            await self._refuse(attempt, [connection_id])
            raise StartAgain("the new connection does not work") from error
        if objection := document.objection(self.integration, attempt.end_user_id):
            await self._refuse(attempt, [connection_id])
            raise StartAgain(f"the connection was refused: {objection}")
        return document

    async def _link(self, attempt: Attempt, user: User, document: ProviderConnection) -> Attempt:
        claim = attempt.claim if document.claims is None else InstallationId(document.claims)
        async with self.begin_work(atomic=False) as work:
            before = {proof.installation_id for proof in await work.grants.proofs_of(user.id)}
        joining = Joining(offer=offer_of(document), claim=claim, undoes_leave=not attempt.asks_approval)
        proven = await self._prove(user, document, joining)
        await self._note_holder(document)
        is_pending = self._waits(attempt, document) and (claim is None or claim not in {one.id for one in proven})
        outcome = outcome_of(proven, claim, is_pending=is_pending)
        finished = attempt.linked(document.id, outcome)
        async with self.begin_work() as work:
            if not await work.attempts.move(finished):
                decided = await work.attempts.find(attempt.id)
                return decided or attempt.moved(AttemptState.FAILED)
            if is_pending:
                known = before | {one.id for one in proven}
                await work.approval_requests.add(self._request(attempt, user.id, document.id, known))
                for one in (await work.approval_requests.waiting_of(user.id))[:-MOST_WAITING]:
                    # Its connection is deleted by reconcile, as nothing waits with it any more.
                    reason = "its person has asked for more since than can wait"
                    await work.approval_requests.move(one.moved(ApprovalState.EXPIRED, self.clock.now(), reason))
            # What was proven ages; what waits for an owner is looked for.
            renewed_in = LOOK_FOR_APPROVAL_IN if is_pending else self.prove_access.rules.renewed_after
            await work.access_checks.want(user.id, self.clock.now() + renewed_in)
        self.observe(finished)
        if not is_pending:
            await self._put_away(document)
        return finished

    def _waits(self, attempt: Attempt, document: ProviderConnection) -> bool:
        """Tell whether an owner has to approve: GitHub's redirect says it, or Nango bound nothing by itself."""
        return attempt.asks_approval or (self.is_bound_by_cookie and document.claims is None)

    async def _prove(self, user: User, document: ProviderConnection, joining: Joining) -> Sequence[Installation]:
        viewpoint = Viewpoint(
            connection_id=document.id, source=ProofSource.LINK, is_installation=document.claims is not None
        )
        try:
            proven = await self.prove_access(user, viewpoint, joining)
            for pause in PAUSES_SECONDS:
                if joining.claim is None or joining.claim in {one.id for one in proven}:
                    break
                await self.sleep(pause)
                proven = await self.prove_access(user, viewpoint, joining)
        except NO_TOKEN:
            if joining.offer is None:
                raise
            # Nango lost the person's token, as it does about every second time.
            return await self._prove_otherwise(user, joining, joining.offer)
        return proven

    async def _prove_otherwise(self, user: User, joining: Joining, offer: Offer) -> Sequence[Installation]:
        async with self.begin_work(atomic=False) as work:
            login = await work.connections.current_login_of(user.id)
        if login is not None and login.state is ConnectionState.LIVE and login.reads_access:
            try:
                viewpoint = Viewpoint(connection_id=login.id, source=ProofSource.LOGIN)
                return await self.prove_access(user, viewpoint, joining)
            except NO_TOKEN:
                pass
        proven = await self.adopt_installation(user, offer)
        if proven and joining.undoes_leave:
            async with self.begin_work(atomic=False) as work:
                await work.grants.rejoin(user.id, offer.installation_id)
        return proven

    async def _note_holder(self, document: ProviderConnection) -> None:
        """Note that Nango has re-tagged an installation's connection for this person: it is patched back."""
        async with self.begin_work(atomic=False) as work:
            row = await work.installation_connections.find(document.id)
            if row is not None and document.end_user_id is not None:
                await work.installation_connections.save(row.verified(document.end_user_id, self.clock.now()))

    def _request(
        self, attempt: Attempt, user_id: UserId, connection_id: ConnectionId, known: set[InstallationId]
    ) -> ApprovalRequest:
        return ApprovalRequest(
            id=ApprovalRequestId(self.randomness.new_id()),
            user_id=user_id,
            attempt_id=attempt.id,
            connection_id=connection_id,
            known=frozenset(known),
            state=ApprovalState.REQUESTED,
            requested_at=self.clock.now(),
        )

    async def _put_away(self, document: ProviderConnection) -> None:
        """Delete the temporary connection, unless an installation relies on it; reconcile does what fails here."""
        async with self.begin_work(atomic=False) as work:
            if await work.installation_connections.find(document.id) is not None:
                return
        try:
            await self.provider_connections.delete(document.id)
        except UpstreamUnavailable:
            return

    async def _refuse(self, attempt: Attempt, connection_ids: Sequence[ConnectionId]) -> None:
        # First shut the attempt, so that no connection left over by a failing delete can finish it.
        async with self.begin_work(atomic=False) as work:
            if not await work.attempts.move(attempt.moved(AttemptState.FAILING)):
                return
            ours = {one.id for one in await work.installation_connections.find_all(connection_ids)}
        for connection_id in connection_ids:
            if connection_id not in ours:
                await self.provider_connections.delete(connection_id)
        async with self.begin_work(atomic=False) as work:
            await work.attempts.move(attempt.moved(AttemptState.FAILED))


def offer_of(document: ProviderConnection) -> Offer | None:
    if document.claims is None or document.end_user_id is None:
        return None
    return Offer(
        connection_id=document.id,
        installation_id=InstallationId(document.claims),
        end_user_id=document.end_user_id,
    )


def outcome_of(proven: Sequence[Installation], claim: InstallationId | None, *, is_pending: bool) -> LinkOutcome:
    if is_pending:
        return LinkOutcome.PENDING_APPROVAL
    if claim is None and proven:
        return LinkOutcome.LINKED
    return LinkOutcome.LINKED if claim in {one.id for one in proven} else LinkOutcome.NOTHING_PROVEN
