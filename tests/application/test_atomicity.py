"""What belongs together is done together: a failure in the middle leaves the sign-in to be collected."""

import pytest

from domain.attempt import AttemptState
from domain.errors import UpstreamUnavailable
from tests.application.house import House
from tests.builders import ADA
from tests.fakes.sessions import InMemorySessions
from tests.fakes.sign_in_codes import InMemorySignInCodes

AWAY = UpstreamUnavailable("the database is away")


async def fail(*_: object) -> None:
    raise AWAY


async def test_a_session_that_cannot_be_stored_leaves_the_sign_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = await house.start_login(None, None)
    attempt = await house.come_back(started, house.nango.approval_by(ADA))
    with monkeypatch.context() as patch:
        patch.setattr(InMemorySessions, "add", fail)
        with pytest.raises(UpstreamUnavailable):
            await house.collect_login(attempt, None)
        with pytest.raises(UpstreamUnavailable):
            await house.collect_token(attempt, None)

    assert house.attempt_state(started) is AttemptState.FINISHED
    assert (await house.collect_login(attempt, None)).session_secret is not None


async def test_a_code_that_cannot_be_stored_leaves_the_sign_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    started = await house.start_login("https://app.test/in", "c" * 43)
    attempt = await house.come_back(started, house.nango.approval_by(ADA))
    with monkeypatch.context() as patch:
        patch.setattr(InMemorySignInCodes, "add", fail)
        with pytest.raises(UpstreamUnavailable):
            await house.collect_login(attempt, None)

    assert house.attempt_state(started) is AttemptState.FINISHED
