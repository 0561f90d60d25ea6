"""What strangers try on somebody else's installation, and what it gets them: nothing, and the victim loses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest

from application.login.open_connect_ui import ConnectUiOpened
from application.login.start_login import LoginStarted
from application.reconcile.treatment import Treatment
from domain.approval import ApprovalState
from domain.attempt import LIFETIME, Attempt, AttemptState, LinkOutcome
from domain.connection import ConnectionId, EndUserId
from domain.delivery import DeliveryState, Json
from domain.errors import Forbidden, InstallationNotFound, RepositoryNotFound, StartAgain
from domain.installation import InstallationId, connection_of, holder_of
from domain.reconcile import FindingKind
from domain.repository import Permission, Visibility
from domain.user import GitHubId, UserId
from tests.application.house import LINK, House, auth_webhook, state_of
from tests.builders import ADA, GRACE
from tests.fakes.installation_access import FakeInstallationAccess
from tests.fakes.nango.model import FakeConnection
from tests.fixtures.github_examples import about

HOUR: Final = timedelta(hours=1)
MALLORY: Final = replace(GRACE, id=GitHubId(6666), login="mallory")
READ, WRITE = Permission.READ, Permission.WRITE
NOW: Final = timedelta(0)


class Scene:
    """Ada's organisation, connected by her if `is_connected`, and Mallory, who has no part in it."""

    def __init__(self, *, is_bound_by_cookie: bool = False, reads_access: bool = False) -> None:
        self.house = House(is_bound_by_cookie=is_bound_by_cookie, reads_access=reads_access)
        self.github = self.house.github
        self.acme = self.github.install(5001)
        self.private = self.github.create(1, self.acme)
        self.github.give(ADA, WRITE, self.private)
        self.github.person(MALLORY)
        self.ada, self.mallory = UserId(uuid4()), UserId(uuid4())

    @classmethod
    async def open(
        cls, *, is_connected: bool = True, is_bound_by_cookie: bool = False, reads_access: bool = False
    ) -> "Scene":
        scene = cls(is_bound_by_cookie=is_bound_by_cookie, reads_access=reads_access)
        scene.ada = (await scene.house.sign_in(ADA)).user_id
        scene.mallory = (await scene.house.sign_in(MALLORY)).user_id
        if is_connected:
            await scene.house.link(scene.ada, ADA, scene.acme)
            assert await scene.house.seen_by(scene.ada) == ["acme/repository-1"]
        return scene

    async def rest(self) -> None:
        """Let everything that runs by itself run."""
        house = self.house
        for _ in range(3):
            house.clock.advance(timedelta(minutes=20))
            while await house.work():
                pass
            await house.renew_due()
            await house.sweep_attempts()
            await house.proving.settle_installations()
        await house.reconcile()

    async def assert_nothing_gained(self) -> None:
        house = self.house
        assert await house.seen_by(self.mallory) == []
        assert (await house.list_installations(self.mallory)).installations == []
        assert (await house.explain_access(self.mallory, self.private)).refusal == "GitHub did not confirm your access"
        with pytest.raises(RepositoryNotFound):
            await house.show_repository(self.mallory, self.private)

    async def assert_nothing_lost(self) -> None:
        assert await self.house.seen_by(self.ada) == ["acme/repository-1"]
        connection = self.house.links.connections[connection_of(self.acme)]
        assert connection.end_user_id == connection.tagged_end_user_id == holder_of(self.acme)
        row = self.house.begin_work.tables.installation_connections[connection.id]
        assert (row.installation_id, row.is_settled) == (self.acme, True)

    def connected(self) -> FakeConnection:
        return self.house.links.connections[connection_of(self.acme)]

    def reuse(self, opened: ConnectUiOpened, connection: FakeConnection) -> None:
        """Let Nango do with a tampered callback what it does: give a known installation's connection to who came."""
        connection.end_user_id = connection.tagged_end_user_id = opened.attempt.end_user_id
        connection.has_lost_person = True


