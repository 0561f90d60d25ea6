"""What GitHub tells of an App's life, in its own example payloads: true, forged, twice, in any order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.connection import ConnectionState
from domain.delivery import DeliveryState, Json
from domain.grant import Grant, GrantFilter
from domain.installation import InstallationId, InstallationState, connection_of
from domain.repository import Permission, RepositoryId, Visibility
from domain.user import GitHubAccount, GitHubId, UserId
from tests.application.house import House
from tests.builders import ADA, GRACE
from tests.fixtures.github_examples import about

# Longer than any hint is put off.
REST: Final = timedelta(minutes=3)
ACME, OTHER, LATER = InstallationId(5001), InstallationId(5002), InstallationId(5003)
FIRST, SECOND, THIRD, ELSEWHERE, NEW, KEPT = (RepositoryId(number) for number in (1, 2, 3, 4, 5, 6))
READ, WRITE, ADMIN = Permission.READ, Permission.WRITE, Permission.ADMIN

Shown = dict[str, tuple[Permission, Visibility, bool]]


class World:
    """Ada and Grace in an organisation, each with their own repositories; Ada has a part in another one too."""

    def __init__(self, *, reads_access: bool) -> None:
        self.house = House(reads_access=reads_access)
        self.github = self.house.github
        self.users: dict[GitHubId, UserId] = {}

    async def begin(self) -> "World":
        github = self.github
        for installation, account in ((ACME, "acme"), (OTHER, "other")):
            github.install(installation, account)
        for repository in (FIRST, SECOND, THIRD, KEPT):
            github.create(repository, ACME)
        github.create(ELSEWHERE, OTHER)
        github.give(ADA, WRITE, FIRST, SECOND, ELSEWHERE)
        github.give(GRACE, READ, SECOND, KEPT)
        for person in (ADA, GRACE):
            self.users[person.id] = (await self.house.sign_in(person)).user_id
            await self.house.link(self.users[person.id], person)
        for installation in (ACME, OTHER):
            await self.house.proving.reread_installation(installation)
        await self.settle()
        return self

    async def settle(self) -> None:
        """Let everything that waits be worked off."""
        for _ in range(4):
            self.house.clock.advance(REST)
            while await self.house.work():
                pass
            while await self.house.renew_due():
                pass

    async def hear(self, telling: "Telling", *, wrapped: bool = True) -> None:
        self.house.clock.advance(timedelta(seconds=1))
        body = telling.body()
        if wrapped:
            envelope: dict[str, Json] = {
                "type": "forward",
                "from": "github-app-oauth",
                "providerConfigKey": "github-app-oauth",
                "connectionId": str(connection_of(ACME)),
                "payload": body,
            }
            body = envelope
        await self.house.hear(body, {"x-github-event": telling.event})
        await self.house.renew_due()

    async def shown(self) -> dict[GitHubId, Shown]:
        return {person.id: await self._shown_to(person) for person in (ADA, GRACE)}

    def truth(self) -> dict[GitHubId, Shown]:
        """Say what GitHub would list for each."""
        github = self.github
        return {
            person.id: {
                one.full_name: (permission, one.visibility, one.is_archived)
                for installation in github.installations.values()
                if installation.is_active
                for one in github.covered(installation.id)
                if (permission := github.permission(person.id, one.id)) is not None
            }
            for person in (ADA, GRACE)
        }

    async def _shown_to(self, person: GitHubAccount) -> Shown:
        grants, _ = await self.house.list_repositories(self.users[person.id], GrantFilter(), RepositoryId(0), 1000)
        return {one.repository.full_name: shown_of(one) for one in grants}

    def change(self, repository_id: RepositoryId, **changes: object) -> None:
        known = self.github.repositories[repository_id]
        self.github.repositories[repository_id] = replace(known, **changes)

    def select(self, repository_id: RepositoryId) -> None:
        self.github.create(repository_id, ACME)
        self.github.give(ADA, READ, repository_id)

    def deselect(self, repository_id: RepositoryId) -> None:
        if self.github.selected[repository_id] != ACME:
            raise KeyError(repository_id)
        del self.github.selected[repository_id]

    def rename_account(self, login: str) -> None:
        github = self.github
        before = github.installations[ACME]
        github.installations[ACME] = replace(before, account=login)
        for one in github.covered(ACME):
            self.change(one.id, owner=login)

    def transfer(self, repository_id: RepositoryId, to: InstallationId) -> None:
        owner = self.github.installations[to]
        self.change(repository_id, owner_id=owner.account_id, owner=owner.account)
        self.github.selected[repository_id] = to

    def give_away(self, repository_id: RepositoryId) -> None:
        # First what may turn out not to be there any more, so that nothing happens by halves.
        self.deselect(repository_id)
        self.change(repository_id, owner_id=4711, owner="elsewhere")

    def delete(self, repository_id: RepositoryId) -> None:
        self.deselect(repository_id)
        del self.github.repositories[repository_id]

    def expel(self, person: GitHubAccount) -> None:
        self.github.take(person, FIRST, SECOND, THIRD, KEPT)


def shown_of(grant: Grant) -> tuple[Permission, Visibility, bool]:
    return grant.permission, grant.repository.visibility, grant.repository.is_archived


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Something that happens on GitHub, and the event that tells of it."""

    event: str
    action: str | None
    happen: Callable[[World], object]
    before: Callable[[World], object] | None = None
    installation: InstallationId = ACME
    repository: RepositoryId | None = None
    person: GitHubAccount | None = None

    def __str__(self) -> str:
        return f"{self.event} {self.action}"

    def body(self) -> dict[str, Json]:
        return about(
            self.event,
            self.action,
            installation=self.installation,
            account=90_000 + self.installation,
            repository=self.repository,
            person=self.person.id if self.person else None,
            sender=GRACE.id if self.event != "installation" else ADA.id,
        )


