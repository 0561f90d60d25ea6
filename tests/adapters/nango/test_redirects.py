"""What is made of Nango's redirect to GitHub."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.nango.authorizations import NangoAuthorizations, the_parameter, with_parameter
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from application.ports.authorizations import StartedAuthorization
from domain.attempt import PendingAuthorization, ProviderAnswer
from domain.connection import EndUserId
from domain.errors import UpstreamMisconfigured, UpstreamUnavailable
from domain.secret import Secret
from tests.adapters.nango import recorded

CALLBACK_URL = "https://app.test/oauth/callback?a=b c"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def authorizations(answer: httpx.Response, asked: list[httpx.Request] | None = None) -> NangoAuthorizations:
    def handle(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return recorded.answer("a01_sessions_end_user") if request.method == "POST" else answer

    async def at_once(_seconds: float) -> None:
        return

    client = NangoClient(
        http=httpx.MockTransport(handle),
        host="http://nango.test",
        secret_key="key",
        budget=CallBudget(),
        sleep=at_once,
    )
    return NangoAuthorizations(client, "github", CALLBACK_URL, Share.START)


async def started(location: str | None, *cookies: str) -> StartedAuthorization:
    headers = [("Set-Cookie", cookie) for cookie in cookies]
    if location is not None:
        headers.append(("Location", location))
    return await authorizations(httpx.Response(302, headers=headers)).start(EndUserId("u1"), Secret("o/u=r s"))


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "/login?state=x",
        "//github.test/?state=x",
        "javascript:alert(1)?state=x",
        "ftp://github.test/?state=x",
        "https://?state=x",
        "https://[::1?state=x",
        "https://github.test/",
        "https://github.test/?state=",
        "https://github.test/?state=x&state=y",
        "https://github.test/?state=x&st%61te=y",
        "https://github.test/?x=1#state=x",
    ],
)
async def test_a_redirect_without_exactly_one_state_is_of_no_use(location: str | None) -> None:
    with pytest.raises(UpstreamUnavailable):
        await started(location)


async def test_every_other_parameter_stays_as_it_was() -> None:
    before = "https://github.test/a%2Fb?x=%7e+1&&st%61te=n%20a&code_challenge=a-_&empty=&y"

    begun = await started(before)

    assert begun.url == "https://github.test/a%2Fb?x=%7e+1&&state=o%2Fu%3Dr%20s&code_challenge=a-_&empty=&y"
    assert begun.pending.state == "n a"


@settings(deadline=None)
@given(st.dictionaries(texts.filter(lambda key: key != "state"), texts, max_size=5), texts.filter(bool), texts)
def test_any_query_keeps_its_meaning(others: dict[str, str], nangos: str, ours: str) -> None:
    url = f"https://github.test/?{urlencode({**others, 'state': nangos})}"

    replaced = with_parameter(url, "state", ours)

    assert the_parameter(url, "state") == nangos
    assert parse_qsl(urlsplit(replaced).query, keep_blank_values=True) == [*others.items(), ("state", ours)]


@pytest.mark.parametrize(
    "location",
    [
        "https://github.test/?state=x&redirect_uri=https%3A%2F%2Fapi.nango.dev%2Foauth%2Fcallback",
        "https://github.test/?state=x&redirect_uri=",
        f"https://github.test/?state=x&{urlencode({'redirect_uri': CALLBACK_URL})}&redirect_uri=https%3A%2F%2Fx.test",
    ],
)
async def test_a_redirect_that_comes_back_elsewhere_names_the_setting(location: str) -> None:
    with pytest.raises(UpstreamMisconfigured, match="callback URL of the Nango environment"):
        await started(location)


async def test_a_redirect_that_comes_back_to_us_or_does_not_say_where_is_fine() -> None:
    assert await started(f"https://github.test/?state=x&{urlencode({'redirect_uri': CALLBACK_URL})}")
    assert await started("https://github.test/?state=x")


@pytest.mark.parametrize(
    ("cookies", "kept"),
    [
        ((), None),
        (("oauth2-x=1; Path=/; HttpOnly",), "oauth2-x=1"),
        (("session=s%3A1; Path=/", "oauth2-x=s%3Aab.c; Path=/"), "oauth2-x=s%3Aab.c"),
        (("oauth2-other=1", "oauth2-x"), None),
        (('oauth2-x="a b"',), None),
    ],
)
async def test_only_the_cookie_of_the_state_is_kept(cookies: tuple[str, ...], kept: str | None) -> None:
    assert (await started("https://github.test/?state=x", *cookies)).pending.cookie == kept


async def test_the_callbacks_query_is_rebuilt_from_what_is_known() -> None:
    asked: list[httpx.Request] = []
    port = authorizations(httpx.Response(400), asked)
    answer = ProviderAnswer(code="a&state=b", error="e r", error_description="é%2F#")

    await port.finish(PendingAuthorization(state="n&s", cookie="oauth2-n=1"), answer)
    await port.finish(PendingAuthorization(state="n", cookie=None), ProviderAnswer(code="c"))

    assert parse_qsl(asked[0].url.query.decode()) == [
        ("code", "a&state=b"),
        ("error", "e r"),
        ("error_description", "é%2F#"),
        ("state", "n&s"),
    ]
    assert asked[0].headers["cookie"] == "oauth2-n=1"
    assert parse_qsl(asked[1].url.query.decode()) == [("code", "c"), ("state", "n")]
    assert "cookie" not in asked[1].headers