def told(connection_id: str, end_user_id: str | None = None, **more: Json) -> dict[str, Json]:
    return auth_webhook(connection_id, end_user_id, providerConfigKey=LINK, **more)


async def come_back(
    house: House, started: LoginStarted, who: UserId | None, secrets: Mapping[str, object] | None = None
) -> Attempt:
    held = {started.attempt.id: started.secret} if secrets is None else {}
    return await house.pass_callback(state_of(started), house.links.approval_by(MALLORY), held, who)


@pytest.mark.parametrize("is_connected", [True, False], ids=["connected", "not connected yet"])
async def test_a_callback_that_claims_somebody_elses_installation_gets_nothing(*, is_connected: bool) -> None:
    scene = await Scene.open(is_connected=is_connected)
    nango, tables = dict(scene.house.links.connections), dict(scene.house.begin_work.tables.installations)

    attempt = await scene.house.link(scene.mallory, MALLORY, scene.acme)

    assert attempt.outcome is LinkOutcome.NOTHING_PROVEN
    await scene.assert_nothing_gained()
    assert scene.house.links.connections == nango
    assert scene.house.begin_work.tables.installations == tables


async def test_who_is_robbed_of_the_first_claim_connects_as_if_nothing_had_been() -> None:
    scene = await Scene.open(is_connected=False)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)

    attempt = await scene.house.link(scene.ada, ADA, scene.acme)

    assert attempt.outcome is LinkOutcome.LINKED
    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


async def test_a_claim_without_a_code_never_reaches_nango() -> None:
    scene = await Scene.open(is_connected=False)
    started = await scene.house.start_link(scene.mallory, None, installs=True)
    answer = replace(scene.house.links.approval_by(MALLORY), code=None, claim=scene.acme)

    with pytest.raises(StartAgain, match="no authorisation"):
        await scene.house.come_back_to_link(started, answer)

    assert not scene.house.links.connections
    await scene.assert_nothing_gained()


async def test_a_callback_that_says_an_owner_is_asked_gets_a_request_of_ones_own_and_no_more() -> None:
    scene = await Scene.open()
    started = await scene.house.start_link(scene.mallory, None, installs=True)
    answer = replace(scene.house.links.approval_by(MALLORY), claim=scene.acme, is_request=True)

    await scene.house.come_back_to_link(started, answer)
    await scene.rest()

    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()
    [request] = (await scene.house.list_installations(scene.mallory)).requests
    assert (request.state, request.account) == (ApprovalState.REQUESTED, None)


GITHUB_SAYS: Final = [
    ("installation", "deleted"),
    ("installation", "suspend"),
    ("installation_repositories", "removed"),
    ("repository", "deleted"),
    ("repository", "transferred"),
    ("repository", "privatized"),
    ("member", "removed"),
    ("organization", "member_removed"),
    ("github_app_authorization", "revoked"),
]


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "bare"])
@pytest.mark.parametrize(("event", "action"), GITHUB_SAYS)
async def test_a_forged_event_about_the_victim_takes_nothing_from_them(
    event: str, action: str, *, wrapped: bool, reads_access: bool
) -> None:
    scene = await Scene.open(reads_access=reads_access)
    scene.house.clock.advance(HOUR)
    sender = {"sender": int(ADA.id)} if event == "github_app_authorization" else {"sender": int(MALLORY.id)}
    ids = {"installation": 5001, "repository": 1, "person": int(ADA.id)}
    body: Json = about(event, action, **(sender if event == "github_app_authorization" else ids | sender))
    if wrapped:
        body = {"type": "forward", "from": LINK, "connectionId": connection_of(scene.acme), "payload": body}

    await scene.house.hear(body, {"x-github-event": event})
    await scene.rest()

    await scene.assert_nothing_lost()
    await scene.assert_nothing_gained()


