from urllib.parse import parse_qs, urlsplit

from domain.attempt import ProviderAnswer
from domain.connection import EndUserId
from domain.secret import Secret
from tests.adapters.nango.harness import Harness

ATTEMPT = EndUserId("0b6f7a0e-57a5-4d0c-9d5c-3a5e1b6f0001")
OURS = Secret("our-state_-0123456789")


async def test_github_is_given_our_state_and_nango_keeps_its_own(harness: Harness) -> None:
    started = await harness.authorizations.start(ATTEMPT, OURS)

    assert parse_qs(urlsplit(started.url).query)["state"] == [OURS.text]
    assert started.pending.state not in started.url
    assert started.pending.cookie is not None


async def test_an_approval_makes_one_connection_of_the_end_user(harness: Harness) -> None:
    started = await harness.authorizations.start(ATTEMPT, OURS)

    assert await harness.authorizations.finish(started.pending, await harness.person.approve(started.url))

    assert len(await harness.connections.of_end_user(ATTEMPT)) == 1


async def test_a_denial_makes_none(harness: Harness) -> None:
    started = await harness.authorizations.start(ATTEMPT, OURS)

    denial = await harness.person.deny(started.url)

    assert denial.is_denial
    assert not await harness.authorizations.finish(started.pending, denial)
    assert await harness.connections.of_end_user(ATTEMPT) == []


async def test_a_code_that_github_does_not_know_makes_none(harness: Harness) -> None:
    started = await harness.authorizations.start(ATTEMPT, OURS)

    assert not await harness.authorizations.finish(started.pending, ProviderAnswer(code="made-up"))
    assert await harness.connections.of_end_user(ATTEMPT) == []


async def test_an_authorisation_is_good_for_one_answer(harness: Harness) -> None:
    started = await harness.authorizations.start(ATTEMPT, OURS)
    answer = await harness.person.approve(started.url)
    await harness.authorizations.finish(started.pending, answer)

    assert not await harness.authorizations.finish(started.pending, answer)
    assert len(await harness.connections.of_end_user(ATTEMPT)) == 1
