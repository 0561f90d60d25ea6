import pytest

from adapters.nango import github_documents as documents
from adapters.nango.github_values import permission_in, repository_of, seen_repository_of
from domain.errors import UpstreamUnavailable
from domain.repository import Permission, Visibility

NONE_GIVEN = documents.Permissions()
PULL = documents.Permissions(pull=True)
PUSH = documents.Permissions(push=True, triage=True, pull=True)


@pytest.mark.parametrize("permission", Permission)
def test_githubs_own_roles_are_known_by_name(permission: Permission) -> None:
    assert permission_in(permission.role, None) is permission
    assert permission_in(permission.role, PULL) is permission


@pytest.mark.parametrize("role_name", [None, "", "security-champion", "Admin"])
@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        (documents.Permissions(admin=True, maintain=True, push=True, triage=True, pull=True), Permission.ADMIN),
        (documents.Permissions(maintain=True, push=True, triage=True, pull=True), Permission.MAINTAIN),
        (PUSH, Permission.WRITE),
        (documents.Permissions(triage=True, pull=True), Permission.TRIAGE),
        (PULL, Permission.READ),
        (NONE_GIVEN, None),
    ],
)
def test_a_custom_role_is_worth_what_it_includes(
    role_name: str | None, permissions: documents.Permissions, expected: Permission | None
) -> None:
    assert permission_in(role_name, permissions) is expected


def test_a_role_that_is_not_said_is_not_guessed() -> None:
    with pytest.raises(UpstreamUnavailable):
        permission_in("security-champion", None)


@pytest.mark.parametrize(
    ("visibility", "private", "expected"),
    [
        ("public", False, Visibility.PUBLIC),
        ("private", True, Visibility.PRIVATE),
        ("internal", True, Visibility.INTERNAL),
        (None, True, Visibility.PRIVATE),
        (None, False, Visibility.PUBLIC),
        ("something new", True, Visibility.PRIVATE),
        ("something new", False, Visibility.PUBLIC),
    ],
)
def test_visibility_is_read_from_the_older_field_where_it_is_missing(
    visibility: str | None, *, private: bool, expected: Visibility
) -> None:
    document = documents.SeenRepository(
        id=1,
        name="atlas",
        owner=documents.Owner(id=2, login="acme"),
        private=private,
        html_url="https://github.test/acme/atlas",
        visibility=visibility,
        permissions=PULL,
    )

    assert repository_of(document).visibility is expected
    seen = seen_repository_of(document)
    assert seen is not None
    assert seen.permission is Permission.READ
