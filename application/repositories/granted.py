"""The gate before everything that shows something of a repository."""

from datetime import datetime

from application.ports.unit_of_work import BeginWork
from domain.errors import PermissionTooLow, RepositoryNotFound
from domain.grant import NOT_CONFIRMED, Grant
from domain.repository import Permission, RepositoryId
from domain.user import UserId


async def the_grant(
    begin_work: BeginWork,
    user_id: UserId,
    repository_id: RepositoryId,
    at: datetime,
    least: Permission = Permission.READ,
) -> Grant:
    """Find a grant that shows something now; raises `RepositoryNotFound` and `PermissionTooLow`.

    One answer for unknown, known and unproven: a stranger must not learn which repositories there are.
    """
    async with begin_work(atomic=False) as work:
        grant = await work.grants.find(user_id, repository_id)
    if grant is None or grant.refusal(at) is not None:
        raise RepositoryNotFound(NOT_CONFIRMED)
    if grant.permission < least:
        raise PermissionTooLow(
            f"this needs the role {least.role} in {grant.repository.full_name}, and yours is {grant.permission.role}"
        )
    return grant
