"""What GitHub says when it was asked too much."""

from datetime import datetime
from typing import Final

from entrypoints.sandbox.conditions import GitHubLimit
from entrypoints.sandbox.github.exchange import UpstreamAnswer, github_headers
from entrypoints.sandbox.github.tokens import Token
from entrypoints.sandbox.wire import compact_json

DOCUMENTATION: Final = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID"
)


def limited(limit: GitHubLimit, token: Token, now: datetime) -> UpstreamAnswer:
    """Refuse: the first limit names the moment of its reset, the second one says how long to wait."""
    seconds = max(int((limit.until - now).total_seconds()), 1)
    if limit.kind == "primary":
        whose = "installation" if token.person_id is None else "user"
        message = f"API rate limit exceeded for {whose} ID {token.person_id or token.installation_id}."
        headers = github_headers(now, remaining=0, reset_seconds=seconds) | {"x-ratelimit-used": "5000"}
        documentation = DOCUMENTATION
    else:
        headers = github_headers(now) | {"retry-after": str(seconds)}
        message = f"{SECONDARY} {headers['x-github-request-id']}."
        documentation = f"{DOCUMENTATION}#about-secondary-rate-limits"
    body = compact_json({"message": message, "documentation_url": documentation, "status": str(limit.status)})
    return UpstreamAnswer(status=limit.status, body=body, headers=headers | {"x-ratelimit-resource": "core"})
