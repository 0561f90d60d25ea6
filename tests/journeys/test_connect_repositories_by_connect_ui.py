"""Connecting repositories by Connect UI, as the seed's front end does."""

from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import JSON_CONTENT, NAVIGATION, Browser
from tests.journeys.connect_ui import Page, socket_at
from tests.journeys.deployment import Deployment, deployed
from tests.journeys.github import GitHub
from tests.journeys.linking import Linking, signed_in
from tests.journeys.outcomes import assert_start_again
from tests.journeys.sandbox import Person
from tests.journeys.waiting import eventually

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

INTEGRATION: Final = "github-app-oauth"
SESSION: Final = "/auth/github-app-session"


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Linking:
    return signed_in(browser, person)


def opened(visitor: Linking, latchkey: Deployment, prefix: str = "") -> dict[str, Any]:
    """Open a session as the page does, and return what the service answered."""
    answer = visitor.ask(f"{prefix}{SESSION}")
    assert answer.status_code == 200, answer.text
    latchkey.secrets.add(answer.json()["sessionToken"])
    return answer.json()


def pop_up(visitor: Linking, token: str, integration: str = INTEGRATION, **more: str) -> httpx.Response:
    query = {"connect_session_token": token, **more}
    url = f"{visitor.browser.origin}/oauth/connect/{integration}"
    return visitor.browser.http.get(url, params=query, headers=NAVIGATION)


def test_the_seeds_contract_is_kept(latchkey: Deployment, visitor: Linking, github: GitHub, person: Person) -> None:
    repo = github.repo(person.login)
    session = opened(visitor, latchkey)
    assert sorted(session) == ["apiUrl", "connectLink", "connectUiUrl", "expiresAt", "sessionToken"]
    assert session["apiUrl"] == visitor.browser.origin

    with socket_at(latchkey.address) as socket:
        github_url = pop_up(visitor, session["sessionToken"], ws_client_id=socket.id).headers["location"]
        page = visitor.browser.callback(visitor.install(github_url, person.login))
        assert page.status_code == 200
        assert "Your repositories are connected" in page.text
        told = socket.hear()

    assert (told["message_type"], told["provider_config_key"], told["is_pending"]) == ("success", INTEGRATION, False)
    status = visitor.status(told["connection_id"], wait=25)
    assert (status["ready"], [one["fullName"] for one in status["repos"]]) == (True, [repo.full_name])


def test_who_waits_for_an_owner_hears_of_it_at_once_and_of_the_approval_later(
    latchkey: Deployment, visitor: Linking, github: GitHub, attacker: Person
) -> None:
    organization = github.organization(admins=(attacker,), members=(visitor.person,))
    repo = github.repo(organization, collaborators={visitor.person.login: "pull"})
    session = opened(visitor, latchkey, "/api")

    with socket_at(latchkey.address) as socket:
        github_url = pop_up(visitor, session["sessionToken"], ws_client_id=socket.id).headers["location"]
        assert visitor.browser.callback(visitor.request(github_url, organization)).status_code == 200
        told = socket.hear()

    assert (told["provider_config_key"], told["is_pending"]) == (INTEGRATION, True)
    assert visitor.status(told["connection_id"]) == {"ready": False, "pendingApproval": True}
    github.approve(organization, attacker)
    assert visitor.status(told["connection_id"], wait=25)["ready"] is True
    assert visitor.sees() == {repo.full_name: "read"}


def test_connect_ui_is_told_the_integration_of_its_session(latchkey: Deployment, visitor: Linking) -> None:
    token = opened(visitor, latchkey)["sessionToken"]
    headers = {"Authorization": f"Bearer {token}"}

    def read(path: str) -> Any:  # noqa: ANN401 - JSON
        return latchkey.stranger().get(path, headers=headers).json()["data"]

    assert read("/connect/session")["allowed_integrations"] == [INTEGRATION]
    assert [one["unique_key"] for one in read("/integrations")] == [INTEGRATION]
    assert read(f"/providers/{INTEGRATION}")["auth_mode"] == "CUSTOM"
    unknown = {"Authorization": f"Bearer nango_connect_session_{'0' * 64}"}
    answer = latchkey.stranger().get("/connect/session", headers=unknown)
    assert answer.json()["data"]["allowed_integrations"] == ["github"]


