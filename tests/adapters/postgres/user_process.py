"""Use an embedded PostgreSQL until told to leave: a line on stdout when inside, a closed stdin to leave.

Ctrl-C is heard and survived, as a service does that closes in order.
"""

import signal
import sys
from pathlib import Path

from adapters.postgres.embedded import EmbeddedPostgres

signal.signal(signal.SIGINT, lambda _number, _frame: None)
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as postgres:
    print(postgres.conninfo, flush=True)  # noqa: T201 (the answer to the test)
    sys.stdin.read()
