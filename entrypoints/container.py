"""The table of contents of the running system: what is made of what."""

import asyncio
from collections.abc import Mapping
from typing import Final

from dependency_injector import containers, providers

from adapters.clock import SystemClock
from adapters.jwt.access_tokens import JwtAccessTokens
from adapters.jwt.keys import keys_of
from adapters.jwt.public_keys import JwtPublicKeys
from adapters.nango.app import NangoApp
from adapters.nango.authorizations import NangoAuthorizations
from adapters.nango.budget import CallBudget, Share
from adapters.nango.client import NangoClient
from adapters.nango.connections import NangoConnections
from adapters.nango.github_accounts import NangoGitHubAccounts
from adapters.nango.installation_access import NangoInstallationAccess
from adapters.nango.installation_imports import NangoInstallationImports
from adapters.nango.personal_access import NangoPersonalAccess
from adapters.nango.proxied_records import ProxiedRecords
from adapters.nango.records_by_source import RecordsBySource
from adapters.nango.repository_contents import NangoRepositoryContents
from adapters.nango.signatures import NangoWebhookSignatures
from adapters.nango.sync_control import NangoSyncControl
from adapters.nango.synced_records import NangoSyncedRecords
from adapters.nango.transport import open_http
from adapters.pgqueuer.work_log import PgQueuerWorkLog
from adapters.postgres.delivery_intake import PostgresDeliveryIntake
from adapters.postgres.delivery_quota import PostgresDeliveryQuota
from adapters.postgres.login_feed import PostgresLoginFeed
from adapters.postgres.pool import create_pool
from adapters.postgres.unit_of_work import BeginPostgresWork, PostgresReadiness
from adapters.randomness import SystemRandomness
from application.deliveries.accept_delivery import AcceptDelivery
from application.deliveries.hear_auth import HearAuth
from application.deliveries.hear_github import HearGitHub
from application.deliveries.hear_sync import HearSync
from application.deliveries.measure_backlog import MeasureBacklog
from application.deliveries.process_delivery import ProcessDelivery
from application.deliveries.recheck_hinted import RecheckHinted
from application.deliveries.recheck_installation import RecheckInstallation
from application.deliveries.recheck_login import RecheckLogin
from application.deliveries.requeue_stranded import RequeueStranded
from application.deliveries.reread_hinted import RereadHinted
from application.forget_expired import ForgetExpired
from application.login.aim_login import AimLogin
from application.login.await_login import AwaitLogin
from application.login.collect_login import CollectLogin
from application.login.collect_token import CollectToken
from application.login.complete_login import CompleteLogin
from application.login.open_connect_ui import OpenConnectUi
from application.login.pass_callback import PassCallback, Room
from application.login.pull_attempt import PullAttempt
from application.login.recheck_connection import RecheckConnection
from application.login.settle_connections import SettleConnections
from application.login.start_login import StartLogin
from application.login.sweep_attempts import SweepAttempts
from application.login.tell_purpose import TellPurpose
from application.reconcile.adopt_connection import AdoptConnection
from application.reconcile.clear_stray import ClearStray
from application.reconcile.compare_connections import CompareConnections
from application.reconcile.compare_installations import CompareInstallations
from application.reconcile.heal_finding import HealFinding
from application.reconcile.reconcile_logins import ReconcileLogins
from application.replica.arrange_syncs import ArrangeSyncs
from application.replica.delete_unused import DeleteUnused
from application.replica.list_commits import ListCommits
from application.replica.list_issues import ListIssues
from application.replica.list_pull_requests import ListPullRequests
from application.replica.pull_due import PullDue
from application.replica.scan_room import ScanRoom
from application.replica.show_freshness import ShowFreshness
from application.replica.start_syncs import StartSyncs
from application.replica.sync_now import SyncNow
from application.repositories.await_link import AwaitLink
from application.repositories.comment import Comment
from application.repositories.disconnect import Disconnect
from application.repositories.explain_access import ExplainAccess
from application.repositories.list_installations import ListInstallations
from application.repositories.list_repositories import ListRepositories
from application.repositories.read_file import ReadFile
from application.repositories.renew_due import RenewDue
from application.repositories.settle_installations import SettleInstallations
from application.repositories.show_pull_request import ShowPullRequest
from application.repositories.show_repository import ShowRepository
from application.repositories.start_link import StartLink
from application.repositories.want_renewal import WantRenewal
from application.sessions.authenticate import Authenticate
from application.sessions.end_session import EndSession
from application.sessions.exchange_code import ExchangeCode
from application.sessions.show_profile import ShowProfile
from domain.attempt import Purpose
from domain.connection import ConnectionKind
from entrypoints.metrics import count_call, count_patched_back, note_link
from entrypoints.proving import Proving
from entrypoints.settings import Settings

