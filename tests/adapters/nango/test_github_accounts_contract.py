import pytest

from domain.connection import ConnectionId, EndUserId
from domain.errors import ConnectionBroken, ConnectionNotFound
from tests.adapters.nango.harness import Harness

ATTEMPT = EndUserId("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0001")


async def test_the_account_behind_a_connection_is_who_authorised_it(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)

    assert await harness.accounts.behind(connection_id) == harness.person.account


@pytest.mark.parametrize("connection_id", ["nope", "", "ü", "x\r\ny"])
async def test_nobody_is_behind_a_connection_that_is_not_there(harness: Harness, connection_id: str) -> None:
    with pytest.raises(ConnectionNotFound):
        await harness.accounts.behind(ConnectionId(connection_id))


async def test_a_token_that_github_refuses_is_broken(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)
    await harness.revoke(connection_id)

    with pytest.raises(ConnectionBroken):
        await harness.accounts.behind(connection_id)


async def test_credentials_that_cannot_be_refreshed_are_broken(harness: Harness) -> None:
    connection_id = await harness.sign_in(ATTEMPT)
    await harness.break_credentials(connection_id)

    with pytest.raises(ConnectionBroken):
        await harness.accounts.behind(connection_id)
