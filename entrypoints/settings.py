"""What an operator can set, read from the environment once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal, Self

import msgspec
from msgspec import Meta

from adapters.jwt.keys import keys_of
from domain.grant import ProofRules
from domain.sync import Fuse, SyncSource
from domain.sync_plan import SyncPlan
from entrypoints.addresses import CONNECT_UI, check_network, check_origin, is_loopback, is_safe
from entrypoints.sync_settings import DEFAULT_NAMES, check_choices, models_of

Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=1)]
Minutes = Annotated[int, Meta(ge=1, le=10080)]
Token = Annotated[str, Meta(pattern=r"^[\x21-\x7e]{16,}$")]

# A sign-in takes up to six, and its start has a fifth of all.
LEAST_CALLS: Final = 10
# Of several processes: fewer would begin hardly a sign-in a minute where a proxy keeps to one of them.
LEAST_CALLS_OF_ONE: Final = 40
PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
# How msgspec says which value is wrong, or absent.
WHERE: Final = re.compile(r"(?P<what>.*) - at \$\.(?P<name>\w+).*")
# Those of which msgspec does not say which there are.
VALUES: Final = {"LOGIN_BINDING": "callback or cookie", "SYNC_SOURCE": " or ".join(SyncSource)}
MISSING: Final = re.compile(r"Object missing required field (?P<name>\w+)")


class WrongSetting(Exception):
    """One line that names the setting and says what to change."""


class Place(msgspec.Struct, frozen=True, kw_only=True, rename="upper"):
    """Where the service runs and keeps its data; enough to migrate."""

    host: Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    database_url: str | None = None
    latchkey_data_dir: str | None = None
    database_connections: Count = 10
    log_level: str = "INFO"

    def __post_init__(self) -> None:
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
        if self.database_url and not self.database_url.startswith(("postgres://", "postgresql://")):
            raise ValueError("DATABASE_URL must begin with postgresql://")

    @property
    def most_scans(self) -> int:
        """How many connections at a time may look through whole repositories."""
        return max(1, self.database_connections // 3)

    @property
    def origin(self) -> str:
        """Where browsers find us: scheme, host and port."""
        return self.origin_at(self.port)

    def origin_at(self, port: int) -> str:
        """Where a browser on this machine finds a port of ours."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def __repr__(self) -> str:
        # A traceback or a log line must never show a secret.
        return f"{type(self).__name__}(…)"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; an empty variable counts as unset. Raises `WrongSetting`."""
        given: dict[str, str | list[str]] = {}
        for name, value in environment.items():
            if value.strip():
                given[name] = items_of(name, value) if name in LISTS else value.strip()
        try:
            return msgspec.convert(given, type=cls, strict=False)
        except msgspec.ValidationError as error:
            raise WrongSetting(in_one_line(str(error))) from error


class Settings(Place, frozen=True, kw_only=True, rename="upper"):
    """Everything that `serve` and `worker` need."""

    nango_secret_key: Text
    jwt_secret: Annotated[str, Meta(min_length=32)] | None = None
    jwt_private_keys: tuple[Text, ...] = ()

    nango_host: str = "https://api.nango.dev"
    nango_webhook_signing_keys: tuple[Text, ...] = ()
    nango_allow_legacy_signature: bool = False
    nango_allow_plain_http: bool = False
    nango_connect_ui_url: str = "https://connect.nango.dev"
    nango_login_integration: Text = "github"
    nango_repository_integration: Text = "github-app-oauth"
    nango_calls_per_minute: Annotated[int, Meta(ge=LEAST_CALLS)] = 200

    reconcile_minutes: Annotated[int, Meta(ge=1, le=1440)] = 10

    github_app_client_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")] | None = None
    grant_lifetime_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    grant_grace_hours: Annotated[int, Meta(ge=0, le=720)] = 24

    login_binding: Literal["callback", "cookie"] = "callback"
    allow_login_links: bool = False
    public_url: str | None = None
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    session_lifetime_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    access_token_lifetime_seconds: Annotated[int, Meta(ge=1, le=86400)] = 600

    metrics_token: Token | None = None
    delivery_quota_mib: Count = 1024
    delivery_retention_days: Annotated[int, Meta(ge=1, le=3650)] = 30

    sync_source: SyncSource = SyncSource.NANGO
    sync_names: tuple[str, ...] = DEFAULT_NAMES
    sync_repositories: tuple[str, ...] = ()
    sync_proxy_minutes: Minutes = 15
    sync_check_minutes: Minutes = 60
    sync_fuse_rows: Annotated[int, Meta(ge=0)] = 100
    sync_fuse_percent: Annotated[int, Meta(ge=0, le=100)] = 50
    replica_retention_days: Annotated[int, Meta(ge=1, le=3650)] = 30

    worker_lease_seconds: Annotated[int, Meta(ge=2, le=3600)] = 30
    processes: Annotated[int, Meta(ge=1, le=64)] = 1
    address_limits: bool = True
    login_starts_per_minute: Count = 10
    callbacks_per_minute: Count = 60

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, origin in (("NANGO_HOST", self.nango_host), ("PUBLIC_URL", self.origin)):
            check_origin(name, origin)
        for origin in self.allowed_origins:
            check_origin("ALLOWED_ORIGINS", origin)
            if not is_safe(origin):
                raise ValueError("ALLOWED_ORIGINS must begin with https:// unless on loopback: codes would travel open")
        if not is_safe(self.origin):
            raise ValueError("PUBLIC_URL must begin with https:// unless it is on loopback: cookies would travel open")
        if not self.public_url and not is_loopback(f"http://{self.host}"):
            raise ValueError("PUBLIC_URL is required when HOST is not on loopback")
        if not is_safe(self.nango_host) and not self.nango_allow_plain_http:
            raise ValueError(
                "NANGO_HOST must begin with https:// (NANGO_ALLOW_PLAIN_HTTP=true if that network is yours)"
            )
        if not PRINTABLE.fullmatch(self.nango_secret_key):
            raise ValueError("NANGO_SECRET_KEY must be printable ASCII without spaces")
        self._check_integrations()
        for proxy in self.trusted_proxies:
            check_network(proxy)
        check_keys(self.jwt_secret, self.jwt_private_keys)
        models_of(self.sync_names)
        check_choices(self.sync_source, self.sync_repositories)
        if self.processes > 1 and self.nango_calls_per_minute < LEAST_CALLS_OF_ONE * self.processes:
            raise ValueError(f"PROCESSES must leave each of them {LEAST_CALLS_OF_ONE} of NANGO_CALLS_PER_MINUTE")

    def _check_integrations(self) -> None:
        if self.nango_repository_integration == self.nango_login_integration:
            raise ValueError("NANGO_REPOSITORY_INTEGRATION must be another one than NANGO_LOGIN_INTEGRATION")
        if not CONNECT_UI.fullmatch(self.nango_connect_ui_url) or not is_safe(self.nango_connect_ui_url):
            raise ValueError("NANGO_CONNECT_UI_URL must be an address such as https://connect.nango.dev, with https")
        if self.login_binding == "cookie" and not is_loopback(self.origin) and not self.allow_login_links:
            raise ValueError(
                "LOGIN_BINDING=cookie cannot stop a sign-in link that is sent to a victim:"
                " it needs a PUBLIC_URL on loopback, or ALLOW_LOGIN_LINKS=true"
            )

    @property
    def origin(self) -> str:
        """Where browsers find us: scheme, host and port."""
        return self.public_url.removesuffix("/") if self.public_url else self.origin_at(self.port)

    @property
    def nango_origin(self) -> str:
        return self.nango_host.removesuffix("/")

    @property
    def is_bound_by_cookie(self) -> bool:
        return self.login_binding == "cookie"

    @property
    def connect_ui_origin(self) -> str:
        return "/".join(self.nango_connect_ui_url.split("/", 3)[:3])

    @property
    def is_secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def callback_url(self) -> str:
        return f"{self.origin}/oauth/callback"

    @property
    def signing_keys(self) -> tuple[str, ...]:
        return self.nango_webhook_signing_keys or (self.nango_secret_key,)

    @property
    def worker_lease(self) -> timedelta:
        return timedelta(seconds=self.worker_lease_seconds)

    @property
    def reconcile_period(self) -> timedelta:
        return timedelta(minutes=self.reconcile_minutes)

    @property
    def proof_rules(self) -> ProofRules:
        return ProofRules(
            lifetime=timedelta(hours=self.grant_lifetime_hours), grace=timedelta(hours=self.grant_grace_hours)
        )

    @property
    def sync_plan(self) -> SyncPlan:
        return SyncPlan(
            source=self.sync_source,
            models=models_of(self.sync_names),
            chosen=self.sync_repositories,
            checked_every=timedelta(minutes=self.sync_check_minutes),
            listed_every=timedelta(minutes=self.sync_proxy_minutes),
        )

    @property
    def sync_fuse(self) -> Fuse:
        return Fuse(rows=self.sync_fuse_rows, part=self.sync_fuse_percent / 100)

    @property
    def replica_retention(self) -> timedelta:
        return timedelta(days=self.replica_retention_days)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(days=self.session_lifetime_days)

    @property
    def delivery_quota_bytes(self) -> int:
        return self.delivery_quota_mib * 1024 * 1024

    @property
    def delivery_retention(self) -> timedelta:
        return timedelta(days=self.delivery_retention_days)


LISTS: Final = {
    "JWT_PRIVATE_KEYS",
    "NANGO_WEBHOOK_SIGNING_KEYS",
    "ALLOWED_ORIGINS",
    "TRUSTED_PROXIES",
    "SYNC_NAMES",
    "SYNC_REPOSITORIES",
}


def items_of(name: str, value: str) -> list[str]:
    items = [item.strip() for item in value.split(",") if item.strip()]
    if not items:
        raise WrongSetting(f"{name} must name at least one, or be left out")
    return items


def check_keys(secret: str | None, private_keys: tuple[str, ...]) -> None:
    if bool(secret) == bool(private_keys):
        raise ValueError("JWT_SECRET or JWT_PRIVATE_KEYS is required, and only one of them")
    try:
        keys_of(secret, private_keys)
    except ValueError as error:
        raise ValueError(f"JWT_PRIVATE_KEYS: {error}; latchkey keys generate makes one") from None


def in_one_line(message: str) -> str:
    """Put the name of the setting first: `PORT: Expected int, got str`."""
    plain = message.replace("`", "")
    if (located := WHERE.fullmatch(plain)) and (values := VALUES.get(located["name"])):
        return f"{located['name']} must be {values}"
    if located:
        return f"{located['name']}: {located['what']}"
    if missing := MISSING.fullmatch(plain):
        return f"{missing['name']} is required"
    return plain