def nothing(_: World) -> None:
    """Change nothing that anybody may see."""


TELLINGS: Final = [
    Telling(event="installation", action="deleted", happen=lambda it: it.github.uninstall(ACME)),
    Telling(event="installation", action="suspend", happen=lambda it: it.github.suspend(ACME)),
    Telling(
        event="installation",
        action="unsuspend",
        before=lambda it: it.github.suspend(ACME),
        happen=lambda it: it.github.unsuspend(ACME),
    ),
    Telling(event="installation", action="new_permissions_accepted", happen=nothing),
    Telling(event="installation_repositories", action="added", happen=lambda it: it.select(NEW)),
    Telling(event="installation_repositories", action="removed", happen=lambda it: it.deselect(FIRST)),
    Telling(event="installation_target", action="renamed", happen=lambda it: it.rename_account("acme-inc")),
    Telling(event="organization", action="renamed", happen=lambda it: it.rename_account("acme-inc")),
    Telling(event="repository", action="created", repository=NEW, happen=lambda it: it.select(NEW)),
    Telling(event="repository", action="renamed", repository=FIRST, happen=lambda it: it.change(FIRST, name="new")),
    Telling(event="repository", action="transferred", repository=FIRST, happen=lambda it: it.give_away(FIRST)),
    Telling(
        event="repository",
        action="transferred",
        repository=FIRST,
        installation=OTHER,
        happen=lambda it: it.transfer(FIRST, OTHER),
    ),
    Telling(
        event="repository",
        action="publicized",
        repository=FIRST,
        happen=lambda it: it.change(FIRST, visibility=Visibility.PUBLIC),
    ),
    Telling(
        event="repository",
        action="privatized",
        repository=FIRST,
        before=lambda it: it.change(FIRST, visibility=Visibility.PUBLIC),
        happen=lambda it: it.change(FIRST, visibility=Visibility.PRIVATE),
    ),
    Telling(
        event="repository",
        action="archived",
        repository=FIRST,
        happen=lambda it: it.change(FIRST, is_archived=True),
    ),
    Telling(
        event="repository",
        action="unarchived",
        repository=FIRST,
        before=lambda it: it.change(FIRST, is_archived=True),
        happen=lambda it: it.change(FIRST, is_archived=False),
    ),
    Telling(event="repository", action="deleted", repository=FIRST, happen=lambda it: it.delete(FIRST)),
    Telling(
        event="member", action="added", repository=THIRD, person=ADA, happen=lambda it: it.github.give(ADA, READ, THIRD)
    ),
    Telling(
        event="member",
        action="edited",
        repository=FIRST,
        person=ADA,
        happen=lambda it: it.github.give(ADA, ADMIN, FIRST),
    ),
    Telling(
        event="member", action="removed", repository=FIRST, person=ADA, happen=lambda it: it.github.take(ADA, FIRST)
    ),
    Telling(event="membership", action="added", person=ADA, happen=lambda it: it.github.give(ADA, WRITE, THIRD)),
    Telling(event="membership", action="removed", person=ADA, happen=lambda it: it.github.take(ADA, SECOND)),
    Telling(event="team", action="added_to_repository", happen=lambda it: it.github.give(GRACE, WRITE, THIRD)),
    Telling(event="team", action="removed_from_repository", happen=lambda it: it.github.take(GRACE, SECOND)),
    Telling(event="team", action="edited", happen=lambda it: it.github.give(GRACE, ADMIN, SECOND)),
    Telling(event="team", action="deleted", happen=lambda it: it.github.take(GRACE, SECOND)),
    Telling(event="team", action="created", happen=nothing),
    Telling(event="team_add", action=None, repository=THIRD, happen=lambda it: it.github.give(GRACE, READ, THIRD)),
    Telling(
        event="organization", action="member_added", person=GRACE, happen=lambda it: it.github.give(GRACE, READ, THIRD)
    ),
    Telling(event="organization", action="member_removed", person=ADA, happen=lambda it: it.expel(ADA)),
]
NAMED: Final = [f"{number}: {telling}" for number, telling in enumerate(TELLINGS)]


