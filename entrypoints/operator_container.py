"""What an operator's commands are made of: the database, and neither Nango nor keys."""

from dependency_injector import containers, providers

from adapters.clock import SystemClock
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork
from application.deliveries.count_deliveries import CountDeliveries
from application.deliveries.list_deliveries import ListDeliveries
from application.deliveries.replay_deliveries import ReplayDeliveries
from application.deliveries.show_delivery import ShowDelivery
from application.replica.decide_deletions import DecideDeletions
from application.replica.list_syncs import ListSyncs
from application.replica.reset_sync import ResetSync


class OperatorContainer(containers.DeclarativeContainer):
    conninfo = providers.Dependency(instance_of=str)
    pool = providers.Singleton(create_pool, conninfo, max_size=1)
    clock = providers.Singleton(SystemClock)
    begin_work = providers.Singleton(BeginPostgresWork, pool)

    list_deliveries = providers.Factory(ListDeliveries, begin_work=begin_work)
    show_delivery = providers.Factory(ShowDelivery, begin_work=begin_work)
    replay_deliveries = providers.Factory(ReplayDeliveries, begin_work=begin_work, clock=clock)
    count_deliveries = providers.Factory(CountDeliveries, begin_work=begin_work)
    list_syncs = providers.Factory(ListSyncs, begin_work=begin_work)
    reset_sync = providers.Factory(ResetSync, begin_work=begin_work, clock=clock)
    decide_deletions = providers.Factory(DecideDeletions, begin_work=begin_work, clock=clock)
