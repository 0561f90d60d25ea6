"""The commands with which an operator looks at what is synced, and decides about it."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from application.replica.list_syncs import SyncsListed
from domain.sync import BASE_VARIANT, Sync, SyncId
from entrypoints.operating import ask, in_utc
from entrypoints.operator_container import OperatorContainer
from entrypoints.terminal import NOT_DONE, aligned, complain, plain, say

COLUMNS: Final = ("ID", "INSTALLATION", "MODEL", "OF", "STATE", "PULLED AT", "DUE AT", "NOTE")
HELD_COLUMNS: Final = ("ID", "INSTALLATION", "MODEL", "OF", "DELETIONS")

sync = typer.Typer(no_args_is_help=True, help="Look at what is synced, have it read anew, decide about deletions.")


@sync.command("status")
def status_command(*, as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """List what is read, how far, and what is wrong."""

    async def show(container: OperatorContainer) -> None:
        listed = await container.list_syncs()()
        for line in [json.dumps(as_document(listed))] if as_json else in_words(listed):
            say(line)

    ask(show)


@sync.command("reset")
def reset_command(
    sync_id: Annotated[int, typer.Argument(metavar="ID")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Have all records of one read anew, from the first; what is not met then is deleted."""

    async def reset(container: OperatorContainer) -> None:
        use_case, named = container.reset_sync(), SyncId(sync_id)
        found = await use_case.find(named)
        if not yes:
            typer.confirm(
                f"Read all {plain(found.key.model)} of installation {found.installation_id} anew?", abort=True
            )
        await use_case(named)
        say(f"{sync_id} will be read anew")

    ask(reset)


@sync.command("fuse")
def fuse_command(
    sync_id: Annotated[int | None, typer.Argument(metavar="ID")] = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Read all anew, and delete what is not met.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Forget the deletions, and keep the data.")] = False,
) -> None:
    """List deletions that were too many at once, or decide about those of one."""
    if (sync_id is None and (apply or keep)) or (sync_id is not None and apply == keep):
        raise typer.BadParameter("name one by its id with --apply or --keep, or nothing for a list")
    outcomes: list[bool] = []

    async def decide(container: OperatorContainer) -> None:
        use_case = container.decide_deletions()
        if sync_id is None:
            rows = [[*place_of(one), str(one.held_deletions)] for one in await use_case.held()]
            for line in aligned([HELD_COLUMNS, *rows]):
                say(line)
        else:
            outcomes.append(await (use_case.apply if apply else use_case.keep)(SyncId(sync_id)))

    ask(decide)
    if not all(outcomes):
        complain(f"{sync_id} has no deletions that are held")
        sys.exit(NOT_DONE)
    if outcomes:
        say(f"{sync_id} will be read anew, and what is not met deleted" if apply else f"{sync_id} keeps its data")


def state_of(one: Sync) -> str:
    if one.error is not None or one.source_error is not None:
        return "failed"
    if one.held_deletions is not None:
        return "held"
    if one.run is not None:
        return "reading"
    return "waiting" if one.pulled_at is None else "read"


def note_on(one: Sync, aside: int) -> str:
    held = [f"{one.held_deletions} deletions are held"] if one.held_deletions is not None else []
    said = [("reading", one.error, one.failed_at), ("Nango", one.source_error, one.source_failed_at)]
    errors = [f"{who}{f', {in_utc(at)}' if at else ''}: {error}" for who, error, at in said if error]
    kept = [f"{aside} records could not be read, or are of no known repository"] if aside else []
    return "; ".join([*errors, *held, *kept, *progress_of(one)])


def progress_of(one: Sync) -> Sequence[str]:
    if one.run is None:
        return []
    of_all = "" if one.run.expected is None else f" of {one.run.expected}"
    return [f"{one.run.records}{of_all} records" + (", all anew" if one.run.is_full else "")]


def place_of(one: Sync) -> list[str]:
    whose = one.name or ("" if one.key.variant == BASE_VARIANT else one.key.variant)
    return [str(one.id), str(one.installation_id), one.key.model, whose]


def in_words(listed: SyncsListed) -> Sequence[str]:
    rows = [
        [
            *place_of(one),
            state_of(one),
            in_utc(one.pulled_at) if one.pulled_at else "never",
            in_utc(one.due_at),
            note_on(one, listed.aside.get(one.id, 0)),
        ]
        for one in listed.syncs
    ]
    failures = [f"installation {number}: {plain(error)}" for number, error in listed.failures]
    return [*aligned([COLUMNS, *rows]), *failures]


def as_document(listed: SyncsListed) -> dict[str, Any]:
    return {
        "syncs": [
            {
                "id": one.id,
                "installationId": one.installation_id,
                "repositoryId": one.repository_id,
                "name": one.name,
                "model": one.key.model,
                "variant": one.key.variant,
                "connectionId": one.key.connection_id,
                "state": state_of(one),
                "pulledAt": in_iso(one.pulled_at),
                "pulledFullyAt": in_iso(one.pulled_fully_at),
                "through": in_iso(one.through),
                "dueAt": in_iso(one.due_at),
                "records": one.run.records if one.run else None,
                "expected": one.run.expected if one.run else None,
                "tries": one.tries,
                "error": one.error,
                "sourceError": one.source_error,
                "heldDeletions": one.held_deletions,
                "recordsAside": listed.aside.get(one.id, 0),
            }
            for one in listed.syncs
        ],
        "failures": [{"installationId": number, "error": error} for number, error in listed.failures],
    }


def in_iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
