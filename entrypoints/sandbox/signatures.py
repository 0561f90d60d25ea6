"""How Nango signs its webhooks."""

import hashlib
import hmac


def webhook_signatures(signing_key: str, body: bytes) -> dict[str, str]:
    """Both signatures of a body: the old plain hash, and the HMAC. Neither covers a time or an id."""
    key = signing_key.encode()
    return {
        "X-Nango-Signature": hashlib.sha256(key + body).hexdigest(),
        "X-Nango-Hmac-Sha256": hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