def test_a_session_is_good_for_its_own_integration_only(latchkey: Deployment, visitor: Linking) -> None:
    for_links = opened(visitor, latchkey)["sessionToken"]
    for_logins = Page(latchkey, visitor.browser).token

    assert_start_again(pop_up(visitor, for_links, "github"))
    assert_start_again(pop_up(visitor, for_logins))
    assert pop_up(visitor, for_links).status_code == 303


def test_only_who_is_signed_in_opens_one_and_no_foreign_page_does(latchkey: Deployment, visitor: Linking) -> None:
    assert latchkey.stranger().get(SESSION).status_code == 401
    url = f"{visitor.browser.origin}{SESSION}"
    ours = {"Origin": visitor.browser.origin, **JSON_CONTENT}

    assert visitor.browser.http.get(url, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visitor.browser.http.post(url, content="{}", headers=JSON_CONTENT).status_code == 403
    assert visitor.browser.http.post(url, content="{}", headers=ours).status_code == 200


def test_a_failed_connect_is_told_with_its_integration(latchkey: Deployment, visitor: Linking) -> None:
    token = opened(visitor, latchkey)["sessionToken"]

    with socket_at(latchkey.address) as socket:
        pop_up(visitor, token, ws_client_id=socket.id)
        [attempt_id] = visitor.browser.attempts
        latchkey.rows.change("UPDATE attempts SET state = 'passing' WHERE id = %(id)s", {"id": attempt_id})
        latchkey.rows.change(
            "UPDATE attempts SET expires_at = now(), lease_until = NULL WHERE id = %(id)s", {"id": attempt_id}
        )
        told = socket.hear(15)

    assert (told["message_type"], told["provider_config_key"]) == ("error", INTEGRATION)
    eventually(lambda: latchkey.rows.attempt(attempt_id)["state"] == "failed", "the sweep")


def test_where_nango_has_the_callback_the_link_is_finished_too(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("links-by-cookie")
    with deployed(postgres_server, folder, LOGIN_BINDING="cookie", ALLOWED_ORIGINS="") as latchkey:
        person = latchkey.sandbox.newcomer()
        repo = latchkey.github.repo(person.login)
        visitor = by_pop_up(latchkey, person)
        token = opened(visitor, latchkey)["sessionToken"]
        [attempt_id] = visitor.browser.attempts

        connection_id = connect_at_nango(latchkey, visitor, token, attempt_id)
        assert visitor.status(connection_id, wait=25)["ready"] is True
        assert visitor.sees() == {repo.full_name: "admin"}
        refused = visitor.begin()
        assert (refused.status_code, "LOGIN_BINDING=cookie" in refused.text) == (503, True)


def by_pop_up(latchkey: Deployment, person: Person) -> Linking:
    browser = latchkey.browser()
    page = Page(latchkey, browser)
    github_url = browser.http.get(
        f"{latchkey.sandbox.url}/oauth/connect/github", params={"connect_session_token": page.token}
    ).headers["location"]
    assert browser.http.get(browser.authorize(github_url, person.login)).status_code == 200
    [connection] = latchkey.sandbox.connections_for(page.attempt_id)
    assert page.status(connection.id, wait=25).json()["ready"] is True
    return Linking(browser, person)


def connect_at_nango(latchkey: Deployment, visitor: Linking, token: str, attempt_id: UUID) -> str:
    """Install the App as Connect UI does with Nango as its host; return the id of the new connection."""
    url = f"{latchkey.sandbox.url}/oauth/connect/{INTEGRATION}"
    github_url = visitor.browser.http.get(url, params={"connect_session_token": token}).headers["location"]
    callback = visitor.install(github_url, visitor.person.login)
    assert callback.startswith(f"{latchkey.sandbox.url}/oauth/callback?")
    assert visitor.browser.http.get(callback).status_code == 200
    [connection] = latchkey.sandbox.connections_for(attempt_id)
    return connection.id
