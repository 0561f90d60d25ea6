"""Who is on the sandbox's GitHub, and what happens to their accounts."""

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from entrypoints.sandbox.control.finding import person_of, refuse_taken
from entrypoints.sandbox.github.changes.accounts import rename_account, revoke_authorization
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


def add_person(sandbox: Sandbox, new: NewPerson) -> Account:
    refuse_taken(sandbox, new.login, new.id)
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
        refuse_taken(sandbox, data.login, but=person)
        rename_account(sandbox, person, data.login)
    if data.name is not UNSET:
        person.name = data.name
    if data.email is not UNSET:
        person.email = data.email
    return shown(person)


@post("/people/{login_or_id:str}/successor")
async def post_successor(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str]) -> Person:
    """Let another account take over this person's login name: they become `<login>-<id>`, the new one gets the name."""
    person = person_of(sandbox, login_or_id)
    login = person.login
    rename_account(sandbox, person, f"{login}-{person.id}")
    return shown(add_person(sandbox, NewPerson(login=login, name="Somebody Else")))


@post("/people/{login_or_id:str}/revoke", status_code=200)
async def revoke_person(sandbox: NamedDependency[Sandbox], login_or_id: FromPath[str]) -> Revoked:
    """Take back what the person authorized: all their tokens stop working at once, and the App is told."""
    return Revoked(tokens=revoke_authorization(sandbox, person_of(sandbox, login_or_id)))
