"""News of sign-ins within one process."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

from adapters.postgres.login_feed import MOST_WATCHES_OF_ONE, QueueWatch
from application.ports.login_feed import LoginFeed, LoginNews, LoginWatch
from domain.attempt import Attempt, AttemptState


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

    def announce(self, attempt: Attempt) -> None:
        news = LoginNews(
            attempt_id=attempt.id,
            socket_id=attempt.socket_id,
            connection_id=attempt.connection_id,
            is_finished=attempt.state is AttemptState.FINISHED,
        )
        for keys, watch in self._watches:
            if keys & {str(attempt.id), attempt.socket_id}:
                watch.queue.put_nowait(news)
