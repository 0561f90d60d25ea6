"""What every `InstallationConnections` does."""

import asyncio
from dataclasses import replace

import pytest

from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState, EndUserId
from domain.installation import InstallationConnection, InstallationId, connection_of, holder_of
from tests.contract.connecting import ACME, GLOBEX, HOUR
from tests.fakes.clock import NOON

LATER = NOON + HOUR


def a_connection(name: str | None = None, installation_id: InstallationId = ACME) -> InstallationConnection:
    return InstallationConnection(
        id=ConnectionId(name) if name else connection_of(installation_id),
        installation_id=installation_id,
        end_user_id=holder_of(installation_id),
        state=ConnectionState.LIVE,
        checked_at=NOON,
    )


async def stored(begin_work: BeginWork, connection: InstallationConnection) -> InstallationConnection | None:
    async with begin_work() as work:
        return await work.installation_connections.find(connection.id)


async def test_a_connection_is_found_by_id_and_as_its_installations_current_one(begin_work: BeginWork) -> None:
    connection = a_connection()

    async with begin_work() as work:
        assert await work.installation_connections.add(connection)
        current = await work.installation_connections.current_of(ACME)
        other = await work.installation_connections.current_of(GLOBEX)

    assert current == connection == await stored(begin_work, connection)
    assert other is None


@pytest.mark.parametrize("state", [ConnectionState.LIVE, ConnectionState.BROKEN])
async def test_one_whose_id_is_known_or_whose_installation_has_one_is_not_stored(
    begin_work: BeginWork, state: ConnectionState
) -> None:
    first = replace(a_connection(), state=state)
    async with begin_work() as work:
        await work.installation_connections.add(first)

        assert not await work.installation_connections.add(replace(a_connection(), installation_id=GLOBEX))
        assert not await work.installation_connections.add(a_connection("another"))
        # What was done before is not lost by the refusals.
        assert await work.installation_connections.add(a_connection(installation_id=GLOBEX))

    assert await stored(begin_work, first) == first
    assert await stored(begin_work, a_connection("another")) is None


async def test_one_that_is_retired_already_is_stored_beside_the_current_one(begin_work: BeginWork) -> None:
    current, stray = a_connection(), a_connection("stray").retired("nobody knows it")
    async with begin_work() as work:
        await work.installation_connections.add(current)

        assert await work.installation_connections.add(stray)
        assert await work.installation_connections.current_of(ACME) == current

    assert await stored(begin_work, stray) == stray


async def test_a_retired_row_of_the_same_id_is_replaced(begin_work: BeginWork) -> None:
    again = replace(a_connection(), checked_at=LATER)
    async with begin_work() as work:
        await work.installation_connections.add(a_connection().retired("the last user left"))
        await work.installation_connections.rest(again.id, LATER)

        assert await work.installation_connections.add(again)
        assert await work.installation_connections.current_of(ACME) == again
        assert list(await work.installation_connections.unsettled(NOON, 10)) == []


async def test_a_retired_row_is_not_replaced_while_the_installation_has_another(begin_work: BeginWork) -> None:
    retired = a_connection().retired("gone")
    async with begin_work() as work:
        await work.installation_connections.add(retired)
        await work.installation_connections.add(a_connection("another"))

        assert not await work.installation_connections.add(a_connection())

    assert await stored(begin_work, retired) == retired


async def test_of_many_added_at_once_one_is_stored(begin_work: BeginWork) -> None:
    async def add(number: int) -> bool:
        async with begin_work() as work:
            return await work.installation_connections.add(a_connection(f"connection-{number % 5}"))

    async with asyncio.TaskGroup() as tasks:
        added = [tasks.create_task(add(number)) for number in range(20)]

    assert sum(task.result() for task in added) == 1


async def test_what_changed_is_stored_and_retired_is_for_good(begin_work: BeginWork) -> None:
    connection = a_connection()
    broken = connection.broken("no token", LATER)
    tagged = broken.verified(EndUserId("somebody"), LATER)
    retired = tagged.retired("the last user left")
    async with begin_work() as work:
        await work.installation_connections.add(connection)
        await work.installation_connections.save(broken)
        assert await work.installation_connections.current_of(ACME) == broken
        await work.installation_connections.save(tagged)
        assert await work.installation_connections.current_of(ACME) == tagged
        await work.installation_connections.save(retired)
        assert await work.installation_connections.current_of(ACME) is None

        await work.installation_connections.save(connection)

    assert await stored(begin_work, connection) == retired


async def test_only_a_retired_one_is_removed_and_does_not_come_back(begin_work: BeginWork) -> None:
    connection = a_connection()
    async with begin_work() as work:
        await work.installation_connections.add(connection)
        await work.installation_connections.remove(connection.id)
        assert await work.installation_connections.find(connection.id) == connection

        await work.installation_connections.save(connection.retired("gone"))
        await work.installation_connections.remove(connection.id)
        await work.installation_connections.save(connection)

    assert await stored(begin_work, connection) is None


async def test_what_nango_must_still_be_told_is_unsettled_oldest_first(begin_work: BeginWork) -> None:
    settled = a_connection(installation_id=GLOBEX)
    retired = replace(a_connection("retired", GLOBEX).retired("replaced"), checked_at=LATER)
    foreign = replace(a_connection(), end_user_id=EndUserId("somebody"))
    async with begin_work() as work:
        for connection in (settled, retired, foreign):
            await work.installation_connections.add(connection)

        assert list(await work.installation_connections.unsettled(NOON, 10)) == [foreign, retired]
        assert list(await work.installation_connections.unsettled(NOON, 1)) == [foreign]


async def test_one_at_rest_is_left_out_until_then_or_until_it_is_saved(begin_work: BeginWork) -> None:
    foreign = replace(a_connection(), end_user_id=EndUserId("somebody"))
    async with begin_work() as work:
        await work.installation_connections.add(foreign)

        await work.installation_connections.rest(foreign.id, LATER)

        assert list(await work.installation_connections.unsettled(NOON, 10)) == []
        assert list(await work.installation_connections.unsettled(LATER, 10)) == [foreign]
        await work.installation_connections.save(foreign)
        assert list(await work.installation_connections.unsettled(NOON, 10)) == [foreign]


async def test_they_are_found_by_their_ids_and_listed_page_by_page(begin_work: BeginWork) -> None:
    current = a_connection("connection-2")
    retired = [a_connection(f"connection-{number}").retired("replaced") for number in (0, 1, 3, 4)]
    everyone = sorted([current, *retired], key=lambda one: one.id)
    async with begin_work() as work:
        for connection in reversed(everyone):
            await work.installation_connections.add(connection)

        first = await work.installation_connections.after(ConnectionId(""), 3)
        second = await work.installation_connections.after(first[-1].id, 3)
        named = await work.installation_connections.find_all([current.id, retired[0].id, ConnectionId("unknown")])

        assert [*first, *second] == everyone
        assert sorted(named, key=lambda one: one.id) == [retired[0], current]
        assert list(await work.installation_connections.find_all([])) == []
