from datetime import timedelta

import pytest

from domain.connection import ConnectionId, EndUserId
from domain.errors import ConnectionBroken, ConnectionNotFound
from tests.adapters.nango.harness import Harness

ATTEMPT = EndUserId("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0001")
USER = EndUserId("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0002")
NOBODYS = ConnectionId("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0003")


async def test_the_connections_of_an_end_user_come_newest_first(harness: Harness) -> None:
    older = await harness.sign_in(ATTEMPT)
    newer = await harness.sign_in(ATTEMPT)
    await harness.sign_in(EndUserId("somebody else"))

    assert await harness.connections.of_end_user(ATTEMPT) == [newer, older]


async def test_an_end_user_whose_id_only_begins_alike_is_another_one(harness: Harness) -> None:
    await harness.sign_in(ATTEMPT)

    assert await harness.connections.of_end_user(EndUserId(ATTEMPT[:-1])) == []


async def test_an_ordinary_connection_is_not_objected_to(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)

    document = await harness.connections.read(connection_id)

    assert document.id == connection_id
    assert document.objection(harness.integration, ATTEMPT) is None
    assert document.authorized_at.utcoffset() == timedelta(0)


async def test_an_assigned_connection_is_the_users_tags_included(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)

    await harness.connections.assign(connection_id, USER)

    document = await harness.connections.read(connection_id)
    assert document.end_user_id == document.tagged_end_user_id == USER
    assert await harness.connections.of_end_user(ATTEMPT) == []
    assert await harness.connections.of_end_user(USER) == [connection_id]


async def test_a_deleted_connection_is_gone_and_may_be_deleted_again(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)

    await harness.connections.delete(connection_id)
    await harness.connections.delete(connection_id)

    assert await harness.connections.of_end_user(ATTEMPT) == []
    with pytest.raises(ConnectionNotFound):
        await harness.connections.read(connection_id)


@pytest.mark.parametrize("connection_id", [NOBODYS, "..", ".", "", "a/../b", "ü", "x\r\ny", "a" * 300])
async def test_a_connection_that_is_not_there_is_not_found(harness: Harness, connection_id: str) -> None:
    with pytest.raises(ConnectionNotFound):
        await harness.connections.read(ConnectionId(connection_id))
    with pytest.raises(ConnectionNotFound):
        await harness.connections.assign(ConnectionId(connection_id), USER)
    await harness.connections.delete(ConnectionId(connection_id))


async def test_credentials_that_cannot_be_refreshed_are_broken(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)
    await harness.break_credentials(connection_id)

    with pytest.raises(ConnectionBroken):
        await harness.connections.read(connection_id)


async def test_all_connections_are_listed_newest_first_page_by_page(harness: Harness) -> None:
    made = [await harness.sign_in(EndUserId(f"end user {number}")) for number in range(5)]
    pages = [await harness.connections.list_page(number) for number in range(3)]

    assert [[one.id for one in page.connections] for page in pages] == [made[4:2:-1], made[2:0:-1], made[:1]]
    assert [page.is_last for page in pages] == [False, False, True]
    assert pages[0].connections[0].end_user_id == "end user 4"
    assert not (await harness.connections.list_page(3)).connections


async def test_a_full_page_is_not_taken_for_the_last(harness: Harness) -> None:
    for number in range(2):
        await harness.sign_in(EndUserId(f"end user {number}"))

    assert not (await harness.connections.list_page(0)).is_last
    assert (await harness.connections.list_page(1)).is_last


async def test_a_list_says_when_a_connection_was_made_and_that_it_is_broken(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)
    [listed] = (await harness.connections.list_page(0)).connections
    document = await harness.connections.read(connection_id)

    assert (listed.has_errors, listed.created_at) == (False, document.authorized_at)
    await harness.break_credentials(connection_id)
    with pytest.raises(ConnectionBroken):
        await harness.connections.read(connection_id)
    [listed] = (await harness.connections.list_page(0)).connections
    assert listed.has_errors
