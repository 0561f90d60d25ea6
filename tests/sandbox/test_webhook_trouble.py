"""Webhooks get lost, doubled, shuffled and late, and anything can be signed."""

from tests.sandbox.stage import Stage, end_user


async def test_an_event_of_a_known_installation_is_forwarded_with_its_connection(stage: Stage) -> None:
    await stage.import_installation("chosen")
    event = {"installation": {"id": 5001}, "action": "deleted"}
    ingress = f"/webhook/{stage.sandbox.settings.environment_uuid}/github-app-oauth"
    await stage.http.post(ingress, json=event, headers={"X-GitHub-Event": "installation"})

    assert (await stage.bodies())[-1] == (
        b'{"connectionId":"chosen","from":"github-app-oauth","payload":{"action":"deleted","installation":{"id":5001}},'
        b'"providerConfigKey":"github-app-oauth","type":"forward"}'
    )
    assert stage.sink.received[-1].request.headers["x-github-event"] == "installation"


async def test_the_next_webhooks_are_lost(stage: Stage) -> None:
    await stage.control("PUT", "/webhooks/trouble", {"drop": 1})
    await stage.log_in(end_user("lost"))
    await stage.log_in(end_user("found"))

    (body,) = await stage.bodies()
    assert b"found" in body
    assert [one["outcome"] for one in await stage.control("GET", "/webhooks")] == ["dropped", "delivered"]


async def test_the_next_webhook_comes_twice(stage: Stage) -> None:
    await stage.control("PUT", "/webhooks/trouble", {"duplicate": 1})
    await stage.log_in()
    await stage.log_in()

    first, *others = await stage.bodies()
    assert [body == first for body in others].count(True) == 1
    assert len(others) == 2


async def test_webhooks_come_in_the_wrong_order(stage: Stage) -> None:
    await stage.control("PUT", "/webhooks/trouble", {"reorder": 2})
    await stage.log_in(end_user("one"))
    assert await stage.bodies() == []
    await stage.log_in(end_user("two"))

    assert [b'"two"' in body for body in await stage.bodies()] == [True, False]


async def test_ending_the_trouble_sends_what_was_held_back(stage: Stage) -> None:
    await stage.control("PUT", "/webhooks/trouble", {"reorder": 5})
    await stage.log_in()
    await stage.control("PUT", "/webhooks/trouble", {})

    assert len(await stage.bodies()) == 1


async def test_webhooks_can_be_late(stage: Stage) -> None:
    await stage.control("PUT", "/webhooks/trouble", {"delay_seconds": 30})
    await stage.log_in()
    await stage.clock.advance(29)
    assert stage.sink.received == []

    await stage.clock.advance(1)

    assert len(stage.sink.received) == 1


async def test_an_earlier_webhook_comes_again_byte_for_byte(stage: Stage) -> None:
    await stage.log_in()
    await stage.clock.settle()
    await stage.control("POST", "/webhooks/1/redeliver")

    first, second = await stage.bodies()
    assert first == second


async def test_any_payload_can_be_signed_and_sent(stage: Stage) -> None:
    signed = await stage.control("POST", "/sign", {"payload": {"b": 1, "a": "ü"}})
    sent = await stage.control("POST", "/webhooks/send", {"payload": {"b": 1, "a": "ü"}})

    assert signed == sent
    assert signed["body"] == '{"a":"ü","b":1}'
    assert await stage.bodies() == [signed["body"].encode()]
    assert stage.sink.received[0].request.headers["x-nango-signature"] == signed["headers"]["X-Nango-Signature"]
