"""What a role's grants say about single fields, and how several roles add up."""

import pytest

from backoffice.auth.grants import add_up
from backoffice.auth.permissions import EVERYTHING, Fields, Grants, Permissions, grants_of_role

PERMISSIONS = Permissions()


def role(*tokens: str) -> Grants:
    """The grants of a role with these rows: "item:read:price"."""
    rows = (token.partition(":") for token in tokens)
    return grants_of_role(frozenset((identity, action) for identity, _, action in rows))


def together(*roles: tuple[str, ...]) -> Grants:
    rows = ((number, token) for number, tokens in enumerate(roles) for token in tokens)
    return add_up((number, *_pair(token)) for number, token in rows)


def _pair(token: str) -> tuple[str, str]:
    identity, _, action = token.partition(":")
    return identity, action


def reads(grants: Grants, identity: str = "item") -> Fields:
    return PERMISSIONS.fields(grants, identity, "read")


def writes(grants: Grants, identity: str = "item") -> Fields:
    return PERMISSIONS.fields(grants, identity, "write")


def test_a_role_without_rows_for_fields_has_them_all() -> None:
    editor = role("item:list", "item:edit")
    assert reads(editor).all
    assert writes(editor).all
    viewer = role("item:list", "item:details")
    assert reads(viewer).all
    assert not writes(viewer).all, "who may neither create nor edit writes no field"


def test_a_limited_role_has_only_those_ticked_and_writing_implies_reading() -> None:
    limited = role("item:list", "item:edit", "item:read:name", "item:write:price")
    assert reads(limited) == Fields(frozenset({"name", "price"}))
    assert writes(limited) == Fields(frozenset({"price"}))
    assert "added_later" not in reads(limited)


def test_a_role_may_be_limited_to_no_field_at_all() -> None:
    nothing = role("item:list", "item:read:")
    assert "name" not in reads(nothing)
    assert not reads(nothing).all


@pytest.mark.parametrize(
    "tokens",
    [
        ("item:*", "item:read:price"),
        ("*:*", "item:read:price"),
        ("*:list", "item:list", "item:read:price"),
        ("item:list", "item:read:*"),
        ("item:list", "item:write:*"),
        ("*:*", "item:write:*", "*:read:*"),
    ],
)
def test_no_wildcard_opens_a_limited_role(tokens: tuple[str, ...]) -> None:
    assert not reads(role(*tokens)).all
    assert "quantity" not in reads(role(*tokens))
    assert not writes(role(*tokens)).all


def test_a_wildcard_in_a_role_without_limits_opens_every_field() -> None:
    assert reads(role("*:list")).all
    assert not writes(role("*:list")).all
    assert writes(role("*:*")).all
    assert writes(EVERYTHING).all


def test_several_roles_add_up() -> None:
    clerk = ("item:list", "item:edit", "item:write:quantity")
    assert reads(together(clerk, ("item:list", "item:read:price"))).names == {"quantity", "price"}
    assert reads(together(clerk, ("item:list",))).all
    assert writes(together(clerk, ("item:list",))) == Fields(frozenset({"quantity"}))
    assert writes(together(clerk, ("item:list", "item:edit"))).all


def test_limits_of_one_view_say_nothing_about_another() -> None:
    limited = role("item:list", "item:read:name", "category:list")
    assert reads(limited, "category").all


def test_missing_permissions_for_fields_are_also_named() -> None:
    limited, whole = role("item:list", "item:read:name"), role("item:list", "item:edit")
    assert PERMISSIONS.missing(limited, whole) == [
        ("item", "edit"),
        ("item", "read:*"),
        ("item", "write:*"),
    ]
    assert PERMISSIONS.missing(whole, limited) == []
    assert PERMISSIONS.missing(limited, role("item:list", "item:write:name")) == [
        ("item", "write:name")
    ]


def test_a_view_of_superusers_has_no_fields_for_others() -> None:
    permissions = Permissions()
    permissions.superusers_only.add("item")
    assert permissions.fields(role("item:list"), "item", "read") == Fields()
    assert permissions.fields(EVERYTHING, "item", "read").all
