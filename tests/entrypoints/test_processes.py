"""What several processes may do together is divided among them."""

import pytest

from entrypoints.processes import part_of
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
