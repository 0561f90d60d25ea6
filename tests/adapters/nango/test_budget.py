from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.nango.budget import CallBudget, Share
from domain.errors import UpstreamUnavailable

TOTAL = 200
RESERVE = 60


@dataclass
class SteadyClock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Spender:
    """Asks a budget and counts what it grants in the present window."""

    calls_per_minute: int = TOTAL
    clock: SteadyClock = field(default_factory=SteadyClock)
    granted: dict[Share, int] = field(default_factory=lambda: dict.fromkeys(Share, 0))

    refusals: list[UpstreamUnavailable] = field(default_factory=list[UpstreamUnavailable])

    def __post_init__(self) -> None:
        self.budget = CallBudget(self.calls_per_minute, self.clock)

    def ask(self, share: Share) -> bool:
        try:
            self.budget.take(share)
        except UpstreamUnavailable as refusal:
            self.refusals.append(refusal)
            return False
        self.granted[share] += 1
        return True

    def ask_often(self, share: Share) -> int:
        return sum(self.ask(share) for _ in range(2 * self.calls_per_minute))


shares = st.sampled_from(Share)


@settings(deadline=None)
@given(st.lists(shares, max_size=300), st.integers(10, 200))
def test_no_order_of_calls_takes_a_share_past_its_cap(asked: list[Share], calls_per_minute: int) -> None:
    spender = Spender(calls_per_minute)

    for share in asked:
        spender.ask(share)

    assert sum(spender.granted.values()) <= calls_per_minute
    assert spender.granted[Share.START] <= calls_per_minute * 0.2
    assert spender.granted[Share.HINT] <= calls_per_minute * 0.25
    assert {refusal.retry_after for refusal in spender.refusals} <= {timedelta(seconds=60)}


@settings(deadline=None)
@given(st.lists(st.tuples(shares, st.integers(1, 200)), max_size=8))
def test_whatever_was_asked_before_finishing_gets_its_reserve(asked: list[tuple[Share, int]]) -> None:
    spender = Spender()
    for share, times in asked:
        for _ in range(times):
            spender.ask(share)

    spender.ask_often(Share.FINISH)

    assert spender.granted[Share.FINISH] >= RESERVE
    assert sum(spender.granted.values()) == TOTAL


@settings(deadline=None)
@given(st.lists(st.sampled_from([Share.HINT, Share.RECONCILE]), max_size=300))
def test_background_work_leaves_sign_ins_their_share(asked: list[Share]) -> None:
    spender = Spender()
    for share in asked:
        spender.ask(share)

    assert spender.ask_often(Share.START) == 40


@settings(deadline=None)
@given(st.lists(st.tuples(shares, st.floats(0, 30)), max_size=300))
def test_each_window_of_a_minute_begins_anew(asked: list[tuple[Share, float]]) -> None:
    spender = Spender(20)
    windows: dict[int, int] = {}
    for share, pause in asked:
        spender.clock.now += pause
        granted = spender.ask(share)
        window = round(spender.budget._window_ends)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        windows[window] = windows.get(window, 0) + granted

    assert all(granted <= 20 for granted in windows.values())


def test_finishing_may_take_everything_and_then_waits_for_the_next_minute() -> None:
    spender = Spender()

    assert spender.ask_often(Share.FINISH) == TOTAL
    assert not any(spender.ask(share) for share in Share)

    spender.clock.now = 60
    assert all(spender.ask(share) for share in Share)


def test_reconcile_takes_only_what_everybody_else_leaves() -> None:
    spender = Spender()

    assert spender.ask_often(Share.RECONCILE) == TOTAL - RESERVE - 40 - 50
    assert [spender.ask_often(share) for share in (Share.START, Share.HINT, Share.FINISH)] == [40, 50, RESERVE]


def test_what_others_spend_of_the_account_is_learned() -> None:
    spender = Spender()
    spender.ask(Share.START)

    spender.budget.learn(limit=200, remaining=50, resets_in_seconds=20)

    assert not spender.ask(Share.START)
    assert not spender.ask(Share.RECONCILE)
    assert spender.ask_often(Share.FINISH) == 50
    spender.clock.now = 20
    assert spender.ask_often(Share.FINISH) == TOTAL


def test_ones_own_calls_are_not_taken_for_those_of_others() -> None:
    spender = Spender()
    for remaining in range(199, 99, -1):
        spender.ask(Share.FINISH)
        spender.budget.learn(limit=200, remaining=remaining, resets_in_seconds=30)

    assert spender.ask_often(Share.FINISH) == 100


def test_a_smaller_limit_is_kept_and_a_larger_one_does_not_widen_ours() -> None:
    small, large = Spender(), Spender()

    small.budget.learn(limit=100, remaining=100, resets_in_seconds=60)
    large.budget.learn(limit=5000, remaining=4900, resets_in_seconds=60)

    assert small.ask_often(Share.START) == 20
    assert small.ask_often(Share.FINISH) == 80
    assert large.ask_often(Share.FINISH) == TOTAL


@pytest.mark.parametrize(
    ("limit", "remaining", "resets_in_seconds"), [(0, 0, 30), (200, 0, 0), (200, 0, -5), (200, 0, 61)]
)
def test_what_cannot_be_about_the_open_window_is_not_learned(
    limit: int, remaining: int, resets_in_seconds: float
) -> None:
    spender = Spender()

    spender.budget.learn(limit, remaining, resets_in_seconds)

    assert spender.ask_often(Share.FINISH) == TOTAL


def test_a_blocked_budget_refuses_everybody_until_then() -> None:
    spender = Spender()

    spender.budget.block(59)
    spender.budget.block(1)

    spender.clock.now = 58.9
    assert not any(spender.ask(share) for share in Share)
    spender.clock.now = 59
    assert all(spender.ask(share) for share in Share)


def test_a_budget_too_small_to_sign_in_with_is_refused() -> None:
    with pytest.raises(ValueError, match="10 calls"):
        CallBudget(9)


@settings(deadline=None)
@given(asked=st.lists(st.sampled_from(Share), max_size=250))
def test_a_share_has_calls_left_exactly_as_long_as_it_is_granted_one(asked: list[Share]) -> None:
    spender = Spender()
    for share in asked:
        left = spender.budget.left(share)
        assert spender.ask(share) == (left > 0)
        assert spender.budget.left(share) == max(0, left - 1)


def test_while_nango_wants_a_pause_nothing_is_left() -> None:
    spender = Spender()

    spender.budget.block(30)

    assert [spender.budget.left(share) for share in Share] == [0] * len(Share)
    spender.clock.now = 30
    assert spender.budget.left(Share.FINISH) == TOTAL