@pytest.mark.parametrize("about_whom", ["the connection", "a made-up connection"])
@pytest.mark.parametrize(
    "more", [{"operation": "override", "authMode": "APP"}, {"operation": "creation"}, {"success": False}], ids=repr
)
async def test_a_forged_word_of_nango_gives_nobody_the_victims_connection(
    about_whom: str, more: dict[str, Json]
) -> None:
    scene = await Scene.open()
    scene.house.clock.advance(HOUR)
    opened = await scene.house.open_link_ui(scene.mallory)
    named = connection_of(scene.acme) if about_whom == "the connection" else ConnectionId("made-up")

    await scene.house.hear(told(named, opened.attempt.end_user_id, **more))
    await scene.rest()

    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()
    assert not (await scene.house.await_link(scene.mallory, named, NOW)).is_ready


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "untold"])
async def test_a_connection_that_nango_gave_to_who_came_last_is_given_back(*, is_told: bool) -> None:
    scene = await Scene.open()
    scene.house.clock.advance(HOUR)
    rows = dict(scene.house.begin_work.tables.grants)
    opened = await scene.house.open_link_ui(scene.mallory)
    scene.reuse(opened, scene.connected())

    if is_told:
        await scene.house.hear(told(scene.connected().id, opened.attempt.end_user_id, operation="override"))
        assert await scene.house.proving.settle_installations() == 1
    else:
        treated = await scene.house.reconcile()
        found = (FindingKind.REASSIGN, Treatment.HEALED)
        assert found in [(one.finding.kind, one.treatment) for one in treated]

    assert scene.house.begin_work.tables.grants == rows
    await scene.assert_nothing_lost()
    await scene.assert_nothing_gained()


async def test_two_connections_for_one_attempt_fail_it_and_ours_is_spared() -> None:
    scene = await Scene.open()
    started = await scene.house.start_link(scene.mallory, None, installs=True)
    end_user = started.attempt.end_user_id
    scene.house.links.connect(end_user, MALLORY)
    kept = scene.connected()
    kept.end_user_id = kept.tagged_end_user_id = end_user

    with pytest.raises(StartAgain, match="more than one connection"):
        await scene.house.come_back_to_link(started, scene.house.links.approval_by(MALLORY))
    await scene.rest()

    assert scene.connected() is kept

    assert list(scene.house.links.connections) == [connection_of(scene.acme)]
    assert scene.house.attempt_state(started) is AttemptState.FAILED
    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


async def test_a_connection_of_ours_is_spared_when_what_a_stranger_left_is_swept() -> None:
    scene = await Scene.open()
    opened = await scene.house.open_link_ui(scene.mallory)
    kept = scene.connected()
    scene.reuse(opened, kept)
    scene.house.clock.advance(LIFETIME)

    assert await scene.house.sweep_attempts() == 1
    await scene.rest()

    assert scene.connected() is kept
    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


async def test_a_link_is_finished_by_nobody_but_who_began_it() -> None:
    scene = await Scene.open()
    started = await scene.house.start_link(scene.mallory, None, installs=True)

    for who in (scene.ada, None):
        with pytest.raises(StartAgain, match="who is signed in"):
            await come_back(scene.house, started, who)
    with pytest.raises(StartAgain):
        await come_back(scene.house, started, scene.mallory, secrets={})

    assert scene.house.attempt_state(started) is AttemptState.OPEN
    assert scene.house.links.calls["finish"] == 1  # Ada's own, before


async def test_a_link_sent_to_the_victim_binds_their_access_to_nobody_else() -> None:
    scene = await Scene.open()
    started = await scene.house.start_link(scene.mallory, None, installs=True)

    with pytest.raises(StartAgain, match="another GitHub account"):
        await scene.house.come_back_to_link(started, scene.house.links.approval_by(ADA))

    assert list(scene.house.links.connections) == [connection_of(scene.acme)]
    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


