"""Where the App is installed, as far as this person has a part in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.installations import InstallationOfUser
from application.ports.unit_of_work import BeginWork
from domain.approval import ApprovalRequest
from domain.user import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationsListed:
    """The installations that GitHub confirmed, and what the person asked owners for, newest first."""

    installations: Sequence[InstallationOfUser]
    requests: Sequence[ApprovalRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInstallations:
    begin_work: BeginWork

    async def __call__(self, user_id: UserId) -> InstallationsListed:
        async with self.begin_work(atomic=False) as work:
            return InstallationsListed(
                installations=await work.installations.of_user(user_id),
                requests=await work.approval_requests.of_user(user_id),
            )
