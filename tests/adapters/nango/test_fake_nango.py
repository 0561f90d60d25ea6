"""What the fake offers beyond the ports' contracts, for tests of use cases."""

import pytest

from domain.attempt import ProviderAnswer
from domain.connection import EndUserId
from domain.errors import ConnectionBroken, ConnectionNotFound, UpstreamMisconfigured, UpstreamUnavailable
from domain.secret import Secret
from tests.adapters.nango.harness import ADA
from tests.fakes.nango.authorizations import FakeAuthorizations
from tests.fakes.nango.github_accounts import FakeGitHubAccounts
from tests.fakes.nango.model import FakeNango
from tests.fakes.nango.provider_connections import FakeProviderConnections

ATTEMPT, STRANGER = EndUserId("attempt"), EndUserId("stranger")


@pytest.fixture
def nango() -> FakeNango:
    return FakeNango()


async def test_a_planned_failure_comes_before_the_effect_and_passes(nango: FakeNango) -> None:
    authorizations = FakeAuthorizations(nango)
    nango.fail("start", UpstreamMisconfigured("a setting"), times=2)

    for _ in range(2):
        with pytest.raises(UpstreamMisconfigured):
            await authorizations.start(ATTEMPT, Secret("s"))
    assert not nango.pending

    await authorizations.start(ATTEMPT, Secret("s"))
    assert nango.calls["start"] == 3


async def test_a_callback_may_take_effect_and_fail_all_the_same(nango: FakeNango) -> None:
    authorizations = FakeAuthorizations(nango)
    started = await authorizations.start(ATTEMPT, Secret("s"))
    nango.fail("finish", after_effect=True)

    with pytest.raises(UpstreamUnavailable):
        await authorizations.finish(started.pending, nango.approval_by(ADA))

    assert len(await FakeProviderConnections(nango).of_end_user(ATTEMPT)) == 1


async def test_a_code_can_be_worth_something_odd(nango: FakeNango) -> None:
    authorizations, connections = FakeAuthorizations(nango), FakeProviderConnections(nango)
    started = await authorizations.start(ATTEMPT, Secret("s"))
    code = nango.code_for(
        ADA, connections=2, config_keys=frozenset({"x"}), has_client_override=True, end_user_id=STRANGER
    )

    assert await authorizations.finish(started.pending, ProviderAnswer(code=code))

    newer, older = await connections.of_end_user(STRANGER)
    document = await connections.read(newer)
    assert document.authorized_at > (await connections.read(older)).authorized_at
    assert (document.config_keys, document.has_client_override) == (frozenset({"x"}), True)


async def test_connections_can_be_made_changed_and_broken_behind_the_ports(nango: FakeNango) -> None:
    authorizations, accounts = FakeAuthorizations(nango), FakeGitHubAccounts(nango)
    started = await authorizations.start(ATTEMPT, Secret("s"))
    [authorized] = nango.authorize(started.pending, ADA)
    made = nango.connect(STRANGER, ADA)

    assert await accounts.behind(authorized) == await accounts.behind(made) == ADA

    nango.connections[made].is_revoked = True
    nango.connections[authorized].integration = "another"
    with pytest.raises(ConnectionBroken):
        await accounts.behind(made)
    with pytest.raises(ConnectionNotFound):
        await accounts.behind(authorized)
    assert nango.calls["behind"] == 4
