"""News of sign-ins by LISTEN/NOTIFY: one connection for each process, whoever waits."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg import AsyncConnection

from adapters.postgres.pool import patient
from application.ports.login_feed import LoginFeed, LoginNews, LoginWatch
from domain.attempt import Attempt, AttemptId, AttemptState, LinkOutcome, Purpose
from domain.connection import ConnectionId

log = structlog.get_logger()

RECONNECT_SECONDS: Final = 1.0
# Each keeps a request or a socket open.
MOST_WATCHES_OF_ONE: Final = 8
MOST_WATCHED: Final = 5000


class News(msgspec.Struct, frozen=True):
    """What travels from process to process."""

    attempt: UUID
    socket: str | None
    connection: str | None
    finished: bool
    purpose: Purpose
    pending: bool


def news_of(attempt: Attempt) -> LoginNews:
    return LoginNews(
        attempt_id=attempt.id,
        socket_id=attempt.socket_id,
        connection_id=attempt.connection_id,
        is_finished=attempt.state is AttemptState.FINISHED,
        purpose=attempt.purpose,
        is_pending=attempt.outcome is LinkOutcome.PENDING_APPROVAL,
    )


def encode_news(told: LoginNews) -> str:
    news = News(
        attempt=told.attempt_id,
        socket=told.socket_id,
        connection=told.connection_id,
        finished=told.is_finished,
        purpose=told.purpose,
        pending=told.is_pending,
    )
    return msgspec.json.encode(news).decode()


class QueueWatch(LoginWatch):
    def __init__(self) -> None:
        self.queue: asyncio.Queue[LoginNews | None] = asyncio.Queue(maxsize=8)
        self._has_ended = False

    def end(self) -> None:
        self._has_ended = True
        if self.queue.empty():
            self.queue.put_nowait(None)

    async def next(self, seconds: float) -> LoginNews | None:
        if self._has_ended:
            return None
        try:
            async with asyncio.timeout(seconds):
                return await self.queue.get()
        except TimeoutError:
            return None


class PostgresLoginFeed(LoginFeed):
    """Listens while `listening` is open; a lost connection is made anew, and what was said meanwhile is lost."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self.is_listening = asyncio.Event()
        self._has_ended = False
        self._watches: defaultdict[str, set[QueueWatch]] = defaultdict(set)

    def has_ended(self) -> bool:
        return self._has_ended

    def end(self) -> None:
        """Send everybody home who waits."""
        self._has_ended = True
        for watches in self._watches.values():
            for watch in watches:
                watch.end()

    def has_room(self, keys: Collection[str]) -> bool:
        is_crowded = any(len(self._watches.get(key, ())) >= MOST_WATCHES_OF_ONE for key in keys)
        return not is_crowded and len(self._watches) < MOST_WATCHED

    @contextmanager
    def watching(self, keys: Collection[str]) -> Generator[LoginWatch, None, None]:
        watch = QueueWatch()
        for key in keys:
            self._watches[key].add(watch)
        try:
            yield watch
        finally:
            for key in keys:
                self._watches[key].discard(watch)
                if not self._watches[key]:
                    del self._watches[key]

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None, None]:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self._listen())
            try:
                yield
            finally:
                task.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(patient(self._conninfo), autocommit=True) as connection:
                    await connection.execute("LISTEN login_news")
                    self.is_listening.set()
                    async for notice in connection.notifies():
                        self._tell(msgspec.json.decode(notice.payload, type=News))
            except psycopg.OperationalError:
                log.warning("login_feed_lost", again_in_seconds=RECONNECT_SECONDS)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _tell(self, news: News) -> None:
        told = LoginNews(
            attempt_id=AttemptId(news.attempt),
            socket_id=news.socket,
            connection_id=ConnectionId(news.connection) if news.connection else None,
            is_finished=news.finished,
            purpose=news.purpose,
            is_pending=news.pending,
        )
        for key in (str(news.attempt), news.socket):
            for watch in self._watches.get(key or "", ()):
                if not watch.queue.full():
                    watch.queue.put_nowait(told)
