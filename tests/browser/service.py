"""`latchkey serve` with a sandbox of its own, for tests that hold webhooks back and look at what is kept."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import httpx

from entrypoints.sandbox.settings import MADE_UP_SECRET_KEY, MADE_UP_SIGNING_KEY
from tests.browser.pages import HOST
from tests.databases import PostgresServer
from tests.journeys.deployment import JWT_SECRET, NO_TLS
from tests.journeys.github import GitHub
from tests.journeys.programs import Program, free_port, url_of
from tests.journeys.rows import Rows
from tests.journeys.sandbox import Person, Sandbox
from tests.journeys.waiting import eventually

Binding = Literal["callback", "cookie"]

BINDINGS: Final[tuple[Binding, ...]] = ("callback", "cookie")
# More than a test sends.
ALL: Final = 1000


class Service:
    """Two processes; with `LOGIN_BINDING=cookie` GitHub sends pop-ups to the sandbox, as Nango has it by itself."""

    def __init__(self, binding: Binding, conninfo: str, http: httpx.Client, folder: Path, app_origin: str) -> None:
        port, sandbox_port = free_port(), free_port()
        self.origin: Final = f"http://{HOST}:{port}"
        self.sandbox: Final = Sandbox(http, f"http://{HOST}:{sandbox_port}")
        self.github: Final = GitHub(http, self.sandbox.url)
        self.is_bound_by_callback: Final = binding == "callback"
        self.rows: Final = Rows(conninfo)
        settings = {
            "PORT": str(port),
            "DATABASE_URL": url_of(conninfo),
            "LOGIN_BINDING": binding,
            "NANGO_HOST": self.sandbox.url,
            "NANGO_CONNECT_UI_URL": f"{self.sandbox.url}/connect/",
            "NANGO_SECRET_KEY": MADE_UP_SECRET_KEY,
            "NANGO_WEBHOOK_SIGNING_KEYS": MADE_UP_SIGNING_KEY,
            "JWT_SECRET": JWT_SECRET,
            "ALLOWED_ORIGINS": app_origin,
            "ADDRESS_LIMITS": "false",
        }
        addresses = ["--webhook-url", f"{self.origin}/api/webhooks/nango"]
        if binding == "callback":
            addresses += ["--callback-url", f"{self.origin}/oauth/callback"]
        self._programs: Final = (
            Program(["sandbox", *addresses], {"PORT": str(sandbox_port)}, folder / f"sandbox-{binding}.log"),
            Program(["serve"], settings, folder / f"serve-{binding}.log"),
        )

    def wait_until_ready(self) -> None:
        for program in self._programs:
            program.wait_until_ready()

    def terminate(self) -> None:
        for program in self._programs:
            program.terminate()

    def stop(self) -> None:
        self.rows.close()
        for program in self._programs:
            program.stop()

    def hold_webhooks(self) -> None:
        self.sandbox.trouble_webhooks(reorder=ALL)

    def lose_webhooks(self) -> None:
        self.sandbox.trouble_webhooks(drop=ALL)

    def release_webhooks(self) -> None:
        self.sandbox.trouble_webhooks()

    def webhooks_of(self, person: Person) -> list[str]:
        """Say what became of the webhooks about somebody who was new."""
        return [webhook["outcome"] for webhook in self.sandbox.webhooks_about(self.rows.user_id(person))]

    def wait_until_webhooks_are_processed(self, person: Person) -> None:
        def are_processed() -> bool:
            deliveries = self.rows.deliveries_with(self.rows.user_id(person))
            return bool(deliveries) and all(delivery["state"] != "waiting" for delivery in deliveries)

        eventually(are_processed, "processing the webhooks")

    def only_connection_of(self, person: Person) -> str:
        """Wait until Nango has exactly one connection of somebody, which is the one that we keep, and works."""

        def only_one() -> str | None:
            connections, rows = self.sandbox.connections_of(person), self.rows.connections_of(person)
            if len(connections) != 1 or [one["id"] for one in rows] != [connections[0].id]:
                return None
            [connection] = connections
            is_theirs = connection.end_user_id == str(self.rows.user_id(person))
            return connection.id if is_theirs and connection.works else None

        return eventually(only_one, "settling on one connection")


@contextmanager
def running_services(postgres: PostgresServer, folder: Path, app_origin: str) -> Generator[dict[Binding, Service]]:
    """Run one of each binding, which both allow an app's origin."""
    with httpx.Client(transport=httpx.HTTPTransport(verify=NO_TLS), trust_env=False) as http:
        services: dict[Binding, Service] = {
            binding: Service(binding, postgres.create_migrated_database(), http, folder, app_origin)
            for binding in BINDINGS
        }
        try:
            for service in services.values():
                service.wait_until_ready()
            yield services
        finally:
            for service in services.values():
                service.terminate()
            for service in services.values():
                service.stop()