# Of its own, so that no flood of requests keeps the queue from its work.
QUEUE_CONNECTIONS: Final = 3


def by_integration(settings: Settings, login: HearAuth, link: HearAuth) -> Mapping[str, HearAuth]:
    return {settings.nango_login_integration: login, settings.nango_repository_integration: link}


class Container(containers.DeclarativeContainer):
    settings = providers.Dependency(instance_of=Settings)
    conninfo = providers.Dependency(instance_of=str)

    # Connections: built here, opened and closed by the entrypoint's lifespan.
    pool = providers.Singleton(create_pool, conninfo, max_size=settings.provided.database_connections)
    queue_pool = providers.Singleton(
        create_pool, conninfo, max_size=QUEUE_CONNECTIONS, max_waiting=0, application_name="latchkey queue"
    )
    nango_http = providers.Singleton(open_http)

    # Adapters
    clock = providers.Singleton(SystemClock)
    randomness = providers.Singleton(SystemRandomness)
    begin_work = providers.Singleton(BeginPostgresWork, pool)
    delivery_intake = providers.Singleton(PostgresDeliveryIntake, pool)
    delivery_quota = providers.Singleton(PostgresDeliveryQuota, pool, settings.provided.delivery_quota_bytes)
    work_log = providers.Singleton(PgQueuerWorkLog, pool)
    scan_room = providers.Singleton(ScanRoom, settings.provided.most_scans)
    readiness = providers.Singleton(PostgresReadiness, pool)
    keys = providers.Singleton(keys_of, settings.provided.jwt_secret, settings.provided.jwt_private_keys)
    public_keys = providers.Singleton(JwtPublicKeys, keys)
    access_tokens = providers.Singleton(
        JwtAccessTokens,
        keys=keys,
        issuer=settings.provided.origin,
        lifetime_seconds=settings.provided.access_token_lifetime_seconds,
    )
    signatures = providers.Singleton(
        NangoWebhookSignatures,
        settings.provided.signing_keys,
        allow_legacy=settings.provided.nango_allow_legacy_signature,
    )
    call_budget = providers.Singleton(CallBudget, settings.provided.nango_calls_per_minute)
    nango = providers.Singleton(
        NangoClient,
        http=nango_http,
        host=settings.provided.nango_origin,
        secret_key=settings.provided.nango_secret_key,
        budget=call_budget,
        observe=providers.Object(count_call),
    )

    login_feed = providers.Singleton(PostgresLoginFeed, conninfo)

    # The same adapters, each spending its own share of Nango's calls.
    integration = settings.provided.nango_login_integration
    authorizations = providers.Factory(
        NangoAuthorizations,
        client=nango,
        integration=integration,
        callback_url=settings.provided.callback_url,
        share=Share.START,
    )
    finishing_connections = providers.Singleton(
        NangoConnections, client=nango, integration=integration, share=Share.FINISH
    )
    finishing_accounts = providers.Singleton(
        NangoGitHubAccounts, client=nango, integration=integration, share=Share.FINISH
    )
    hinted_connections = providers.Singleton(NangoConnections, client=nango, integration=integration, share=Share.HINT)
    hinted_accounts = providers.Singleton(NangoGitHubAccounts, client=nango, integration=integration, share=Share.HINT)
    swept_connections = providers.Singleton(
        NangoConnections, client=nango, integration=integration, share=Share.RECONCILE
    )
    compared_accounts = providers.Singleton(
        NangoGitHubAccounts, client=nango, integration=integration, share=Share.RECONCILE
    )

    # Of the repository integration likewise
    repository_integration = settings.provided.nango_repository_integration
    link_authorizations = providers.Factory(
        authorizations,
        integration=repository_integration,
        kind=ConnectionKind.REPOSITORY,
        app_client_id=settings.provided.github_app_client_id,
        # Only somebody who is signed in can begin it.
        share=Share.FINISH,
    )
    nango_app = providers.Singleton(NangoApp, client=nango, integration=repository_integration)
    personal_access = providers.Factory(
        NangoPersonalAccess,
        client=nango,
        login_integration=integration,
        repository_integration=repository_integration,
        app=nango_app,
        share=Share.FINISH,
    )
    installation_access = providers.Factory(
        NangoInstallationAccess, client=nango, integration=repository_integration, share=Share.FINISH
    )
    installation_imports = providers.Factory(
        NangoInstallationImports,
        client=nango,
        integration=repository_integration,
        app=nango_app,
        share=Share.FINISH,
    )
    link_connections = providers.Factory(
        NangoConnections,
        client=nango,
        integration=repository_integration,
        kind=ConnectionKind.REPOSITORY,
        share=Share.FINISH,
    )
    finishing = providers.Factory(
        Proving,
        personal_access=personal_access,
        installation_access=installation_access,
        installation_imports=installation_imports,
        provider_connections=link_connections,
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        rules=settings.provided.proof_rules,
        integration=repository_integration,
        is_bound_by_cookie=settings.provided.is_bound_by_cookie,
        sleep=providers.Object(asyncio.sleep),
        observe=providers.Object(note_link),
    )
    hinted = providers.Factory(
        finishing,
        personal_access=providers.Factory(personal_access, share=Share.HINT),
        installation_access=providers.Factory(installation_access, share=Share.HINT),
        installation_imports=providers.Factory(installation_imports, share=Share.HINT),
        provider_connections=providers.Factory(link_connections, share=Share.HINT),
    )
    background = providers.Factory(
        finishing,
        personal_access=providers.Factory(personal_access, share=Share.RECONCILE),
        installation_access=providers.Factory(installation_access, share=Share.RECONCILE),
        installation_imports=providers.Factory(installation_imports, share=Share.RECONCILE),
        provider_connections=providers.Factory(link_connections, share=Share.RECONCILE),
    )
    repository_contents = providers.Singleton(
        NangoRepositoryContents, client=nango, integration=repository_integration, share=Share.READ
    )
    synced_records = providers.Singleton(
        RecordsBySource,
        nango=providers.Singleton(
            NangoSyncedRecords, client=nango, integration=repository_integration, share=Share.SYNC
        ),
        proxied=providers.Singleton(ProxiedRecords, client=nango, integration=repository_integration, share=Share.SYNC),
    )
    sync_control = providers.Factory(
        NangoSyncControl, client=nango, integration=repository_integration, share=Share.SYNC
    )

    # Use cases: signing in
    start_login = providers.Factory(
        StartLogin,
        authorizations=authorizations,
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        own_origin=settings.provided.origin,
        allowed_origins=settings.provided.allowed_origins,
    )
    complete_login = providers.Factory(
        CompleteLogin,
        provider_connections=finishing_connections,
        github_accounts=finishing_accounts,
        begin_work=begin_work,
        clock=clock,
        integration=integration,
    )
    look_up_login = providers.Factory(
        complete_login, provider_connections=hinted_connections, github_accounts=hinted_accounts
    )
    rooms = providers.Dict(
        {
            Purpose.LOGIN: providers.Factory(
                Room, authorizations=authorizations, complete=complete_login, look_up=look_up_login
            ),
            Purpose.LINK: providers.Factory(
                Room,
                authorizations=link_authorizations,
                complete=finishing.provided.complete_link,
                look_up=hinted.provided.complete_link,
            ),
        }
    )
    pass_callback = providers.Factory(PassCallback, rooms=rooms, begin_work=begin_work, clock=clock)
    open_connect_ui = providers.Factory(
        OpenConnectUi, authorizations=authorizations, begin_work=begin_work, clock=clock, randomness=randomness
    )
    aim_login = providers.Factory(
        AimLogin,
        authorizations=providers.Dict({Purpose.LOGIN: authorizations, Purpose.LINK: link_authorizations}),
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
    )
    tell_purpose = providers.Factory(TellPurpose, begin_work=begin_work)
    pull_login = providers.Factory(
        PullAttempt,
        provider_connections=hinted_connections,
        complete=look_up_login,
        begin_work=begin_work,
        clock=clock,
    )
    await_login = providers.Factory(
        AwaitLogin,
        pull_login=pull_login,
        login_feed=login_feed,
        begin_work=begin_work,
        clock=clock,
        is_bound_by_cookie=settings.provided.is_bound_by_cookie,
    )
    collect_token = providers.Factory(
        CollectToken,
        access_tokens=access_tokens,
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        session_lifetime=settings.provided.session_lifetime,
    )
    collect_login = providers.Factory(
        CollectLogin,
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        session_lifetime=settings.provided.session_lifetime,
    )
    settle_connections = providers.Factory(
        SettleConnections, provider_connections=finishing_connections, begin_work=begin_work, clock=clock
    )

    # Use cases: connecting repositories, and who may see which
    start_link = providers.Factory(
        StartLink,
        authorizations=link_authorizations,
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        own_origin=settings.provided.origin,
        allowed_origins=settings.provided.allowed_origins,
    )
    open_link_ui = providers.Factory(open_connect_ui, authorizations=link_authorizations)
    await_link = providers.Factory(
        AwaitLink,
        pull_link=providers.Factory(
            pull_login,
            provider_connections=hinted.provided.provider_connections,
            complete=hinted.provided.complete_link,
        ),
        login_feed=login_feed,
        begin_work=begin_work,
        clock=clock,
        is_bound_by_cookie=settings.provided.is_bound_by_cookie,
    )
    list_repositories = providers.Factory(ListRepositories, begin_work=begin_work, clock=clock)
    show_repository = providers.Factory(ShowRepository, begin_work=begin_work, clock=clock)
    explain_access = providers.Factory(ExplainAccess, begin_work=begin_work, clock=clock)
    list_pull_requests = providers.Factory(ListPullRequests, begin_work=begin_work, clock=clock, scan_room=scan_room)
    list_commits = providers.Factory(ListCommits, begin_work=begin_work, clock=clock, scan_room=scan_room)
    list_issues = providers.Factory(ListIssues, begin_work=begin_work, clock=clock, scan_room=scan_room)
    show_freshness = providers.Factory(ShowFreshness, begin_work=begin_work, clock=clock)
    list_installations = providers.Factory(ListInstallations, begin_work=begin_work)
    disconnect = providers.Factory(
        Disconnect,
        installation_access=finishing.provided.installation_access,
        begin_work=begin_work,
        clock=clock,
    )
    settle_installations = providers.Factory(
        SettleInstallations,
        provider_connections=finishing.provided.provider_connections,
        begin_work=begin_work,
        clock=clock,
        observe=providers.Object(count_patched_back),
    )
    want_renewal = providers.Factory(WantRenewal, begin_work=begin_work, clock=clock)
    read_file = providers.Factory(ReadFile, repository_contents=repository_contents, begin_work=begin_work, clock=clock)
    show_pull_request = providers.Factory(
        ShowPullRequest, repository_contents=repository_contents, begin_work=begin_work, clock=clock
    )
    comment = providers.Factory(
        Comment,
        repository_contents=repository_contents,
        personal_access=finishing.provided.personal_access,
        installation_access=finishing.provided.installation_access,
        begin_work=begin_work,
        clock=clock,
    )
    renew_due = providers.Factory(
        RenewDue, renew_access=background.provided.renew_access, begin_work=begin_work, clock=clock
    )

    # Use cases: the replica
    delete_unused = providers.Factory(
        DeleteUnused, begin_work=begin_work, clock=clock, kept=settings.provided.replica_retention
    )
    pull_due = providers.Factory(
        PullDue,
        synced_records=synced_records,
        begin_work=begin_work,
        clock=clock,
        plan=settings.provided.sync_plan,
        fuse=settings.provided.sync_fuse,
        lease=settings.provided.worker_lease,
    )
    start_syncs = providers.Factory(
        StartSyncs,
        arrange=providers.Factory(
            ArrangeSyncs,
            sync_control=sync_control,
            begin_work=begin_work,
            clock=clock,
            plan=settings.provided.sync_plan,
        ),
        begin_work=begin_work,
        clock=clock,
    )
    sync_now = providers.Factory(
        SyncNow,
        sync_control=providers.Factory(sync_control, share=Share.READ),
        begin_work=begin_work,
        clock=clock,
        plan=settings.provided.sync_plan,
    )

    # Use cases: staying signed in
    authenticate = providers.Factory(Authenticate, access_tokens=access_tokens, begin_work=begin_work, clock=clock)
    exchange_code = providers.Factory(
        ExchangeCode,
        access_tokens=access_tokens,
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        session_lifetime=settings.provided.session_lifetime,
    )
    end_session = providers.Factory(EndSession, begin_work=begin_work)
    show_profile = providers.Factory(ShowProfile, begin_work=begin_work)

    # Use cases: webhooks, and what the worker does unasked
    accept_delivery = providers.Factory(
        AcceptDelivery,
        signatures=signatures,
        delivery_quota=delivery_quota,
        delivery_intake=delivery_intake,
        clock=clock,
    )
    recheck_connection = providers.Factory(
        RecheckConnection,
        provider_connections=hinted_connections,
        github_accounts=hinted_accounts,
        begin_work=begin_work,
        clock=clock,
        integration=integration,
    )
    recheck_hinted = providers.Factory(RecheckHinted, recheck_connection=recheck_connection, clock=clock)
    reread_hinted = providers.Factory(RereadHinted, begin_work=begin_work, clock=clock)
    hear_github = providers.Factory(
        HearGitHub,
        recheck_hinted=recheck_hinted,
        reread_hinted=reread_hinted,
        reread_installation=hinted.provided.reread_installation,
        reread_repository=hinted.provided.reread_repository,
        renew_hinted=hinted.provided.renew_hinted,
        begin_work=begin_work,
        clock=clock,
    )
    hear_login = providers.Factory(
        HearAuth,
        provider_connections=hinted_connections,
        recheck_known=providers.Factory(RecheckLogin, recheck_hinted=recheck_hinted, begin_work=begin_work),
        complete=look_up_login,
        begin_work=begin_work,
        clock=clock,
        purpose=Purpose.LOGIN,
        is_bound_by_cookie=settings.provided.is_bound_by_cookie,
    )
    hear_link = providers.Factory(
        hear_login,
        provider_connections=hinted.provided.provider_connections,
        recheck_known=providers.Factory(
            RecheckInstallation,
            provider_connections=hinted.provided.provider_connections,
            reread_hinted=reread_hinted,
            reread_installation=hinted.provided.reread_installation,
            renew_hinted=hinted.provided.renew_hinted,
            begin_work=begin_work,
            clock=clock,
        ),
        complete=hinted.provided.complete_link,
        purpose=Purpose.LINK,
    )
    hear_auth = providers.Factory(by_integration, settings, hear_login, hear_link)
    process_delivery = providers.Factory(
        ProcessDelivery,
        hear_auth=hear_auth,
        hear_github=hear_github,
        hear_sync=providers.Factory(HearSync, plan=settings.provided.sync_plan, begin_work=begin_work, clock=clock),
        begin_work=begin_work,
        clock=clock,
    )
    measure_backlog = providers.Factory(MeasureBacklog, begin_work=begin_work, clock=clock)
    sweep_attempts = providers.Factory(
        SweepAttempts,
        provider_connections=providers.Dict(
            {Purpose.LOGIN: swept_connections, Purpose.LINK: background.provided.provider_connections}
        ),
        begin_work=begin_work,
        clock=clock,
    )
    settle_leftovers = providers.Factory(settle_connections, provider_connections=swept_connections)
    settle_leftover_installations = providers.Factory(
        settle_installations, provider_connections=background.provided.provider_connections
    )
    requeue_stranded = providers.Factory(RequeueStranded, begin_work=begin_work, clock=clock)
    forget_expired = providers.Factory(
        ForgetExpired,
        begin_work=begin_work,
        work_log=work_log,
        clock=clock,
        deliveries_kept=settings.provided.delivery_retention,
    )

    # Use cases: reconcile
    compare_connections = providers.Factory(
        CompareConnections,
        provider_connections=swept_connections,
        begin_work=begin_work,
        clock=clock,
        is_bound_by_cookie=settings.provided.is_bound_by_cookie,
    )
    adopt_connection = providers.Factory(
        AdoptConnection,
        provider_connections=swept_connections,
        github_accounts=compared_accounts,
        settle_connections=settle_leftovers,
        begin_work=begin_work,
        clock=clock,
        integration=integration,
    )
    clear_stray = providers.Factory(
        ClearStray,
        adopt_connection=adopt_connection,
        settle_connections=settle_leftovers,
        sweep_attempts=sweep_attempts,
        provider_connections=swept_connections,
        begin_work=begin_work,
        clock=clock,
    )
    heal_finding = providers.Factory(
        HealFinding,
        complete_login=providers.Factory(
            complete_login, provider_connections=swept_connections, github_accounts=compared_accounts
        ),
        recheck_connection=providers.Factory(
            recheck_connection, provider_connections=swept_connections, github_accounts=compared_accounts
        ),
        clear_stray=clear_stray,
        settle_connections=settle_leftovers,
        begin_work=begin_work,
        clock=clock,
    )
    compare_installations = providers.Factory(
        CompareInstallations,
        provider_connections=background.provided.provider_connections,
        begin_work=begin_work,
        clock=clock,
        is_bound_by_cookie=settings.provided.is_bound_by_cookie,
    )
    reconcile_logins = providers.Factory(
        ReconcileLogins,
        compare_connections=compare_connections,
        compare_installations=compare_installations,
        heal=providers.Dict(
            {
                ConnectionKind.LOGIN: heal_finding,
                ConnectionKind.REPOSITORY: providers.Callable(
                    background.provided.heal_installation.call(sweep_attempts)
                ),
            }
        ),
        begin_work=begin_work,
        clock=clock,
        randomness=randomness,
        period=settings.provided.reconcile_period,
    )
