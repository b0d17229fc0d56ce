"""What is done to collections, and what each deed needs, changes and records."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.asking import ask, attributes, error, ids
from tests.factories import (
    AccountFactory,
    AccountShareFactory,
    ApiKeyFactory,
    CollectionFactory,
    CollectionShareFactory,
    MemberFactory,
    SecretFactory,
)
from workspaces.activity.models import Activity
from workspaces.directory.actions import remove_member
from workspaces.directory.queries import actor_for
from workspaces.directory.roles import Role
from workspaces.vaults import actions
from workspaces.vaults.actions.tree import MAX_DEPTH
from workspaces.vaults.models import Collection, CollectionItem, CollectionPath

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return MemberFactory(role=Role.USER)


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace, role=Role.USER)


@pytest.fixture
def collection(owner):
    return CollectionFactory(owner=owner, name="Marketing")


def move(owner, collection, parent):
    return actions.update_collection(
        actor_for(owner), collection, name=collection.name, parent=parent
    )


def last(workspace):
    return Activity.objects.filter(workspace_id=workspace.id).latest("sequence")


def paths():
    found = CollectionPath.objects.values_list("ancestor__name", "descendant__name", "is_open")
    return {f"{above}>{below}": is_open for above, below, is_open in found if above != below}


def chain(owner, *names):
    made = []
    for name in names:
        made.append(CollectionFactory(owner=owner, name=name, parent=made[-1] if made else None))
    return made


# The tree


def test_who_adds_a_collection_owns_it(owner, collection):
    assert collection.shares.get().member == owner
    assert last(owner.workspace).event == "COLLECTION_CREATED"


def test_every_ancestor_has_a_path(owner):
    chain(owner, "a", "b", "c")
    assert paths() == {"a>b": True, "a>c": True, "b>c": True}


def test_a_subtree_moves_with_its_paths(owner):
    _, b, _, _ = chain(owner, "a", "b", "c", "d")
    x = CollectionFactory(owner=owner, name="x")
    move(owner, b, x)
    assert paths() == {"x>b": True, "x>c": True, "x>d": True} | {
        "b>c": True,
        "b>d": True,
        "c>d": True,
    }
    assert last(owner.workspace).details["changes"]["parent"]["to"]["name"] == "x"
    move(owner, b, None)
    assert set(paths()) == {"b>c", "b>d", "c>d"}


@pytest.mark.parametrize("under", ["a", "b", "c"])
def test_a_collection_is_never_inside_itself(owner, under):
    a, *_ = chain(owner, "a", "b", "c")
    with pytest.raises(ValidationError, match="inside itself"):
        move(owner, a, Collection.objects.get(name=under))
    a.refresh_from_db()
    assert a.parent is None
    assert set(paths()) == {"a>b", "a>c", "b>c"}


def test_collections_do_not_go_deeper_than_can_be_overseen(owner):
    *_, last_one = chain(owner, *(str(number) for number in range(MAX_DEPTH)))
    with pytest.raises(ValidationError, match="deep"):
        CollectionFactory(owner=owner, parent=last_one)
    assert Collection.objects.count() == MAX_DEPTH


def test_a_collection_is_put_only_where_its_owner_owns(owner, teammate, collection):
    theirs = CollectionFactory(owner=teammate)
    CollectionShareFactory(item=theirs, member=owner)
    for attempt in (
        lambda: move(owner, collection, theirs),
        lambda: CollectionFactory(owner=owner, parent=theirs),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert not Collection.objects.filter(parent=theirs).exists()


def test_a_collection_leaves_the_one_above_only_by_an_owner_of_that(owner, teammate, collection):
    inside = CollectionFactory(owner=owner, parent=collection)
    CollectionShareFactory(item=inside, member=teammate, role="owner")
    with pytest.raises(PermissionDenied):
        move(teammate, inside, None)
    inside.refresh_from_db()
    assert inside.parent == collection


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "Mar\u200bketing"])
def test_a_name_that_cannot_be_read_is_refused(owner, collection, name):
    with pytest.raises(ValidationError) as refusal:
        actions.update_collection(actor_for(owner), collection, name=name, parent=None)
    assert list(refusal.value.message_dict) == ["name"]
    assert Collection.objects.get().name == "Marketing"


# What is in it


@pytest.mark.parametrize("make", [AccountFactory, SecretFactory])
def test_an_item_goes_in_once_and_out_again(owner, collection, make):
    item = make(owner=owner)
    for _ in range(2):
        entry = actions.add_item(actor_for(owner), collection, item)
    assert last(owner.workspace).details["item"]["name"] == str(item)
    added = Activity.objects.filter(event="COLLECTION_ITEM_ADDED")
    assert added.count() == CollectionItem.objects.count() == 1
    actions.remove_item(actor_for(owner), entry)
    assert last(owner.workspace).event == "COLLECTION_ITEM_REMOVED"
    assert not CollectionItem.objects.exists()


def test_only_an_owner_of_the_item_puts_it_in(owner, teammate, collection):
    account = AccountFactory(owner=teammate)
    AccountShareFactory(item=account, member=owner)
    with pytest.raises(PermissionDenied):
        actions.add_item(actor_for(owner), collection, account)
    assert not CollectionItem.objects.exists()


def test_a_collaborator_of_the_collection_changes_nothing(owner, teammate):
    entry_of = CollectionFactory(owner=owner, items=[AccountFactory(owner=owner)])
    CollectionShareFactory(item=entry_of, member=teammate)
    actor = actor_for(teammate)
    for attempt in (
        lambda: actions.add_item(actor, entry_of, AccountFactory(owner=teammate)),
        lambda: actions.remove_item(actor, entry_of.items.get()),
        lambda: actions.set_collection_status(actor, entry_of, "disabled"),
        lambda: move(teammate, entry_of, None),
        lambda: actions.share(actor, entry_of, teammate, "owner"),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    entry_of.refresh_from_db()
    assert (entry_of.status, entry_of.items.count()) == ("enabled", 1)


def test_a_collection_that_nobody_else_owns_goes_to_the_owner_of_the_workspace(owner, collection):
    heir = owner.workspace.owner
    remove_member(actor_for(heir), owner)
    assert collection.shares.get().member == heir


# The API


def test_a_collection_tells_the_roles_held_of_it():
    key = ApiKeyFactory(scopes=["read:items"])
    collection = CollectionFactory(owner=key.owner, name="Marketing")
    answer = ask("/collections", key)
    [resource] = answer.json()["data"]
    assert (resource["id"], resource["type"]) == (str(collection.id), "collections")
    assert resource["attributes"] == {
        "name": "Marketing",
        "status": "enabled",
        "roles": ["collection_owner"],
        "meta": {},
        "createdAt": collection.created_at.isoformat(timespec="microseconds"),
        "createdBy": str(key.owner.user_id),
        "updatedAt": collection.updated_at.isoformat(timespec="microseconds"),
        "updatedBy": str(key.owner.user_id),
    }
    assert attributes(ask(f"/collections/{collection.id}", key)) == resource["attributes"]


def test_a_collaborator_s_key_sees_the_collection_and_none_of_its_items():
    key = ApiKeyFactory(scopes=["read:items"])
    teammate = MemberFactory(workspace=key.workspace)
    account = AccountFactory(owner=teammate)
    collection = CollectionFactory(owner=teammate, items=[account])
    CollectionShareFactory(item=collection, member=key.owner)
    told = attributes(ask(f"/collections/{collection.id}", key))
    assert told["roles"] == ["collection_collaborator"]
    assert ids(ask("/accounts", key)) == []
    error(ask(f"/accounts/{account.id}", key), 404)


def test_an_owner_s_key_sees_what_is_in_the_collection_and_below():
    key = ApiKeyFactory(scopes=["read:items"])
    teammate = MemberFactory(workspace=key.workspace)
    top = CollectionFactory(owner=teammate)
    account = AccountFactory(owner=teammate)
    inside = CollectionFactory(owner=teammate, parent=top, items=[account])
    CollectionShareFactory(item=top, member=key.owner, role="owner")
    assert ids(ask("/collections", key)) == [str(top.id), str(inside.id)]
    assert ids(ask("/accounts", key)) == [str(account.id)]