@pytest.mark.parametrize("known", ["connection", "attempt", "installation"])
async def test_another_persons_status_is_nobodys(known: str) -> None:
    scene = await Scene.open()
    attempt = await scene.house.link(scene.ada, ADA, scene.acme)
    named = {"connection": attempt.connection_id, "attempt": attempt.id, "installation": connection_of(scene.acme)}

    status = await scene.house.await_link(scene.mallory, ConnectionId(str(named[known])), NOW)

    assert (status.is_ready, status.grants, status.request, status.denied) == (False, (), None, None)


async def test_a_pending_connection_that_is_authorised_anew_by_somebody_else_proves_nothing() -> None:
    scene = await Scene.open(is_connected=False)
    attempt = await scene.house.ask_for_approval(scene.mallory, MALLORY)
    assert attempt.connection_id is not None
    scene.house.links.connections[attempt.connection_id].account = ADA

    await scene.house.hear(told(attempt.connection_id, operation="override"))
    await scene.rest()

    await scene.assert_nothing_gained()
    [request] = (await scene.house.list_installations(scene.mallory)).requests
    assert request.state is ApprovalState.REQUESTED


async def test_a_login_that_is_authorised_anew_by_somebody_else_proves_nothing_any_more() -> None:
    scene = await Scene.open(reads_access=True)
    [login] = [one for one in scene.house.nango_connections if one.account.id == MALLORY.id]
    login.account = ADA

    scene.house.clock.advance(HOUR)
    await scene.house.hear(auth_webhook(login.id, str(scene.mallory), operation="override"))
    await scene.house.proving.renew_hinted(scene.mallory)

    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


async def test_somebody_elses_approval_answers_nothing() -> None:
    scene = await Scene.open(is_connected=False)
    attempt = await scene.house.ask_for_approval(scene.mallory, MALLORY)
    assert attempt.connection_id is not None
    # As if the owner had approved it: Nango goes by the login name of who asked, which anybody may have had before.
    scene.house.links.connections[attempt.connection_id].claims = scene.acme
    requester: Json = {"login": MALLORY.login, "id": int(MALLORY.id), "type": "User"}
    event = about("installation", "created", installation=5001, sender=int(ADA.id)) | {"requester": requester}

    await scene.house.hear(event, {"x-github-event": "installation"})
    await scene.house.hear(told(attempt.connection_id, operation="override", authMode="APP"))
    await scene.rest()

    await scene.assert_nothing_gained()
    [request] = (await scene.house.list_installations(scene.mallory)).requests
    assert request.state is ApprovalState.REQUESTED


@pytest.mark.parametrize("reads_access", [True, False], ids=["by lists", "by roles"])
@pytest.mark.parametrize("how", ["event", "age"])
async def test_a_former_member_sees_nothing_any_more(how: str, *, reads_access: bool) -> None:
    scene = await Scene.open(reads_access=reads_access)
    scene.github.give(MALLORY, READ, scene.private)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    before = await scene.house.seen_by(scene.mallory)
    scene.github.take(MALLORY, scene.private)
    scene.house.clock.advance(timedelta(minutes=1))

    if how == "event":
        event = about("organization", "member_removed", installation=5001, person=int(MALLORY.id))
        await scene.house.hear(event, {"x-github-event": "organization"})
    else:
        scene.house.clock.advance(timedelta(hours=18))
        while await scene.house.renew_due():
            pass

    assert before == ["acme/repository-1"]
    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


async def test_whoever_takes_a_login_name_over_takes_no_access_over() -> None:
    scene = await Scene.open()
    scene.github.person(replace(ADA, login="ada-lovelace"))
    scene.github.person(replace(MALLORY, login=ADA.login))

    await scene.house.link(scene.mallory, replace(MALLORY, login=ADA.login), scene.acme)
    for user_id in (scene.ada, scene.mallory):
        await scene.house.proving.renew_hinted(user_id)

    await scene.assert_nothing_gained()
    await scene.assert_nothing_lost()


