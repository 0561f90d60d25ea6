"""What we read of Nango's documents, and nothing more: they carry live tokens."""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

# https://docs.github.com/authentication (GitHub's token formats)
USER_TO_SERVER: Final = "ghu_"


class ConnectSessionData(msgspec.Struct, frozen=True):
    token: str
    connect_link: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "ConnectSessionData(…)"


class ConnectSessionAnswer(msgspec.Struct, frozen=True):
    """The answer of `POST /connect/sessions`."""

    data: ConnectSessionData


class EndUser(msgspec.Struct, frozen=True):
    id: str


class ListedConnection(msgspec.Struct, frozen=True):
    connection_id: str
    provider_config_key: str
    end_user: EndUser | None


class ListedError(msgspec.Struct, frozen=True):
    type: str


class ListedState(ListedConnection, frozen=True):
    """A connection of a list, with what is compared."""

    errors: list[ListedError]
    created: Annotated[datetime, Meta(tz=True)]

    @property
    def has_auth_error(self) -> bool:
        return any(error.type == "auth" for error in self.errors)


class StateList(msgspec.Struct, frozen=True):
    """The answer of `GET /connections`, when all are compared."""

    connections: list[ListedState]


class ConnectionList(msgspec.Struct, frozen=True):
    """The answer of `GET /connections`."""

    connections: list[ListedConnection]


class Credentials(msgspec.Struct, frozen=True):
    """Only whether the person's URL brought an OAuth client of its own, and what kind of token it is."""

    access_token: str = ""
    config_override: msgspec.Raw | UnsetType = UNSET

    def __repr__(self) -> str:
        return "Credentials(…)"

    @property
    def is_of_app(self) -> bool:
        """Tell whether it is a person's token for a GitHub App; GitHub's prefixes say what a token is."""
        return self.access_token.startswith(USER_TO_SERVER)

    @property
    def has_client_override(self) -> bool:
        return self.config_override is not UNSET and bytes(self.config_override) != b"null"


class Connection(msgspec.Struct, frozen=True):
    """The answer of `GET /connections/{id}`; the values of `connection_config` stay undecoded."""

    connection_id: str
    provider_config_key: str
    end_user: EndUser | None
    tags: dict[str, str] | None
    connection_config: dict[str, msgspec.Raw] | None
    credentials: Credentials
    created_at: Annotated[datetime, Meta(tz=True)]

    def __repr__(self) -> str:
        return "Connection(…)"


class MadeConnection(msgspec.Struct, frozen=True):
    """The answer of `POST /connections`."""

    connection_id: str


class GitHubUser(msgspec.Struct, frozen=True):
    """The answer of GitHub's `GET /user`."""

    id: Annotated[int, Meta(gt=0)]
    login: Annotated[str, Meta(min_length=1)]
    name: str | None = None
    email: str | None = None
    avatar_url: str | None = None


class Complaint(msgspec.Struct, frozen=True):
    message: str = ""


class NangoError(msgspec.Struct, frozen=True):
    """The message may hold a whole connection: compare it, never pass it on."""

    code: str = ""
    message: str = ""
    errors: tuple[Complaint, ...] = ()

    def __repr__(self) -> str:
        return "NangoError(…)"


class Refusal(msgspec.Struct, frozen=True):
    """The body of an answer that is no success: `error` is Nango's, `message` is GitHub's."""

    error: NangoError | None = None
    message: str | None = None
    documentation_url: str | None = None

    def __repr__(self) -> str:
        return "Refusal(…)"
