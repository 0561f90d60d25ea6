"""Who may send a browser here to sign in."""

from collections.abc import Mapping
from typing import Final

from domain.errors import CrossSiteRequest

# A typed address or a bookmark says `none`.
OWN_SITE: Final = {"same-origin", "none"}


def refuse_cross_site_start(headers: Mapping[str, str], trusted_origins: frozenset[str]) -> None:
    """Raise `CrossSiteRequest` for a sign-in that a foreign page began in this browser.

    Browsers say it in `Sec-Fetch-Site` on https and on loopback; one that does not cannot be told apart.
    """
    site = headers.get("sec-fetch-site")
    if site is None or site in OWN_SITE:
        return
    # As text: a browser sends at least `origin/`, and what is cut differently is not ours.
    referrer = headers.get("origin") or "/".join(headers.get("referer", "").split("/", 3)[:3])
    if referrer not in trusted_origins:
        raise CrossSiteRequest(
            "begin signing in on our own page, or on one of the ALLOWED_ORIGINS with a Referrer-Policy that tells it"
        )
