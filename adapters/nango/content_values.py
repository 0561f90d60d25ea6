"""GitHub's documents of contents in the words of the domain."""

from collections.abc import Sequence

from adapters.nango import content_documents as documents
from domain.contents import ChangedFile, PullRequestDetails


def changed_file_of(document: documents.ChangedFile) -> ChangedFile:
    return ChangedFile(
        path=document.filename,
        previous_path=document.previous_filename,
        status=document.status,
        additions=document.additions,
        deletions=document.deletions,
        patch=document.patch,
    )


def pull_request_of(document: documents.PullRequest, files: Sequence[ChangedFile]) -> PullRequestDetails:
    return PullRequestDetails(
        number=document.number,
        title=document.title,
        body=document.body,
        author=document.user.login if document.user else None,
        state=document.state,
        is_draft=document.draft,
        is_merged=document.merged,
        head=document.head.ref,
        base=document.base.ref,
        url=document.html_url,
        created_at=document.created_at,
        updated_at=document.updated_at,
        changed_files=document.changed_files,
        files=files,
    )
