"""What a comparison finds, and what it leaves alone."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempt import LEASE, LIFETIME, Attempt, AttemptState, Door, id_in
from domain.connection import Connection, ConnectionId, ConnectionState, EndUserId, ListedConnection
from domain.reconcile import GRACE, Comparison, FindingKind, Known
from domain.user import UserId
from tests.builders import a_connection, a_user, an_attempt
from tests.fakes.clock import NOON

SOME_ID = UUID("6d763a4d-f0ee-4e89-9085-d90e55dab5ec")
OLD = NOON - timedelta(hours=1)
SECOND = timedelta(seconds=1)
ADA = a_user(at=OLD)
ROW = a_connection(ADA, at=OLD)
LISTED = ListedConnection(id=ROW.id, end_user_id=ROW.end_user_id, has_errors=False, created_at=OLD)
BROKEN, RETIRED = ROW.broken("no token", OLD), ROW.retired("replaced")


def kind_of(
    listed: ListedConnection = LISTED, *, is_bound_by_cookie: bool = False, **known: object
) -> FindingKind | None:
    finding = Comparison(began_at=NOON, is_bound_by_cookie=is_bound_by_cookie).judge(
        listed,
        Known(**known),  # pyright: ignore[reportArgumentType] - one or two of its fields
    )
    return finding.kind if finding else None


@pytest.mark.parametrize(
    ("row", "listed", "kind"),
    [
        (ROW, LISTED, None),
        (ROW, replace(LISTED, has_errors=True), FindingKind.RECHECK),
        (BROKEN, LISTED, FindingKind.REVISIT),
        (BROKEN, replace(LISTED, has_errors=True), None),
        (ROW, replace(LISTED, end_user_id=EndUserId("somebody")), FindingKind.REASSIGN),
        (ROW, replace(LISTED, end_user_id=None), FindingKind.REASSIGN),
        (ROW, replace(LISTED, end_user_id=EndUserId("attempt"), created_at=NOON - GRACE + SECOND), None),
        (RETIRED, LISTED, FindingKind.DELETE),
        (replace(ROW, checked_at=NOON), replace(LISTED, has_errors=True, end_user_id=None), None),
    ],
)
def test_a_row_is_compared_with_what_nango_lists_of_it(
    row: Connection, listed: ListedConnection, kind: FindingKind | None
) -> None:
    assert kind_of(listed, row=row) is kind


@pytest.mark.parametrize(
    ("row", "is_found"),
    [(ROW, True), (BROKEN, True), (RETIRED, True), (replace(ROW, checked_at=NOON), False)],
)
def test_a_row_that_is_not_listed_is_looked_at_unless_it_is_newer_than_the_list(
    row: Connection, *, is_found: bool
) -> None:
    finding = Comparison(began_at=NOON, is_bound_by_cookie=False).judge_unlisted(row)

    assert (finding is not None) is is_found


OPEN, POPUP = an_attempt(at=NOON), replace(an_attempt(at=NOON), door=Door.CONNECT_UI)
EXPIRED = {"expires_at": NOON}


@pytest.mark.parametrize(
    ("attempt", "by_callback", "by_cookie"),
    [
        (OPEN, None, None),
        (POPUP, None, FindingKind.COMPLETE),
        (replace(POPUP, lease_until=NOON + LEASE), None, FindingKind.COMPLETE),
        (replace(OPEN, expires_at=NOON), FindingKind.DELETE, FindingKind.DELETE),
        (replace(POPUP, expires_at=NOON), FindingKind.DELETE, FindingKind.DELETE),
        (OPEN.passing(NOON), None, None),
        (OPEN.passing(NOON - LEASE), FindingKind.COMPLETE, FindingKind.COMPLETE),
        (replace(OPEN.passing(NOON - LEASE), expires_at=NOON), FindingKind.DELETE, FindingKind.DELETE),
        (OPEN.moved(AttemptState.FAILING), FindingKind.DELETE, FindingKind.DELETE),
        (OPEN.moved(AttemptState.FAILED), FindingKind.DELETE, FindingKind.DELETE),
        (OPEN.resting_as(AttemptState.FAILED, NOON + SECOND), None, None),
    ],
)
def test_what_an_unfinished_sign_in_left_is_finished_deleted_or_left_to_its_browser(
    attempt: Attempt, by_callback: FindingKind | None, by_cookie: FindingKind | None
) -> None:
    assert kind_of(attempt=attempt) is by_callback
    assert kind_of(attempt=attempt, is_bound_by_cookie=True) is by_cookie


@pytest.mark.parametrize(
    ("current", "listed", "kind"),
    [
        (ROW, LISTED, FindingKind.DELETE),
        (None, LISTED, FindingKind.ADOPT),
        (BROKEN, LISTED, FindingKind.ADOPT),
        (None, replace(LISTED, has_errors=True), None),
        (ROW, replace(LISTED, created_at=NOON - GRACE + SECOND), None),
        (None, replace(LISTED, created_at=NOON - GRACE + SECOND), None),
    ],
)
def test_a_further_connection_of_somebody_is_kept_where_they_have_none_that_works(
    current: Connection | None, listed: ListedConnection, kind: FindingKind | None
) -> None:
    assert kind_of(listed, owner=ADA.id, current=current) is kind


def test_a_connection_of_nobody_is_foreign_however_young() -> None:
    assert kind_of(replace(LISTED, created_at=NOON)) is FindingKind.FOREIGN


@pytest.mark.parametrize("text", ["", "ada", str(SOME_ID).upper(), f"{{{SOME_ID}}}", SOME_ID.hex, None])
def test_only_what_we_would_write_ourselves_names_somebody(text: str | None) -> None:
    assert id_in(text) is None
    assert id_in(str(SOME_ID)) == SOME_ID


LISTINGS = st.builds(
    ListedConnection,
    id=st.sampled_from([ROW.id, ConnectionId("other")]),
    end_user_id=st.none() | st.just(EndUserId(str(ADA.id))) | st.text(max_size=3).map(EndUserId),
    has_errors=st.booleans(),
    created_at=st.sampled_from([OLD, NOON - GRACE, NOON, NOON + LIFETIME]),
)


@st.composite
def rows(draw: st.DrawFn) -> Connection | None:
    state, checked_at = draw(st.sampled_from([None, *ConnectionState])), draw(st.sampled_from([OLD, NOON]))
    return replace(ROW, state=state, checked_at=checked_at) if state else None


@st.composite
def attempts(draw: st.DrawFn) -> Attempt | None:
    state = draw(st.sampled_from([None, *AttemptState]))
    if state is None:
        return None
    return replace(
        OPEN,
        state=state,
        door=draw(st.sampled_from(Door)),
        lease_until=draw(st.sampled_from([None, OLD, NOON + SECOND])),
        expires_at=draw(st.sampled_from([NOON, NOON + SECOND])),
        user_id=ADA.id,
    )


@given(
    listed=LISTINGS,
    row=rows(),
    attempt=attempts(),
    owner=st.none() | st.just(UserId(ADA.id)),
    current=rows(),
    is_bound_by_cookie=st.booleans(),
)
def test_whatever_is_listed_nothing_is_touched_that_is_not_ours_to_touch(  # noqa: PLR0913 - all that can be known
    listed: ListedConnection,
    row: Connection | None,
    attempt: Attempt | None,
    owner: UserId | None,
    current: Connection | None,
    *,
    is_bound_by_cookie: bool,
) -> None:
    known = Known(row=row, attempt=attempt, owner=owner, current=current)

    finding = Comparison(began_at=NOON, is_bound_by_cookie=is_bound_by_cookie).judge(listed, known)

    kind = finding.kind if finding else None
    unfinished = attempt if attempt and not attempt.is_done else None
    if row is not None:
        assert kind not in {FindingKind.COMPLETE, FindingKind.ADOPT, FindingKind.FOREIGN}
        assert kind is not FindingKind.DELETE or row.state is ConnectionState.RETIRED
    elif unfinished is not None:
        assert kind in {None, FindingKind.COMPLETE, FindingKind.DELETE}
        assert kind is None or is_bound_by_cookie or not unfinished.is_leased(NOON)
        assert kind is not FindingKind.COMPLETE or not unfinished.is_expired(NOON)
    elif owner is not None:
        assert kind in {None, FindingKind.ADOPT, FindingKind.DELETE}
        assert kind is None or listed.created_at <= NOON - GRACE
    else:
        assert kind is FindingKind.FOREIGN
