"""GitHub says that something happened, and Nango passed it on: wrapped, or bare where it knew no connection for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from application.deliveries.recheck_hinted import REREAD_EVERY, RecheckHinted
from application.deliveries.reread_hinted import SOON, RereadHinted
from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from application.repositories.renew_hinted import RenewHinted
from application.repositories.reread_installation import RereadInstallation
from application.repositories.reread_repository import RereadRepository
from domain.delivery import Delivery, DeliveryState, Json, number_at, text_at
from domain.errors import ListTooLong
from domain.installation import InstallationId
from domain.reconcile_installations import REREAD_AFTER
from domain.repository import RepositoryId
from domain.user import GitHubId, UserId

REVOKED: Final = ("github_app_authorization", "revoked")
# Events that are about all that an installation covers.
OF_INSTALLATION: Final = frozenset({"installation", "installation_repositories", "installation_target"})
# Where the events that are about a person name them.
PERSON_IN: Final = {"member": ("member",), "membership": ("member",), "organization": ("membership", "user")}
# A change of a team proves everybody anew, which may take hours of calls.
EVERYBODY_EVERY: Final = timedelta(minutes=2)
# Events about what many persons may see.
OF_MANY: Final = frozenset({"team", "team_add"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HearGitHub:
    """Nobody can check who wrote it: it only says what to look at, by its numeric id."""

    recheck_hinted: RecheckHinted
    reread_hinted: RereadHinted
    reread_installation: RereadInstallation
    reread_repository: RereadRepository
    renew_hinted: RenewHinted
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, delivery: Delivery) -> tuple[DeliveryState, str]:
        """Return what became of the hint; raises `Postponed`, or `UpstreamUnavailable` to be tried again."""
        event, payload = delivery.github_event or "", delivery.github_payload
        if (event, text_at(payload, "action")) == REVOKED:
            return await self._revoked(delivery, payload)
        if event in OF_INSTALLATION:
            return await self._installation(delivery, payload)
        if event == "repository":
            return await self._repository(delivery, payload)
        if event in PERSON_IN and (person := number_at(payload, *PERSON_IN[event], "id")) is not None:
            return await self._persons(delivery, [GitHubId(person)])
        if event in OF_MANY or event == "organization":
            return await self._everybody(delivery, payload)
        return DeliveryState.IGNORED, "nothing acts on this event of GitHub"

    async def _revoked(self, delivery: Delivery, payload: Json) -> tuple[DeliveryState, str]:
        sender = number_at(payload, "sender", "id")
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find_by_github_id(GitHubId(sender)) if sender is not None else None
            connection = await work.connections.current_login_of(user.id) if user else None
        if connection is None:
            return DeliveryState.IGNORED, "nobody with a login connection here revoked anything"
        return await self.recheck_hinted(connection, delivery.received_at)

    async def _installation(self, delivery: Delivery, payload: Json) -> tuple[DeliveryState, str]:
        number = number_at(payload, "installation", "id")
        async with self.begin_work(atomic=False) as work:
            known = await work.installations.find(InstallationId(number)) if number is not None else None
        if known is None:
            # A new one: whoever asked for it, or made it, may have got access.
            people = [number_at(payload, "requester", "id"), number_at(payload, "sender", "id")]
            return await self._persons(delivery, [GitHubId(one) for one in people if one is not None])
        try:
            reread = await self.reread_hinted(
                f"installation {known.id}", delivery.received_at, partial(self.reread_installation, known.id)
            )
        except ListTooLong:
            reread = await self._leave_to_reconcile(known.id)
        requester = number_at(payload, "requester", "id")
        # Somebody else was quicker to have it proven than the one who asked for it.
        return reread if requester is None else await self._persons(delivery, [GitHubId(requester)])

    async def _leave_to_reconcile(self, installation_id: InstallationId) -> tuple[DeliveryState, str]:
        """Have it count as not read for long: hints have few calls, and reconcile has patience."""
        async with self.begin_work() as work:
            current = await work.installation_connections.current_of(installation_id)
            if current is not None:
                read_at = min(current.checked_at, self.clock.now() - REREAD_AFTER)
                await work.installation_connections.save(replace(current, checked_at=read_at))
        return DeliveryState.DONE, "its list is too long for a hint: it is read by the next reconcile"

    async def _repository(self, delivery: Delivery, payload: Json) -> tuple[DeliveryState, str]:
        number = number_at(payload, "repository", "id")
        async with self.begin_work(atomic=False) as work:
            known = await work.repositories.find(RepositoryId(number)) if number is not None else None
        if known is None:
            # Created, or transferred to an account that has the App.
            return await self._installation(delivery, payload)
        repository_id = known[0].id
        state, said = await self.reread_hinted(
            f"repository {repository_id}", delivery.received_at, partial(self.reread_repository, repository_id)
        )
        if number_at(payload, "installation", "id") in {None, known[1]}:
            return state, said
        # It has moved to another account that has the App.
        return await self._installation(delivery, payload)

    async def _persons(self, delivery: Delivery, github_ids: Sequence[GitHubId]) -> tuple[DeliveryState, str]:
        async with self.begin_work(atomic=False) as work:
            found = [await work.users.find_by_github_id(one) for one in dict.fromkeys(github_ids)]
        said = [await self._renew(user.id, delivery.received_at) for user in found if user is not None]
        if not said:
            return DeliveryState.IGNORED, "it is about nobody here"
        return DeliveryState.DONE, "; ".join(note for _, note in said)

    async def _renew(self, user_id: UserId, hinted_at: datetime) -> tuple[DeliveryState, str]:
        async with self.begin_work(atomic=False) as work:
            every = SOON if await work.approval_requests.waiting_of(user_id) else REREAD_EVERY
        return await self.reread_hinted(f"person {user_id}", hinted_at, partial(self.renew_hinted, user_id), every)

    async def _everybody(self, delivery: Delivery, payload: Json) -> tuple[DeliveryState, str]:
        number = number_at(payload, "installation", "id")
        if number is None:
            return DeliveryState.IGNORED, "it names no installation"
        installation_id = InstallationId(number)
        async with self.begin_work(atomic=False) as work:
            if await work.installations.find(installation_id) is None:
                return DeliveryState.IGNORED, "the installation is not one of ours"
        return await self.reread_hinted(
            f"people of installation {installation_id}",
            delivery.received_at,
            partial(self._prove_all, installation_id),
            EVERYBODY_EVERY,
        )

    async def _prove_all(self, installation_id: InstallationId) -> str:
        async with self.begin_work(atomic=False) as work:
            people = await work.access_checks.want_all_on(installation_id, self.clock.now())
        return f"what {people} people may see is to be proven anew"
