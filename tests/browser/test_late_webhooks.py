"""Signing in by a pop-up whatever becomes of Nango's webhook, with our own callback and with `LOGIN_BINDING=cookie`."""

import pytest
from playwright.async_api import Page

from tests.browser.pop_up import PopUpVisitor
from tests.browser.service import BINDINGS, Service
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.parametrize("binding", BINDINGS)]


@pytest.fixture
def visitor(page: Page, service: Service) -> PopUpVisitor:
    return PopUpVisitor(page, service)


async def test_a_slow_webhook_keeps_nobody_waiting_and_doubles_nothing_when_it_comes(
    visitor: PopUpVisitor, service: Service, person: Person
) -> None:
    service.hold_webhooks()
    await visitor.sign_in_by_pop_up(person.login)
    assert service.webhooks_of(person) == ["held"]
    before = await visitor.profile()
    connection_id = service.only_connection_of(person)

    service.release_webhooks()
    service.wait_until_webhooks_are_processed(person)
    await visitor.page.reload()
    await visitor.is_signed_in(person.login)
    assert before
    assert await visitor.profile() == before
    assert len(service.rows.sessions_of(person)) == 1
    assert service.only_connection_of(person) == connection_id


async def test_nobody_needs_a_webhook(visitor: PopUpVisitor, service: Service, person: Person) -> None:
    service.lose_webhooks()
    await visitor.sign_in_by_pop_up(person.login)

    assert service.webhooks_of(person) == ["dropped"]
    assert service.rows.deliveries_with(service.rows.user_id(person)) == []
    assert service.only_connection_of(person)


async def test_who_returns_is_the_same_user_and_keeps_one_connection(
    visitor: PopUpVisitor, service: Service, person: Person
) -> None:
    await visitor.sign_in_by_pop_up(person.login)
    first, older = await visitor.profile(), service.only_connection_of(person)
    await visitor.sign_out_button.click()
    await visitor.is_signed_out()

    await visitor.sign_in_by_pop_up(person.login)
    assert first
    assert await visitor.profile() == first
    assert service.only_connection_of(person) != older
    assert len(service.rows.sessions_of(person)) == 1
