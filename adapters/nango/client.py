"""The one place that speaks HTTP to Nango."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from errno import ECONNREFUSED
from http import HTTPStatus
from typing import Final

import aiohttp
import httpx
import structlog

from adapters.nango.budget import WINDOW_SECONDS, CallBudget, Share
from adapters.nango.calls import Answer, Bucket, Call, Outcome
from adapters.nango.refusals import RATE_LIMITED, nango_error
from adapters.nango.transport import TIMEOUTS, TOTAL_SECONDS
from domain.errors import AnswerTooLarge, UpstreamUnavailable

MOST_REPEATS: Final = 2
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 2
PASSING_STATUSES: Final = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
# The transport lets a few of aiohttp's own errors through.
NETWORK_ERRORS: Final = (httpx.HTTPError, aiohttp.ClientError, OSError)

log: Final = structlog.stdlib.get_logger()


def unobserved(share: Share, outcome: Outcome) -> None:
    """Let nobody know."""
    del share, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NangoClient:
    """Sends calls within the budget, and repeats at most twice those that may be repeated.

    `http` comes from `open_http`, `host` is scheme, host and port. `sleep` and `jitter` (0 to 1) are there for tests;
    `now` is the epoch second; `observe` hears of every try.
    """

    http: httpx.AsyncBaseTransport = field(repr=False)
    host: str
    secret_key: str = field(repr=False)
    budget: CallBudget
    observe: Callable[[Share, Outcome], None] = unobserved
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    now: Callable[[], float] = time.time

    async def send(self, call: Call, share: Share) -> Answer:
        """Return Nango's answer, whatever it says, within 10 seconds or what the call allows.

        Raises `UpstreamUnavailable` if there is none, if the share is used up, and if Nango has had too many calls.
        """
        seconds = call.seconds or TOTAL_SECONDS
        try:
            async with asyncio.timeout(seconds):
                return await self._send_repeatedly(call, share)
        except TimeoutError:
            raise UpstreamUnavailable(f"{call}: no answer within {seconds:.0f} s") from None

    async def _send_repeatedly(self, call: Call, share: Share) -> Answer:
        repeats = 0
        while True:
            may_repeat = repeats < MOST_REPEATS
            try:
                answer = await self._send_once(call, share)
            except NETWORK_ERRORS as error:
                if not may_repeat or not (call.repeatable or _was_refused(error)):
                    # Only the error's class: its text may hold the URL, and with it a code or a session's token.
                    reason = "the connection was refused" if _was_refused(error) else type(error).__name__
                    raise UpstreamUnavailable(f"{call}: no answer ({reason})") from None
                pause, reason = self._pause(repeats), type(error).__name__
            else:
                wanted = self._wanted_pause(answer, repeats, may_repeat=may_repeat and call.repeatable)
                if wanted is None:
                    return answer
                pause, reason = wanted, str(answer.status)
            repeats += 1
            log.warning("nango_call_repeated", call=str(call), reason=reason, pause_seconds=round(pause, 3))
            await self.sleep(pause)

    async def _send_once(self, call: Call, share: Share) -> Answer:
        outcome = Outcome.NOT_SENT
        try:
            if call.bucket is not Bucket.BROWSER:
                self.budget.take(share)
            outcome = Outcome.NO_ANSWER
            answer = await self._exchange(call)
            outcome = outcome_of(answer)
        finally:
            self.observe(share, outcome)
        self._learn(answer)
        return answer

    async def _exchange(self, call: Call) -> Answer:
        headers = {"Accept-Encoding": "gzip", **call.headers}
        if call.bucket is not Bucket.BROWSER:
            headers["Authorization"] = f"Bearer {self.secret_key}"
        request = httpx.Request(
            call.method,
            self.host + call.path,
            params=dict(call.query) or None,
            headers=headers,
            json=call.body,
            extensions={"timeout": TIMEOUTS if call.seconds is None else {**TIMEOUTS, "read": call.seconds}},
        )
        response = await self.http.handle_async_request(request)
        try:
            body = await _bounded_body(call, response)
        finally:
            await response.aclose()
        return Answer(call=call, status=response.status_code, headers=response.headers, body=body)

    def _wanted_pause(self, answer: Answer, repeats: int, *, may_repeat: bool) -> float | None:
        """Say how long to wait before asking again; None to take the answer as it is."""
        if _is_rate_limit(answer):
            wanted = answer.number("retry-after")
            if not may_repeat or wanted is None or wanted > LONGEST_WAIT_SECONDS:
                raise self._too_many_calls(answer)
            return wanted
        return self._pause(repeats) if may_repeat and answer.status in PASSING_STATUSES else None

    def _pause(self, repeats: int) -> float:
        return FIRST_PAUSE_SECONDS * 2**repeats * (1 + self.jitter())

    def _too_many_calls(self, answer: Answer) -> UpstreamUnavailable:
        seconds = min(answer.number("retry-after") or WINDOW_SECONDS, WINDOW_SECONDS)
        if answer.call.bucket is not Bucket.BROWSER:
            self.budget.block(seconds)
        return UpstreamUnavailable(f"{answer.call}: Nango has had too many calls", timedelta(seconds=seconds))

    def _learn(self, answer: Answer) -> None:
        # Behind the proxy these headers may be GitHub's, and the browser's routes have another window.
        if answer.call.bucket is not Bucket.API:
            return
        limit, remaining = answer.number("x-ratelimit-limit"), answer.number("x-ratelimit-remaining")
        resets_in = answer.seconds_until("x-ratelimit-reset", self.now())
        if limit is not None and remaining is not None and resets_in is not None:
            self.budget.learn(limit, remaining, resets_in)


async def _bounded_body(call: Call, response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > call.largest_body:
            raise AnswerTooLarge(f"{call}: the answer is too large")
    return bytes(body)


def _is_rate_limit(answer: Answer) -> bool:
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        return False
    error = nango_error(answer)
    return error is not None and error.code == RATE_LIMITED


def outcome_of(answer: Answer) -> Outcome:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Outcome.TOO_MANY
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.FAILED
    return Outcome.REFUSED if answer.status >= HTTPStatus.BAD_REQUEST else Outcome.ANSWERED


def _was_refused(error: BaseException | None) -> bool:
    """Tell whether nobody listened, so that nothing was sent; the transport's classes do not say it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno == ECONNREFUSED:
            return True
        error = error.__cause__
    return False
