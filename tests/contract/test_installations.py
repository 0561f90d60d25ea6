"""What every `Installations` does."""

from dataclasses import replace

import pytest

from application.ports.installations import InstallationOfUser
from application.ports.unit_of_work import BeginWork
from domain.installation import AccountType, Installation, InstallationId, InstallationState, RepositorySelection
from tests.builders import GRACE, a_user
from tests.contract.connecting import ACME, GLOBEX, HOUR, a_proof, an_installation, seen
from tests.fakes.clock import NOON

EARLIER, LATER = NOON - HOUR, NOON + HOUR


async def test_an_installation_is_found_as_it_was_remembered(begin_work: BeginWork) -> None:
    acme = an_installation()

    async with begin_work() as work:
        known = await work.installations.remember(acme)
        found = await work.installations.find(ACME)
        unknown = await work.installations.find(GLOBEX)

    assert acme == known == found
    assert unknown is None


async def test_what_is_newer_or_as_new_is_taken_as_a_whole(begin_work: BeginWork) -> None:
    renamed = Installation(
        id=ACME,
        account_id=5,
        account="acme-inc",
        account_type=AccountType.USER,
        selection=RepositorySelection.ALL,
        state=InstallationState.SUSPENDED,
        checked_at=LATER,
    )
    again = replace(renamed, account="acme-ltd", state=InstallationState.ACTIVE)
    async with begin_work() as work:
        await work.installations.remember(an_installation())

        assert await work.installations.remember(renamed) == renamed
        assert await work.installations.remember(again) == again
        assert await work.installations.find(ACME) == again


async def test_what_was_read_earlier_changes_nothing(begin_work: BeginWork) -> None:
    newer = an_installation(at=LATER).suspended(LATER)
    async with begin_work() as work:
        await work.installations.remember(newer)

        assert await work.installations.remember(an_installation()) == newer
        assert await work.installations.find(ACME) == newer


async def test_a_deleted_installation_comes_back_only_if_it_was_seen_later(begin_work: BeginWork) -> None:
    deleted = an_installation().deleted(NOON)
    async with begin_work() as work:
        await work.installations.remember(deleted)

        assert await work.installations.remember(an_installation(at=EARLIER)) == deleted
        assert await work.installations.find(ACME) == deleted
        assert await work.installations.remember(an_installation(at=LATER)) == an_installation(at=LATER)


async def test_a_person_has_those_that_they_have_a_proof_for_by_account_name(begin_work: BeginWork) -> None:
    ada, grace = a_user(), a_user(GRACE)
    zoo = replace(an_installation(ACME, "zoo"), state=InstallationState.SUSPENDED)
    bee, others = an_installation(GLOBEX, "Bee"), an_installation(5, "aaa")
    proof_of_zoo, proof_of_bee = a_proof(ada), a_proof(ada, GLOBEX, NOON - 100 * HOUR)
    async with begin_work() as work:
        for user in (ada, grace):
            await work.users.remember(user)
        for installation in (zoo, bee, others):
            await work.installations.remember(installation)
        await work.grants.record(proof_of_zoo, seen(1, 2, 3))
        await work.grants.record(proof_of_bee, [])
        await work.grants.record(a_proof(grace), seen(1, 2, 3, 4))
        await work.grants.record(a_proof(grace, others.id), seen(9))

        found = await work.installations.of_user(ada.id)

    assert list(found) == [
        InstallationOfUser(installation=bee, proof=proof_of_bee, repositories=0),
        InstallationOfUser(installation=zoo, proof=proof_of_zoo, repositories=3),
    ]


@pytest.mark.parametrize("state", [InstallationState.ACTIVE, InstallationState.SUSPENDED])
async def test_those_with_a_proof_that_are_not_deleted_are_listed_page_by_page(
    begin_work: BeginWork, state: InstallationState
) -> None:
    ada = a_user()
    kept = [replace(an_installation(number), state=state) for number in range(1, 6)]
    unproven, deleted = an_installation(6), an_installation(3 * 10**9).deleted(NOON)
    async with begin_work() as work:
        await work.users.remember(ada)
        for one in (deleted, unproven, *reversed(kept)):
            await work.installations.remember(one)
        for one in (deleted, *kept):
            await work.grants.record(a_proof(ada, one.id), [])

        first = await work.installations.after(InstallationId(0), 3)
        second = await work.installations.after(first[-1].id, 3)

    assert [*first, *second] == kept
