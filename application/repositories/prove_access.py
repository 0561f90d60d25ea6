"""GitHub is asked, with a person's own token, what they may see."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from application.ports.clock import Clock
from application.ports.personal_access import PersonalAccess, Viewpoint
from application.ports.unit_of_work import BeginWork
from application.repositories.ensure_connection import EnsureConnection, Offer
from domain.errors import AccessNotReadable, ConnectionBroken, ConnectionNotFound, Forbidden, UpstreamUnavailable
from domain.grant import Proof, ProofRules
from domain.installation import Installation, InstallationId
from domain.repository import SeenRepository
from domain.user import User

# Not about an installation.
TOKEN_REFUSED: Final = (AccessNotReadable, ConnectionBroken)


class AnotherPerson(Forbidden):
    """The token is somebody else's: nothing of it counts."""

    code = "another_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What somebody who connects brings along: perhaps a connection that Nango has made by itself.

    To connect is to want again what one had left: the installation that is claimed, or any.
    """

    offer: Offer | None
    claim: InstallationId | None
    undoes_leave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveAccess:
    """The strongest proof: what GitHub lists for the person. It shrinks only after all pages were read.

    An installation that the person left counts only once they connect it again.
    """

    personal_access: PersonalAccess
    ensure_connection: EnsureConnection
    begin_work: BeginWork
    clock: Clock
    rules: ProofRules

    async def __call__(
        self, user: User, viewpoint: Viewpoint, joining: Joining | None = None
    ) -> Sequence[Installation]:
        """Record it, and return the installations that show the person something.

        A connection on offer is relied on for its installation if that has none.

        Raises `AnotherPerson`, and what `PersonalAccess` raises, unless only some installations could not be read,
        and not the one that is expected; what was recorded by then stands.
        """
        began = self.clock.now()
        account = await self.personal_access.person(viewpoint)
        if account.id != user.account.id:
            raise AnotherPerson("another GitHub account authorised the App than the one that is signed in here")
        listed = [replace(one, checked_at=began) for one in await self.personal_access.installations(viewpoint)]
        async with self.begin_work(atomic=False) as work:
            if joining is not None and joining.undoes_leave:
                await work.grants.rejoin(user.id, joining.claim)
            left = set(await work.grants.left_by(user.id))
        # At once: that list is whole, whatever may be wrong with those of single installations.
        await self._withdraw_others(user, listed, began)
        return await self._prove_each(user, viewpoint, [one for one in listed if one.id not in left], joining)

    async def _prove_each(
        self, user: User, viewpoint: Viewpoint, listed: Sequence[Installation], joining: Joining | None
    ) -> Sequence[Installation]:
        """One that cannot be read keeps nobody from the others: its own proof may count for the grace."""
        proven: list[Installation] = []
        failures: dict[InstallationId, UpstreamUnavailable] = {}
        for one in listed:
            try:
                if await self._prove(user, viewpoint, one, joining.offer if joining else None):
                    proven.append(one)
            except TOKEN_REFUSED:
                raise
            except UpstreamUnavailable as failure:
                failures[one.id] = failure
                async with self.begin_work(atomic=False) as work:
                    await work.grants.extend(user.id, self.rules, one.id)
        is_expected = joining is not None and joining.claim in failures
        if failures and (is_expected or not proven):
            raise next(iter(failures.values()))
        return proven

    async def _prove(self, user: User, viewpoint: Viewpoint, installation: Installation, offer: Offer | None) -> bool:
        if not installation.is_active:
            # GitHub lists nothing of it: its rows stay, and show nothing.
            async with self.begin_work(atomic=False) as work:
                await work.installations.remember(installation)
            return False
        seen = await self.personal_access.repositories(viewpoint, installation.id)
        is_own = installation.account_id == user.account.id
        if seen or is_own:
            # What GitHub lists is proven all the same; reconcile makes a connection that could not be made.
            with suppress(ConnectionBroken, ConnectionNotFound):
                await self.ensure_connection(installation.id, offer)
        await self._record(user, viewpoint, installation, seen)
        return bool(seen) or is_own

    async def _record(
        self, user: User, viewpoint: Viewpoint, installation: Installation, seen: Sequence[SeenRepository]
    ) -> None:
        proof = Proof.of(user.id, installation.id, viewpoint.source, installation.checked_at, self.rules)
        async with self.begin_work() as work:
            await work.installations.remember(installation)
            if seen or installation.account_id == user.account.id:
                recorded = await work.grants.record(proof, seen)
                if recorded is not None and recorded.is_news:
                    await work.sync_scopes.want(installation.id, self.clock.now())
            else:
                await work.grants.withdraw(user.id, installation.id, before=installation.checked_at)

    async def _withdraw_others(self, user: User, listed: Sequence[Installation], began: datetime) -> None:
        known = {one.id for one in listed}
        async with self.begin_work(atomic=False) as work:
            for proof in await work.grants.proofs_of(user.id):
                if proof.installation_id not in known:
                    await work.grants.withdraw(user.id, proof.installation_id, before=began)
