"""What several processes may do together is divided among them."""

import pytest
from uvicorn.config import STARTUP_FAILURE

from entrypoints.processes import create_one_of_many, part_of
from entrypoints.settings import Settings


@pytest.mark.parametrize("count", [2, 3, 5])
def test_each_has_its_part(count: int) -> None:
    settings = Settings(
        nango_secret_key="made-up",
        jwt_secret="made-up-secret-of-at-least-32-characters",
        processes=count,
        nango_calls_per_minute=200,
        login_starts_per_minute=10,
    )

    part = part_of(settings)

    assert part.nango_calls_per_minute == 200 // count
    assert count * part.login_starts_per_minute in range(10, 10 + count)


def test_what_cannot_be_built_ends_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.processes.configure_logs", lambda _: None)  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    settings = Settings(nango_secret_key="made-up", jwt_secret="made-up-secret-of-at-least-32-characters", processes=2)

    with pytest.raises(SystemExit) as end:
        create_one_of_many(settings, "no conninfo at all")

    # The supervisor takes any other status for an accident, and tries again for ever.
    assert end.value.code == STARTUP_FAILURE
