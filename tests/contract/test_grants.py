"""What every `Grants` does."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.ports.unit_of_work import BeginWork, UnitOfWork
from domain.grant import Grant, GrantFilter, Proof, ProofSource
from domain.installation import InstallationId
from domain.repository import Permission, RepositoryId, SeenRepository, Visibility
from domain.user import GitHubId, User
from tests.builders import ADA, GRACE, a_user
from tests.contract.connecting import ACME, GLOBEX, HOUR, RULES, a_proof, a_repository, an_installation, seen
from tests.fakes.clock import NOON

LATER = NOON + HOUR
LATEST = LATER + HOUR
START = RepositoryId(0)
ALL = GrantFilter()


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        for number in (ACME, GLOBEX):
            await work.installations.remember(an_installation(number))
        return await work.users.remember(a_user(ADA))


@pytest.fixture
async def grace(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user(GRACE))


async def granted(work: UnitOfWork, user: User, at: datetime = NOON) -> list[int]:
    listed = await work.grants.list(user.id, ALL, at, START, 100)
    assert await work.grants.count(user.id, at) == len(listed)
    return [grant.repository.id for grant in listed]


def in_pass(proof: Proof, began_at: datetime, through: int | None) -> Proof:
    return replace(
        proof,
        source=ProofSource.COLLABORATOR,
        pass_began_at=began_at,
        through=None if through is None else RepositoryId(through),
    )


async def test_a_proof_gives_what_it_names_and_stores_it_as_it_was_seen(begin_work: BeginWork, ada: User) -> None:
    repository = replace(a_repository(1), visibility=Visibility.INTERNAL, is_archived=True)
    proof = a_proof(ada)

    async with begin_work() as work:
        assert await work.grants.record(proof, seen(repository, permission=Permission.MAINTAIN))

        assert await work.grants.find(ada.id, repository.id) == Grant(
            repository=repository,
            permission=Permission.MAINTAIN,
            proof=proof,
            installation=an_installation(),
        )
        assert await work.repositories.find(repository.id) == (repository, ACME)
        assert await work.grants.proof_of(ada.id, ACME) == proof


async def test_a_later_proof_gives_exactly_what_it_names(begin_work: BeginWork, ada: User, grace: User) -> None:
    renamed = a_repository(2, "renamed")
    later = a_proof(ada, at=LATER)
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1, 2, 3))
        await work.grants.record(a_proof(ada, GLOBEX), seen(8))
        await work.grants.record(a_proof(grace), seen(1, 2, 3))

        # Twice the same, as a list may change between two pages of it.
        assert await work.grants.record(later, [*seen(renamed, 4, permission=Permission.ADMIN), *seen(3, 3)])

        found = {grant.repository.id: grant for grant in await work.grants.list(ada.id, ALL, NOON, START, 100)}
        assert {number: grant.permission for number, grant in found.items()} == {
            2: Permission.ADMIN,
            3: Permission.READ,
            4: Permission.ADMIN,
            8: Permission.READ,
        }
        assert found[RepositoryId(2)].repository == renamed
        assert found[RepositoryId(2)].proof == later
        assert await granted(work, grace) == [1, 2, 3]


async def test_a_proof_of_nothing_is_a_proof(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))

        assert await work.grants.record(a_proof(ada, at=LATER), [])

        assert await granted(work, ada) == []
        assert await work.grants.proof_of(ada.id, ACME) == a_proof(ada, at=LATER)


async def test_a_proof_that_began_earlier_than_the_stored_one_changes_nothing(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada, at=LATER), seen(1))

        assert not await work.grants.record(a_proof(ada), seen(a_repository(1, "earlier"), 2))

        assert await granted(work, ada) == [1]
        assert await work.grants.proof_of(ada.id, ACME) == a_proof(ada, at=LATER)
        assert await work.repositories.find(RepositoryId(1)) == (a_repository(1), ACME)
        assert await work.repositories.find(RepositoryId(2)) is None


async def test_a_proof_of_somebody_who_is_gone_changes_nothing(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        assert not await work.grants.record(a_proof(replace(ada, id=a_user().id)), seen(1))
        assert await work.repositories.find(RepositoryId(1)) is None


async def test_nothing_is_proven_of_an_installation_that_nobody_remembered(begin_work: BeginWork, ada: User) -> None:
    async def record() -> None:
        async with begin_work() as work:
            await work.grants.record(a_proof(ada, InstallationId(1)), seen(1))

    with pytest.raises(Exception, match=r"proofs_of_an_installation|remembered"):
        await record()


# How many minutes after noon each began, and what it named.
Told = tuple[int, dict[int, Permission]]
PROOFS: Final[st.SearchStrategy[list[Told]]] = st.lists(
    st.tuples(st.integers(0, 4), st.dictionaries(st.integers(1, 6), st.sampled_from(Permission))),
    min_size=1,
    max_size=6,
    unique_by=lambda proof: proof[0],
)


@given(
    told=PROOFS.flatmap(
        lambda proofs: st.lists(st.sampled_from(proofs), max_size=4).flatmap(
            lambda repeated: st.permutations([*proofs, *repeated])
        )
    )
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_in_whatever_order_and_how_often_the_proof_that_began_last_counts(
    begin_work: BeginWork, ada: User, told: Sequence[Told]
) -> None:
    user = replace(ada, id=a_user().id, account=replace(ADA, id=GitHubId(uuid4().int >> 66)))
    async with begin_work() as work:
        await work.users.remember(user)

    for minutes, permissions in told:
        named = [one for number, permission in permissions.items() for one in seen(number, permission=permission)]
        async with begin_work() as work:
            await work.grants.record(a_proof(user, at=NOON + timedelta(minutes=minutes)), named)

    minutes, expected = max(told, key=lambda proof: proof[0])
    async with begin_work() as work:
        found = await work.grants.list(user.id, ALL, NOON, START, 100)
        assert {grant.repository.id: grant.permission for grant in found} == expected
        assert await work.grants.proof_of(user.id, ACME) == a_proof(user, at=NOON + timedelta(minutes=minutes))


async def test_a_pass_gives_part_after_part(begin_work: BeginWork, ada: User) -> None:
    old = a_proof(ada)
    async with begin_work() as work:
        await work.grants.record(old, seen(1, 2, 5, 6, 9))

        assert await work.grants.record_part(in_pass(old, LATER, 4), seen(1, 3), START)
        assert await granted(work, ada) == [1, 3, 5, 6, 9]
        assert await work.grants.proof_of(ada.id, ACME) == in_pass(old, LATER, 4)

        assert await work.grants.record_part(in_pass(old, LATER, 6), seen(5), RepositoryId(4))
        assert await granted(work, ada) == [1, 3, 5, 9]

        ended = replace(a_proof(ada, at=LATER), source=ProofSource.COLLABORATOR)
        assert await work.grants.record_part(ended, seen(10), RepositoryId(6))
        assert await granted(work, ada) == [1, 3, 5, 10]
        assert await work.grants.proof_of(ada.id, ACME) == ended


async def test_a_part_leaves_other_installations_alone(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada, GLOBEX), seen(2))
        await work.grants.record(a_proof(ada), seen(1, 3))

        await work.grants.record_part(in_pass(a_proof(ada), LATER, 9), seen(1), START)

        assert await granted(work, ada) == [1, 2]


async def test_a_part_of_a_pass_that_began_before_a_proof_or_another_pass_changes_nothing(
    begin_work: BeginWork, ada: User
) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))
        await work.grants.record_part(in_pass(a_proof(ada), LATEST, 1), seen(1), START)

        assert not await work.grants.record_part(in_pass(a_proof(ada), LATER, 9), seen(2), RepositoryId(1))
        assert not await work.grants.record(a_proof(ada, at=LATER), seen(2))
        assert await granted(work, ada) == [1]

        assert await work.grants.record(a_proof(ada, at=LATEST), seen(2))
        assert await granted(work, ada) == [2]


async def test_a_repository_that_moved_is_in_the_new_proof_alone(begin_work: BeginWork, ada: User, grace: User) -> None:
    async with begin_work() as work:
        for user in (ada, grace):
            await work.grants.record(a_proof(user), seen(1, 2))

        await work.grants.record(a_proof(ada, GLOBEX, LATER), seen(1, permission=Permission.WRITE))

        grant = await work.grants.find(ada.id, RepositoryId(1))
        assert grant is not None
        assert (grant.installation.id, grant.permission) == (GLOBEX, Permission.WRITE)
        assert await granted(work, ada) == [1, 2]
        assert await granted(work, grace) == [2]

        # As it was before the move; and then what takes the old installation away takes nothing of the new one's.
        assert await work.grants.record(a_proof(grace, at=NOON + HOUR / 2), seen(1, 2))
        assert await granted(work, grace) == [2]
        assert await work.grants.withdraw(ada.id, ACME, LATEST)
        assert await granted(work, ada) == [1]


async def test_a_removed_repository_is_not_given_by_what_was_read_before(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.repositories.save(ACME, a_repository(1), NOON)
        await work.repositories.remove([RepositoryId(1)], LATEST)

        assert await work.grants.record(a_proof(ada, at=LATER), seen(1, 2))
        assert await granted(work, ada) == [2]

        assert await work.grants.record(a_proof(ada, at=LATEST), seen(1, 2))
        assert await granted(work, ada) == [1, 2]


async def test_a_proof_is_withdrawn_with_its_grants_if_it_began_before(
    begin_work: BeginWork, ada: User, grace: User
) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))
        await work.grants.record(a_proof(ada, GLOBEX), seen(2))
        await work.grants.record(a_proof(grace), seen(1))

        assert not await work.grants.withdraw(ada.id, ACME, NOON)
        assert await work.grants.withdraw(ada.id, ACME, LATER)
        assert not await work.grants.withdraw(ada.id, ACME, LATER)

        assert [await granted(work, ada), await granted(work, grace)] == [[2], [1]]
        assert await work.grants.proof_of(ada.id, ACME) is None


async def test_all_proofs_on_an_installation_are_withdrawn(begin_work: BeginWork, ada: User, grace: User) -> None:
    async with begin_work() as work:
        for user in (ada, grace):
            await work.grants.record(a_proof(user), seen(1))
        await work.grants.record(a_proof(ada, GLOBEX), seen(2))
        assert await work.grants.has_proofs_on(ACME)

        assert [await work.grants.withdraw_all(ACME, before=moment) for moment in (NOON, LATER, LATER)] == [0, 2, 0]

        assert [await granted(work, ada), await granted(work, grace)] == [[2], []]
        assert [await work.grants.has_proofs_on(ACME), await work.grants.has_proofs_on(GLOBEX)] == [False, True]


async def test_who_left_does_not_come_back_by_a_proof_that_had_begun(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))
        await work.grants.record(a_proof(ada, GLOBEX), seen(2))

        assert await work.grants.leave(ada.id, ACME, LATER)

        assert list(await work.grants.left_by(ada.id)) == [ACME]
        assert not await work.grants.record(a_proof(ada, at=LATER), seen(1))
        assert await work.grants.proof_of(ada.id, ACME) is None
        assert await granted(work, ada) == [2]
        assert await work.grants.record(a_proof(ada, at=LATEST), seen(1))
        assert await granted(work, ada) == [1, 2]


async def test_nobody_leaves_what_they_have_no_proof_for(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        assert not await work.grants.leave(ada.id, ACME, NOON)
        assert list(await work.grants.left_by(ada.id)) == []


@pytest.mark.parametrize(("installation_id", "left"), [(ACME, [GLOBEX]), (None, [])])
async def test_who_rejoins_has_not_left(
    begin_work: BeginWork, ada: User, grace: User, installation_id: InstallationId | None, left: list[InstallationId]
) -> None:
    async with begin_work() as work:
        for user, number in ((ada, ACME), (ada, GLOBEX), (grace, ACME)):
            await work.grants.record(a_proof(user, number), [])
            await work.grants.leave(user.id, number, LATER)

        await work.grants.rejoin(ada.id, installation_id)

        assert list(await work.grants.left_by(ada.id)) == left
        assert list(await work.grants.left_by(grace.id)) == [ACME]
        assert await work.grants.record(a_proof(ada), seen(1))


async def test_who_leaves_while_a_proof_is_recorded_stays_away(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))

    async def record() -> bool:
        async with begin_work() as work:
            return await work.grants.record(a_proof(ada, at=LATER), seen(1)) is not None

    async with asyncio.TaskGroup() as tasks, begin_work() as work:
        await work.grants.leave(ada.id, ACME, LATEST)
        recording = tasks.create_task(record())
        await asyncio.sleep(0.05)  # it waits for the row

    assert not recording.result()
    async with begin_work() as work:
        assert await work.grants.proof_of(ada.id, ACME) is None


async def test_proofs_of_a_person_are_listed_open_or_not(begin_work: BeginWork, ada: User, grace: User) -> None:
    old, young = a_proof(ada, at=NOON - 1000 * HOUR), a_proof(ada, GLOBEX)
    async with begin_work() as work:
        for proof in (young, old, a_proof(grace)):
            await work.grants.record(proof, [])

        assert list(await work.grants.proofs_of(ada.id)) == [old, young]


async def test_witnesses_are_those_with_a_proof_the_latest_proven_first(
    begin_work: BeginWork, ada: User, grace: User
) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), [])
        await work.grants.record(a_proof(ada, GLOBEX, LATEST), [])
        await work.grants.record(a_proof(grace, at=LATER), [])

        assert list(await work.grants.witnesses(ACME, 10)) == [grace.id, ada.id]
        assert list(await work.grants.witnesses(ACME, 1)) == [grace.id]
        assert list(await work.grants.witnesses(InstallationId(5), 1)) == []


async def test_a_persons_proofs_count_for_the_grace_too_and_no_longer(
    begin_work: BeginWork, ada: User, grace: User
) -> None:
    lapsed = NOON + RULES.lifetime
    async with begin_work() as work:
        for user in (ada, grace):
            await work.grants.record(a_proof(user), seen(1))
        assert await granted(work, ada, lapsed) == []

        await work.grants.extend(ada.id, RULES)
        await work.grants.extend(ada.id, RULES)

        assert await work.grants.proof_of(ada.id, ACME) == a_proof(ada).in_grace(RULES)
        assert [await granted(work, ada, lapsed), await granted(work, grace, lapsed)] == [[1], []]
        assert await granted(work, ada, lapsed + RULES.grace) == []


async def test_a_grant_that_shows_nothing_now_is_found_and_not_listed(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))
        await work.grants.record(a_proof(ada, GLOBEX), seen(2))
        await work.installations.remember(an_installation().suspended(LATER))

        grant = await work.grants.find(ada.id, RepositoryId(1))

        assert grant is not None
        assert grant.refusal(NOON) is not None
        assert await granted(work, ada) == [2]
        assert await granted(work, ada, NOON + RULES.lifetime - timedelta(microseconds=1)) == [2]
        assert await granted(work, ada, NOON + RULES.lifetime) == []


async def test_nobody_elses_and_no_unknown_grant_is_found(begin_work: BeginWork, ada: User, grace: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(1))

        assert await work.grants.find(grace.id, RepositoryId(1)) is None
        assert await work.grants.find(ada.id, RepositoryId(2)) is None
        assert await work.grants.find(ada.id, RepositoryId(10**30)) is None
        assert await granted(work, grace) == []


async def test_grants_are_listed_page_by_page(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), seen(5, 3, 10**12))
        await work.grants.record(a_proof(ada, GLOBEX), seen(4, 2))

        first = await work.grants.list(ada.id, ALL, NOON, START, 3)
        second = await work.grants.list(ada.id, ALL, NOON, first[-1].repository.id, 3)

    assert [[grant.repository.id for grant in page] for page in (first, second)] == [[2, 3, 4], [5, 10**12]]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (GrantFilter(owner="globex"), [4]),
        (GrantFilter(owner="glob"), []),
        (GrantFilter(visibility=Visibility.PUBLIC), [2]),
        (GrantFilter(permission=Permission.WRITE), [3, 4]),
        (GrantFilter(permission=Permission.READ), [1, 2, 3, 4]),
        (GrantFilter(is_archived=True), [3]),
        (GrantFilter(is_archived=False), [1, 2, 4]),
        (GrantFilter(installation_id=GLOBEX), [4]),
        (GrantFilter(text="ME/re"), [1]),
        (GrantFilter(text="ROCKET"), [2, 4]),
        (GrantFilter(text="%"), []),
        (GrantFilter(text="_"), [3]),
        (GrantFilter(text="rocket", owner="acme"), [2]),
    ],
)
async def test_grants_are_filtered(begin_work: BeginWork, ada: User, wanted: GrantFilter, numbers: list[int]) -> None:
    repositories = [
        a_repository(1),
        replace(a_repository(2, "Rocket"), visibility=Visibility.PUBLIC),
        replace(a_repository(3, "old_one"), is_archived=True),
    ]
    named = [SeenRepository(repository=one, permission=Permission(one.id)) for one in repositories]
    async with begin_work() as work:
        await work.grants.record(a_proof(ada), named)
        await work.grants.record(
            a_proof(ada, GLOBEX), seen(a_repository(4, "rocket", "globex"), permission=Permission.ADMIN)
        )

        found = await work.grants.list(ada.id, wanted, NOON, START, 100)

    assert [grant.repository.id for grant in found] == numbers


async def test_one_work_may_record_several_proofs_and_fails_as_a_whole(begin_work: BeginWork, ada: User) -> None:
    async def fail() -> None:
        async with begin_work() as work:
            await work.grants.record(a_proof(ada), seen(1, 2))
            await work.grants.record(a_proof(ada, GLOBEX), seen(3))
            assert await granted(work, ada) == [1, 2, 3]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    async with begin_work(atomic=False) as work:
        assert await granted(work, ada) == []
        assert await work.grants.record(a_proof(ada), seen(1))
        assert await work.grants.record(a_proof(ada, GLOBEX), seen(3))
        assert await granted(work, ada) == [1, 3]


async def test_many_who_record_the_same_repositories_at_once_all_succeed_and_the_last_one_counts(
    begin_work: BeginWork,
) -> None:
    numbers = list(range(1, 301))
    people = [replace(ADA, id=GitHubId(number), login=f"person-{number}") for number in range(1, 9)]
    async with begin_work() as work:
        for installation_id in (ACME, GLOBEX):
            await work.installations.remember(an_installation(installation_id))
        users = [await work.users.remember(a_user(account)) for account in people]

    async def record(turn: int) -> None:
        # Everybody sees another owner's name, and every other one sees them in another installation, in another order.
        repositories = [a_repository(number, owner=f"owner-{turn}") for number in numbers]
        proof = a_proof(users[turn % 8], (ACME, GLOBEX)[turn % 2], NOON + timedelta(seconds=turn))
        async with begin_work() as work:
            await work.grants.record(proof, seen(*(repositories if turn % 3 else reversed(repositories))))

    async def remove() -> None:
        async with begin_work() as work:
            await work.repositories.remove([RepositoryId(number) for number in reversed(numbers)], NOON)

    async with asyncio.TaskGroup() as tasks:
        for turn in range(24):
            tasks.create_task(record(turn))
            tasks.create_task(remove())

    async with begin_work() as work:
        last = await work.grants.list(users[23 % 8].id, GrantFilter(owner="owner-23"), NOON, START, 1000)
        assert [grant.repository.id for grant in last] == numbers
        assert len(await work.repositories.ids_of(GLOBEX)) == len(numbers)


async def test_grants_that_are_others_than_before_are_news(begin_work: BeginWork, ada: User, grace: User) -> None:
    async def news(proof: Proof, repositories: list[SeenRepository]) -> bool | None:
        async with begin_work() as work:
            recorded = await work.grants.record(proof, repositories)
            return recorded and recorded.is_news

    assert await news(a_proof(ada), seen(1, 2)) is True
    assert await news(a_proof(ada, at=LATER), seen(2, 1)) is False
    assert await news(a_proof(ada, at=LATEST), seen(1)) is True
    assert await news(a_proof(ada, at=LATER), seen(1, 2)) is None
    assert await news(a_proof(grace, at=LATEST), seen(1)) is True