async def a_world(telling: Telling, *, reads_access: bool) -> World:
    world = World(reads_access=reads_access)
    await world.begin()
    if telling.before is not None:
        telling.before(world)
        for user_id in world.users.values():
            await world.house.proving.renew_hinted(user_id)
        await world.house.proving.reread_installation(ACME)
        await world.settle()
    assert await world.shown() == world.truth()
    return world


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "bare"])
@pytest.mark.parametrize("telling", TELLINGS, ids=NAMED)
async def test_what_is_true_shows_right_afterwards(telling: Telling, *, wrapped: bool, reads_access: bool) -> None:
    world = await a_world(telling, reads_access=reads_access)
    telling.happen(world)

    await world.hear(telling, wrapped=wrapped)

    assert await world.shown() == world.truth()


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
@pytest.mark.parametrize("telling", TELLINGS, ids=NAMED)
async def test_what_is_forged_changes_nothing(telling: Telling, *, reads_access: bool) -> None:
    world = await a_world(telling, reads_access=reads_access)
    before = await world.shown(), dict(world.house.links.connections)

    await world.hear(telling)
    await world.settle()

    assert (await world.shown(), dict(world.house.links.connections)) == before
    assert DeliveryState.HELD not in {one.state for one in world.house.begin_work.tables.deliveries.values()}


@pytest.mark.parametrize("telling", TELLINGS, ids=NAMED)
async def test_what_is_said_twice_is_as_said_once(telling: Telling) -> None:
    world = await a_world(telling, reads_access=True)
    telling.happen(world)

    for _ in range(2):
        await world.hear(telling)
    await world.settle()

    assert await world.shown() == world.truth()


async def test_a_new_installation_is_there_as_soon_as_github_tells_of_it() -> None:
    world = await World(reads_access=True).begin()
    world.github.install(LATER, "later")
    world.github.give(ADA, WRITE, world.github.create(NEW, LATER))

    await world.hear(Telling(event="installation", action="created", installation=LATER, happen=nothing), wrapped=False)

    assert await world.shown() == world.truth()
    assert connection_of(LATER) in world.house.links.connections


async def test_of_a_forged_new_installation_nothing_is_stored() -> None:
    world = await World(reads_access=True).begin()

    await world.hear(Telling(event="installation", action="created", installation=LATER, happen=nothing), wrapped=False)

    assert LATER not in world.house.begin_work.tables.installations
    assert connection_of(LATER) not in world.house.links.connections