async def test_the_old_name_of_a_former_member_gives_them_nothing_of_its_new_bearer() -> None:
    scene = await Scene.open()
    scene.github.give(MALLORY, READ, scene.private)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    # She leaves under another name, and a new member takes hers.
    scene.github.take(MALLORY, scene.private)
    del scene.github.people[MALLORY.id]
    bearer = scene.github.person(replace(MALLORY, id=GitHubId(7777)))
    scene.github.give(bearer, WRITE, scene.private)
    scene.house.clock.advance(HOUR)

    await scene.house.proving.renew_hinted(scene.mallory)

    assert await scene.house.seen_by(scene.mallory) == []


async def test_a_role_counts_for_the_person_whose_it_is_though_the_name_has_changed_hands_meanwhile() -> None:
    scene = await Scene.open()
    scene.github.give(MALLORY, READ, scene.private)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    bearer = replace(MALLORY, id=GitHubId(7777))
    scene.github.take(MALLORY, scene.private)
    scene.github.give(bearer, WRITE, scene.private)
    prove_by_role = replace(
        scene.house.proving.prove_by_role, installation_access=OldNames(scene.github, {MALLORY.id: MALLORY.login})
    )
    del scene.github.people[MALLORY.id]
    user = next(one for one in scene.house.users if one.id == scene.mallory)
    scene.house.clock.advance(HOUR)

    await prove_by_role(user, scene.acme, connection_of(scene.acme))

    await scene.assert_nothing_gained()


@dataclass(frozen=True, slots=True)
class OldNames(FakeInstallationAccess):
    """Knows the names that people had a moment ago."""

    names: Mapping[GitHubId, str]

    async def login_of(self, connection_id: ConnectionId, github_id: GitHubId) -> str | None:
        assert connection_id in self.github.links.connections
        return self.names.get(github_id)


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.INTERNAL])
@pytest.mark.parametrize("permission", [READ, Permission.TRIAGE])
async def test_what_everybody_may_read_is_shown_by_roles_only_to_who_has_one(
    visibility: Visibility, permission: Permission
) -> None:
    scene = await Scene.open()
    other = scene.github.create(2, scene.acme, visibility=visibility)
    scene.github.give(MALLORY, READ, scene.private)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    scene.github.give(MALLORY, permission, other)
    scene.house.clock.advance(HOUR)

    await scene.house.proving.renew_hinted(scene.mallory)

    seen = await scene.house.seen_by(scene.mallory)
    assert ("acme/repository-2" in seen) == (permission > READ)


async def test_a_private_repository_that_is_made_public_is_shown_by_roles_to_no_reader() -> None:
    scene = await Scene.open()
    scene.github.give(MALLORY, READ, scene.private)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    known = scene.github.repositories[scene.private]
    scene.github.repositories[scene.private] = replace(known, visibility=Visibility.PUBLIC)
    scene.github.take(MALLORY, scene.private)

    scene.house.clock.advance(HOUR)
    event = about("repository", "publicized", installation=5001, repository=1)
    await scene.house.hear(event, {"x-github-event": "repository"})
    await scene.house.renew_due()

    assert await scene.house.seen_by(scene.mallory) == []
    await scene.assert_nothing_lost()


async def test_nobody_disconnects_what_they_have_not_proven() -> None:
    scene = await Scene.open()

    for installation_id in (scene.acme, InstallationId(4711)):
        with pytest.raises(InstallationNotFound):
            await scene.house.disconnect.for_oneself(scene.mallory, installation_id)
        with pytest.raises(InstallationNotFound):
            await scene.house.disconnect.for_everybody(scene.mallory, installation_id)
    await scene.rest()

    await scene.assert_nothing_lost()


