"""What every `Connections` does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import BeginWork
from domain.connection import Connection, ConnectionId, ConnectionKind, EndUserId
from domain.user import User
from tests.builders import ADA, GRACE, a_connection, a_user
from tests.fakes.clock import NOON


@pytest.fixture
async def ada(begin_work: BeginWork) -> User:
    async with begin_work() as work:
        return await work.users.remember(a_user(ADA))


async def stored(begin_work: BeginWork, connection: Connection) -> Connection | None:
    async with begin_work() as work:
        return await work.connections.find(connection.id)


async def test_a_connection_is_found_by_id_and_as_its_users_current_one(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)

    async with begin_work() as work:
        await work.connections.add(connection)
        current = await work.connections.current_login_of(ada.id)
        other = await work.connections.current_login_of(a_user(GRACE).id)

    assert current == connection == await stored(begin_work, connection)
    assert other is None


async def test_a_second_connection_that_is_not_retired_is_refused(begin_work: BeginWork, ada: User) -> None:
    async def add_two() -> None:
        async with begin_work() as work:
            await work.connections.add(a_connection(ada, "one"))
            await work.connections.add(a_connection(ada, "two"))

    with pytest.raises(Exception, match=r"one_login_per_user|one login connection"):
        await add_two()


async def test_a_broken_connection_is_current_and_a_retired_one_is_not(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)
    async with begin_work() as work:
        await work.connections.add(connection)

        await work.connections.save(connection.broken("no token", NOON))
        broken = await work.connections.current_login_of(ada.id)
        await work.connections.save(connection.retired("replaced"))
        retired = await work.connections.current_login_of(ada.id)

    assert broken == connection.broken("no token", NOON)
    assert retired is None
    assert await stored(begin_work, connection) == connection.retired("replaced")


async def test_a_retired_connection_stays_retired(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)
    async with begin_work() as work:
        await work.connections.add(connection.retired("replaced"))

        await work.connections.save(connection)

    assert await stored(begin_work, connection) == connection.retired("replaced")


async def test_a_connection_that_was_removed_does_not_come_back(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)
    async with begin_work() as work:
        await work.connections.add(connection.retired("replaced"))
        await work.connections.remove(connection.id)

        await work.connections.save(connection)

    assert await stored(begin_work, connection) is None


async def test_only_a_retired_connection_is_removed(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)
    async with begin_work() as work:
        await work.connections.add(connection)

        await work.connections.remove(connection.id)

    assert await stored(begin_work, connection) == connection


async def test_what_was_verified_is_stored(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)
    later = NOON + timedelta(hours=1)
    async with begin_work() as work:
        await work.connections.add(connection.broken("no token", NOON))

        await work.connections.save(connection.verified(EndUserId("somebody"), later, reads_access=True))

    assert await stored(begin_work, connection) == replace(
        connection, end_user_id=EndUserId("somebody"), checked_at=later, reads_access=True
    )


async def test_what_nango_must_still_be_told_is_unsettled_oldest_first(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        grace = await work.users.remember(a_user(GRACE))
        settled = a_connection(grace, "settled")
        retired = replace(settled.retired("replaced"), id=ConnectionId("retired"), checked_at=NOON + timedelta(1))
        foreign = replace(a_connection(ada, "foreign"), end_user_id=EndUserId("attempt"))
        for connection in (settled, retired, foreign):
            await work.connections.add(connection)

        everybody = await work.connections.unsettled(NOON, 10)
        first = await work.connections.unsettled(NOON, 1)
        of_grace = await work.connections.unsettled(NOON, 10, grace.id)

    assert list(everybody) == [foreign, retired]
    assert list(first) == [foreign]
    assert list(of_grace) == [retired]


async def test_a_connection_at_rest_is_left_out_until_then(begin_work: BeginWork, ada: User) -> None:
    later = NOON + timedelta(minutes=1)
    connection = a_connection(ada).retired("replaced")
    async with begin_work() as work:
        await work.connections.add(connection)

        await work.connections.rest(connection.id, later)

        assert list(await work.connections.unsettled(NOON, 10)) == []
        assert list(await work.connections.unsettled(later, 10)) == [connection]


async def test_a_connection_that_changed_rests_no_longer(begin_work: BeginWork, ada: User) -> None:
    connection = a_connection(ada)
    async with begin_work() as work:
        await work.connections.add(connection)
        await work.connections.rest(connection.id, NOON + timedelta(minutes=1))

        await work.connections.save(connection.retired("replaced"))

        assert list(await work.connections.unsettled(NOON, 10)) == [connection.retired("replaced")]


async def test_connections_are_found_by_their_ids_and_by_their_users(begin_work: BeginWork, ada: User) -> None:
    async with begin_work() as work:
        grace = await work.users.remember(a_user(GRACE))
        current, other = a_connection(ada, "current"), a_connection(grace, "other").broken("no token", NOON)
        retired = a_connection(ada, "retired").retired("replaced")
        for connection in (current, retired, other):
            await work.connections.add(connection)

        named = await work.connections.find_all([current.id, retired.id, ConnectionId("unknown")])
        of_both = await work.connections.current_logins_of([ada.id, grace.id, a_user().id])

        assert {one.id: one for one in named} == {current.id: current, retired.id: retired}
        assert {one.id: one for one in of_both} == {current.id: current, other.id: other}
        assert list(await work.connections.find_all([])) == []
        assert list(await work.connections.current_logins_of([])) == []


async def test_login_connections_are_listed_page_by_page(begin_work: BeginWork, ada: User) -> None:
    retired = [a_connection(ada, f"connection-{number}").retired("replaced") for number in range(5)]
    repository = replace(a_connection(ada, "connection-2b"), kind=ConnectionKind.REPOSITORY)
    async with begin_work() as work:
        for connection in (repository, *reversed(retired)):
            await work.connections.add(connection)

        first = await work.connections.logins_after(ConnectionId(""), 3)
        second = await work.connections.logins_after(first[-1].id, 3)

    assert [*first, *second] == retired
