"""Every failure a caller may act on.

DomainError
├── Invalid                   the request cannot be used as it is
│   ├── InvalidReturnTo
│   ├── InvalidCode
│   ├── MalformedDelivery
│   ├── StartAgain            this sign-in cannot go on, a new one can
│   ├── InvalidContentPath    not the path of a file in a repository
│   ├── CommentRefused        GitHub does not take this text
│   └── ListTooWide           it takes too long to find what was asked for
├── Unauthenticated           we do not know who asks
│   └── InvalidSignature
├── Forbidden                 we know, and the answer is no
│   ├── CrossSiteRequest
│   ├── LoginDenied
│   ├── AppPermissionMissing  the GitHub App itself may not do it there
│   ├── CommentsClosed        nobody may comment there, as it is archived or locked
│   └── NotSynced             the operator has not chosen it
├── NotFound
│   ├── ConnectionNotFound
│   ├── DeliveryNotFound
│   ├── InstallationNotFound
│   ├── SyncNotFound
│   ├── RepositoryNotFound    one answer for unknown, known, and unproven
│   └── RepositoryContentNotFound  a granted repository, without such a file, pull request or issue
├── TooOften                  the same was asked for just now
├── TooLarge
│   └── DeliveryQuotaSpent    today no more large ones
└── UpstreamUnavailable       Nango or GitHub, not the caller
    ├── ConnectionBroken      Nango cannot use the connection's credentials any more
    │   └── InstallationGone  GitHub refuses the installation's token
    ├── NoCallsLeft           of Nango's, for whom they would be made
    ├── ListTooLong           more pages than there are calls for now
    ├── AccessNotReadable     the person's token is not one of the GitHub App
    ├── InstallationSuspended its account's owner, or GitHub, suspended it
    ├── AnswerTooLarge        it would come again just as large
    ├── CursorRefused         the source does not know that place in its records any more
    ├── LeaseLost             somebody else has taken over what this one was at
    ├── LoginStillPassing     nothing to show yet, the same request may be repeated
    │   └── LoginLeased       somebody else is on it
    └── UpstreamMisconfigured the operator has to change a setting
        └── NoSuchSyncs       Nango's integration has no syncs of these names
"""

from datetime import timedelta
from typing import ClassVar


class DomainError(Exception):
    """Base of every failure a caller may act on; `code` is stable, the message is for people."""

    code: ClassVar[str]


class Invalid(DomainError):
    code = "invalid"


class InvalidReturnTo(Invalid):
    code = "invalid_return_to"


class InvalidCode(Invalid):
    code = "invalid_code"

    def __init__(self) -> None:
        super().__init__("the code is unknown, expired, used before, or does not fit the code verifier")


class MalformedDelivery(Invalid):
    code = "malformed_delivery"


class StartAgain(Invalid):
    code = "start_again"


class InvalidContentPath(Invalid):
    code = "invalid_content_path"


class CommentRefused(Invalid):
    code = "comment_refused"


class ListTooWide(Invalid):
    code = "list_too_wide"


class Unauthenticated(DomainError):
    code = "unauthenticated"


class InvalidSignature(Unauthenticated):
    code = "invalid_signature"


class Forbidden(DomainError):
    code = "forbidden"


class CrossSiteRequest(Forbidden):
    code = "cross_site_request"


class LoginDenied(Forbidden):
    code = "login_denied"


class AppPermissionMissing(Forbidden):
    code = "app_permission_missing"


class CommentsClosed(Forbidden):
    code = "comments_closed"


class NotSynced(Forbidden):
    code = "not_synced"


class NotFound(DomainError):
    code = "not_found"


class ConnectionNotFound(NotFound):
    code = "connection_not_found"


class DeliveryNotFound(NotFound):
    code = "delivery_not_found"

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"there is no delivery {delivery_id}")


class InstallationNotFound(NotFound):
    code = "installation_not_found"


class SyncNotFound(NotFound):
    code = "sync_not_found"

    def __init__(self, sync_id: int) -> None:
        super().__init__(f"there is no sync {sync_id}")


class RepositoryNotFound(NotFound):
    code = "repository_not_found"


class RepositoryContentNotFound(NotFound):
    code = "repository_content_not_found"


class TooOften(DomainError):
    """`retry_after` says when it may be asked for again."""

    code = "too_often"

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooLarge(DomainError):
    code = "too_large"


class DeliveryQuotaSpent(TooLarge):
    code = "delivery_quota_spent"

    def __init__(self, from_bytes: int) -> None:
        super().__init__(f"today's quota for deliveries above {from_bytes} bytes is spent; smaller ones still pass")


class UpstreamUnavailable(DomainError):
    """Nango or GitHub did not do their part; `retry_after` says when it is worth another try, if that is known."""

    code = "upstream_unavailable"

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConnectionBroken(UpstreamUnavailable):
    code = "connection_broken"


class InstallationGone(ConnectionBroken):
    code = "installation_gone"


class NoCallsLeft(UpstreamUnavailable):
    code = "no_calls_left"


class ListTooLong(UpstreamUnavailable):
    code = "list_too_long"


class AccessNotReadable(UpstreamUnavailable):
    code = "access_not_readable"


class InstallationSuspended(UpstreamUnavailable):
    code = "installation_suspended"


class AnswerTooLarge(UpstreamUnavailable):
    code = "answer_too_large"


class CursorRefused(UpstreamUnavailable):
    code = "cursor_refused"


class LeaseLost(UpstreamUnavailable):
    code = "lease_lost"


class LoginStillPassing(UpstreamUnavailable):
    code = "login_still_passing"


class LoginLeased(LoginStillPassing):
    code = "login_leased"


class UpstreamMisconfigured(UpstreamUnavailable):
    code = "upstream_misconfigured"


class NoSuchSyncs(UpstreamMisconfigured):
    code = "no_such_syncs"
