"""The commands with which an operator looks at webhooks, and has them worked on again."""

import json
import sys
from typing import Annotated, Final

import typer

from application.deliveries.replay_deliveries import DeliveryReplayed
from domain.delivery import DeliveryDetails, DeliveryId, DeliveryState, DeliveryStats, DeliverySummary
from entrypoints.operating import ask, in_utc
from entrypoints.operator_container import OperatorContainer
from entrypoints.terminal import NOT_DONE, aligned, complain, plain, say

COLUMNS: Final = ("ID", "KIND", "STATE", "RECEIVED AT", "TIMES", "TRIES", "NOTE")
COUNTS: Final = ("received", "merged", "waiting", "done", "ignored", "held")
MOST_LISTED: Final = 10_000

deliveries = typer.Typer(no_args_is_help=True, help="Look at webhooks that came in, and have them worked on again.")


@deliveries.command("list")
def list_command(
    state: Annotated[DeliveryState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many, the newest first.")] = 50,
) -> None:
    """List them, the newest first."""

    async def show(container: OperatorContainer) -> None:
        rows = [in_columns(summary) for summary in await container.list_deliveries()(state, limit)]
        for line in aligned([COLUMNS, *rows]):
            say(line)

    ask(show)


@deliveries.command("show")
def show_command(delivery_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Show one with its body, from which whatever looked like a secret was taken when it came."""

    async def show(container: OperatorContainer) -> None:
        for line in in_full(await container.show_delivery()(DeliveryId(delivery_id))):
            say(line)

    ask(show)


@deliveries.command("replay")
def replay_command(
    delivery_ids: Annotated[list[int] | None, typer.Argument(metavar="ID...")] = None,
    *,
    held: Annotated[bool, typer.Option("--held", help="All that are held.")] = False,
) -> None:
    """Have closed ones worked on again; ends with status 1 if one of them was not."""
    if held == bool(delivery_ids):
        raise typer.BadParameter("name deliveries by their ids, or say --held")
    outcomes: list[bool] = []

    async def replay(container: OperatorContainer) -> None:
        use_case = container.replay_deliveries()
        replaying = use_case.all_held() if held else use_case([DeliveryId(number) for number in delivery_ids or ()])
        outcomes.extend([tell_of(replayed) async for replayed in replaying])

    ask(replay)
    if held:
        say(f"{sum(outcomes)} of {len(outcomes)} held deliveries wait again")
    if not all(outcomes):
        sys.exit(NOT_DONE)


@deliveries.command("stats")
def stats_command(*, as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Count them by what became of them."""

    async def show(container: OperatorContainer) -> None:
        stats = await container.count_deliveries()()
        counts = {name: getattr(stats, name) for name in COUNTS}
        for line in [json.dumps(counts)] if as_json else in_words(counts, stats):
            say(line)

    ask(show)


def tell_of(replayed: DeliveryReplayed) -> bool:
    if replayed.obstacle is None:
        say(f"{replayed.id} waits again")
        return True
    complain(f"{replayed.id} was not replayed: {replayed.obstacle}")
    return False


def in_columns(summary: DeliverySummary) -> list[str]:
    return [
        str(summary.id),
        summary.kind,
        summary.state,
        in_utc(summary.received_at),
        str(summary.received),
        str(summary.tries),
        summary.note or "",
    ]


def in_full(details: DeliveryDetails) -> list[str]:
    summary = details.summary
    facts = [
        ("id", str(summary.id)),
        ("kind", summary.kind),
        ("state", summary.state),
        ("note", summary.note or ""),
        ("received at", in_utc(summary.received_at)),
        ("times received", str(summary.received)),
        ("tries", str(summary.tries)),
        ("closed at", in_utc(summary.closed_at)) if summary.closed_at else ("due at", in_utc(summary.due_at)),
        *((f"header {name}", value) for name, value in sorted(details.headers.items())),
    ]
    # The line breaks are ours: JSON has none inside of a text.
    body = json.dumps(details.body, indent=2, ensure_ascii=False).split("\n")
    return [*aligned(facts), "body", *map(plain, body)]


def in_words(counts: dict[str, int], stats: DeliveryStats) -> list[str]:
    lines = aligned([(name, str(count)) for name, count in counts.items()])
    return [*lines, f"the oldest waits since {in_utc(stats.oldest_waiting)}"] if stats.oldest_waiting else lines
