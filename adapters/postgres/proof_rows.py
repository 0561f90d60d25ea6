"""Proofs as rows."""

from typing import Final

from psycopg.rows import DictRow

from domain.grant import Proof, ProofSource
from domain.installation import InstallationId
from domain.repository import RepositoryId
from domain.user import UserId

PROOF: Final = """
    proofs.user_id, proofs.installation_id, source, proved_at, closes_at, pass_began_at, through
"""


def to_proof(row: DictRow) -> Proof:
    return Proof(
        user_id=UserId(row["user_id"]),
        installation_id=InstallationId(row["installation_id"]),
        source=ProofSource(row["source"]),
        proved_at=row["proved_at"],
        closes_at=row["closes_at"],
        pass_began_at=row["pass_began_at"],
        through=None if row["through"] is None else RepositoryId(row["through"]),
    )
