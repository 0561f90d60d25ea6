"""The gate before everything that shows something of a repository."""

from datetime import datetime

from application.ports.unit_of_work import BeginWork
from domain.errors import RepositoryNotFound
from domain.grant import NOT_CONFIRMED, Grant
from domain.repository import RepositoryId
from domain.user import UserId


async def the_grant(
    begin_work: BeginWork,
    user_id: UserId,
    repository_id: RepositoryId,
    at: datetime,
) -> Grant:
    """Find a grant that shows something now; raises `RepositoryNotFound`.

    One answer for unknown, known and unproven: a stranger must not learn which repositories there are.
    """
    async with begin_work(atomic=False) as work:
        grant = await work.grants.find(user_id, repository_id)
    if grant is None or grant.refusal(at) is not None:
        raise RepositoryNotFound(NOT_CONFIRMED)
    return grant
