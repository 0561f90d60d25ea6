"""Who begins a reading while another withdraws theirs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString

import pytest
from psycopg import AsyncConnection

from adapters.postgres.rereads import PostgresRereads
from tests.fakes.clock import NOON

pytestmark = pytest.mark.postgres

MINUTE = timedelta(minutes=1)


class Late(PostgresRereads):
    """The first try is withdrawn before it is looked at why another was refused."""

    first: PostgresRereads

    async def _one(self, query: LiteralString, parameters: Mapping[str, object]) -> datetime | None:
        await self.first.withdraw("acme", NOON)
        return await super()._one(query, parameters)


async def test_a_try_that_is_withdrawn_while_another_is_refused_gives_way_to_it(database_url: str) -> None:
    async with (
        await AsyncConnection[Any].connect(database_url, autocommit=True) as one,
        await AsyncConnection[Any].connect(database_url, autocommit=True) as other,
    ):
        late = Late(other)
        late.first = PostgresRereads(one)
        assert await late.first.begin("acme", NOON, NOON - MINUTE) is None

        assert await late.begin("acme", NOON + MINUTE / 2, NOON - MINUTE / 2) is None
        assert await late.first.begin("acme", NOON + MINUTE, NOON) == NOON + MINUTE / 2
