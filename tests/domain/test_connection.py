"""When a connection proves something, and which one survives."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.connection import ConnectionId, ConnectionState, EndUserId, ProviderConnection
from tests.builders import a_connection, a_user
from tests.fakes.clock import NOON

ORDINARY = ProviderConnection(
    id=ConnectionId("c"),
    integration="github",
    end_user_id=EndUserId("attempt"),
    tagged_end_user_id=EndUserId("attempt"),
    config_keys=frozenset(),
    has_client_override=False,
    authorized_at=NOON,
)


def test_the_ordinary_connection_meets_no_objection() -> None:
    assert ORDINARY.objection("github", EndUserId("attempt")) is None


@pytest.mark.parametrize(
    "odd",
    [
        replace(ORDINARY, integration="github-app-oauth"),
        replace(ORDINARY, end_user_id=None),
        replace(ORDINARY, end_user_id=EndUserId("other")),
        replace(ORDINARY, tagged_end_user_id=None),
        replace(ORDINARY, tagged_end_user_id=EndUserId("other")),
        replace(ORDINARY, has_client_override=True),
        replace(ORDINARY, config_keys=frozenset({"installation_id"})),
    ],
    ids=str,
)
def test_any_other_does(odd: ProviderConnection) -> None:
    assert odd.objection("github", EndUserId("attempt"))


def test_the_newer_grant_survives_unless_only_the_older_works() -> None:
    older = a_connection(a_user())
    newer = replace(older, id=ConnectionId("newer"), authorized_at=NOON + timedelta(seconds=1))

    assert newer.outlives(older)
    assert not older.outlives(newer)
    assert older.outlives(newer.broken("no token", NOON))


def test_a_retired_connection_never_lives_again() -> None:
    retired = a_connection(a_user()).retired("replaced")

    assert retired.broken("x", NOON).state is ConnectionState.RETIRED
    assert retired.verified(EndUserId("x"), NOON, reads_access=False).state is ConnectionState.RETIRED
