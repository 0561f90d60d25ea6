"""Whatever happens between the pages, and to whoever reads them, the replica ends equal to the source."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UpstreamUnavailable
from domain.sync import RESTARTED_EVERY, Position, RecordPage, Sync
from tests.application.replicating import LEASE, PULLS, Pages, Replicating, in_words, payload
from tests.fakes.clock import NOON

DAY: Final = timedelta(days=1)
NUMBERS: Final = st.integers(1, 7)

Step: TypeAlias = "Callable[[Story], None]"


@dataclass(slots=True)
class Story:
    """What happens at the source, and to its readers: a step between any two pages."""

    replicating: Replicating
    steps: list[Step]
    source: dict[int, str]
    fails_next: bool = False
    stalls_next: bool = False

    def put(self, number: int, title: str) -> None:
        self.source[number] = title
        self.replicating.synced_records.put(PULLS, payload(number, title))

    def delete(self, number: int, *, keeps_payload: bool) -> None:
        if self.source.pop(number, None) is not None:
            self.replicating.synced_records.delete(PULLS, str(number), keeps_payload=keeps_payload)

    def go_on(self) -> None:
        if self.steps:
            self.steps.pop()(self)
            self.replicating.clock.advance(timedelta(milliseconds=1))

    async def page(self, sync: Sync, position: Position) -> RecordPage:
        page = await self.replicating.synced_records.page(sync, position)
        self.go_on()
        if self.fails_next:
            self.fails_next = False
            raise UpstreamUnavailable("as the test wants")
        if self.stalls_next:
            # Somebody else takes over meanwhile, and this page is stored too late.
            self.stalls_next = False
            self.replicating.clock.advance(LEASE)
            await self.replicating.pull()
        return page


def putting(number: int, title: str) -> Step:
    return lambda story: story.put(number, title)


def deleting(number: int, keeps_payload: bool) -> Step:  # noqa: FBT001 - drawn
    return lambda story: story.delete(number, keeps_payload=keeps_payload)


def failing(story: Story) -> None:
    story.fails_next = True


def stalling(story: Story) -> None:
    story.stalls_next = True


def refusing(story: Story) -> None:
    story.replicating.synced_records.refuse_cursors()


CHANGES: Final = st.one_of(
    st.builds(putting, NUMBERS, st.sampled_from(["one", "two", "three"])),
    st.builds(deleting, NUMBERS, st.booleans()),
)
TROUBLES: Final = st.sampled_from([failing, stalling, refusing])
# After how many seconds a webhook comes, and whether it says from when on Nango read.
HEARD: Final = st.tuples(st.integers(0, 120), st.booleans())
STEPS: Final = st.lists(st.one_of(CHANGES, CHANGES, CHANGES, TROUBLES), min_size=8, max_size=40)


@given(before=st.lists(CHANGES, max_size=10), steps=STEPS, heard=st.lists(HEARD, min_size=1, max_size=6))
@settings(deadline=None, max_examples=200)
async def test_the_replica_ends_equal_to_the_source(
    before: list[Step], steps: list[Step], heard: list[tuple[int, bool]]
) -> None:
    replicating = Replicating()
    await replicating.connect()
    story = Story(replicating, [], {})
    for change in before:
        change(story)
    story.steps = steps
    replicating.pull_due = replace(replicating.pull_due, synced_records=Pages(story.page))

    for seconds, tells_since_when in heard:
        since = in_words(NOON - timedelta(seconds=seconds))
        await replicating.hear(**({"queryTimeStamp": since} if tells_since_when else {}))
        await replicating.pull()
        replicating.clock.advance(timedelta(seconds=seconds))
    while story.steps:
        story.go_on()
    for _ in range(3):
        replicating.clock.advance(RESTARTED_EVERY)
        await replicating.hear()
        await replicating.pull()

    assert await replicating.pull_requests() == story.source
    assert (await replicating.sync()).run is None
