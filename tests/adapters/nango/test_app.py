import httpx
import pytest

from adapters.nango.app import NangoApp
from adapters.nango.budget import Share
from domain.errors import UpstreamMisconfigured
from tests.adapters.nango import recorded
from tests.adapters.nango.stub import Nango


async def test_the_apps_id_is_read_once_an_hour() -> None:
    nango, now = Nango([recorded.answer("00_get_integration_include") for _ in range(2)]), [0.0]
    app = NangoApp(client=nango.client(), integration="github-app-oauth", clock=lambda: now[0])

    assert [await app.id(Share.FINISH), await app.id(Share.HINT)] == [424_242, 424_242]
    now[0] = 3599.0
    await app.id(Share.FINISH)
    assert len(nango.requests) == 1
    now[0] = 3600.0
    await app.id(Share.FINISH)

    assert len(nango.requests) == 2
    assert str(nango.requests[0].url) == "http://nango.test/integrations/github-app-oauth?include=credentials"
    assert "private_key" not in repr(app)


async def test_an_id_that_is_given_is_not_asked_for() -> None:
    nango = Nango([])

    assert await NangoApp(client=nango.client(), integration="x", app_id=7).id(Share.FINISH) == 7


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, json={"error": {"code": "not_found", "message": 'Integration "x" does not exist'}}),
        httpx.Response(200, json={"data": {"unique_key": "x", "credentials": {"type": "OAUTH2", "client_id": "y"}}}),
        httpx.Response(200, json={"data": {"unique_key": "x"}}),
        httpx.Response(200, json={"data": {"unique_key": "x", "credentials": {"app_id": ""}}}),
    ],
)
async def test_an_integration_that_is_no_apps_is_a_setting_to_correct(answer: httpx.Response) -> None:
    app = NangoApp(client=Nango([answer]).client(), integration="x")

    with pytest.raises(UpstreamMisconfigured, match="NANGO_REPOSITORY_INTEGRATION"):
        await app.id(Share.FINISH)
