"""Files and folders of a repository."""

import base64
import hashlib
from typing import Final
from urllib.parse import quote

from entrypoints.sandbox.github.exchange import UpstreamAnswer, github_headers
from entrypoints.sandbox.github.model import Repository
from entrypoints.sandbox.github.rest.call import NOT_FOR_APPS, Call
from entrypoints.sandbox.github.rest.repositories import Seen
from entrypoints.sandbox.wire import Json, JsonObject

DOCUMENTATION: Final = "https://docs.github.com/rest/repos/contents#get-repository-content"
RAW: Final = frozenset(
    {"application/vnd.github.raw+json", "application/vnd.github.raw", "application/vnd.github.v3.raw"}
)
LARGEST_IN_JSON: Final = 1024 * 1024
LINE: Final = 60


def contents(call: Call, seen: Seen) -> UpstreamAnswer:
    """Give a file, in JSON or raw as the `Accept` header says, or list a folder."""
    if seen.lacks(call, "contents"):
        return call.refuse(403, NOT_FOR_APPS, DOCUMENTATION)
    repository, ref = seen.repository, call.request.parameter("ref") or seen.repository.default_branch
    if ref not in {repository.default_branch, f"refs/heads/{repository.default_branch}", "HEAD"}:
        return call.refuse(404, f"No commit found for the ref {ref}", DOCUMENTATION)
    path = call.values.get("path", "").strip("/")
    content = repository.files.get(path)
    if content is not None:
        is_raw = call.request.headers.get("accept", "").split(";")[0].strip() in RAW
        return _raw(call, content) if is_raw else call.answer(_file(call, repository, path, content))
    entries = _entries(call, repository, f"{path}/" if path else "")
    return call.answer(entries) if entries else call.not_found(DOCUMENTATION)


def _raw(call: Call, content: bytes) -> UpstreamAnswer:
    headers = {**github_headers(call.now), "x-github-media-type": "github.v3; param=raw; format=json"}
    return UpstreamAnswer(status=200, body=content, headers=headers)


def _file(call: Call, repository: Repository, path: str, content: bytes) -> JsonObject:
    """Describe a file with its content, in lines as GitHub breaks them, unless it is too large for that."""
    is_small = len(content) <= LARGEST_IN_JSON
    encoded = base64.b64encode(content).decode() if is_small else ""
    lines = [encoded[start : start + LINE] for start in range(0, len(encoded), LINE)]
    return {
        **_entry(call, repository, path, content),
        "content": "".join(f"{line}\n" for line in lines),
        "encoding": "base64" if is_small else "none",
    }


def _entries(call: Call, repository: Repository, folder: str) -> list[Json]:
    inside = {
        path.removeprefix(folder): content for path, content in repository.files.items() if path.startswith(folder)
    }
    names = sorted({path.partition("/")[0] for path in inside})
    return [_entry(call, repository, f"{folder}{name}", inside.get(name)) for name in names]


def _entry(call: Call, repository: Repository, path: str, content: bytes | None) -> JsonObject:
    """Describe a file, or a folder when there is no content."""
    full_name = f"{call.world.owner_of(repository).login}/{repository.name}"
    kind = "tree" if content is None else "blob"
    sha = blob_sha(path.encode() if content is None else content)
    url = f"https://api.github.com/repos/{full_name}/contents/{quote(path)}?ref={repository.default_branch}"
    git_url = f"https://api.github.com/repos/{full_name}/git/{kind}s/{sha}"
    html_url = f"https://github.com/{full_name}/{kind}/{repository.default_branch}/{quote(path)}"
    raw_url = f"https://raw.githubusercontent.com/{full_name}/{repository.default_branch}/{quote(path)}"
    return {
        "type": "dir" if content is None else "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(content or b""),
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": None if content is None else raw_url,
        "_links": {"self": url, "git": git_url, "html": html_url},
    }


def blob_sha(content: bytes) -> str:
    """Name a content as Git does; a folder's name is only made up in the same manner."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
