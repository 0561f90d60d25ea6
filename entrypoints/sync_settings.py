"""How an operator names syncs and repositories."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.sync import MODELS, SyncSource

NONE: Final = ("none",)
# Of Nango's templates, for both kinds of integration.
MODEL_OF: Final = {
    "pull_requests": "PullRequest",
    "pull-requests": "GithubPullRequest",
    "commits": "Commit",
    "issues": "Issue",
}
DEFAULT_NAMES: Final = ("pull_requests", "commits", "issues")
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
CHOICE: Final = re.compile(r"\*|[A-Za-z0-9_-]{1,100}/(\*|[A-Za-z0-9_.-]{1,100})")


def models_of(names: Sequence[str]) -> Mapping[str, str]:
    """Read `name` and `name:Model`, or `none`; raises `ValueError`."""
    if tuple(names) == NONE:
        return {}
    models: dict[str, str] = {}
    for item in names:
        name, _, given = item.partition(":")
        model = given or MODEL_OF.get(name)
        if not NAME.fullmatch(name) or name in models:
            raise ValueError("SYNC_NAMES must name syncs of Nango's, each once, or be none")
        if model is None:
            raise ValueError(f"SYNC_NAMES must say which model {name} fills, as in {name}:PullRequest")
        if model not in MODELS:
            raise ValueError(f"SYNC_NAMES must name one of these models: {', '.join(MODELS)}")
        if MODELS[model] in {MODELS[other] for other in models.values()}:
            # Two would take turns in overwriting each other's rows.
            raise ValueError(f"SYNC_NAMES must name one model of {MODELS[model]} alone")
        models[name] = model
    return models


def check_choices(source: SyncSource, choices: Sequence[str]) -> None:
    if not all(CHOICE.fullmatch(choice) for choice in choices):
        raise ValueError("SYNC_REPOSITORIES must be repositories as owner/name, owner/* or *")
    if source is SyncSource.PROXY and not choices:
        raise ValueError("SYNC_REPOSITORIES is required with SYNC_SOURCE=proxy: owner/name, owner/* or *")
    if source is SyncSource.NANGO and choices:
        raise ValueError(
            "SYNC_REPOSITORIES must be left out unless SYNC_SOURCE is proxy:"
            " Nango's syncs read every repository that people connected"
        )
