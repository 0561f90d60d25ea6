"""Strangers, former members and clumsy people at somebody else's repositories, over HTTP."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest

from domain.installation import InstallationId, connection_of, holder_of
from tests.databases import PostgresServer
from tests.fixtures.github_examples import about
from tests.journeys.browser import Browser, problem_of
from tests.journeys.connect_ui import Page
from tests.journeys.connect_ui import connect_at_nango as login_at_nango
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.github import GitHub, Repo
from tests.journeys.linking import Linking, signed_in
from tests.journeys.outcomes import assert_start_again
from tests.journeys.sandbox import Person, Sandbox
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

LINK: Final = "github-app-oauth"
REFUSED: Final = "GitHub did not confirm your access"


class Victim:
    """Somebody who owns an organisation with a private repository; connected unless told otherwise."""

    def __init__(self, latchkey: Deployment, person: Person, *, is_connected: bool = True) -> None:
        self.latchkey, self.person = latchkey, person
        self.account = latchkey.github.organization(admins=(person,))
        self.repo = latchkey.github.repo(self.account)
        self.linking = signed_in(latchkey.browser(), person)
        self.connection_id = ""
        if is_connected:
            self.connection_id = self.linking.connect(self.account, self.repo)
        else:
            control(latchkey, "POST", "/installations", {"account": self.account, "by": person.login})
        self.installation_id = latchkey.github.installation_on(self.account)

    @property
    def kept(self) -> str:
        return connection_of(InstallationId(self.installation_id))

    def assert_nothing_lost(self) -> None:
        assert self.linking.sees() == {self.repo.full_name: "admin"}
        holder = holder_of(InstallationId(self.installation_id))
        assert [one.id for one in self.latchkey.sandbox.connections_for(holder)] == [self.kept]

    def assert_nothing_shown_to(self, other: Linking) -> None:
        assert self.repo.full_name not in other.sees()
        assert other.access(self.repo) == {"granted": False, "reason": REFUSED}
        for number in (self.repo.id, 4711):
            for path in (f"/repos/{number}", f"/repos/{number}/files/README.md"):
                answer = other.ask(path)
                assert (answer.status_code, problem_of(answer)["detail"]) == (404, REFUSED)
        assert self.installation_id not in {one["id"] for one in other.get("/installations")["installations"]}


@pytest.fixture
def victim(latchkey: Deployment, person: Person) -> Victim:
    return Victim(latchkey, person)


@pytest.fixture
def mallory(other_browser: Browser, attacker: Person) -> Linking:
    return signed_in(other_browser, attacker)


def control(latchkey: Deployment, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    answer = latchkey.stranger().request(method, f"{latchkey.sandbox.url}/__sandbox{path}", json=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def tampered(callback: str, **changes: str | None) -> str:
    """Change what GitHub's redirect says; None takes a parameter away."""
    parts = urlsplit(callback)
    query = {name: value for name, value in (dict(parse_qsl(parts.query)) | changes).items() if value is not None}
    return parts._replace(query=urlencode(query)).geturl()


@pytest.mark.parametrize("is_connected", [True, False], ids=["connected", "not connected yet"])
def test_a_callback_that_claims_the_victims_installation_gets_only_ones_own(
    latchkey: Deployment, person: Person, mallory: Linking, github: GitHub, *, is_connected: bool
) -> None:
    victim = Victim(latchkey, person, is_connected=is_connected)
    own = github.repo(mallory.person.login)
    callback = mallory.install(mallory.start(), mallory.person.login, own)

    connection_id = mallory.finish(tampered(callback, installation_id=str(victim.installation_id)))

    assert mallory.status(connection_id)["ready"] is False
    assert mallory.sees() == {own.full_name: "admin"}
    victim.assert_nothing_shown_to(mallory)
    assert [one.id for one in latchkey.sandbox.connections() if one.id == victim.kept] == [victim.kept] * is_connected
    if not is_connected:
        victim.linking.finish(victim.linking.install(victim.linking.start(), victim.account, victim.repo))
    victim.assert_nothing_lost()


