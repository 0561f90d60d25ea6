"""What the documents say is true."""

import re
from pathlib import Path

import pytest

from entrypoints.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("tests/fixtures/**/*.md")])
SETTINGS = {name.upper() for name in Settings.__struct_fields__}
LINK = re.compile(r"\]\((?P<target>[^)#]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    targets = [target for target in LINK.findall(document.read_text()) if not target.startswith("http")]

    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "ARCHITECTURE.md"], ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    code = CODE.findall(document.read_text())
    paths = [word for word in code if re.fullmatch(r"(domain|application|adapters|entrypoints|tests)/[\w/.]*", word)]

    assert paths
    assert [path for path in paths if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()] == []


def test_the_readme_names_exactly_the_settings_that_exist() -> None:
    table = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert {name.strip("`") for row in table for name in row.split(", ")} == SETTINGS


def test_so_does_the_example_of_an_environment_file() -> None:
    named = re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(named) - {"POSTGRES_PASSWORD"} == SETTINGS
    assert len(named) == len(set(named))


def test_the_compose_file_passes_every_setting_on() -> None:
    passed = re.findall(r"^      - ([A-Z_]{4,})", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)

    # The container has no embedded database to place.
    assert set(passed) == SETTINGS - {"LATCHKEY_DATA_DIR"}


def test_the_lock_files_pin_by_hash_and_name_no_address() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        pinned = re.findall(r"^[a-z0-9][\w.-]*==\S+(?: ;.*)? \\$", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 20
        assert "://" not in text
        assert "--hash=sha256:" in text
