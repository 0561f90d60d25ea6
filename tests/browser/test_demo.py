import pytest

from tests.browser.demo import running_demo

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


async def test_the_demo_says_where_to_open_it_and_leaves_nothing_behind() -> None:
    async with running_demo() as demo:
        assert "postgres" in demo.processes()

    assert demo.exit_status == 0
    assert demo.left_behind == ()