def test_a_claim_without_a_code_never_reaches_nango(latchkey: Deployment, victim: Victim, mallory: Linking) -> None:
    callback = mallory.install(mallory.start(), mallory.person.login)
    latchkey.tap.clear()

    claim = {"installation_id": str(victim.installation_id), "setup_action": "update", "code": None}
    assert_start_again(mallory.browser.callback(tampered(callback, **claim)))

    assert all("installation" not in one.target for one in latchkey.tap.asked)
    victim.assert_nothing_shown_to(mallory)
    victim.assert_nothing_lost()


TRICKS: Final = [
    "..%2Finstallations%2F{id}",
    "{id}%2Faccess_tokens%3F",
    "{id}%3F",
    "{id}&installation_id={id}",
    "99999999999999999999",
    "0",
    "-{id}",
    "%00{id}",
    "",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_an_installation_id_that_is_none_reaches_nobody(
    latchkey: Deployment, victim: Victim, mallory: Linking, trick: str
) -> None:
    callback = tampered(mallory.install(mallory.start(), mallory.person.login), installation_id=None)
    latchkey.tap.clear()

    answer = mallory.browser.callback(f"{callback}&installation_id={trick.format(id=victim.installation_id)}")

    assert answer.status_code == 400
    assert latchkey.tap.asked == []
    victim.assert_nothing_lost()


def let_hints_rest(latchkey: Deployment) -> None:
    """Let the time pass in which nothing is read again."""
    latchkey.rows.change("DELETE FROM rereads")


def hear(latchkey: Deployment, body: dict[str, Any], event: str | None = None) -> None:
    """Post to Nango's ingress, which signs it and passes it on; wait until it was acted on."""
    mark = str(uuid4())
    let_hints_rest(latchkey)
    latchkey.sandbox.post_to_ingress(body | {"mark": mark}, event=event)
    eventually(lambda: latchkey.rows.deliveries_with(mark), "the webhook")
    assert {one["state"] for one in latchkey.wait_until_processed(mark)} <= {"done", "ignored"}


FORGED: Final = [
    ("installation", "deleted"),
    ("installation", "suspend"),
    ("installation_repositories", "removed"),
    ("repository", "deleted"),
    ("member", "removed"),
    ("organization", "member_removed"),
]


@pytest.mark.parametrize(("event", "action"), FORGED)
def test_a_forged_event_that_nango_signs_takes_nothing(
    latchkey: Deployment, victim: Victim, event: str, action: str
) -> None:
    ids = {"installation": victim.installation_id, "repository": victim.repo.id, "person": victim.person.id}

    hear(latchkey, about(event, action, **ids), event)

    victim.assert_nothing_lost()


@pytest.mark.parametrize("operation", ["creation", "override"])
def test_a_forged_word_of_nango_gives_nobody_the_victims_connection(
    latchkey: Deployment, victim: Victim, mallory: Linking, operation: str
) -> None:
    mallory.start()
    [attempt_id] = mallory.browser.attempts
    said = latchkey.auth_event(victim.kept, attempt_id, operation=operation) | {"providerConfigKey": LINK}

    hear(latchkey, said)

    assert mallory.status(victim.kept) == {"ready": False}
    victim.assert_nothing_shown_to(mallory)
    victim.assert_nothing_lost()


def test_a_connection_that_nango_gave_to_a_stranger_is_given_back(
    latchkey: Deployment, victim: Victim, mallory: Linking, sandbox: Sandbox
) -> None:
    session = mallory.ask("/auth/github-app-session").json()
    latchkey.secrets.add(session["sessionToken"])
    stranger = latchkey.stranger()
    [attempt_id] = mallory.browser.attempts
    nango = stranger.get(
        f"{sandbox.url}/oauth/connect/{LINK}", params={"connect_session_token": session["sessionToken"]}
    )
    callback = mallory.install(nango.headers["location"], mallory.person.login)
    query = urlsplit(tampered(callback, installation_id=str(victim.installation_id))).query

    let_hints_rest(latchkey)
    answer = stranger.get(f"{sandbox.url}/oauth/callback?{query}")
    assert answer.status_code == 200, answer.text

    eventually(lambda: latchkey.rows.deliveries_with(attempt_id), "the webhook")
    latchkey.wait_until_processed(attempt_id)
    eventually(lambda: sandbox.connections_for(attempt_id) == [], "giving it back")
    assert mallory.status(victim.kept) == {"ready": False}
    victim.assert_nothing_shown_to(mallory)
    victim.assert_nothing_lost()


def test_whoever_else_signs_in_in_that_browser_does_not_finish_it(
    latchkey: Deployment, mallory: Linking, person: Person
) -> None:
    callback = mallory.install(mallory.start(), mallory.person.login)
    mallory.browser.sign_in(person.login)
    latchkey.tap.clear()

    assert_start_again(mallory.browser.callback(callback))

    assert latchkey.tap.asked == []
    assert mallory.sees() == {}


def test_a_strangers_session_and_cookies_learn_nothing_of_anothers_attempt(
    latchkey: Deployment, victim: Victim, mallory: Linking
) -> None:
    nobody = latchkey.stranger()
    for connection_id in (victim.connection_id, victim.kept, "made-up"):
        assert mallory.status(connection_id) == {"ready": False}
        assert nobody.get(f"/auth/github-app/status/{connection_id}").status_code == 401


@pytest.mark.parametrize("everyone", [True, False])
def test_nobody_disconnects_what_is_not_theirs(victim: Victim, mallory: Linking, *, everyone: bool) -> None:
    for installation_id in (victim.installation_id, 4711):
        assert mallory.disconnect(installation_id, everyone=everyone).status_code == 404

    victim.assert_nothing_lost()


PATHS: Final = [
    "..%2f..%2f..%2fuser",
    "%2e%2e/%2e%2e/user",
    "docs/..%2f..%2f..%2f..%2fuser",
    "docs/%2E",
    "docs//README.md",
    "docs%00",
    "docs%5c..%5cREADME.md",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_leads_elsewhere_leads_nowhere(latchkey: Deployment, victim: Victim, path: str) -> None:
    latchkey.tap.clear()

    answer = raw_get(victim.linking, f"/repos/{victim.repo.id}/files/{path}")

    assert answer.status_code in {400, 404}, answer.text
    asked = [one.path for one in latchkey.tap.asked]
    inside = re.compile(rf"/proxy/repositories/{victim.repo.id}/contents/[^/].*")
    assert all(inside.fullmatch(one) for one in asked if "contents" in one)
    assert not any(".." in one or "%2e" in one.lower() for one in asked)


def raw_get(linking: Linking, path: str) -> httpx.Response:
    """Ask for a path exactly as it is written."""
    request = linking.browser.http.build_request("GET", f"{linking.browser.origin}/")
    request.url = request.url.copy_with(raw_path=path.encode())
    return linking.browser.http.send(request)


def by_leaving(victim: Victim, who: str) -> None:
    control(victim.latchkey, "DELETE", f"/repositories/{victim.repo.id}/collaborators/{who}")
    control(victim.latchkey, "DELETE", f"/organizations/{victim.account}/members/{who}")


def test_a_former_member_sees_nothing_as_soon_as_github_tells(
    latchkey: Deployment, victim: Victim, github: GitHub
) -> None:
    person = latchkey.sandbox.newcomer()
    who = signed_in(latchkey.browser(), person)
    own = join(victim, who, github)
    let_hints_rest(latchkey)

    by_leaving(victim, person.login)

    eventually(lambda: who.sees() == {own.full_name: "admin"}, "losing it")
    victim.assert_nothing_shown_to(who)
    victim.assert_nothing_lost()


def join(victim: Victim, who: Linking, github: GitHub) -> Repo:
    """Let somebody be a member who may read it, and authorise: only owners install."""
    control(victim.latchkey, "PUT", f"/organizations/{victim.account}/members/{who.person.login}", {"role": "member"})
    control(
        victim.latchkey,
        "PUT",
        f"/repositories/{victim.repo.id}/collaborators/{who.person.login}",
        {"permission": "pull"},
    )
    own = github.repo(who.person.login)
    who.connect(who.person.login, own)
    assert who.sees() == {victim.repo.full_name: "read", own.full_name: "admin"}
    return own


def test_what_differs_is_named_by_a_dry_run_and_healed_by_the_command(
    latchkey: Deployment, victim: Victim, mallory: Linking
) -> None:
    waiting = mallory.ask_owner(victim.latchkey.github.organization(members=(mallory.person,)))
    latchkey.sandbox.drop(victim.kept)
    rows = latchkey.rows.read("SELECT * FROM installation_connections ORDER BY id")

    status, said = latchkey.reconcile("--dry-run")

    assert status == 0
    assert f"recheck {victim.kept}: Nango does not list it any more" in said
    assert f"approval {waiting}: its person waits for an owner's approval" in said
    assert said[-1].endswith("nothing was changed")
    assert latchkey.rows.read("SELECT * FROM installation_connections ORDER BY id") == rows
    latchkey.reconcile()
    victim.assert_nothing_lost()


def test_by_cookie_a_tampered_callback_on_a_known_installation_gets_nothing(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with deployed(postgres_server, tmp_path, LOGIN_BINDING="cookie") as latchkey:
        people = [latchkey.sandbox.newcomer() for _ in range(2)]
        ada, mallory = [sign_in_at_nango(latchkey, one) for one in people]
        repo, own = [latchkey.github.repo(one.login) for one in people]
        for_ada = connect_at_nango(latchkey, ada, repo)
        assert eventually(lambda: ada.status(for_ada)["ready"], "connecting")
        installation_id = latchkey.github.installation_on(ada.person.login)
        let_hints_rest(latchkey)

        connection_id = connect_at_nango(latchkey, mallory, own, installation_id=str(installation_id))
        eventually(lambda: mallory.status(connection_id).get("denied"), "an answer")

        assert mallory.sees() == {}
        assert mallory.access(repo) == {"granted": False, "reason": REFUSED}
        assert ada.sees() == {repo.full_name: "admin"}
        holder = holder_of(InstallationId(installation_id))
        eventually(lambda: len(latchkey.sandbox.connections_for(holder)) == 1, "giving it back")


def sign_in_at_nango(latchkey: Deployment, person: Person) -> Linking:
    """Sign in through Connect UI, with GitHub sending the browser to Nango."""
    page = Page(latchkey, latchkey.browser())
    connection_id = login_at_nango(page, person)
    eventually(lambda: page.status(connection_id).json()["ready"], "signing in")
    return Linking(page.browser, person)


def connect_at_nango(latchkey: Deployment, linking: Linking, repo: Repo, **changes: str) -> str:
    """Install the App with Nango as the callback; return the connection that Nango made or took."""
    session = linking.ask("/auth/github-app-session").json()
    latchkey.secrets.add(session["sessionToken"])
    started = linking.browser.http.get(
        f"{latchkey.sandbox.url}/oauth/connect/{LINK}", params={"connect_session_token": session["sessionToken"]}
    )
    callback = linking.install(started.headers["location"], linking.person.login, repo)
    answer = linking.browser.http.get(tampered(callback, **changes))
    assert answer.status_code == 200, answer.text
    attempt_id = linking.browser.attempts[-1]
    made = latchkey.sandbox.connections_for(attempt_id)
    return made[0].id if made else "given back by now"
