"""A house of fakes for each test."""

import pytest

from tests.application.house import House


@pytest.fixture
def house() -> House:
    return House()
