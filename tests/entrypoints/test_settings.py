"""Settings that would be unsafe or unusable end the start with one line that names them."""

from datetime import timedelta

import pytest

from domain.grant import ProofRules
from domain.sync import Fuse, ReplicaKind, SyncSource
from entrypoints.settings import Place, Settings, WrongSetting

ENOUGH = {"NANGO_SECRET_KEY": "key", "JWT_SECRET": "x" * 32}


def test_the_defaults_are_for_one_machine() -> None:
    settings = Settings.from_environment(ENOUGH)

    assert settings.origin == "http://127.0.0.1:8000"
    assert settings.callback_url == "http://127.0.0.1:8000/oauth/callback"
    assert settings.signing_keys == ("key",)
    assert not settings.is_secure


def test_empty_variables_count_as_unset_and_spaces_are_cut() -> None:
    settings = Settings.from_environment({**ENOUGH, "NANGO_SECRET_KEY": " key\r", "PORT": "", "DATABASE_URL": "  "})

    assert (settings.nango_secret_key, settings.port, settings.database_url) == ("key", 8000, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NANGO_SECRET_KEY", ""),
        ("NANGO_SECRET_KEY", "two words"),
        ("NANGO_SECRET_KEY", "clé"),
        ("JWT_SECRET", "short"),
        ("PORT", "70000"),
        ("PORT", "web"),
        ("HOST", "192.0.2.1"),
        ("PUBLIC_URL", "http://login.example.com"),
        ("PUBLIC_URL", "https://login.example.com/path"),
        ("PUBLIC_URL", "https://.."),
        ("PUBLIC_URL", "https://login.example.com:99999"),
        ("PUBLIC_URL", "https://login.example.com:443"),
        ("ALLOWED_ORIGINS", "http://app.example.com"),
        ("ALLOWED_ORIGINS", "https://app.example.com,app2"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", " , "),
        ("NANGO_HOST", "http://nango.example.com"),
        ("NANGO_HOST", "nango"),
        ("NANGO_WEBHOOK_SIGNING_KEYS", " , "),
        ("NANGO_CALLS_PER_MINUTE", "9"),
        ("NANGO_REPOSITORY_INTEGRATION", "github"),
        ("GITHUB_APP_CLIENT_ID", "two words"),
        ("GITHUB_APP_CLIENT_ID", "Iv1&state=stolen"),
        ("GRANT_LIFETIME_HOURS", "0"),
        ("GRANT_LIFETIME_HOURS", "721"),
        ("GRANT_GRACE_HOURS", "-1"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "proxy"),
        ("SESSION_LIFETIME_DAYS", "99999999999"),
        ("ACCESS_TOKEN_LIFETIME_SECONDS", "0"),
        ("SYNC_SOURCE", "github"),
        ("SYNC_NAMES", "pulls"),
        ("SYNC_NAMES", "pulls:Pull"),
        ("SYNC_NAMES", "commits,none"),
        ("SYNC_NAMES", "commits,commits"),
        ("SYNC_NAMES", "commits,others:Commit"),
        ("SYNC_NAMES", "commits,others:GithubCommit"),
        ("SYNC_NAMES", "../commits:Commit"),
        ("SYNC_REPOSITORIES", "latchkey"),
        ("SYNC_REPOSITORIES", "*/latchkey"),
        ("SYNC_PROXY_MINUTES", "0"),
        ("SYNC_CHECK_MINUTES", "soon"),
        ("SYNC_FUSE_ROWS", "-1"),
        ("SYNC_FUSE_PERCENT", "101"),
        ("REPLICA_RETENTION_DAYS", "0"),
        ("DATABASE_URL", "mysql://db"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_is_said_in_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name.replace("HOST", "(HOST|PUBLIC_URL)")) as wrong:
        Settings.from_environment({**ENOUGH, name: value})

    assert "\n" not in str(wrong.value)
    assert value not in str(wrong.value) or name not in {"NANGO_SECRET_KEY", "JWT_SECRET"} or not value


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"SYNC_SOURCE": "Proxy"}, "SYNC_SOURCE must be nango or proxy"),
        ({"LOGIN_BINDING": "Cookie"}, "LOGIN_BINDING must be callback or cookie"),
        ({"SYNC_SOURCE": "proxy"}, "SYNC_REPOSITORIES is required with SYNC_SOURCE=proxy: owner/name, owner/* or *"),
        (
            {"SYNC_REPOSITORIES": "acme/*"},
            (
                "SYNC_REPOSITORIES must be left out unless SYNC_SOURCE is proxy:"
                " Nango's syncs read every repository that people connected"
            ),
        ),
    ],
)
def test_how_records_are_read_is_said_without_contradiction(given: dict[str, str], words: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        Settings.from_environment({**ENOUGH, **given})

    assert str(wrong.value) == words


def test_a_day_of_proof_and_a_day_of_grace_unless_one_says_otherwise() -> None:
    day = timedelta(days=1)

    assert Settings.from_environment(ENOUGH).proof_rules == ProofRules(lifetime=day, grace=day)
    changed = Settings.from_environment({**ENOUGH, "GRANT_LIFETIME_HOURS": "2", "GRANT_GRACE_HOURS": "0"})
    assert changed.proof_rules == ProofRules(lifetime=timedelta(hours=2), grace=timedelta(0))


def test_the_syncs_are_those_of_nangos_templates_unless_one_says_otherwise() -> None:
    plan = Settings.from_environment(ENOUGH).sync_plan

    assert plan.source is SyncSource.NANGO
    assert plan.models == {"pull_requests": "PullRequest", "commits": "Commit", "issues": "Issue"}
    assert plan.kinds == [ReplicaKind.PULL_REQUESTS, ReplicaKind.COMMITS, ReplicaKind.ISSUES]
    changed = Settings.from_environment({**ENOUGH, "SYNC_NAMES": "pull-requests, my-commits:GithubCommit"})
    assert changed.sync_plan.models == {"pull-requests": "GithubPullRequest", "my-commits": "GithubCommit"}
    assert Settings.from_environment({**ENOUGH, "SYNC_NAMES": "none"}).sync_plan.models == {}


@pytest.mark.parametrize(
    ("choices", "is_chosen"),
    [("*", True), ("acme/*", True), ("ACME/App", True), ("acme/app-2, globex/*", False)],
)
def test_repositories_are_chosen_by_name_by_owner_or_all(choices: str, *, is_chosen: bool) -> None:
    settings = Settings.from_environment({**ENOUGH, "SYNC_SOURCE": "proxy", "SYNC_REPOSITORIES": choices})

    assert settings.sync_plan.chooses("Acme/app") is is_chosen


@pytest.mark.parametrize(("connections", "scans"), [("1", 1), ("5", 1), ("10", 3), ("30", 10)])
def test_a_third_of_the_connections_may_look_through_whole_repositories(connections: str, scans: int) -> None:
    assert Settings.from_environment({**ENOUGH, "DATABASE_CONNECTIONS": connections}).most_scans == scans


def test_the_fuse_is_a_number_and_a_part() -> None:
    assert Settings.from_environment(ENOUGH).sync_fuse == Fuse(rows=100, part=0.5)
    settings = Settings.from_environment({**ENOUGH, "SYNC_FUSE_ROWS": "0", "SYNC_FUSE_PERCENT": "10"})
    assert settings.sync_fuse == Fuse(rows=0, part=0.1)


def test_plain_http_to_nango_is_possible_where_one_says_so() -> None:
    settings = Settings.from_environment(
        {**ENOUGH, "NANGO_HOST": "http://nango:3003", "NANGO_ALLOW_PLAIN_HTTP": "true"}
    )

    assert settings.nango_host == "http://nango:3003"


def test_settings_do_not_print() -> None:
    assert "x" * 32 not in repr(Settings.from_environment(ENOUGH))
    assert repr(Place()) == "Place(…)"
