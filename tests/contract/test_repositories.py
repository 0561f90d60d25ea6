"""What every `Repositories` does."""

from dataclasses import replace

import pytest

from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.repository import RepositoryId, Visibility
from domain.user import User
from tests.builders import GRACE, a_user
from tests.contract.connecting import ACME, GLOBEX, HOUR, a_proof, a_repository, an_installation, seen
from tests.fakes.clock import NOON

LATER = NOON + HOUR
LATEST = LATER + HOUR
ONE = a_repository(1)


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        for number in (ACME, GLOBEX):
            await work.installations.remember(an_installation(number))
        return await work.users.remember(a_user())


async def granted(work: UnitOfWork, user: User, number: int = 1) -> bool:
    return await work.grants.find(user.id, RepositoryId(number)) is not None


async def test_a_repository_is_found_as_it_was_read_with_its_installation(begin_work: BeginWork) -> None:
    repository = replace(ONE, visibility=Visibility.INTERNAL, is_archived=True, default_branch="trunk")
    async with begin_work() as work:
        await work.repositories.save(ACME, repository, NOON)

        assert await work.repositories.find(repository.id) == (repository, ACME)
        assert await work.repositories.find(RepositoryId(2)) is None


async def test_what_was_read_later_or_at_once_overwrites_and_what_was_read_earlier_does_not(
    begin_work: BeginWork,
) -> None:
    renamed, again = a_repository(1, "renamed", "acme-inc"), a_repository(1, "again")
    async with begin_work() as work:
        await work.repositories.save(ACME, ONE, NOON)
        await work.repositories.save(ACME, renamed, LATER)
        await work.repositories.save(GLOBEX, ONE, NOON)
        assert await work.repositories.find(ONE.id) == (renamed, ACME)

        await work.repositories.save(ACME, again, LATER)
        assert await work.repositories.find(ONE.id) == (again, ACME)


async def test_a_removed_repository_is_in_no_installation_and_has_no_grants(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1, 2))

        await work.repositories.remove([ONE.id, RepositoryId(3)], LATER)

        assert await work.repositories.find(ONE.id) is None
        assert list(await work.repositories.ids_of(ACME)) == [2]
        assert [await granted(work, ada, 1), await granted(work, ada, 2)] == [False, True]
        await work.repositories.remove([], LATER)


async def test_a_repository_seen_after_its_removal_was_read_stays(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.repositories.save(ACME, ONE, LATER)
        await work.grants.record(a_proof(ada, at=LATER), seen(1))

        await work.repositories.remove([ONE.id], NOON)

        assert await work.repositories.find(ONE.id) == (ONE, ACME)
        assert await granted(work, ada)


async def test_a_proof_that_found_nothing_new_has_seen_its_repositories_all_the_same(
    begin_work: BeginWork, ada: User
) -> None:
    async with begin_work() as work:
        await work.repositories.save(ACME, ONE, NOON)
        await work.grants.record(a_proof(ada, at=LATEST), seen(1))

        await work.repositories.remove([ONE.id], LATER)
        await work.repositories.save(ACME, a_repository(1, "renamed"), LATER)
        gone = await work.repositories.replace_all(ACME, [], LATER)

        assert gone == 0
        assert await work.repositories.find(ONE.id) == (ONE, ACME)
        assert await granted(work, ada)


async def test_what_was_read_before_a_removal_does_not_undo_it_and_what_is_read_later_does(
    begin_work: BeginWork, ada: User
) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))
        await work.repositories.remove([ONE.id], LATER)

        await work.repositories.save(ACME, ONE, NOON)
        assert await work.repositories.find(ONE.id) is None

        await work.repositories.save(GLOBEX, ONE, LATEST)
        assert await work.repositories.find(ONE.id) == (ONE, GLOBEX)
        assert not await granted(work, ada)


async def test_a_transfer_takes_the_repository_and_leaves_its_grants_behind(begin_work: BeginWork, ada: User) -> None:
    moved = a_repository(1, owner="globex")
    async with begin_work() as work:
        grace = await work.users.remember(a_user(GRACE))
        for user in (ada, grace):
            await work.grants.record(a_proof(user), seen(1, 2))

        await work.repositories.save(GLOBEX, moved, LATER)

        assert await work.repositories.find(ONE.id) == (moved, GLOBEX)
        assert [list(await work.repositories.ids_of(one)) for one in (ACME, GLOBEX)] == [[2], [1]]
        assert [await granted(work, ada, 1), await granted(work, grace, 1)] == [False, False]
        assert [await granted(work, ada, 2), await granted(work, grace, 2)] == [True, True]


async def test_a_full_list_removes_what_it_does_not_name_any_more(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1, 2, 3))
        await work.grants.record(a_proof(ada, GLOBEX), seen(9))

        # Twice the same, as a list may change between two pages of it.
        named = [a_repository(2, "renamed"), a_repository(4), a_repository(4)]
        gone = await work.repositories.replace_all(ACME, named, LATER)

        assert gone == 2
        assert list(await work.repositories.ids_of(ACME)) == [2, 4]
        assert await work.repositories.find(RepositoryId(2)) == (a_repository(2, "renamed"), ACME)
        assert [await granted(work, ada, number) for number in (1, 2, 3, 4, 9)] == [False, True, False, False, True]


async def test_a_full_list_takes_over_what_was_elsewhere(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))

        assert await work.repositories.replace_all(GLOBEX, [ONE], LATER) == 0
        assert await work.repositories.replace_all(ACME, [], LATEST) == 0

        assert await work.repositories.find(ONE.id) == (ONE, GLOBEX)
        assert not await granted(work, ada)


async def test_a_full_list_removes_nothing_that_was_seen_later(begin_work: BeginWork) -> None:
    async with begin_work() as work:
        await work.repositories.save(ACME, ONE, LATER)

        assert await work.repositories.replace_all(ACME, [], NOON) == 0
        assert await work.repositories.find(ONE.id) == (ONE, ACME)


async def test_each_call_may_stand_for_itself(begin_work: BeginWork) -> None:
    async with begin_work(atomic=False) as work:
        await work.repositories.save(ACME, ONE, NOON)
        await work.repositories.replace_all(ACME, [a_repository(2), a_repository(3)], NOON)
        await work.repositories.remove([RepositoryId(3)], NOON)

        assert list(await work.repositories.ids_of(ACME)) == [2]


async def test_those_that_anybody_has_a_grant_on_are_listed_page_by_page(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        grace = await work.users.remember(a_user(GRACE))
        await work.repositories.replace_all(ACME, [a_repository(number) for number in range(1, 6)], NOON)
        await work.grants.record(a_proof(ada), seen(1, 2, 4))
        await work.grants.record(a_proof(grace), seen(2, 5))
        await work.grants.record(a_proof(ada, GLOBEX), seen(9))

        page = await work.repositories.granted_in(ACME, RepositoryId(0), 3)

        assert list(page) == [a_repository(1), a_repository(2), a_repository(4)]
        assert [one.id for one in await work.repositories.granted_in(ACME, page[-1].id, 3)] == [5]
