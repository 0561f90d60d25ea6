"""What is in a repository, read and written with the token of its installation's connection."""

from typing import Protocol

from domain.connection import ConnectionId
from domain.contents import Comment, PullRequestDetails, RepositoryFile
from domain.repository import RepositoryId


class RepositoryContents(Protocol):
    """The repository is one that was granted, with enough of a permission: nothing of that is looked at here.

    Every method raises `RepositoryContentNotFound`, `AppPermissionMissing` if the App was not given what it needs,
    `ConnectionNotFound`, `ConnectionBroken`, `InstallationGone`, `InstallationSuspended`, and `UpstreamUnavailable`.
    """

    async def file(
        self, connection_id: ConnectionId, repository_id: RepositoryId, path: str, ref: str | None = None
    ) -> RepositoryFile:
        """Read a file as it is at a branch, tag or commit, or on the default branch.

        Raises `InvalidContentPath`, and `TooLarge`.
        """
        ...

    async def pull_request(
        self, connection_id: ConnectionId, repository_id: RepositoryId, number: int
    ) -> PullRequestDetails:
        """Read a pull request with the first 300 of its files; raises `TooLarge`."""
        ...

    async def comment(
        self, connection_id: ConnectionId, repository_id: RepositoryId, number: int, body: str
    ) -> Comment:
        """Comment on an issue or a pull request, as the App; raises `CommentRefused` and `CommentsClosed`.

        After `UpstreamUnavailable` it may be there or not: it is never sent twice.
        """
        ...
