"""Numbers in paths, and places in a list: what is none gets the answer of what is not there."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InstallationNotFound, Invalid, RepositoryContentNotFound, RepositoryNotFound
from domain.repository import RepositoryId
from entrypoints.http.numbers import (
    FIRST,
    LARGEST,
    LARGEST_ISSUE,
    installation_named,
    issue_named,
    place_after,
    place_named,
    repository_named,
)

NONE = ["", "0", "-1", "+1", "01", " 1", "1\n", "1.0", "1e3", "0x1", "one", "\u0661", "1_000", "9" * 40]


def test_githubs_largest_numbers_are_read() -> None:
    assert repository_named(str(LARGEST)) == installation_named(str(LARGEST)) == 2**63 - 1
    assert issue_named(str(LARGEST_ISSUE)) == 2**31 - 1


@pytest.mark.parametrize("text", [*NONE, str(LARGEST + 1)])
def test_whatever_else_stands_there_is_not_found(text: str) -> None:
    with pytest.raises(RepositoryNotFound, match="did not confirm"):
        repository_named(text)
    with pytest.raises(InstallationNotFound, match="did not confirm"):
        installation_named(text)
    with pytest.raises(RepositoryContentNotFound):
        issue_named(text)


@given(st.integers(1, LARGEST))
def test_a_place_is_found_again(number: int) -> None:
    assert place_named(place_after(RepositoryId(number))) == number


def test_without_a_place_it_begins_at_the_first() -> None:
    assert place_named(None) == FIRST


@pytest.mark.parametrize(
    "cursor", ["", "?", "LTE", "MA", "eA", "MQ\n", "\u0661", "MQ==MQ", "A", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAx"]
)
def test_any_other_place_is_refused_in_words(cursor: str) -> None:
    with pytest.raises(Invalid, match="next"):
        place_named(cursor)


@given(st.text(max_size=40))
def test_no_place_does_worse(cursor: str) -> None:
    with suppress(Invalid):
        assert 1 <= place_named(cursor) <= LARGEST
