"""Reading and writing GitHub: only what was granted, and nothing is written on an old proof."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from application.repositories.comment import Comment
from application.repositories.read_file import ReadFile
from application.repositories.show_pull_request import ShowPullRequest
from application.repositories.want_renewal import REST, WantRenewal
from domain.errors import ConnectionBroken, ConnectionNotFound, RepositoryNotFound, UpstreamUnavailable
from domain.installation import InstallationId, connection_of
from domain.repository import Permission, RepositoryId, Visibility
from domain.user import UserId
from tests.application.house import House
from tests.builders import ADA, GRACE
from tests.fakes.repository_contents import FakeRepositoryContents

FOUR_MINUTES = timedelta(minutes=4)
FIVE_MINUTES = timedelta(minutes=5)
ACME = InstallationId(5001)
ATLAS = RepositoryId(1)
ISSUE = 7


@dataclass
class Desk:
    """Ada, who may write to one repository of the organisation; Grace is somebody else."""

    house: House
    contents: FakeRepositoryContents
    ada: UserId

    @property
    def comment(self) -> Comment:
        return Comment(
            repository_contents=self.contents,
            personal_access=self.house.proving.personal_access,
            installation_access=self.house.proving.installation_access,
            begin_work=self.house.begin_work,
            clock=self.house.clock,
        )

    async def written(self) -> list[str]:
        """Have Ada comment, and return what was ever written."""
        await self.comment(self.ada, ATLAS, ISSUE, "Seen.")
        return [one.body for one in self.contents.comments]


async def desk(*, reads_access: bool) -> Desk:
    house = House(reads_access=reads_access)
    house.github.install(ACME)
    house.github.create(ATLAS, ACME)
    house.github.give(ADA, Permission.WRITE, ATLAS)
    ada = (await house.sign_in(ADA)).user_id
    await house.link(ada, ADA, ACME)
    house.github.calls.clear()
    contents = FakeRepositoryContents(house.github)
    contents.issues.add((ATLAS, ISSUE))
    return Desk(house, contents, ada)


@pytest.fixture(params=[True, False], ids=["by the person's token", "by the installation's"])
async def either(request: pytest.FixtureRequest) -> Desk:
    return await desk(reads_access=request.param)


@pytest.fixture
async def own_token() -> Desk:
    return await desk(reads_access=True)


@pytest.fixture
async def no_token() -> Desk:
    return await desk(reads_access=False)


async def test_a_fresh_proof_is_enough_to_write(either: Desk) -> None:
    either.house.clock.advance(FOUR_MINUTES)

    assert await either.written() == ["Seen."]
    assert either.house.github.calls == {"comment": 1}


async def test_an_older_one_is_made_anew_for_this_repository(either: Desk) -> None:
    either.house.clock.advance(FIVE_MINUTES)

    assert await either.written() == ["Seen."]
    assert either.house.github.calls.total() == 3


async def test_what_github_does_not_confirm_any_more_is_not_written_and_looked_at_again(either: Desk) -> None:
    either.house.clock.advance(FIVE_MINUTES)
    either.house.github.take(ADA, ATLAS)

    with pytest.raises(RepositoryNotFound):
        await either.written()
    assert either.contents.comments == []
    await either.house.renew_due()
    assert await either.house.seen_by(either.ada) == []


async def test_a_renamed_person_is_asked_for_by_the_name_of_now(no_token: Desk) -> None:
    no_token.house.clock.advance(FIVE_MINUTES)
    no_token.house.github.person(replace(ADA, login="ada-renamed"))
    no_token.house.github.person(replace(GRACE, login=ADA.login))

    assert await no_token.written() == ["Seen."]


async def test_everybodys_right_to_read_a_public_repository_is_no_role_there(no_token: Desk) -> None:
    no_token.house.clock.advance(FIVE_MINUTES)
    repositories = no_token.house.github.repositories
    repositories[ATLAS] = replace(repositories[ATLAS], visibility=Visibility.PUBLIC)
    stored = no_token.house.begin_work.tables.repositories
    stored[ATLAS] = replace(stored[ATLAS], repository=repositories[ATLAS])
    no_token.house.github.take(ADA, ATLAS)

    with pytest.raises(RepositoryNotFound):
        await no_token.written()


async def test_where_the_persons_token_is_lost_the_installations_is_asked(own_token: Desk) -> None:
    own_token.house.clock.advance(FIVE_MINUTES)
    own_token.house.github.fail("person", ConnectionNotFound("gone"))

    assert await own_token.written() == ["Seen."]
    assert own_token.house.github.calls["permission_of"] == 1


async def test_the_token_of_another_account_confirms_nothing(own_token: Desk) -> None:
    own_token.house.clock.advance(FIVE_MINUTES)
    for connection in own_token.house.nango.connections.values():
        connection.account = GRACE

    with pytest.raises(RepositoryNotFound):
        await own_token.written()


async def test_while_github_cannot_be_asked_nothing_is_written(own_token: Desk) -> None:
    own_token.house.clock.advance(FIVE_MINUTES)
    own_token.house.github.fail("person")

    with pytest.raises(UpstreamUnavailable):
        await own_token.written()
    assert own_token.contents.comments == []


async def test_nothing_is_read_or_written_without_a_grant(either: Desk) -> None:
    grace = (await either.house.sign_in(GRACE)).user_id
    work, clock = either.house.begin_work, either.house.clock
    read = ReadFile(repository_contents=either.contents, begin_work=work, clock=clock)
    show = ShowPullRequest(repository_contents=either.contents, begin_work=work, clock=clock)

    for refused in (
        read(grace, ATLAS, "README.md", None),
        show(grace, ATLAS, ISSUE),
        either.comment(grace, ATLAS, ISSUE, "Seen."),
    ):
        with pytest.raises(RepositoryNotFound, match="did not confirm"):
            await refused
    assert either.house.github.calls.total() == 0


async def test_a_file_is_read_through_the_installations_connection(either: Desk) -> None:
    either.contents.files[ATLAS, "README.md"] = b"# Atlas\n"
    read = ReadFile(repository_contents=either.contents, begin_work=either.house.begin_work, clock=either.house.clock)

    assert (await read(either.ada, ATLAS, "README.md", None)).content == b"# Atlas\n"
    connections = either.house.begin_work.tables.installation_connections
    connections[connection_of(ACME)] = connections[connection_of(ACME)].broken("refused", either.house.clock.now())
    with pytest.raises(ConnectionBroken):
        await read(either.ada, ATLAS, "README.md", None)


async def test_a_browser_sent_here_by_github_has_the_persons_access_proven_soon_and_not_all_the_time(
    own_token: Desk,
) -> None:
    house = own_token.house
    house.begin_work.tables.access_checks.clear()
    want = WantRenewal(begin_work=house.begin_work, clock=house.clock)
    house.github.create(2, ACME)
    house.github.give(ADA, Permission.READ, RepositoryId(2))

    await want(own_token.ada)
    await house.renew_due()
    assert await house.seen_by(own_token.ada) == ["acme/repository-1"]

    house.clock.advance(REST)
    await house.renew_due()
    assert await house.seen_by(own_token.ada) == ["acme/repository-1", "acme/repository-2"]
