from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contents import encoded_content_path
from domain.errors import InvalidContentPath


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        ("README.md", "README.md"),
        ("docs/first steps.md", "docs/first%20steps.md"),
        ("ä/ö?.md", "%C3%A4/%C3%B6%3F.md"),
        ("100%.txt", "100%25.txt"),
        ("a%20b", "a%2520b"),
        ("a%2Fb", "a%252Fb"),
        (".github/workflows/...", ".github/workflows/..."),
        ("..a/b..", "..a/b.."),
        ("#/&=+;", "%23/%26%3D%2B%3B"),
    ],
)
def test_each_segment_is_encoded(path: str, encoded: str) -> None:
    assert encoded_content_path(path) == encoded


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "a/",
        "a//b",
        "a/./b",
        "a/../b",
        "../../../user",
        "%2e%2e/%2e%2e/user",
        "%2E%2e",
        ".%2e/user",
        "..%2f..%2fuser",
        "a%2f..%2f..",
        "a%2f%2fb",
        "%2fa",
        "%252e%252e/user",
        "%25252e%25252e/user",
        "%2525252525252e",
        "..%252f..%252fuser",
        "a\\b",
        "..\\..\\user",
        "%5c..%5c",
        "..%255c..",
        "a\0b",
        "a%00b",
        "a\r\nHost: x",
        "a%0d%0ab",
        "a%250ab",
        "\t..",
        ".\n./user",
        "a\x7fb",
        "a\x85b",
        "\ud800",
        "a" * 5000,
    ],
)
def test_a_path_that_somebody_could_take_for_another_is_refused(path: str) -> None:
    with pytest.raises(InvalidContentPath):
        encoded_content_path(path)


@given(st.text(alphabet=st.sampled_from("./%25eEfF2c\\5C0aé ?#"), max_size=24))
def test_whatever_passes_names_one_file_however_often_it_is_decoded(path: str) -> None:
    try:
        sent = encoded_content_path(path)
    except InvalidContentPath:
        return
    assert unquote(sent) == path
    for _ in range(8):
        assert not {"", ".", ".."} & set(sent.split("/"))
        assert "\\" not in sent
        sent = unquote(sent, errors="replace")
