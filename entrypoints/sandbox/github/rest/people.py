"""Accounts, and who belongs to which organisation."""

from typing import Final

from entrypoints.sandbox.github.documents import account_document, public_document, user_document
from entrypoints.sandbox.github.exchange import UpstreamAnswer
from entrypoints.sandbox.github.model import Account
from entrypoints.sandbox.github.rest.call import NOT_FOR_APPS, Call
from entrypoints.sandbox.wire import JsonObject

USER: Final = "https://docs.github.com/rest/users/users#get-the-authenticated-user"
ONE_USER: Final = "https://docs.github.com/rest/users/users#get-a-user"
MEMBERSHIP: Final = "https://docs.github.com/rest/orgs/members#get-organization-membership-for-a-user"
OWN_MEMBERSHIP: Final = (
    "https://docs.github.com/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user"
)


def user(call: Call) -> UpstreamAnswer:
    """Say who the token's person is."""
    if call.person is None:
        return call.refuse(403, NOT_FOR_APPS, USER)
    scopes = {"x-oauth-scopes": call.token.scope.replace(" ", ", "), "x-accepted-oauth-scopes": ""}
    return call.answer(user_document(call.person, call.base_url), headers=scopes)


def user_by_id(call: Call) -> UpstreamAnswer:
    return _account(call, call.world.accounts.get(int(call.values["account_id"])))


def user_by_login(call: Call) -> UpstreamAnswer:
    return _account(call, call.world.account_called(call.values["login"]))


def _account(call: Call, account: Account | None) -> UpstreamAnswer:
    if account is None:
        return call.not_found(ONE_USER)
    return call.answer(public_document(account, call.base_url))


def organization_membership(call: Call) -> UpstreamAnswer:
    """Say what a person is in an organisation, to the App there if it may know, and to members."""
    organization = call.world.account_called(call.values["organization"])
    member = call.world.account_called(call.values["login"])
    if organization is None or organization.type != "Organization":
        return call.not_found(MEMBERSHIP)
    if not _may_ask(call, organization):
        return call.refuse(403, NOT_FOR_APPS if call.person is None else "Forbidden", MEMBERSHIP)
    return _membership(call, organization, member, MEMBERSHIP)


def own_membership(call: Call) -> UpstreamAnswer:
    """Say what the token's person is in an organisation."""
    if call.person is None:
        return call.refuse(403, NOT_FOR_APPS, OWN_MEMBERSHIP)
    organization = call.world.account_called(call.values["organization"])
    return _membership(call, organization, call.person, OWN_MEMBERSHIP)


def _may_ask(call: Call, organization: Account) -> bool:
    installation = call.world.installation_on(organization.id)
    if call.person is not None:
        is_known = not call.token.is_of_app or (installation is not None and call.may(installation, "members"))
        return is_known and (organization.id, call.person.id) in call.world.memberships
    return installation is not None and installation is call.installation and call.may(installation, "members")


def _membership(call: Call, organization: Account | None, member: Account | None, documentation: str) -> UpstreamAnswer:
    role = call.world.memberships.get((organization.id, member.id)) if organization and member else None
    if organization is None or member is None or role is None:
        return call.not_found(documentation)
    url = f"https://api.github.com/orgs/{organization.login}"
    body: JsonObject = {
        "url": f"{url}/memberships/{member.login}",
        "state": "active",
        "role": role,
        "organization_url": url,
        "organization": account_document(organization, call.base_url),
        "user": account_document(member, call.base_url),
    }
    return call.answer(body)
