"""Connecting repositories by the redirect door, as people do it."""

import pytest

from tests.journeys.browser import Browser
from tests.journeys.github import GitHub
from tests.journeys.linking import Linking, signed_in
from tests.journeys.sandbox import Person

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


@pytest.fixture
def visitor(browser: Browser, person: Person) -> Linking:
    return signed_in(browser, person)


def test_who_installs_the_app_sees_what_it_covers_and_why(visitor: Linking, github: GitHub, person: Person) -> None:
    mine, other = github.repo(person.login), github.repo(person.login)
    status = visitor.status(visitor.connect(person.login, mine))

    assert status["ready"] is True
    assert [one["fullName"] for one in status["repos"]] == [mine.full_name]
    assert status["repoCount"] == 1
    assert visitor.sees() == {mine.full_name: "admin"}
    access = visitor.access(mine)
    assert (access["granted"], access["permission"], access["proof"]["source"]) == (True, "admin", "link")
    assert 0 <= access["proof"]["ageSeconds"] < 60
    assert visitor.access(other) == {"granted": False, "reason": "GitHub did not confirm your access"}
