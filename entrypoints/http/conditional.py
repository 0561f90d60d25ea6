"""Answers that need not be sent again to who has them (RFC 9110, 13)."""

import re
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import MediaType, Request, Response
from litestar.openapi.datastructures import ResponseSpec

TAG: Final = re.compile(r'(?:W/)?("[^"]*")')
LIST_OF_TAGS: Final = re.compile(r'[\s,]*(?:W/)?"[^"]*"(?:\s*,[\s,]*(?:W/)?"[^"]*")*[\s,]*')
NOT_MODIFIED: Final = {
    HTTPStatus.NOT_MODIFIED.value: ResponseSpec(
        data_container=None, description="As it was when it had the `ETag` that `If-None-Match` names."
    )
}


def answer(request: Request[Any, Any, Any], document: msgspec.Struct) -> Response[Any]:
    """Send a document with the hash of its bytes, or say that it is the one that the client has.

    It may be kept by the client alone, who asks each time whether it may still be seen.
    """
    body = msgspec.json.encode(document)
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=MediaType.JSON, headers=headers)


def is_known(condition: str, tag: str) -> bool:
    if condition.strip() == "*":
        return True
    return LIST_OF_TAGS.fullmatch(condition) is not None and tag in TAG.findall(condition)
