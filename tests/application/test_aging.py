"""A proof counts for a while, a grace longer where GitHub cannot be asked, and no longer."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from domain.errors import RepositoryNotFound, UpstreamUnavailable
from domain.grant import ProofRules
from domain.installation import InstallationId
from domain.repository import Permission, RepositoryId
from domain.user import UserId
from tests.application.house import RULES, House
from tests.builders import ADA

MINUTE: Final = timedelta(minutes=1)
FIRST: Final = RepositoryId(1)
SEEN: Final = ["acme/repository-1"]


class Member:
    """Ada, connected to a repository of an organisation."""

    def __init__(self, house: House, user_id: UserId, acme: InstallationId) -> None:
        self.house, self.user_id, self.acme = house, user_id, acme

    @classmethod
    async def connected(cls, *, reads_access: bool) -> "Member":
        house = House(reads_access=reads_access)
        acme = house.github.install(5001)
        house.github.give(ADA, Permission.WRITE, house.github.create(1, acme))
        user_id = (await house.sign_in(ADA)).user_id
        await house.link(user_id, ADA, acme)
        return cls(house, user_id, acme)

    async def sees(self) -> list[str]:
        """Ask by every way there is, which all have to agree."""
        listed = await self.house.seen_by(self.user_id)
        explained = await self.house.explain_access(self.user_id, FIRST)
        assert (explained.grant is not None) == bool(listed)
        if listed:
            assert await self.house.show_repository(self.user_id, FIRST)
        else:
            with pytest.raises(RepositoryNotFound):
                await self.house.show_repository(self.user_id, FIRST)
        return listed

    def put_github_away(self) -> None:
        for method in ("person", "repositories", "permission_of"):
            self.house.github.fail(method, times=100_000)

    async def run_until(self, age: timedelta, *, began: timedelta = timedelta(0)) -> None:
        """Let the time pass as in a service, which renews whatever is due."""
        passed = began
        while passed < age:
            self.house.clock.advance(10 * MINUTE)
            passed += 10 * MINUTE
            try:
                await self.house.renew_due()
            except UpstreamUnavailable:
                continue


@pytest.fixture(params=[True, False], ids=["by lists", "by roles"])
async def ada(request: pytest.FixtureRequest) -> Member:
    return await Member.connected(reads_access=request.param)


async def test_a_proof_counts_until_its_lifetime_ends_and_not_a_moment_longer(ada: Member) -> None:
    ada.house.clock.advance(RULES.lifetime - timedelta(microseconds=1))
    until = await ada.sees()
    ada.house.clock.advance(timedelta(microseconds=1))

    assert (until, await ada.sees()) == (SEEN, [])
    explained = await ada.house.explain_access(ada.user_id, FIRST)
    assert explained.refusal == "GitHub confirmed your access too long ago, and could not be asked again since"


async def test_what_github_still_confirms_never_lapses(ada: Member) -> None:
    for _ in range(15):
        await ada.run_until(timedelta(hours=5))

        assert await ada.sees() == SEEN


async def test_what_github_confirms_no_more_is_gone_within_the_lifetime_without_any_event(ada: Member) -> None:
    ada.house.github.take(ADA, FIRST)

    await ada.run_until(RULES.lifetime)

    assert await ada.sees() == []
    assert not ada.house.begin_work.tables.grants


async def test_while_github_is_away_a_proof_counts_for_the_grace_too_and_then_no_more(ada: Member) -> None:
    ada.put_github_away()

    await ada.run_until(RULES.lifetime + RULES.grace - 20 * MINUTE)
    during = await ada.sees()
    await ada.run_until(40 * MINUTE)

    assert (during, await ada.sees()) == (SEEN, [])


async def test_when_github_is_back_everything_is_there_again(ada: Member) -> None:
    ada.put_github_away()
    await ada.run_until(RULES.lifetime + RULES.grace + 60 * MINUTE)
    before = await ada.sees()

    for method in ("person", "repositories", "permission_of"):
        ada.house.github.fail(method, times=1)
    await ada.run_until(timedelta(hours=3))

    assert (before, await ada.sees()) == ([], SEEN)


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
async def test_without_a_grace_nothing_is_shown_past_the_lifetime(*, reads_access: bool) -> None:
    ada = await Member.connected(reads_access=reads_access)
    rules = ProofRules(lifetime=RULES.lifetime, grace=timedelta(0))
    ada.house.renew_due = replace(
        ada.house.renew_due, renew_access=replace(ada.house.renew_due.renew_access, rules=rules)
    )
    ada.put_github_away()

    await ada.run_until(RULES.lifetime - 10 * MINUTE)
    during = await ada.sees()
    await ada.run_until(20 * MINUTE)

    assert (during, await ada.sees()) == (SEEN, [])


async def test_an_outage_that_goes_on_does_not_make_the_grace_longer(ada: Member) -> None:
    ada.put_github_away()
    await ada.run_until(RULES.lifetime)
    [closes] = {proof.closes_at for proof in ada.house.begin_work.tables.proofs.values()}

    await ada.run_until(timedelta(hours=5))

    assert {proof.closes_at for proof in ada.house.begin_work.tables.proofs.values()} == {closes}


async def test_what_somebody_left_stays_left_until_they_connect_it_again(ada: Member) -> None:
    await ada.house.disconnect.for_oneself(ada.user_id, ada.acme)

    await ada.run_until(timedelta(hours=40))
    await ada.house.proving.renew_hinted(ada.user_id)
    await ada.house.sign_in(ADA)
    await ada.run_until(timedelta(hours=1))
    after_renewals = await ada.sees()
    await ada.house.link(ada.user_id, ADA, ada.acme)

    assert (after_renewals, await ada.sees()) == ([], SEEN)


async def test_another_account_at_the_connect_brings_nothing_back_that_was_left(ada: Member) -> None:
    other = ada.house.github.install(5002, "other")
    ada.house.github.give(ADA, Permission.READ, ada.house.github.create(2, other))
    await ada.house.disconnect.for_oneself(ada.user_id, ada.acme)

    await ada.house.link(ada.user_id, ADA, other)

    assert await ada.house.seen_by(ada.user_id) == ["other/repository-2"]


async def test_a_suspended_installation_keeps_its_rows_shows_nothing_and_comes_back(ada: Member) -> None:
    rows = dict(ada.house.begin_work.tables.grants)
    ada.house.github.suspend(ada.acme)
    await ada.house.proving.reread_installation(ada.acme)
    during = await ada.sees()
    await ada.run_until(timedelta(hours=60))
    assert ada.house.begin_work.tables.grants == rows

    ada.house.github.unsuspend(ada.acme)
    await ada.house.proving.reread_installation(ada.acme)
    await ada.run_until(timedelta(minutes=20))

    assert (during, await ada.sees()) == ([], SEEN)


async def test_a_suspension_that_nobody_told_of_is_noticed_by_the_next_renewal(ada: Member) -> None:
    ada.house.github.suspend(ada.acme)

    await ada.run_until(RULES.lifetime - timedelta(hours=1))

    assert await ada.sees() == []
    assert ada.house.begin_work.tables.grants
