"""What strangers wrote is shown on a terminal, and the terminal does nothing for them."""

import unicodedata

import pytest
from typer.testing import CliRunner

from domain.delivery import DeliveryDetails, DeliveryId, DeliveryKind, DeliveryState, DeliveryStats, DeliverySummary
from entrypoints.deliveries_command import deliveries, in_columns, in_full, in_words
from entrypoints.terminal import aligned, complain, plain
from tests.fakes.clock import NOON

ATTACKS = {
    "clears the screen": "\x1b[2J",
    "sets the title": "\x1b]0;owned\x07",
    "fills the clipboard": "\x1b]52;c;cm0gLXJmIC8=\x1b\\",
    "does so in one byte": "\x9b2J and \x9d0;owned\x9c",
    "writes over the line": "held\rdone",
    "goes back": "held\x08\x08\x08\x08done",
    "begins a line": "a bug\n999  auth  done",
    "begins a line elsewhere": "a\x0bb\x0cc\x85d\u2028e\u2029f",
    "reverses the text": "a\u202egnp.exe\u2066b\u2069\u200f",
    "hides letters": "a\u200bb\ufeffc\u00add",
    "rings": "\x07",
    "deletes": "\x7f",
    "is half a character": "\ud800",
    "is a tag": "\U000e0041",
}


def is_harmless(text: str) -> bool:
    return not {unicodedata.category(letter) for letter in text} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_terminal_is_told_nothing_by_a_delivery(attack: str) -> None:
    summary = DeliverySummary(
        id=DeliveryId(1),
        kind=DeliveryKind.AUTH,
        state=DeliveryState.HELD,
        received_at=NOON,
        received=1,
        tries=1,
        due_at=NOON,
        note=attack,
        closed_at=NOON,
    )
    details = DeliveryDetails(summary=summary, body={attack: [attack]}, headers={attack: attack})

    lines = [*aligned([in_columns(summary)]), *in_full(details)]

    assert len(lines) == 1 + 9 + len(["body", "{", "[", "text", "]", "}"])
    assert all(map(is_harmless, lines))


def test_ordinary_text_of_any_language_stays_as_it_is() -> None:
    text = 'Ada Rivera, 秘密, Ελλάδα, é, 🙂 \\ "quoted"'

    assert plain(text) == text


def test_what_is_taken_out_can_still_be_read() -> None:
    assert plain("\x1b[2J\u202e") == "\\x1b[2J\\u202e"


def test_columns_stand_below_each_other() -> None:
    assert aligned([("ID", "NOTE"), ("1000", ""), ("7", "a bug")]) == ["ID    NOTE", "1000", "7     a bug"]


def test_the_counts_are_for_people() -> None:
    stats = DeliveryStats(received=120, merged=0, waiting=1, done=119, ignored=0, held=0, oldest_waiting=NOON)

    assert in_words({"received": 120, "waiting": 1}, stats) == [
        "received  120",
        "waiting   1",
        f"the oldest waits since {NOON:%Y-%m-%d %H:%M:%S}Z",
    ]


def test_a_complaint_is_one_harmless_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("first\nsecond \x1b[2J")

    assert capsys.readouterr().err == "latchkey: first second \\x1b[2J\n"


@pytest.mark.parametrize("command", ["replay", "replay 1 --held", "list --state lost", "show one"])
def test_what_is_to_be_done_has_to_be_said(command: str) -> None:
    assert CliRunner().invoke(deliveries, command.split()).exit_code == 2
