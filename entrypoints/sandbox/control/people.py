"""Who is on the sandbox's GitHub, and what happens to their accounts."""

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from entrypoints.sandbox.github.model import Account
from entrypoints.sandbox.sandbox import Sandbox


class Person(msgspec.Struct, frozen=True):
    id: int
    login: str
    name: str | None
    email: str | None


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: str
    id: int | None = None
    name: str | None = None
    email: str | None = None


class PersonChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    login: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET


class Revoked(msgspec.Struct, frozen=True):
    tokens: int


def shown(account: Account) -> Person:
    return Person(id=account.id, login=account.login, name=account.name, email=account.email)


def person_of(sandbox: Sandbox, login_or_id: str) -> Account:
    person = sandbox.world.person(login_or_id)
    if person is None:
        raise NotFoundException(f"nobody here is called {login_or_id!r}")
    return person


def add_person(sandbox: Sandbox, new: NewPerson) -> Account:
    if sandbox.world.person(new.login) is not None or (new.id is not None and new.id in sandbox.world.accounts):
        raise HTTPException(f"the login {new.login!r} or the id is taken", status_code=409)
    return sandbox.world.add_person(new.login, sandbox.now(), name=new.name, email=new.email, number=new.id)


@get("/people")
async def list_people(sandbox: NamedDependency[Sandbox]) -> list[Person]:
    """Everybody whom the authorize page offers."""
    return [shown(account) for account in sandbox.world.people()]


@post("/people")
async def post_person(sandbox: NamedDependency[Sandbox], data: JSONBody[NewPerson]) -> Person:
    """Add a person; without an `id` they get the next one, without an `email` they have no public e-mail."""
    return shown(add_person(sandbox, data))


@patch("/people/{login_or_id:str}")
async def patch_person(
    sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str], data: JSONBody[PersonChange]
) -> Person:
    """Rename the login, or change name or public e-mail; the id stays."""
    person = person_of(sandbox, login_or_id)
    if data.login is not UNSET:
        owner = sandbox.world.person(data.login)
        if owner is not None and owner is not person:
            raise HTTPException(f"the login {data.login!r} is taken", status_code=409)
        person.login = data.login
    if data.name is not UNSET:
        person.name = data.name
    if data.email is not UNSET:
        person.email = data.email
    return shown(person)


@post("/people/{login_or_id:str}/successor")
async def post_successor(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str]) -> Person:
    """Let another account take over this person's login name: they become `<login>-<id>`, the new one gets the name."""
    person = person_of(sandbox, login_or_id)
    login, person.login = person.login, f"{person.login}-{person.id}"
    return shown(add_person(sandbox, NewPerson(login=login, name="Somebody Else")))


@post("/people/{login_or_id:str}/revoke", status_code=200)
async def revoke_person(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str]) -> Revoked:
    """Take back what the person authorized: all their tokens stop working at once, and nobody is told."""
    return Revoked(tokens=sandbox.tokens.revoke_all_of(person_of(sandbox, login_or_id).id))
