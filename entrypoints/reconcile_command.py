"""The command that compares with Nango now, and says what it finds."""

import asyncio
import signal
from typing import Final

from application.reconcile.patience import Patience
from application.reconcile.reconcile_logins import PATIENCE, ReconcileLogins
from application.reconcile.reconciled import summary_of
from application.reconcile.treatment import Treated
from domain.reconcile import Finding
from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.terminal import plain, say

LOOK_AGAIN_SECONDS: Final = 1.0


async def reconcile(settings: Settings, conninfo: str, *, is_dry: bool) -> bool:
    """Print a line for each finding, and one for all; tell whether nothing is left."""
    container = Container(settings=settings, conninfo=conninfo)
    stop_by_signal()
    async with container.pool(), container.nango_http():
        try:
            return await (find(container) if is_dry else heal(container.reconcile_logins()))
        except asyncio.CancelledError:
            say("Stopped; the next run finds what is left")
            return False


async def find(container: Container) -> bool:
    """Print what would be healed; neither Nango nor the database is changed."""
    patience = Patience(sleep=asyncio.sleep, left=PATIENCE)
    compared = await container.compare_connections()(patience, go_on)
    await container.compare_installations()(patience, go_on, compared)
    for finding in compared.findings:
        say(in_a_line(finding))
    say(f"{summary_of(compared)}; nothing was changed")
    return True


async def heal(reconcile_logins: ReconcileLogins) -> bool:
    """Print what is healed as it is."""
    reconciled = await reconcile_logins(is_wanted=True, tell=tell)
    if reconciled is None:
        say("Another run is under way; this one begins when it has ended")
    while reconciled is None:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        reconciled = await reconcile_logins(is_wanted=True, tell=tell)
    say(str(reconciled))
    return reconciled.is_complete


async def go_on() -> None:
    """Nobody else has to be asked whether to: nothing is changed."""


def stop_by_signal() -> None:
    """Leave in order, so that the next run need not wait for the lease of this one."""
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def tell(treated: Treated) -> None:
    say(f"{in_a_line(treated.finding)}: {treated.treatment} ({plain(treated.note)})")


def in_a_line(finding: Finding) -> str:
    return f"{finding.kind} {plain(finding.connection_id)}: {finding.reason}"
