"""What an operator's commands have in common."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime

from entrypoints.database import migrated_database
from entrypoints.logs import configure_logs
from entrypoints.operator_container import OperatorContainer
from entrypoints.settings import Place
from entrypoints.terminal import one_line_on_failure


def ask(question: Callable[[OperatorContainer], Awaitable[None]]) -> None:
    """Put a question to the database; what is said then is the answer, so ordinary logs are left out."""

    async def put(conninfo: str) -> None:
        container = OperatorContainer(conninfo=conninfo)
        async with container.pool():
            await question(container)

    with one_line_on_failure():
        place = Place.from_environment(os.environ)
        configure_logs("WARNING")
        with migrated_database(place) as conninfo:
            asyncio.run(put(conninfo))


def in_utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
