"""Nango's library for browsers: what is fetched, from where, and that nothing else needs it."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from litestar.testing import TestClient

from entrypoints import browser_files
from entrypoints.browser_files import FILES, PACKAGE, PINNED, BrowserFilesUnavailable, install
from entrypoints.container import Container
from entrypoints.http import home
from entrypoints.http.app import create_app
from entrypoints.settings import Settings

# What npm does, as far as the installation sees.
WORKING = (
    sys.executable,
    "-c",
    f"""
from pathlib import Path
package = Path({PACKAGE!r})
(package / "dist").mkdir(parents=True)
(package / "package.json").write_text('{{"version": "1.2.3"}}')
for name in {FILES!r}: (package / "dist" / name).write_text("// " + name)
""",
)
FAILING = (sys.executable, "-c", "import sys; sys.exit('npm error network\\nnpm error no such host')")


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    folder = tmp_path / "browser"
    folder.mkdir()
    (folder / "package-lock.json").write_text(json.dumps({"packages": {PACKAGE: {"version": "1.2.3"}}}))
    return folder


def use(monkeypatch: pytest.MonkeyPatch, *npms: tuple[str, ...]) -> None:
    monkeypatch.setattr(browser_files, "npms", lambda: iter(npms))


def test_the_first_npm_that_works_is_used(monkeypatch: pytest.MonkeyPatch, pinned: Path, tmp_path: Path) -> None:
    use(monkeypatch, ("/nowhere/npm",), FAILING, WORKING)

    install(pinned, tmp_path / "served")

    assert {path.name for path in (tmp_path / "served").iterdir()} == set(FILES)


def test_nothing_is_fetched_twice(monkeypatch: pytest.MonkeyPatch, pinned: Path, tmp_path: Path) -> None:
    use(monkeypatch, WORKING)
    install(pinned, tmp_path / "served")
    (tmp_path / "served" / "index.js").unlink()

    use(monkeypatch, FAILING)
    install(pinned, tmp_path / "served")

    assert (tmp_path / "served" / "index.js").read_text() == "// index.js"


def test_another_pinned_version_is_fetched(monkeypatch: pytest.MonkeyPatch, pinned: Path, tmp_path: Path) -> None:
    use(monkeypatch, WORKING)
    install(pinned, tmp_path / "served")
    (pinned / "package-lock.json").write_text(json.dumps({"packages": {PACKAGE: {"version": "1.2.4"}}}))

    use(monkeypatch, FAILING)
    with pytest.raises(BrowserFilesUnavailable):
        install(pinned, tmp_path / "served")


def test_a_fetch_that_fails_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, pinned: Path, tmp_path: Path) -> None:
    use(monkeypatch, FAILING)

    with pytest.raises(BrowserFilesUnavailable, match=r"^npm could not fetch @nangohq/frontend: network no such host$"):
        install(pinned, tmp_path / "served")

    assert not (tmp_path / "served").exists()


def test_without_any_npm_it_says_so(monkeypatch: pytest.MonkeyPatch, pinned: Path, tmp_path: Path) -> None:
    use(monkeypatch)

    with pytest.raises(BrowserFilesUnavailable, match="there is no npm"):
        install(pinned, tmp_path / "served")


def test_the_lock_file_pins_by_hash_and_names_no_address() -> None:
    text = (PINNED / "package-lock.json").read_text()
    fetched = [package for path, package in json.loads(text)["packages"].items() if path == PACKAGE]

    assert [package["integrity"].partition("-")[0] for package in fetched] == ["sha512"]
    assert text.count('"integrity"') == 1
    assert "://" not in text


@pytest.mark.parametrize("is_there", [True, False])
def test_without_the_library_the_page_offers_the_other_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, is_there: bool
) -> None:
    library = tmp_path / "index.js"
    if is_there:
        library.touch()
    monkeypatch.setattr(home, "LIBRARY", library)
    settings = Settings(nango_secret_key="key", jwt_secret="a secret of at least thirty-two characters")
    container = Container(settings=settings, conninfo="dbname=nowhere")
    container.pool.override(nullcontext())  # pyright: ignore[reportUnknownMemberType]

    with TestClient(create_app(container)) as client:
        page = client.get("/").text

    assert "Sign in with GitHub</a>" in page
    assert ("Sign in with GitHub in a pop-up</button>" in page) == is_there
