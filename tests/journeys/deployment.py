"""A whole Latchkey: sandbox, service, worker and database, each a process of its own."""

import hashlib
import hmac
import json
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

from entrypoints.sandbox.settings import MADE_UP_SECRET_KEY, MADE_UP_SIGNING_KEY
from tests.databases import PostgresServer
from tests.journeys.browser import Browser, note_secrets
from tests.journeys.github import GitHub
from tests.journeys.programs import LATCHKEY, Program, free_port, url_of
from tests.journeys.rows import Row, Rows
from tests.journeys.sandbox import Sandbox
from tests.journeys.tap import Tap
from tests.journeys.waiting import eventually

JWT_SECRET: Final = "made-up-secret-of-the-journeys-0123456789"
ALLOWED_ORIGIN: Final = "https://app.example"
WHAT_NO_LOG_HAS: Final = re.compile(
    r"\bgh[a-z]_\w+|nango_connect_session_\w+|\beyJ[\w-]+\.|[?&](?:code|state|payload)=|Bearer\s+\S+"
)
# Making one takes longer than a sign-in, and nothing here speaks TLS.
NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TIMEOUT_SECONDS: Final = 30.0


class Deployment:
    """`latchkey serve` and its surroundings; `settings` go on top of those that make it work at all.

    With `LOGIN_BINDING=cookie` GitHub sends browsers to Nango, as an environment of Nango's has it by itself.
    """

    def __init__(self, postgres: PostgresServer, folder: Path, settings: Mapping[str, str], stack: ExitStack) -> None:
        self._stack = stack
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.origin = settings.get("PUBLIC_URL", self.address)
        self.secrets: set[str] = set()
        self.conninfo = postgres.create_migrated_database()
        stack.callback(postgres.drop_database, self.conninfo)
        self.rows = Rows(self.conninfo)
        stack.callback(self.rows.close)
        self.rows.put_reconcile_off()
        sandbox_port = free_port()
        self.sandbox = Sandbox(self._client(), f"http://127.0.0.1:{sandbox_port}")
        self.github = GitHub(self._client(), self.sandbox.url)
        self.tap = Tap(sandbox_port)
        stack.callback(self.tap.close)
        self.settings = {
            "PORT": str(self.port),
            "DATABASE_URL": url_of(self.conninfo),
            "NANGO_HOST": self.tap.url,
            "NANGO_SECRET_KEY": MADE_UP_SECRET_KEY,
            "NANGO_WEBHOOK_SIGNING_KEYS": MADE_UP_SIGNING_KEY,
            "NANGO_CALLS_PER_MINUTE": "100000",
            "JWT_SECRET": JWT_SECRET,
            "ALLOWED_ORIGINS": ALLOWED_ORIGIN,
            "ADDRESS_LIMITS": "false",
            "LOG_LEVEL": "DEBUG",
            # Syncs make calls of their own: the journeys about them say so.
            "SYNC_NAMES": "none",
            **settings,
        }
        self.programs: list[Program] = []
        stack.callback(self.stop)
        sandbox_program = self._start_sandbox(sandbox_port)
        self.service = self.start("serve")
        sandbox_program.wait_until_ready()
        self.service.wait_until_ready()
        self.sandbox.calm_down()

    def start(self, command: str) -> Program:
        """Start one more process with these settings; it is stopped with the others."""
        program = Program([command], self.settings, self.folder / f"{command}.log")
        self.programs.append(program)
        return program

    def start_beside(self, **settings: str) -> tuple[Program, str]:
        """Start one more service on the same database; return it and its address."""
        port = free_port()
        more = {"PORT": str(port), "PUBLIC_URL": self.origin, **settings}
        program = Program(["serve"], {**self.settings, **more}, self.folder / f"serve-{port}.log")
        self.programs.append(program)
        program.wait_until_ready()
        return program, f"http://127.0.0.1:{port}"

    def reconcile(self, *options: str, **settings: str) -> tuple[int, list[str]]:
        """Run the command to its end; return its status and what it printed."""
        with (self.folder / "reconcile.log").open("ab") as log:
            ended = subprocess.run(  # noqa: S603 - our own program
                [LATCHKEY, "reconcile", *options],
                env={"PATH": os.environ.get("PATH", ""), **self.settings, **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                check=False,
            )
            log.write(ended.stdout.encode())
        return ended.returncode, ended.stdout.splitlines()

    def stop(self) -> None:
        """Stop everything, at once and cleanly."""
        for program in self.programs:
            if program.is_running():
                program.terminate()
        for program in self.programs:
            program.stop()

    def restart(self) -> None:
        """Start the service, which has ended, again at the same place."""
        assert not self.service.is_running()
        self.service = self.start("serve")
        self.service.wait_until_ready()

    def browser(self) -> Browser:
        return Browser(self._client(), self.address)

    def stranger(self) -> httpx.Client:
        """Somebody with no cookies and no manners."""
        client = self._client()
        client.base_url = self.address
        return client

    def from_address(self, address: str) -> httpx.Client:
        """Somebody at another address of this machine."""
        client = self._client(address)
        client.base_url = self.address
        return client

    def accepts_connections(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def post_webhook(self, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post a body, signed with Nango's key."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = hmac.new(MADE_UP_SIGNING_KEY.encode(), raw, hashlib.sha256).hexdigest()
        return self.stranger().post(
            "/api/webhooks/nango", content=raw, headers={"X-Nango-Hmac-Sha256": signature, **(headers or {})}
        )

    def auth_event(
        self, connection_id: str, end_user_id: object, *, operation: str = "creation", success: bool = True
    ) -> dict[str, object]:
        """Write what Nango says when a connection was made or changed."""
        return {
            "from": "nango",
            "type": "auth",
            "connectionId": connection_id,
            "providerConfigKey": "github",
            "provider": "github",
            "authMode": "OAUTH2",
            "environment": "dev",
            "operation": operation,
            "success": success,
            "endUser": {"endUserId": str(end_user_id), "endUserEmail": None, "tags": {}},
            "tags": {"end_user_id": str(end_user_id)},
        }

    def wait_until_processed(self, text: object) -> list[Row]:
        """Wait until the deliveries with this text in them are closed, and return them."""

        def closed() -> list[Row]:
            found = self.rows.deliveries_with(text)
            return found if all(one["state"] != "waiting" for one in found) else []

        return eventually(closed, "processing the deliveries")

    def wait_until_swept(self, attempt_id: UUID) -> None:
        eventually(lambda: self.rows.attempt(attempt_id)["state"] == "failed", "the sweep")
        assert self.sandbox.connections_for(attempt_id) == []

    def logs(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.folder.glob("*.log"))}

    def assert_no_secret_was_logged(self) -> None:
        secrets = self.secrets | {JWT_SECRET, MADE_UP_SECRET_KEY, MADE_UP_SIGNING_KEY}
        for name, text in self.logs().items():
            found = [secret for secret in secrets if secret in text] + WHAT_NO_LOG_HAS.findall(text)
            assert found == [], f"{name} has {found}"

    def assert_no_secret_is_stored(self) -> None:
        stored = self.rows.everything()
        found = [secret for secret in self.secrets if secret in stored] + re.findall(r"\bgh[a-z]_\w+", stored)
        assert found == [], f"the database has {found}"

    def _start_sandbox(self, port: int) -> Program:
        addresses = {"--webhook-url": f"{self.address}/api/webhooks/nango"}
        if self.settings.get("LOGIN_BINDING") != "cookie":
            addresses["--callback-url"] = f"{self.origin}/oauth/callback"
        arguments = [part for name_and_value in addresses.items() for part in name_and_value]
        program = Program(["sandbox", *arguments], {"PORT": str(port)}, self.folder / "sandbox.log")
        self.programs.append(program)
        return program

    def _client(self, local_address: str | None = None) -> httpx.Client:
        transport = httpx.HTTPTransport(verify=NO_TLS, local_address=local_address)
        client = httpx.Client(
            transport=transport,
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            event_hooks={"response": [partial(note_secrets, self.secrets)]},
        )
        self._stack.callback(client.close)
        return client


@contextmanager
def deployed(postgres: PostgresServer, folder: Path, **settings: str) -> Generator[Deployment]:
    """Run one until the block ends; then everything has stopped cleanly, and nothing has let a secret slip."""
    with ExitStack() as stack:
        deployment = Deployment(postgres, folder, settings, stack)
        yield deployment
        deployment.assert_no_secret_is_stored()
    deployment.assert_no_secret_was_logged()
