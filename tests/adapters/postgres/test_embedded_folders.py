"""Where the embedded server can live, who can reach it there, and how it is set up."""

import os
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres import embedded_binaries
from adapters.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresUnavailable, default_data_dir
from adapters.postgres.embedded_account import Account
from adapters.postgres.embedded_binaries import find_installation
from tests.adapters.postgres.users import postmasters_of

pytestmark = pytest.mark.postgres

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
only_ordinary_users = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


@pytest.mark.parametrize(
    "name",
    ["with spaces and 'quotes' $HOME", "a, b", "/".join(["a-long-name" * 8] * 4)],
    ids=["spaces", "comma", "long"],
)
def test_any_path_will_do_and_its_socket_goes_with_the_server(empty_dir: Path, name: str) -> None:
    with (
        EmbeddedPostgres(empty_dir / name, durable=False) as postgres,
        psycopg.connect(postgres.conninfo) as connection,
    ):
        connection.execute("SELECT 1")
        folder = Path(str(conninfo_to_dict(postgres.conninfo)["host"]))
    assert not (folder / ".s.PGSQL.5432").exists()
    assert folder == empty_dir / name / "postgres" or not folder.exists()


@pytest.mark.parametrize("name", ["short", "long" * 30])
def test_nobody_else_can_enter_the_folder_of_the_socket(empty_dir: Path, name: str) -> None:
    with EmbeddedPostgres(empty_dir / name, durable=False) as postgres:
        folder = Path(str(conninfo_to_dict(postgres.conninfo)["host"]))
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
        if os.geteuid() == 0:
            assert not Account(uid=65534, gid=65534, is_other=True).can_enter(folder)


def test_the_service_owns_its_database_and_is_no_superuser(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as postgres, psycopg.connect(postgres.conninfo) as connection:
        connection.execute("CREATE TABLE mine ()")
        assert connection.info.parameter_status("is_superuser") == "off"


def test_everything_is_durable_and_utc_and_nothing_listens_on_the_network(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres, psycopg.connect(postgres.conninfo) as connection:
        settings = "SELECT name, setting FROM pg_settings WHERE name = ANY(%(names)s)"
        names = ["TimeZone", "fsync", "full_page_writes", "listen_addresses", "synchronous_commit"]
        assert dict(connection.execute(settings, {"names": names}).fetchall()) == {
            "TimeZone": "UTC",
            "fsync": "on",
            "full_page_writes": "on",
            "listen_addresses": "",
            "synchronous_commit": "on",
        }


def test_no_secret_of_the_service_reaches_the_server(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "made-up")
    monkeypatch.setenv("PGPORT", "1")
    with EmbeddedPostgres(data_dir, durable=False):
        [postmaster] = postmasters_of(data_dir)
        assert not {"JWT_SECRET", "PGPORT"} & set(psutil.Process(postmaster).environ())


def test_a_folder_with_other_files_is_left_alone(empty_dir: Path) -> None:
    (empty_dir / "postgres").mkdir()
    (empty_dir / "postgres" / "PG_VERSION").touch()

    with pytest.raises(EmbeddedPostgresUnavailable, match="something else"), EmbeddedPostgres(empty_dir):
        pass
    assert [path.name for path in (empty_dir / "postgres").iterdir()] == ["PG_VERSION"]


@only_root
def test_root_is_told_in_one_line_that_the_folder_lies_behind_a_closed_one(empty_dir: Path) -> None:
    closed = empty_dir / "home"
    closed.mkdir(mode=0o700)

    with pytest.raises(EmbeddedPostgresUnavailable) as refusal, EmbeddedPostgres(closed / "latchkey"):
        pass
    assert str(refusal.value).startswith("LATCHKEY_DATA_DIR: ")
    assert "\n" not in str(refusal.value)
    assert list(closed.iterdir()) == []


@only_root
def test_programs_behind_a_closed_folder_are_copied_and_the_folder_stays_closed(
    empty_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = empty_dir / "home"
    closed.mkdir(mode=0o700)
    installation = find_installation()
    (closed / "packages").symlink_to(installation.parents[1])
    hidden = closed / "packages" / installation.relative_to(installation.parents[1])
    monkeypatch.setattr(embedded_binaries, "find_installation", lambda: hidden)

    with EmbeddedPostgres(empty_dir, durable=False) as postgres, psycopg.connect(postgres.conninfo) as connection:
        connection.execute("SELECT 1")
    assert closed.stat().st_mode & 0o777 == 0o700


@only_ordinary_users
def test_an_ordinary_user_is_told_which_setting_names_a_folder_they_may_not_write() -> None:
    with pytest.raises(EmbeddedPostgresUnavailable, match="LATCHKEY_DATA_DIR"), EmbeddedPostgres(Path("/proc/none")):
        pass


@pytest.mark.parametrize(
    ("uid", "configured", "expected"),
    [
        (0, "/data", "/var/lib/latchkey"),
        (1000, "/data", "/data/latchkey"),
        (1000, "relative", "/home/somebody/.local/share/latchkey"),
        (1000, "", "/home/somebody/.local/share/latchkey"),
    ],
)
def test_the_default_folder_follows_the_user(
    monkeypatch: pytest.MonkeyPatch, uid: int, configured: str, expected: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("XDG_DATA_HOME", configured)
    assert default_data_dir() == Path(expected)
