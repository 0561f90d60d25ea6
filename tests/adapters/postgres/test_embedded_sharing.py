"""Several processes share one server: the first starts it, the last stops it, whatever happens to the others."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from adapters.postgres.embedded import EmbeddedPostgres
from tests.adapters.postgres.users import User, eventually, postmasters_of, processes_of

pytestmark = pytest.mark.postgres

StartUser = Callable[[Path], User]


def answers(conninfo: str) -> bool:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def assert_nothing_is_left(data_dir: Path) -> None:
    assert processes_of(data_dir) == []
    assert {path.name for path in (data_dir / "postgres").iterdir()} == {
        "data",
        "door.lock",
        "server.lock",
        "server.log",
        "users.lock",
    }


def test_the_first_one_in_starts_the_server_and_the_last_one_out_stops_it(
    data_dir: Path, start_user: StartUser
) -> None:
    first = start_user(data_dir)
    conninfo = first.conninfo()
    second = start_user(data_dir)
    assert second.conninfo() == conninfo
    assert len(postmasters_of(data_dir)) == 1

    first.leave()
    assert answers(conninfo)

    second.leave()
    assert_nothing_is_left(data_dir)


def test_four_that_come_at_once_get_one_server(empty_dir: Path, start_user: StartUser) -> None:
    users = [start_user(empty_dir) for _ in range(4)]
    assert len({user.conninfo() for user in users}) == 1
    assert len(postmasters_of(empty_dir)) == 1

    for user in users:
        user.leave()
    assert_nothing_is_left(empty_dir)


def test_two_users_within_one_process_count_as_two(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as outer:
        with EmbeddedPostgres(data_dir, durable=False) as inner:
            assert inner.conninfo == outer.conninfo
        assert answers(outer.conninfo)
    assert_nothing_is_left(data_dir)


def test_the_server_outlives_the_killed_process_that_started_it_and_stops_with_the_last_user(
    data_dir: Path, start_user: StartUser
) -> None:
    starter = start_user(data_dir)
    conninfo = starter.conninfo()
    other = start_user(data_dir)
    other.conninfo()

    starter.kill()
    assert answers(conninfo)

    other.leave()
    assert_nothing_is_left(data_dir)


def test_a_server_left_by_killed_processes_is_used_by_the_next_and_stopped_by_it(
    data_dir: Path, start_user: StartUser
) -> None:
    users = [start_user(data_dir), start_user(data_dir)]
    for user in users:
        user.conninfo()
    for user in users:
        user.kill()
    [orphan] = postmasters_of(data_dir)

    with EmbeddedPostgres(data_dir) as postgres:
        assert answers(postgres.conninfo)
        assert postmasters_of(data_dir) == [orphan]
    assert_nothing_is_left(data_dir)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir: Path, start_user: StartUser) -> None:
    user = start_user(data_dir)
    conninfo = user.conninfo()
    with psycopg.connect(conninfo) as connection:
        user.press_ctrl_c()
        user.press_ctrl_c()
        assert connection.execute("SELECT 1").fetchone() == (1,)

    user.leave()
    assert_nothing_is_left(data_dir)


def test_a_process_killed_while_it_makes_the_data_folder_leaves_nothing_that_the_next_trips_over(
    empty_dir: Path, start_user: StartUser
) -> None:
    making = empty_dir / "postgres" / "data.making"
    user = start_user(empty_dir)
    eventually((making / "base").exists)
    user.kill()
    assert not (empty_dir / "postgres" / "data").exists()

    with EmbeddedPostgres(empty_dir, durable=False) as postgres:
        assert answers(postgres.conninfo)
    assert_nothing_is_left(empty_dir)


def test_a_process_killed_while_the_server_starts_leaves_one_that_the_next_can_use(
    data_dir: Path, start_user: StartUser
) -> None:
    user = start_user(data_dir)
    eventually((data_dir / "postgres" / "data" / "postmaster.pid").exists)
    user.kill()

    with EmbeddedPostgres(data_dir, durable=False) as postgres:
        assert answers(postgres.conninfo)
        assert len(postmasters_of(data_dir)) == 1
    assert_nothing_is_left(data_dir)
