"""Disconnecting: for oneself, and for everybody by an owner."""

from datetime import timedelta
from typing import Final

import pytest

from domain.errors import Forbidden, InstallationNotFound, UpstreamUnavailable
from domain.installation import InstallationId, connection_of
from domain.repository import Permission
from domain.user import GitHubId, UserId
from tests.application.house import House
from tests.builders import ADA, GRACE

DAY: Final = timedelta(days=1)
ACMES: Final = ["acme/repository-1"]


class Team:
    """Ada, who owns the organisation, and Grace, a member; both connected it."""

    def __init__(self, house: House, acme: InstallationId, ada: UserId, grace: UserId) -> None:
        self.house, self.acme, self.ada, self.grace = house, acme, ada, grace

    @classmethod
    async def connected(cls, *, reads_access: bool = False) -> "Team":
        house = House(reads_access=reads_access)
        acme = house.github.install(5001)
        house.github.own(ADA, "acme")
        house.github.give(GRACE, Permission.READ, house.github.create(1, acme))
        house.github.people[acme_account(house, acme)] = "acme"
        ada, grace = [(await house.sign_in(one)).user_id for one in (ADA, GRACE)]
        await house.link(ada, ADA, acme)
        await house.link(grace, GRACE, acme)
        house.clock.advance(timedelta(minutes=1))
        return cls(house, acme, ada, grace)

    async def seen(self) -> list[list[str]]:
        return [await self.house.seen_by(one) for one in (self.ada, self.grace)]

    async def pass_days(self) -> None:
        """Let everything run that runs by itself."""
        for _ in range(8):
            self.house.clock.advance(DAY / 4)
            await self.house.renew_due()
            await self.house.reconcile()
            await self.house.proving.settle_installations()

    @property
    def is_in_nango(self) -> bool:
        return connection_of(self.acme) in self.house.links.connections


def acme_account(house: House, acme: InstallationId) -> GitHubId:
    return GitHubId(house.github.installations[acme].account_id)


@pytest.fixture(params=[True, False], ids=["by lists", "by roles"])
async def team(request: pytest.FixtureRequest) -> Team:
    return await Team.connected(reads_access=request.param)


async def test_who_disconnects_for_themselves_takes_nothing_from_others(team: Team) -> None:
    await team.house.disconnect.for_oneself(team.grace, team.acme)
    await team.pass_days()

    assert await team.seen() == [ACMES, []]
    assert team.is_in_nango


async def test_the_connection_goes_with_the_last_one(team: Team) -> None:
    for user_id in (team.ada, team.grace):
        await team.house.disconnect.for_oneself(user_id, team.acme)
    await team.house.proving.settle_installations()
    at_once = team.is_in_nango
    await team.pass_days()

    assert (at_once, team.is_in_nango) == (False, False)
    assert await team.seen() == [[], []]


async def test_a_second_time_there_is_nothing_left_to_disconnect(team: Team) -> None:
    await team.house.disconnect.for_oneself(team.grace, team.acme)

    with pytest.raises(InstallationNotFound):
        await team.house.disconnect.for_oneself(team.grace, team.acme)
    assert await team.seen() == [ACMES, []]


async def test_an_owner_disconnects_everybody_and_it_stays_so(team: Team) -> None:
    await team.house.disconnect.for_everybody(team.ada, team.acme)
    at_once = await team.seen()
    await team.pass_days()

    assert at_once == [[], []]
    assert await team.seen() == [[], []]
    assert not team.is_in_nango


async def test_whoever_connects_it_again_afterwards_has_it_again(team: Team) -> None:
    await team.house.disconnect.for_everybody(team.ada, team.acme)
    await team.house.proving.settle_installations()
    team.house.clock.advance(DAY)

    await team.house.link(team.grace, GRACE, team.acme)

    assert await team.seen() == [[], ACMES]
    assert team.is_in_nango


async def test_a_member_disconnects_nobody_else(team: Team) -> None:
    with pytest.raises(Forbidden, match="only an owner"):
        await team.house.disconnect.for_everybody(team.grace, team.acme)

    assert await team.seen() == [ACMES, ACMES]
    assert team.is_in_nango


@pytest.mark.parametrize("trouble", ["away", "may not read members", "suspended"])
async def test_whose_ownership_cannot_be_proven_now_disconnects_nobody_else(team: Team, trouble: str) -> None:
    match trouble:
        case "away":
            team.house.github.fail("is_owner")
        case "may not read members":
            team.house.github.may_read_members = False
        case _:
            team.house.github.suspend(team.acme)

    with pytest.raises((Forbidden, UpstreamUnavailable)):
        await team.house.disconnect.for_everybody(team.ada, team.acme)

    team.house.github.unsuspend(team.acme)
    assert await team.seen() == [ACMES, ACMES]


async def test_whoever_bears_an_owners_former_name_is_no_owner(team: Team) -> None:
    team.house.github.people[ADA.id] = "ada-lovelace"
    team.house.github.people[GRACE.id] = ADA.login

    with pytest.raises(Forbidden):
        await team.house.disconnect.for_everybody(team.grace, team.acme)
    await team.house.disconnect.for_everybody(team.ada, team.acme)

    assert await team.seen() == [[], []]
