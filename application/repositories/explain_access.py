"""Why a person may see a repository, or why not."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.unit_of_work import BeginWork
from domain.grant import NOT_CONFIRMED, Grant
from domain.repository import RepositoryId
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessExplained:
    """A grant with the age of its proof, or the reason for no; nobody is told more about what is not theirs."""

    grant: Grant | None
    age: timedelta | None
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAccess:
    begin_work: BeginWork
    clock: Clock

    async def __call__(self, user_id: UserId, repository_id: RepositoryId) -> AccessExplained:
        now = self.clock.now()
        async with self.begin_work(atomic=False) as work:
            grant = await work.grants.find(user_id, repository_id)
        if grant is None:
            return AccessExplained(grant=None, age=None, refusal=NOT_CONFIRMED)
        refusal = grant.refusal(now)
        return AccessExplained(grant=None if refusal else grant, age=now - grant.proof.proved_at, refusal=refusal)
