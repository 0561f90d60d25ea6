"""The connection through which a granted repository is read and written."""

from application.ports.unit_of_work import BeginWork
from domain.connection import ConnectionId, ConnectionState
from domain.errors import ConnectionBroken
from domain.grant import Grant


async def connection_for(begin_work: BeginWork, grant: Grant) -> ConnectionId:
    """Find the live connection of the grant's installation; raises `ConnectionBroken`."""
    async with begin_work(atomic=False) as work:
        connection = await work.installation_connections.current_of(grant.installation.id)
    if connection is None or connection.state is not ConnectionState.LIVE:
        raise ConnectionBroken(
            f"the connection of the App's installation on {grant.installation.account} does not work"
        )
    return connection.id