@pytest.mark.parametrize("permission", [READ, Permission.ADMIN])
async def test_nobody_but_an_owner_disconnects_for_everybody(permission: Permission) -> None:
    scene = await Scene.open()
    scene.github.give(MALLORY, permission, scene.private)
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    # An owner of another organisation.
    scene.github.own(MALLORY, "elsewhere")

    with pytest.raises(Forbidden):
        await scene.house.disconnect.for_everybody(scene.mallory, scene.acme)
    await scene.rest()

    await scene.assert_nothing_lost()


async def test_a_former_owner_disconnects_nobody() -> None:
    scene = await Scene.open()
    scene.github.give(MALLORY, READ, scene.private)
    scene.github.own(MALLORY, "acme")
    await scene.house.link(scene.mallory, MALLORY, scene.acme)
    scene.github.owners.clear()

    with pytest.raises(Forbidden):
        await scene.house.disconnect.for_everybody(scene.mallory, scene.acme)

    await scene.assert_nothing_lost()


# Where the cookie alone binds an attempt, GitHub sends browsers to Nango, and callbacks can be tampered with.


async def by_webhook(scene: Scene, opened: ConnectUiOpened, connection_id: ConnectionId) -> None:
    await scene.house.hear(told(connection_id, opened.attempt.end_user_id))


async def by_pull(scene: Scene, opened: ConnectUiOpened, connection_id: ConnectionId) -> None:
    assert opened.attempt.user_id is not None
    for _ in range(2):
        await scene.house.await_link(opened.attempt.user_id, connection_id, NOW)
        scene.house.clock.advance(timedelta(seconds=30))
    await scene.house.await_link(opened.attempt.user_id, connection_id, NOW)


WAYS: Final = {"webhook": by_webhook, "pull": by_pull}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("keeps_person", [True, False], ids=["with the person's token", "without it"])
async def test_by_cookie_a_link_is_proven_as_by_callback(way: str, *, keeps_person: bool) -> None:
    scene = await Scene.open(is_connected=False, is_bound_by_cookie=True)
    opened = await scene.house.open_link_ui(scene.ada)
    made = scene.house.links.connect(opened.attempt.end_user_id, ADA)
    scene.house.links.connections[made].claims = scene.acme
    scene.house.links.connections[made].has_lost_person = not keeps_person

    await WAYS[way](scene, opened, made)
    status = await scene.house.await_link(scene.ada, made, NOW)

    assert (status.is_ready, status.total) == (True, 1)
    assert await scene.house.seen_by(scene.ada) == ["acme/repository-1"]
    assert [row.installation_id for row in scene.house.begin_work.tables.installation_connections.values()] == [5001]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("has_code", [True, False], ids=["with a code", "without"])
async def test_by_cookie_a_stranger_who_claims_what_nobody_connected_gets_nothing(way: str, *, has_code: bool) -> None:
    scene = await Scene.open(is_connected=False, is_bound_by_cookie=True)
    opened = await scene.house.open_link_ui(scene.mallory)
    made = scene.house.links.connect(opened.attempt.end_user_id, MALLORY)
    scene.house.links.connections[made].claims = scene.acme
    scene.house.links.connections[made].has_lost_person = not has_code

    await WAYS[way](scene, opened, made)
    status = await scene.house.await_link(scene.mallory, made, NOW)
    await scene.rest()

    assert (status.is_ready, status.denied is not None) == (False, True)
    assert not scene.house.links.connections
    assert not scene.house.begin_work.tables.installations
    await scene.assert_nothing_gained()


