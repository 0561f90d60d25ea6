"""Connecting repositories by the redirect door, as people do it."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from entrypoints.sandbox.github.seed import CLIENT_ID
from tests.databases import PostgresServer
from tests.journeys.browser import NAVIGATION, Browser, parameter, set_cookies
from tests.journeys.deployment import ALLOWED_ORIGIN, Deployment, deployed
from tests.journeys.github import GitHub
from tests.journeys.linking import Linking, signed_in
from tests.journeys.outcomes import assert_start_again
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

NOT_CONFIRMED = {"granted": False, "reason": "GitHub did not confirm your access"}


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Linking:
    return signed_in(browser, person)


@pytest.fixture
def colleague(other_browser: Browser, attacker: Person) -> Linking:
    return signed_in(other_browser, attacker)


def test_who_installs_the_app_sees_what_it_covers_and_why(visitor: Linking, github: GitHub, person: Person) -> None:
    mine, other = github.repo(person.login), github.repo(person.login)
    status = visitor.status(visitor.connect(person.login, mine))

    assert status["ready"] is True
    assert [one["fullName"] for one in status["repos"]] == [mine.full_name]
    assert status["repoCount"] == 1
    assert visitor.sees() == {mine.full_name: "admin"}
    access = visitor.access(mine)
    assert (access["granted"], access["permission"], access["proof"]["source"]) == (True, "admin", "link")
    assert 0 <= access["proof"]["ageSeconds"] < 60
    assert visitor.access(other) == NOT_CONFIRMED


def test_nango_keeps_one_connection_of_an_installation_and_none_of_the_try(
    latchkey: Deployment, visitor: Linking, github: GitHub, person: Person
) -> None:
    github.repo(person.login)
    connection_id = visitor.connect(person.login)
    visitor.connect(person.login)

    ids = {one.id for one in latchkey.sandbox.connections()}
    assert f"latchkey-installation-{github.installation_on(person.login)}" in ids
    assert connection_id not in ids


def test_two_members_of_an_organisation_each_see_what_github_lists_for_them(
    visitor: Linking, colleague: Linking, github: GitHub, person: Person, attacker: Person
) -> None:
    organization = github.organization(admins=(person,), members=(attacker,))
    shared = github.repo(organization, collaborators={attacker.login: "push"})
    secret = github.repo(organization)
    visitor.connect(organization)
    colleague.connect(organization)

    assert visitor.sees() == {shared.full_name: "admin", secret.full_name: "admin"}
    assert colleague.sees() == {shared.full_name: "write"}
    assert colleague.access(secret) == NOT_CONFIRMED
    assert visitor.status(visitor.connect(organization))["repoCount"] == 2


def test_a_stranger_who_claims_an_installation_is_shown_nothing(
    visitor: Linking, colleague: Linking, github: GitHub, person: Person, attacker: Person
) -> None:
    mine = github.repo(person.login)
    visitor.connect(person.login)
    installation_id = github.installation_on(person.login)

    # The state and the code are the stranger's own; only the installation is not.
    callback = colleague.install(colleague.start(), attacker.login, github.repo(attacker.login))
    theirs = parse_qs(urlsplit(callback).query)["installation_id"][0]
    connection_id = colleague.finish(
        callback.replace(f"installation_id={theirs}", f"installation_id={installation_id}")
    )

    assert "GitHub did not confirm your access" in colleague.status(connection_id)["denied"]
    assert mine.full_name not in colleague.sees()
    assert colleague.access(mine) == NOT_CONFIRMED
    assert visitor.sees() == {mine.full_name: "admin"}


@pytest.mark.parametrize(
    "more",
    [
        "installation_id=..%2Finstallations%2F5001",
        "installation_id=5001%2Faccess_tokens%3F",
        "installation_id=0",
        "installation_id=-1",
        "installation_id=5001&installation_id=5002",
        "installation_id=" + "9" * 2000,
        "setup_action=delete",
        "setup_action=install&setup_action=request",
    ],
)
def test_what_github_does_not_send_ends_before_anything_is_touched(
    latchkey: Deployment, visitor: Linking, github: GitHub, person: Person, more: str
) -> None:
    callback = visitor.install(visitor.start(), person.login, github.repo(person.login))
    url = urlsplit(callback)
    kept = [part for part in url.query.split("&") if not part.startswith(("installation_id", "setup_action"))]
    [attempt_id] = visitor.browser.attempts

    assert_start_again(visitor.browser.callback(url._replace(query="&".join([*kept, more])).geturl()))
    assert latchkey.rows.attempt(attempt_id)["state"] == "open"
    assert visitor.status(visitor.finish(callback))["ready"] is True


def test_the_callback_needs_the_session_of_who_began(
    visitor: Linking, colleague: Linking, github: GitHub, person: Person
) -> None:
    callback = visitor.install(visitor.start(), person.login, github.repo(person.login))
    visitor.browser.sign_out()
    assert_start_again(visitor.browser.callback(callback))
    assert_start_again(colleague.browser.callback(callback))

    visitor.browser.sign_in(person.login)
    assert visitor.status(visitor.finish(callback))["ready"] is True


def test_another_github_account_than_the_one_signed_in_connects_nothing(
    visitor: Linking, github: GitHub, attacker: Person
) -> None:
    theirs = github.repo(attacker.login)
    callback = visitor.install(visitor.start(), attacker.login, theirs, by=attacker)

    assert_start_again(visitor.browser.callback(callback))
    assert visitor.sees() == {}


def test_a_repeated_callback_leads_to_the_same_place(visitor: Linking, github: GitHub, person: Person) -> None:
    callback = visitor.install(visitor.start(), person.login, github.repo(person.login))
    [cookie] = [one for one in visitor.browser.http.cookies.jar if one.name.startswith("latchkey_login_")]
    first = visitor.finish(callback)
    visitor.browser.http.cookies.jar.set_cookie(cookie)

    assert visitor.finish(callback) == first


def test_it_leads_back_to_an_allowed_origin_and_no_other(visitor: Linking, github: GitHub, person: Person) -> None:
    callback = visitor.install(visitor.start(f"{ALLOWED_ORIGIN}/in?tab=1#top"), person.login, github.repo(person.login))
    answer = visitor.browser.callback(callback)

    location = answer.headers["location"]
    assert location.startswith(f"{ALLOWED_ORIGIN}/in?tab=1&connection_id=")
    assert location.endswith("#top")
    assert "code" not in parse_qs(urlsplit(location).query)
    [name] = [one for one in set_cookies(answer) if one.startswith("latchkey_login_")]
    assert "Max-Age=0" in set_cookies(answer)[name]
    assert visitor.begin(return_to="https://elsewhere.example/").status_code == 400


def test_only_who_is_signed_in_may_begin_and_only_from_here(visitor: Linking, other_browser: Browser) -> None:
    stranger = Linking(other_browser, visitor.person)
    answer = stranger.begin()
    assert answer.status_code == 401
    assert "Please sign in first" in answer.text

    foreign = visitor.browser.http.get(
        f"{visitor.browser.origin}/auth/connect-repositories", headers={**NAVIGATION, "Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert visitor.begin(prefix="/api").status_code == 303


def test_only_to_authorise_needs_the_apps_client_id(visitor: Linking) -> None:
    answer = visitor.begin(install="false")

    assert answer.status_code == 400
    assert "GITHUB_APP_CLIENT_ID" in answer.text


def test_who_declines_at_github_is_told_that_nothing_was_done(visitor: Linking) -> None:
    state = parameter(visitor.start(), "state")
    answer = visitor.browser.callback(f"{visitor.browser.origin}/oauth/callback?error=access_denied&state={state}")

    assert answer.status_code == 403
    assert visitor.sees() == {}


def test_an_installation_begun_at_github_leads_to_our_own_page(latchkey: Deployment, visitor: Linking) -> None:
    callback = f"{visitor.browser.origin}/oauth/callback"
    page = visitor.browser.callback(f"{callback}?code=x&installation_id=5001&setup_action=install")

    assert page.status_code == 200
    assert "/auth/connect-repositories" in page.text
    assert len(latchkey.tap.of("GET", "/oauth/callback")) == 1, "only the sign-in's was passed on"
    assert_start_again(visitor.browser.callback(callback))


def test_a_member_waits_for_an_owner_and_is_shown_the_repositories_when_one_approves(
    visitor: Linking, github: GitHub, person: Person, attacker: Person
) -> None:
    organization = github.organization(admins=(attacker,), members=(person,))
    repo = github.repo(organization, collaborators={person.login: "push"})
    connection_id = visitor.ask_owner(organization)

    assert visitor.status(connection_id) == {"ready": False, "pendingApproval": True}
    [request] = visitor.get("/installations")["requests"]
    assert (request["state"], request["connectionId"]) == ("requested", connection_id)
    assert visitor.sees() == {}

    github.approve(organization, attacker)
    status = visitor.status(connection_id, wait=25)
    assert status["ready"] is True
    assert visitor.sees() == {repo.full_name: "write"}
    [request] = visitor.get("/installations")["requests"]
    assert (request["state"], request["account"]) == ("approved", organization)


def test_without_any_webhook_reconcile_finds_approvals_a_second_one_of_the_same_person_too(
    latchkey: Deployment, visitor: Linking, github: GitHub, person: Person, attacker: Person
) -> None:
    latchkey.sandbox.trouble_webhooks(drop=10_000)
    seen: dict[str, str] = {}
    for _ in range(2):
        organization = github.organization(admins=(attacker,), members=(person,))
        repo = github.repo(organization, collaborators={person.login: "push"})
        connection_id = visitor.ask_owner(organization)

        github.approve(organization, attacker)
        assert visitor.status(connection_id) == {"ready": False, "pendingApproval": True}
        latchkey.reconcile()

        seen[repo.full_name] = "write"
        assert visitor.status(connection_id)["ready"] is True
        assert visitor.sees() == seen


def test_somebody_elses_connection_tells_nothing(
    visitor: Linking, colleague: Linking, github: GitHub, person: Person
) -> None:
    github.repo(person.login)
    connection_id = visitor.connect(person.login)

    assert colleague.status(connection_id) == {"ready": False}
    assert colleague.status("made-up") == {"ready": False}


def test_who_disconnects_loses_their_own_grants_and_the_connection_goes_with_the_last(
    latchkey: Deployment, visitor: Linking, colleague: Linking, github: GitHub
) -> None:
    organization = github.organization(admins=(visitor.person, colleague.person))
    repo = github.repo(organization)
    visitor.connect(organization)
    colleague.connect(organization)
    installation_id = github.installation_on(organization)

    def is_kept() -> bool:
        return f"latchkey-installation-{installation_id}" in {one.id for one in latchkey.sandbox.connections()}

    assert visitor.disconnect(installation_id).status_code == 204
    assert visitor.sees() == {}
    assert visitor.disconnect(installation_id).status_code == 404
    assert colleague.sees() == {repo.full_name: "admin"}
    assert is_kept()
    assert colleague.disconnect(installation_id).status_code == 204
    eventually(lambda: not is_kept(), "deleting the connection")


def test_only_an_owner_disconnects_for_everybody(
    visitor: Linking, colleague: Linking, github: GitHub, person: Person, attacker: Person
) -> None:
    organization = github.organization(admins=(person,), members=(attacker,))
    repo = github.repo(organization, collaborators={attacker.login: "pull"})
    visitor.connect(organization)
    colleague.connect(organization)
    installation_id = github.installation_on(organization)

    assert colleague.disconnect(installation_id, everyone=True).status_code == 403
    assert visitor.sees() == {repo.full_name: "admin"}
    assert visitor.disconnect(installation_id, everyone=True).status_code == 204
    assert (visitor.sees(), colleague.sees()) == ({}, {})


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
def test_no_foreign_page_disconnects(visitor: Linking, github: GitHub, person: Person, origin: str) -> None:
    repo = github.repo(person.login)
    visitor.connect(person.login)

    assert visitor.disconnect(github.installation_on(person.login), origin=origin).status_code == 403
    assert visitor.sees() == {repo.full_name: "admin"}


def test_signing_in_with_the_apps_own_client_shows_what_github_lists_with_nothing_to_click(
    browser: Browser, github: GitHub, person: Person, attacker: Person
) -> None:
    organization = github.organization(admins=(attacker,), members=(person,))
    repo = github.repo(organization, collaborators={person.login: "maintain"})
    github.repo(organization)
    github.install(organization)
    with github.logins_of_the_app():
        visitor = signed_in(browser, person)

        eventually(lambda: visitor.sees() == {repo.full_name: "maintain"}, "the proof")
    assert visitor.access(repo)["proof"]["source"] == "login"


def test_who_cannot_install_only_authorises(postgres_server: PostgresServer, tmp_path: Path) -> None:
    with deployed(postgres_server, tmp_path, GITHUB_APP_CLIENT_ID=CLIENT_ID) as latchkey:
        github, sandbox = latchkey.github, latchkey.sandbox
        owner, member = sandbox.newcomer(), sandbox.newcomer()
        organization = github.organization(admins=(owner,), members=(member,))
        repo = github.repo(organization, collaborators={member.login: "triage"})
        github.install(organization)
        visitor = signed_in(latchkey.browser(), member)

        answer = visitor.begin(install="false")
        github_url = answer.headers["location"]
        assert urlsplit(github_url).path == "/login/oauth/authorize"
        connection_id = visitor.finish(visitor.browser.authorize(github_url, member.login))

        assert visitor.status(connection_id)["ready"] is True
        assert visitor.sees() == {repo.full_name: "triage"}
