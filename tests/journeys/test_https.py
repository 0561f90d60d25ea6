"""Behind a public https address: what the cookies are called, and that they work."""

from collections.abc import Generator

import httpx
import pytest

from tests.databases import PostgresServer
from tests.journeys.browser import set_cookies
from tests.journeys.deployment import Deployment, deployed

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

PUBLIC_URL = "https://app.example"


@pytest.fixture(scope="module")
def latchkey(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    with deployed(postgres_server, tmp_path_factory.mktemp("https"), PUBLIC_URL=PUBLIC_URL) as deployment:
        yield deployment


def cookie_header(response: httpx.Response) -> dict[str, str]:
    """Send back what was set, as the proxy in front would pass it on."""
    return {"Cookie": "; ".join(header.partition(";")[0] for header in set_cookies(response).values())}


def attributes_of(header: str) -> set[str]:
    return {part.strip().lower().partition("=")[0] for part in header.split(";")[1:]}


def sign_in(latchkey: Deployment) -> tuple[httpx.Response, httpx.Response]:
    person = latchkey.sandbox.newcomer()
    browser = latchkey.browser()
    begun = browser.begin()
    callback = browser.authorize(begun.headers["location"], person.login)
    assert callback.startswith(f"{PUBLIC_URL}/oauth/callback?")
    back = callback.replace(PUBLIC_URL, latchkey.address)
    return begun, browser.http.get(back, headers=cookie_header(begun))


def test_every_cookie_is_bound_to_this_very_host(latchkey: Deployment) -> None:
    begun, finished = sign_in(latchkey)

    assert finished.status_code == 303
    headers = {**set_cookies(begun), **set_cookies(finished)}
    assert len(headers) == 2
    for name, header in headers.items():
        assert name.startswith("__Host-latchkey_")
        assert attributes_of(header) == {"httponly", "secure", "samesite", "path", "max-age"}
        assert "path=/;" in f"{header};".lower().replace("; ", ";")


def test_the_session_works_under_that_name_and_under_no_other(latchkey: Deployment) -> None:
    _, finished = sign_in(latchkey)
    value = set_cookies(finished)["__Host-latchkey_session"].partition(";")[0].partition("=")[2]
    stranger = latchkey.stranger()

    def me(name: str) -> int:
        return stranger.get("/auth/me", headers={"Cookie": f"{name}={value}"}).status_code

    assert me("__Host-latchkey_session") == 200
    assert me("latchkey_session") == 401
    assert me("__Secure-latchkey_session") == 401


def test_the_attempts_cookie_does_not_count_under_a_name_that_a_sibling_domain_could_plant(
    latchkey: Deployment,
) -> None:
    person = latchkey.sandbox.newcomer()
    browser = latchkey.browser()
    begun = browser.begin()
    callback = browser.authorize(begun.headers["location"], person.login).replace(PUBLIC_URL, latchkey.address)
    planted = {"Cookie": cookie_header(begun)["Cookie"].replace("__Host-", "")}

    assert latchkey.stranger().get(callback, headers=planted).status_code == 400
    assert latchkey.rows.user(person) is None


def test_signing_out_counts_only_from_the_public_origin(latchkey: Deployment) -> None:
    _, finished = sign_in(latchkey)
    stranger = latchkey.stranger()
    headers = {**cookie_header(finished), "Content-Type": "application/json"}

    for origin in (latchkey.address, "http://app.example", "https://app.example.evil.example"):
        assert stranger.post("/auth/logout", content="{}", headers={**headers, "Origin": origin}).status_code == 403
    answer = stranger.post("/auth/logout", content="{}", headers={**headers, "Origin": PUBLIC_URL})
    assert answer.status_code == 204
    assert "secure" in attributes_of(set_cookies(answer)["__Host-latchkey_session"])
    assert stranger.get("/auth/me", headers=headers).status_code == 401


def test_browsers_are_told_to_stay_on_https(latchkey: Deployment) -> None:
    assert "max-age=" in latchkey.stranger().get("/healthz").headers["strict-transport-security"]


def test_github_sends_people_to_the_public_address_whatever_the_host_header_says(latchkey: Deployment) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    answer = latchkey.stranger().get("/auth/login", headers=forged)

    assert answer.status_code == 303
    assert "evil" not in answer.headers["location"]
    [name] = set_cookies(answer)
    assert name.startswith("__Host-")
