"""Which repositories a person may see, and why."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.replica.show_freshness import ShowFreshness
from application.repositories.explain_access import ExplainAccess
from application.repositories.list_repositories import ListRepositories
from application.repositories.show_repository import ShowRepository
from domain.grant import Grant, GrantFilter, Proof, ProofSource
from domain.installation import InstallationId
from domain.repository import Permission, Visibility
from domain.session import Principal
from entrypoints.http.freshness import SyncResponse
from entrypoints.http.numbers import LARGEST, place_after, place_named, repository_named
from entrypoints.http.problems import problems

MOST_AT_ONCE: Final = 100
# No control characters: PostgreSQL takes no text with a NUL.
LINE: Final = r"^[^\x00-\x1f\x7f]*$"
Role = Literal["read", "triage", "write", "maintain", "admin"]


class ProofResponse(msgspec.Struct, frozen=True, rename="camel"):
    """Who said so: `login` and `link` are GitHub's list for the person, `collaborator` their role in it."""

    source: ProofSource
    proved_at: datetime

    @classmethod
    def of(cls, proof: Proof) -> "ProofResponse":
        return cls(source=proof.source, proved_at=proof.proved_at)


class RepositoryResponse(msgspec.Struct, frozen=True, rename="camel"):
    """`id` is GitHub's, and stays when the rest changes."""

    id: int
    full_name: str
    owner: str
    name: str
    visibility: Visibility
    archived: bool
    default_branch: str
    url: str
    permission: str
    installation_id: int
    proof: ProofResponse

    @classmethod
    def of(cls, grant: Grant) -> "RepositoryResponse":
        repository = grant.repository
        return cls(
            id=repository.id,
            full_name=repository.full_name,
            owner=repository.owner,
            name=repository.name,
            visibility=repository.visibility,
            archived=repository.is_archived,
            default_branch=repository.default_branch,
            url=repository.url,
            permission=grant.permission.role,
            installation_id=grant.installation.id,
            proof=ProofResponse.of(grant.proof),
        )


class SyncedRepositoryResponse(RepositoryResponse, frozen=True, rename="camel"):
    """`sync` says how current the data is that `/pulls`, `/commits` and `/issues` show."""

    sync: SyncResponse


class RepositoriesResponse(msgspec.Struct, frozen=True):
    """A page in the order of ids; `next` goes into `after` for the one behind it, and is null on the last."""

    repos: Sequence[RepositoryResponse]
    next: str | None


@get(
    "/repos",
    operation_id="listRepositories",
    responses=problems(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def get_repositories(
    request: Request[Principal, str, Any],
    list_repositories: NamedDependency[ListRepositories],
    owner: Annotated[str | None, QueryParameter(max_length=100, pattern=LINE)] = None,
    visibility: Annotated[Visibility | None, QueryParameter()] = None,
    permission: Annotated[Role | None, QueryParameter(description="At least this role.")] = None,
    archived: Annotated[bool | None, QueryParameter()] = None,
    installation: Annotated[int | None, QueryParameter(ge=1, le=LARGEST)] = None,
    q: Annotated[str | None, QueryParameter(max_length=200, pattern=LINE)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_AT_ONCE)] = 30,
    after: Annotated[str | None, QueryParameter(max_length=40)] = None,
) -> RepositoriesResponse:
    """List the repositories that GitHub confirmed for the person; `q` is a part of the full name."""
    wanted = GrantFilter(
        owner=owner,
        visibility=visibility,
        permission=Permission[permission.upper()] if permission else None,
        is_archived=archived,
        installation_id=InstallationId(installation) if installation else None,
        text=q or None,
    )
    grants, has_more = await list_repositories(request.user.user_id, wanted, place_named(after), limit)
    return RepositoriesResponse(
        repos=[RepositoryResponse.of(grant) for grant in grants],
        next=place_after(grants[-1].repository.id) if has_more else None,
    )


GRANTED_PROBLEMS: Final = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE)


@get("/repos/{repository_id:str}", operation_id="showRepository", responses=GRANTED_PROBLEMS)
async def get_repository(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    show_repository: NamedDependency[ShowRepository],
    show_freshness: NamedDependency[ShowFreshness],
) -> SyncedRepositoryResponse:
    """Show a repository by GitHub's id; one that GitHub did not confirm for the person is not found.

    `sync` says how current its data is, and `rows` how many there are, up to 10,000.
    `progress` and `heldDeletions` count the whole installation, as Nango's syncs read all of it at once; with
    `SYNC_SOURCE=proxy` they count the repository alone.
    """
    grant = await show_repository(request.user.user_id, repository_named(repository_id))
    shown = msgspec.structs.asdict(RepositoryResponse.of(grant))
    return SyncedRepositoryResponse(**shown, sync=SyncResponse.of(await show_freshness(grant)))


class ProofExplained(msgspec.Struct, frozen=True, rename="camel"):
    """Who said so and when, and until when that counts."""

    source: ProofSource
    proved_at: datetime
    age_seconds: int
    closes_at: datetime


class AccessResponse(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`permission` and `proof` come with `granted`, `reason` without."""

    granted: bool
    permission: str | None = None
    proof: ProofExplained | None = None
    reason: str | None = None


@get("/repos/{repository_id:str}/access", operation_id="explainAccess", responses=GRANTED_PROBLEMS)
async def get_access(
    request: Request[Principal, str, Any],
    repository_id: FromPath[str],
    explain_access: NamedDependency[ExplainAccess],
) -> AccessResponse:
    """Say why the person may see a repository, or why not; of one that is not theirs nothing more is told."""
    explained = await explain_access(request.user.user_id, repository_named(repository_id))
    grant = explained.grant
    if grant is None or explained.age is None:
        return AccessResponse(granted=False, reason=explained.refusal)
    proof = ProofExplained(
        source=grant.proof.source,
        proved_at=grant.proof.proved_at,
        age_seconds=int(explained.age.total_seconds()),
        closes_at=grant.proof.closes_at,
    )
    return AccessResponse(granted=True, permission=grant.permission.role, proof=proof)
