"""OAuth authorisations through Nango, with Nango's state kept here and ours given to GitHub."""

import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

from adapters.nango.budget import Share
from adapters.nango.calls import Answer, Bucket, Call
from adapters.nango.client import NangoClient
from adapters.nango.documents import ConnectSessionAnswer
from adapters.nango.refusals import meaning
from application.ports.authorizations import Authorizations, ConnectSession, StartedAuthorization
from domain.attempt import PendingAuthorization, ProviderAnswer
from domain.connection import ConnectionKind, EndUserId
from domain.errors import Invalid, UpstreamMisconfigured, UpstreamUnavailable
from domain.secret import Secret

# A cookie's name and value, safe to send back as they are.
COOKIE: Final = re.compile(r"[!#-+\--:<-~]+")
UNUSABLE_REDIRECT: Final = "Nango's redirect to GitHub cannot be used"


NOT_NOW: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class NangoAuthorizations(Authorizations):
    """`callback_url` is ours, and has to be the callback URL of the Nango environment.

    `app_client_id` is that of the GitHub App, where people may authorise it without installing it.
    """

    client: NangoClient
    integration: str
    callback_url: str
    share: Share
    kind: ConnectionKind = ConnectionKind.LOGIN
    app_client_id: str | None = None

    async def start(self, end_user_id: EndUserId, state: Secret, *, installs: bool = True) -> StartedAuthorization:
        """Cost two calls: one of the share, and one that Nango counts elsewhere."""
        if not installs and self.app_client_id is None:
            raise Invalid("only to authorise the GitHub App, without installing it, needs GITHUB_APP_CLIENT_ID")
        started = await self.authorize((await self.open_session(end_user_id)).token, state)
        if installs or self.app_client_id is None:
            return started
        query = {"client_id": self.app_client_id, "redirect_uri": self.callback_url, "state": state.text}
        url = urlsplit(started.url)._replace(path="/login/oauth/authorize", query=urlencode(query)).geturl()
        return replace(started, url=url)

    async def authorize(self, session_token: Secret, state: Secret) -> StartedAuthorization:
        """Cost one call, which Nango counts elsewhere."""
        answer = await self._redirect(session_token.text)
        url = answer.headers.get("location", "")
        nango_state = the_parameter(url, "state")
        self._check_redirect_uri(url)
        return StartedAuthorization(
            url=with_parameter(url, "state", state.text),
            pending=PendingAuthorization(state=nango_state, cookie=_cookie(answer, f"oauth2-{nango_state}")),
        )

    async def finish(self, pending: PendingAuthorization, answer: ProviderAnswer) -> bool:
        given = {"code": answer.code, "error": answer.error, "error_description": answer.error_description}
        call = Call(
            method="GET",
            route="/oauth/callback",
            path="/oauth/callback",
            bucket=Bucket.BROWSER,
            query={name: value for name, value in given.items() if value is not None} | {"state": pending.state},
            headers={} if pending.cookie is None else {"Cookie": pending.cookie},
            repeatable=False,
        )
        status = (await self.client.send(call, self.share)).status
        # A refusal of any kind made nothing; whatever else may have, and is found by looking.
        is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in NOT_NOW
        if status != HTTPStatus.OK and not is_refusal:
            raise UpstreamUnavailable(f"{call}: unexpected status {status}")
        return status == HTTPStatus.OK

    async def open_session(self, end_user_id: EndUserId) -> ConnectSession:
        """Cost one call of the share."""
        call = Call(
            method="POST",
            route="/connect/sessions",
            path="/connect/sessions",
            body={"end_user": {"id": end_user_id}, "allowed_integrations": [self.integration]},
        )
        answer = await self.client.send(call, self.share)
        if answer.status != HTTPStatus.CREATED:
            raise meaning(answer, self.integration, self.client.now(), self.kind)
        session = answer.decode(ConnectSessionAnswer).data
        return ConnectSession(
            token=Secret(session.token), connect_link=session.connect_link, expires_at=session.expires_at
        )

    async def _redirect(self, session_token: str) -> Answer:
        call = Call(
            method="GET",
            route="/oauth/connect/{integration}",
            path=f"/oauth/connect/{quote(self.integration, safe='')}",
            bucket=Bucket.BROWSER,
            query={"connect_session_token": session_token},
        )
        answer = await self.client.send(call, self.share)
        if answer.status != HTTPStatus.FOUND:
            raise meaning(answer, self.integration, self.client.now(), self.kind)
        return answer

    def _check_redirect_uri(self, url: str) -> None:
        # Without one, GitHub goes to the callback URL registered there.
        if any(value != self.callback_url for value in parameters(url, "redirect_uri")):
            raise UpstreamMisconfigured(
                f"GitHub sends people elsewhere: set the callback URL of the Nango environment to {self.callback_url}"
            )


def parameters(url: str, name: str) -> list[str]:
    """Read every value of a query parameter; raises `UpstreamUnavailable` if this is no address of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UpstreamUnavailable(UNUSABLE_REDIRECT) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UpstreamUnavailable(UNUSABLE_REDIRECT)
    pairs = [pair.partition("=") for pair in parts.query.split("&")]
    return [unquote_plus(value) for key, _, value in pairs if unquote_plus(key) == name]


def the_parameter(url: str, name: str) -> str:
    """Read a query parameter that has to be there, once."""
    match parameters(url, name):
        case [value] if value:
            return value
        case _:
            raise UpstreamUnavailable(UNUSABLE_REDIRECT)


def with_parameter(url: str, name: str, value: str) -> str:
    """Replace a parameter's value and leave every other character of the URL as it was."""
    parts = urlsplit(url)
    pairs = [
        f"{name}={quote(value, safe='')}" if unquote_plus(pair.partition("=")[0]) == name else pair
        for pair in parts.query.split("&")
    ]
    return parts._replace(query="&".join(pairs)).geturl()


def _cookie(answer: Answer, name: str) -> str | None:
    for header in answer.headers.get_list("set-cookie"):
        pair = header.partition(";")[0].strip()
        if pair.startswith(f"{name}=") and COOKIE.fullmatch(pair):
            return pair
    return None