@pytest.mark.parametrize("way", WAYS)
async def test_by_cookie_a_tampered_callback_on_a_known_installation_gets_nothing(way: str) -> None:
    scene = await Scene.open(is_connected=False, is_bound_by_cookie=True)
    adas = await scene.house.open_link_ui(scene.ada)
    made = scene.house.links.connect(adas.attempt.end_user_id, ADA)
    victims = scene.house.links.connections[made]
    victims.claims = scene.acme
    await by_webhook(scene, adas, made)
    assert await scene.house.proving.settle_installations() == 1
    scene.house.clock.advance(HOUR)
    opened = await scene.house.open_link_ui(scene.mallory)
    scene.reuse(opened, victims)

    await WAYS[way](scene, opened, made)
    await scene.house.proving.settle_installations()
    status = await scene.house.await_link(scene.mallory, made, NOW)
    await scene.rest()

    assert not status.is_ready
    await scene.assert_nothing_gained()
    assert await scene.house.seen_by(scene.ada) == ["acme/repository-1"]
    assert list(scene.house.links.connections) == [made]
    assert victims.end_user_id == victims.tagged_end_user_id == holder_of(scene.acme)


async def test_by_cookie_a_second_connection_made_with_our_session_token_fails_the_attempt() -> None:
    scene = await Scene.open(is_connected=False, is_bound_by_cookie=True)
    opened = await scene.house.open_link_ui(scene.ada)
    for account in (ADA, MALLORY):
        scene.house.links.connect(opened.attempt.end_user_id, account)

    await by_pull(scene, opened, ConnectionId("any"))
    status = await scene.house.await_link(scene.ada, ConnectionId("any"), NOW)
    await scene.rest()

    assert (status.is_ready, status.denied) == (False, "GitHub or Nango did not complete this: start again")
    assert not scene.house.links.connections
    assert await scene.house.seen_by(scene.ada) == []


async def test_a_further_connection_made_after_the_link_is_deleted_and_ours_stays() -> None:
    scene = await Scene.open(is_connected=False, is_bound_by_cookie=True)
    opened = await scene.house.open_link_ui(scene.ada)
    made = scene.house.links.connect(opened.attempt.end_user_id, ADA)
    scene.house.links.connections[made].claims = scene.acme
    await by_webhook(scene, opened, made)
    stray = scene.house.links.connect(opened.attempt.end_user_id, MALLORY)

    processed = await scene.house.hear(told(stray, opened.attempt.end_user_id))
    await scene.rest()

    assert processed is not None
    assert processed.state is DeliveryState.DONE
    assert list(scene.house.links.connections) == [made]
    assert await scene.house.seen_by(scene.ada) == ["acme/repository-1"]


async def test_two_people_of_one_installation_each_see_exactly_their_own() -> None:
    scene = await Scene.open()
    scene.github.give(MALLORY, READ, scene.github.create(2, scene.acme), scene.github.create(3, scene.acme))
    before = await scene.house.seen_by(scene.ada)
    nango, rows = dict(scene.house.links.connections), dict(scene.house.begin_work.tables.installation_connections)
    proof = await proof_of(scene.house, scene.ada, scene.acme)

    await scene.house.link(scene.mallory, MALLORY, scene.acme)

    assert await scene.house.seen_by(scene.mallory) == ["acme/repository-2", "acme/repository-3"]
    assert await scene.house.seen_by(scene.ada) == before == ["acme/repository-1"]
    assert scene.house.links.connections == nango
    assert scene.house.begin_work.tables.installation_connections == rows
    assert await proof_of(scene.house, scene.ada, scene.acme) == proof
    await scene.rest()
    await scene.assert_nothing_lost()


async def proof_of(house: House, user_id: UserId, installation_id: InstallationId) -> object:
    async with house.begin_work(atomic=False) as work:
        return await work.grants.proof_of(user_id, installation_id)


async def test_an_end_user_of_ours_that_a_stranger_made_up_is_nobody() -> None:
    scene = await Scene.open()
    made = scene.house.links.connect(EndUserId(holder_of(scene.acme)), MALLORY)

    await scene.house.hear(told(made, holder_of(scene.acme)))
    await scene.rest()

    await scene.assert_nothing_lost()
    await scene.assert_nothing_gained()
