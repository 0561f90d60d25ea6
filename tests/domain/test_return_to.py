"""Where one may be sent after signing in."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import InvalidReturnTo
from domain.return_to import ReturnTo, fits

OWN = "https://latchkey.test"
APP = "https://app.test:8443"
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"


def parse(raw: str | None, challenge: str | None = None) -> ReturnTo:
    return ReturnTo.parse(raw, challenge, own_origin=OWN, allowed_origins=[APP])


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        (None, "/"),
        ("", "/"),
        ("/", "/"),
        ("/a/b?c=d#e", "/a/b?c=d#e"),
        ("/a//b", "/a//b"),
        (f"{OWN}/welcome", "/welcome"),
    ],
)
def test_a_path_of_ours_is_kept(raw: str | None, url: str) -> None:
    assert parse(raw) == ReturnTo(url)


@pytest.mark.parametrize("raw", [APP, f"{APP}/", f"{APP}/in?x=1", f"{APP}?x=1"])
def test_an_allowed_origin_needs_a_challenge(raw: str) -> None:
    assert parse(raw, CHALLENGE) == ReturnTo(raw, CHALLENGE)
    for challenge in (None, "", "short", CHALLENGE + "=", CHALLENGE[:-1] + "+"):
        with pytest.raises(InvalidReturnTo, match="code_challenge"):
            parse(raw, challenge)


@pytest.mark.parametrize(
    "raw",
    [
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "evil.test",
        "https://evil.test",
        "https:/evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://app.test",
        "http://app.test:8443/",
        f"{APP}.evil.test",
        f"{APP}@evil.test",
        f"{APP}\\@evil.test",
        f"{APP}/in#fragment",
        f"{OWN}.evil.test",
        f"{OWN}//evil.test",
        f"{OWN}@evil.test",
        "https://APP.test:8443/",
        " /a",
        "/a b",
        "/a\r\nSet-Cookie: x=y",
        "/\t/evil.test",
        "/a\x00",
        "/é",
        "/" + "a" * 2048,
    ],
)
def test_anywhere_else_is_refused(raw: str) -> None:
    with pytest.raises(InvalidReturnTo):
        parse(raw, CHALLENGE)


@given(st.text(st.characters(max_codepoint=0x7F), max_size=12).map(lambda text: f"/{text}"))
@example("//evil.test")
@example("/\\evil.test")
def test_whatever_is_taken_for_a_path_stays_on_our_host(raw: str) -> None:
    try:
        taken = parse(raw)
    except InvalidReturnTo:
        return

    # Browsers read a backslash as a slash.
    assert urlsplit(urljoin(f"{OWN}/oauth/callback", taken.url.replace("\\", "/"))).netloc == urlsplit(OWN).netloc


@pytest.mark.parametrize(
    ("url", "with_code"),
    [(APP, f"{APP}?code=c"), (f"{APP}/in", f"{APP}/in?code=c"), (f"{APP}/in?x=1", f"{APP}/in?x=1&code=c")],
)
def test_the_code_goes_into_the_query(url: str, with_code: str) -> None:
    assert ReturnTo(url, CHALLENGE).with_code("c") == with_code


def test_a_verifier_fits_its_own_challenge() -> None:
    # The example of RFC 7636, appendix B.
    assert fits("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert not fits("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK")
