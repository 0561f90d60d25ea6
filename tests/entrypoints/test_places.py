"""Cursors of the synced lists: each is found again, and nothing else is one."""

from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.replica import UNDATED, CommitPlace
from entrypoints.http.numbers import LARGEST_ISSUE
from entrypoints.http.places import LONGEST_PLACE, after_commit, after_number, commit_after, number_after

SHAS = st.text("0123456789abcdef", min_size=7, max_size=64)
TIMES = st.datetimes(timezones=st.just(UTC)) | st.just(UNDATED)


def cursor_of(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@given(st.integers(1, LARGEST_ISSUE))
def test_a_number_is_found_again(number: int) -> None:
    assert number_after(after_number(number)) == number


@given(TIMES, SHAS)
def test_a_commit_is_found_again_to_the_microsecond(at: datetime, sha: str) -> None:
    place = CommitPlace(ordered_at=at, sha=sha)

    assert commit_after(after_commit(place)) == place
    assert len(after_commit(place)) <= LONGEST_PLACE


def test_without_a_place_it_begins_at_the_beginning() -> None:
    assert (number_after(None), commit_after(None)) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "01", str(LARGEST_ISSUE + 1), "1\n", "\u0661", f"7.{'a' * 40}"], ids=ascii
)
def test_any_other_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="next"):
        number_after(cursor_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        f"7{'a' * 40}",
        "7.",
        "7.abc",
        f"7.{'A' * 40}",
        f"07.{'a' * 40}",
        f"-0.{'a' * 40}",
        f"7.{'a' * 65}",
        f"{'9' * 18}.{'a' * 40}",
        f"7.{'a' * 40}\n",
        f"\u0667.{'a' * 40}",
    ],
    ids=ascii,
)
def test_any_other_place_of_a_commit_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="next"):
        commit_after(cursor_of(text))


@given(st.text(max_size=LONGEST_PLACE))
def test_nothing_that_is_sent_does_worse(cursor: str) -> None:
    for read in (number_after, commit_after):
        with suppress(Invalid):
            read(cursor)
