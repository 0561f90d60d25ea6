"""What every `Randomness` does."""

import re

import pytest

from adapters.randomness import SystemRandomness
from application.ports.randomness import Randomness
from tests.fakes.randomness import FakeRandomness


@pytest.mark.parametrize("randomness", [SystemRandomness(), FakeRandomness()], ids=["system", "fake"])
def test_ids_and_secrets_are_new_each_time_and_fit_into_a_url(randomness: Randomness) -> None:
    ids = {randomness.new_id() for _ in range(100)}
    secrets = {randomness.new_secret() for _ in range(100)}

    assert len(ids) == len(secrets) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret.text) for secret in secrets)


def test_a_secret_does_not_print() -> None:
    secret = SystemRandomness().new_secret()

    assert secret.text not in f"{secret!r} {secret}"
