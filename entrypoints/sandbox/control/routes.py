"""The control API, put together."""

from litestar import Router

from entrypoints.sandbox.control import conditions, connections, people, webhooks


def control_routes() -> Router:
    return Router(
        "/__sandbox",
        route_handlers=[
            conditions.get_health,
            conditions.get_conditions,
            conditions.patch_conditions,
            conditions.plan_failure,
            conditions.forget_failures,
            conditions.list_calls,
            conditions.reset,
            people.list_people,
            people.post_person,
            people.patch_person,
            people.post_successor,
            people.revoke_person,
            connections.list_connection_summaries,
            connections.drop_connection,
            connections.revoke_connection,
            connections.set_refresh,
            connections.expire_sessions,
            webhooks.list_deliveries,
            webhooks.put_trouble,
            webhooks.redeliver,
            webhooks.send_payload,
            webhooks.sign_payload,
        ],
    )
