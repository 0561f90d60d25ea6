"""Every request has to say who it comes from, unless its route is public."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod, RequestEncodingType, ScopeType
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from application.sessions.authenticate import Authenticate
from domain.errors import CrossSiteRequest, Unauthenticated
from entrypoints.http.cookies import Cookies

SAFE_METHODS: Final = {"GET", "HEAD", "OPTIONS"}


class SessionAuthentication(AbstractAuthenticationMiddleware):
    """A bearer access token, or the session cookie.

    Browsers attach the cookie to whatever a foreign site makes them send. So on anything but a safe method it counts
    only with an `Origin` of ours, and with a JSON body where a form could send another one.
    """

    def __init__(
        self, app: ASGIApp, *, authenticate: Authenticate, cookies: Cookies, trusted_origins: frozenset[str]
    ) -> None:
        super().__init__(app, exclude_from_auth_key="public")
        self._authenticate = authenticate
        self._cookies = cookies
        self._trusted_origins = trusted_origins

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            principal = await self._authenticate.by_bearer(token.strip())
            return AuthenticationResult(user=principal, auth="bearer")
        secret = self._cookies.session_secret(connection.cookies)
        if secret is None:
            raise Unauthenticated("sign in first: send the session cookie, or an access token as bearer")
        self._refuse_cross_site(connection)
        return AuthenticationResult(user=await self._authenticate.by_cookie(secret), auth="cookie")

    def _refuse_cross_site(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        scope = connection.scope
        if scope["type"] == ScopeType.HTTP and scope["method"] in SAFE_METHODS:
            return
        if connection.headers.get("origin") not in self._trusted_origins:
            raise CrossSiteRequest("the session cookie counts here only with an Origin of ours or of ALLOWED_ORIGINS")
        if scope["type"] == ScopeType.HTTP and scope["method"] == HttpMethod.DELETE:
            # No form sends it, and a script of another origin has to ask first.
            return
        content_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != RequestEncodingType.JSON:
            raise CrossSiteRequest("the session cookie counts here only with Content-Type: application/json")
