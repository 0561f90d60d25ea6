"""News of sign-ins within one process."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

from adapters.postgres.login_feed import MOST_WATCHES_OF_ONE, QueueWatch
from application.ports.login_feed import LoginFeed, LoginNews, LoginWatch


class FakeLoginFeed(LoginFeed):
    def __init__(self) -> None:
        self._has_ended = False
        self._watches: list[tuple[frozenset[str], QueueWatch]] = []

    def has_ended(self) -> bool:
        return self._has_ended

    def end(self) -> None:
        self._has_ended = True
        for _, watch in self._watches:
            watch.end()

    def has_room(self, keys: Collection[str]) -> bool:
        return not any(sum(key in watched for watched, _ in self._watches) >= MOST_WATCHES_OF_ONE for key in keys)

    @contextmanager
    def watching(self, keys: Collection[str]) -> Generator[LoginWatch, None, None]:
        watch = (frozenset(keys), QueueWatch())
        self._watches.append(watch)
        try:
            yield watch[1]
        finally:
            self._watches.remove(watch)

    def announce(self, news: LoginNews) -> None:
        for keys, watch in self._watches:
            if keys & {str(news.attempt_id), news.socket_id}:
                watch.queue.put_nowait(news)