async def test_who_takes_the_authorization_back_is_proven_by_roles_from_then_on() -> None:
    world = await World(reads_access=True).begin()
    [login] = [one for one in world.house.nango_connections if one.account.id == ADA.id]
    login.is_revoked = True
    body = about("github_app_authorization", "revoked", sender=ADA.id)

    await world.house.hear(body, {"x-github-event": "github_app_authorization"})
    world.github.take(ADA, FIRST)
    await world.house.proving.renew_hinted(world.users[ADA.id])

    assert [one.state for one in world.house.connections if one.id == login.id] == [ConnectionState.BROKEN]
    assert await world.shown() == world.truth()


async def test_the_account_of_an_installation_is_named_as_it_is_named_now() -> None:
    world = await World(reads_access=False).begin()
    world.rename_account("acme-inc")

    await world.hear(Telling(event="installation_target", action="renamed", happen=nothing))

    assert world.house.begin_work.tables.installations[ACME].account == "acme-inc"


async def test_rows_outlive_a_suspension() -> None:
    world = await World(reads_access=False).begin()
    rows = dict(world.house.begin_work.tables.grants)
    world.github.suspend(ACME)

    await world.hear(Telling(event="installation", action="suspend", happen=nothing))

    assert world.house.begin_work.tables.installations[ACME].state is InstallationState.SUSPENDED
    assert world.house.begin_work.tables.grants == rows


# What can go together, in any order. Whoever has no part in an installation is not proven when a team gets one there.
TOGETHER: Final = [
    telling for telling in TELLINGS if telling.before is None and telling.action not in {"created", "member_removed"}
]


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(range(len(TOGETHER))),
    count=st.integers(1, 8),
    delays=st.lists(st.integers(0, 7), min_size=8, max_size=8),
    reads_access=st.booleans(),
)
def test_any_order_of_events_ends_with_what_is_true_on_github(
    order: list[int], count: int, delays: list[int], *, reads_access: bool
) -> None:
    async def play() -> tuple[dict[GitHubId, Shown], dict[GitHubId, Shown]]:
        world = await World(reads_access=reads_access).begin()
        untold: list[tuple[int, Telling]] = []
        for step, number in enumerate(order[:count]):
            telling = TOGETHER[number]
            try:
                telling.happen(world)
            except KeyError:
                continue  # what it is about is gone
            untold.append((step + delays[step], telling))
            for due, told in [one for one in untold if one[0] <= step]:
                untold.remove((due, told))
                await world.hear(told)
        for _, told in sorted(untold, key=lambda one: delays[one[0] % 8]):
            await world.hear(told)
            await world.hear(told, wrapped=False)
        await world.settle()
        return await world.shown(), world.truth()

    shown, truth = asyncio.run(play())

    # By role, who has lost everything in an installation is looked for there only when they connect again.
    assert all(shown[person].items() <= truth[person].items() for person in truth)
    assert shown == truth or not reads_access


async def test_a_renewal_that_finds_the_installation_gone_takes_it_back_at_once() -> None:
    world = await World(reads_access=False).begin()
    world.github.uninstall(ACME)

    await world.house.proving.renew_hinted(world.users[GRACE.id])
    await world.hear(Telling(event="installation", action="deleted", happen=nothing))

    assert await world.shown() == world.truth()
    assert world.house.begin_work.tables.installations[ACME].state is InstallationState.DELETED


async def test_a_flood_about_a_team_has_everybody_proven_once_in_half_a_minute() -> None:
    world = await World(reads_access=True).begin()
    calls = world.github.calls["installations"]

    for _ in range(10):
        await world.hear(Telling(event="team", action="edited", happen=nothing))
    during = world.github.calls["installations"] - calls
    await world.settle()

    assert during == len(world.users)
    assert world.github.calls["installations"] - calls <= 3 * len(world.users)


async def test_of_an_installation_that_is_known_already_the_one_who_asked_for_it_is_told_too() -> None:
    world = await World(reads_access=True).begin()
    world.github.install(LATER, "later")
    world.github.give(ADA, WRITE, world.github.create(NEW, LATER))
    await world.house.proving.renew_hinted(world.users[ADA.id])
    world.github.give(GRACE, READ, NEW)
    body = about("installation", "created", installation=LATER, sender=ADA.id)
    requester: Json = {"login": GRACE.login, "id": int(GRACE.id), "type": "User"}

    await world.house.hear(body | {"requester": requester}, {"x-github-event": "installation"})

    assert await world.shown() == world.truth()
