"""The command line: demo, serve, worker, migrate, deliveries, sync, reconcile, keys, sandbox.

A command loads only what it needs, once its settings are right: all of it together takes longer than most commands.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, TypeVar

import typer
import uvloop

from entrypoints.database import migrated_database
from entrypoints.deliveries_command import deliveries
from entrypoints.keys import keys
from entrypoints.loading import loading
from entrypoints.logs import configure_logs
from entrypoints.settings import Place, Settings
from entrypoints.sync_command import sync
from entrypoints.terminal import NOT_DONE, one_line_on_failure, say
from entrypoints.version import VERSION

T = TypeVar("T")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.add_typer(deliveries, name="deliveries")
app.add_typer(keys, name="keys")
app.add_typer(sync, name="sync")


@app.command("demo")
def demo_command() -> None:
    """Run everything on this machine, with a stand-in for Nango and GitHub and no accounts."""
    with one_line_on_failure():
        place = Place.from_environment(os.environ)
        configure_logs(place.log_level)
        with loading():
            from entrypoints.demo import demo_sandbox, demo_settings, sandbox_site
            from entrypoints.server import listen, serve
            from entrypoints.service import service_site
        with listen(place.host, place.port) as listener, listen(place.host, 0) as sandbox_listener:
            sandbox = demo_sandbox(place, sandbox_listener)
            settings = demo_settings(place, sandbox)
            with migrated_database(settings) as conninfo:
                sites = [sandbox_site(sandbox, sandbox_listener), service_site(settings, conninfo, listener)]
                run(partial(serve, sites, lambda: say(f"Open {settings.origin} and sign in. Ctrl-C ends the demo.")))


@app.command("serve")
def serve_command() -> None:
    """Serve the HTTP API and the page, with a worker inside."""
    with one_line_on_failure():
        settings = Settings.from_environment(os.environ)
        configure_logs(settings.log_level)
        with loading():
            from entrypoints.processes import Family
            from entrypoints.server import listen, serve
            from entrypoints.service import service_site
        with listen(settings.host, settings.port) as listener, migrated_database(settings) as conninfo:
            on_ready = partial(say, f"Latchkey serves {settings.origin}")
            if settings.processes > 1:
                Family(settings, conninfo, listener, on_ready).run()
            else:
                run(partial(serve, [service_site(settings, conninfo, listener)], on_ready))


@app.command("worker")
def worker_command() -> None:
    """Work on deliveries and clean up, without serving HTTP; any number may run."""
    with one_line_on_failure():
        settings = Settings.from_environment(os.environ)
        configure_logs(settings.log_level)
        with loading():
            from entrypoints.service import run_worker
        with migrated_database(settings) as conninfo:
            run(partial(run_worker, settings, conninfo, lambda: say("Latchkey works on deliveries")))


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version."""
    with one_line_on_failure():
        place = Place.from_environment(os.environ)
        configure_logs(place.log_level)
        with migrated_database(place):
            say("The database is up to date")


@app.command("reconcile")
def reconcile_command(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be healed.")] = False
) -> None:
    """Compare all connections with Nango and heal what differs; ends with status 1 if something is left."""
    with one_line_on_failure():
        settings = Settings.from_environment(os.environ)
        configure_logs(settings.log_level)
        with loading():
            from entrypoints.reconcile_command import reconcile
        with migrated_database(settings) as conninfo:
            is_complete = run(partial(reconcile, settings, conninfo, is_dry=dry_run))
    if not is_complete:
        raise typer.Exit(NOT_DONE)


@app.command("sandbox")
def sandbox_command(
    webhook_url: Annotated[str | None, typer.Option(help="Where webhooks go; nowhere if not given.")] = None,
    callback_url: Annotated[
        str | None, typer.Option(help="Where GitHub sends people; to the sandbox if not given.")
    ] = None,
) -> None:
    """Stand in for Nango and GitHub, for tests; it keeps everything in memory."""
    with one_line_on_failure():
        place = Place.from_environment(os.environ)
        configure_logs(place.log_level)
        with loading():
            from entrypoints.demo import origin_of, sandbox_site
            from entrypoints.sandbox.settings import SandboxSettings
            from entrypoints.server import listen, serve
        with listen(place.host, place.port) as listener:
            settings = SandboxSettings(
                public_url=origin_of(place, listener), webhook_url=webhook_url, callback_url=callback_url
            )
            site = sandbox_site(settings, listener)
            run(partial(serve, [site], lambda: say(f"The sandbox of Nango and GitHub serves {settings.public_url}")))


@app.callback(invoke_without_command=True)
def root(context: typer.Context, *, version: Annotated[bool, typer.Option("--version")] = False) -> None:
    """Sign in with GitHub for any app, on Nango. Settings come from the environment."""
    if version:
        say(VERSION)
    elif context.invoked_subcommand is None:
        say(context.get_help())


def main() -> None:
    # Before the event loop takes over, and after it: leave through every `with` block, so that nothing stays behind.
    signal.signal(signal.SIGTERM, leave)
    app()


def leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run until done; what a second signal would interrupt is the cleaning up, so it is not heard any more."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(make())
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
