"""Tell a user who they are."""

from dataclasses import dataclass

from application.ports.unit_of_work import BeginWork
from domain.errors import Unauthenticated
from domain.user import User, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowProfile:
    begin_work: BeginWork

    async def __call__(self, user_id: UserId) -> User:
        async with self.begin_work(atomic=False) as work:
            user = await work.users.find(user_id)
        if user is None:
            raise Unauthenticated("the account was deleted")
        return user
