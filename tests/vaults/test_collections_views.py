"""The pages of collections, for the owner, a collaborator, a teammate and a stranger."""

from http import HTTPStatus

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import (
    AccountFactory,
    AccountShareFactory,
    CollectionFactory,
    CollectionShareFactory,
    MemberFactory,
    SecretFactory,
)
from workspaces.directory.roles import Role
from workspaces.vaults.models import Collection, CollectionItem

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


@pytest.fixture
def as_owner(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def as_collaborator(client, teammate, collection):
    CollectionShareFactory(item=collection, member=teammate)
    client.force_login(teammate.user)
    return client


def url(member, name, *args):
    return reverse(f"collections:{name}", args=[member.workspace.slug, *args])


@pytest.mark.parametrize("where", ["detail", "update", "offer", "share"])
def test_a_collection_that_is_not_shared_with_them_is_not_found(
    client, owner, teammate, collection, where
):
    client.force_login(teammate.user)
    assert client.get(url(owner, where, collection.id)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("where", ["update", "offer", "share"])
def test_a_collaborator_changes_nothing(as_collaborator, owner, collection, where):
    response = as_collaborator.get(url(owner, where, collection.id))
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_another_workspaces_collection_is_not_found_in_ones_own(client, collection):
    stranger = MemberFactory()
    client.force_login(stranger.user)
    assert client.get(url(stranger, "detail", collection.id)).status_code == HTTPStatus.NOT_FOUND


def test_the_list_shows_what_is_shared_and_is_searched(as_collaborator, owner):
    CollectionFactory(owner=owner, name="Hidden")
    response = as_collaborator.get(url(owner, "list"))
    assertContains(response, "Marketing")
    assertNotContains(response, "Hidden")
    assertContains(as_collaborator.get(url(owner, "list"), {"q": "x"}), "No collection matches")


def test_a_collection_shows_what_is_in_it_and_below_it(as_collaborator, owner, collection):
    account = AccountFactory(owner=owner, label="Canva")
    secret = SecretFactory(owner=owner, title="Code")
    CollectionItem.objects.create(collection=collection, account=account)
    CollectionItem.objects.create(collection=collection, secret=secret)
    CollectionFactory(owner=owner, name="Social media", parent=collection)
    response = as_collaborator.get(url(owner, "detail", collection.id))
    for name in ("Canva", "Code", "Social media"):
        assertContains(response, name)
    assertNotContains(response, "Add items")


def test_a_disabled_collection_shows_only_what_is_shared_in_another_way(
    as_collaborator, owner, teammate, collection
):
    seen, hidden = (AccountFactory(owner=owner, label=label) for label in ("Canva", "Hidden"))
    AccountShareFactory(item=seen, member=teammate)
    for account in (seen, hidden):
        CollectionItem.objects.create(collection=collection, account=account)
    collection.below.update(is_open=False)
    Collection.objects.update(status="disabled")
    response = as_collaborator.get(url(owner, "detail", collection.id))
    assertContains(response, "Canva")
    assertNotContains(response, "Hidden")


def test_a_collection_is_made_inside_another(as_owner, owner, collection):
    form = as_owner.get(url(owner, "create"), {"parent": collection.id})
    assertContains(form, f'value="{collection.id}" selected')
    response = as_owner.post(url(owner, "create"), {"name": "Social", "parent": collection.id})
    made = Collection.objects.get(name="Social")
    assertRedirects(response, url(owner, "detail", made.id))
    assert made.parent == collection


def test_a_collection_is_renamed_and_not_put_inside_itself(as_owner, owner, collection):
    inside = CollectionFactory(owner=owner, parent=collection)
    as_owner.post(url(owner, "update", collection.id), {"name": "Brand", "parent": ""})
    refused = as_owner.post(
        url(owner, "update", collection.id), {"name": "Ring", "parent": inside.id}
    )
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    collection.refresh_from_db()
    assert (collection.name, collection.parent) == ("Brand", None)


def test_the_name_of_a_collection_above_is_for_those_who_share_it(
    as_collaborator, owner, teammate, collection
):
    top = CollectionFactory(owner=owner, name="Secret plans")
    Collection.objects.filter(pk=collection.pk).update(parent=top)
    for where in (url(owner, "list"), url(owner, "detail", collection.id)):
        assertNotContains(as_collaborator.get(where), "Secret plans")
    CollectionShareFactory(item=top, member=teammate)
    assertContains(as_collaborator.get(url(owner, "list")), "Secret plans")


def test_who_does_not_own_the_one_above_renames_and_moves_nothing(
    as_collaborator, owner, teammate, collection
):
    inside = CollectionFactory(owner=owner, parent=collection)
    CollectionShareFactory(item=inside, member=teammate, role="owner")
    form = as_collaborator.get(url(owner, "update", inside.id))
    assertNotContains(form, "Inside")
    as_collaborator.post(url(owner, "update", inside.id), {"name": "Mine", "parent": ""})
    inside.refresh_from_db()
    assert (inside.name, inside.parent) == ("Mine", collection)


@pytest.mark.parametrize(("kind", "make"), [("account", AccountFactory), ("secret", SecretFactory)])
def test_an_item_is_offered_added_and_removed(as_owner, owner, collection, kind, make):
    item = make(owner=owner)
    assertContains(as_owner.get(url(owner, "offer", collection.id)), str(item))
    as_owner.post(url(owner, f"add_{kind}", collection.id, item.id))
    entry = collection.items.get()
    assert entry.item == item
    assertContains(as_owner.get(url(owner, "offer", collection.id)), "All that you own is in it")
    as_owner.post(url(owner, "remove", collection.id, entry.id))
    assert not collection.items.exists()


def test_what_belongs_to_another_is_neither_offered_nor_added(
    as_owner, owner, teammate, collection
):
    account = AccountFactory(owner=teammate, label="Theirs")
    AccountShareFactory(item=account, member=owner)
    assertNotContains(as_owner.get(url(owner, "offer", collection.id)), "Theirs")
    response = as_owner.post(url(owner, "add_account", collection.id, account.id))
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert not collection.items.exists()


def test_an_entry_of_another_collection_is_not_removed(as_owner, owner, collection):
    other = CollectionFactory(owner=owner, items=[AccountFactory(owner=owner)])
    response = as_owner.post(url(owner, "remove", collection.id, other.items.get().id))
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert other.items.count() == 1


def test_a_collection_is_disabled_and_shared(as_owner, owner, teammate, collection):
    as_owner.post(url(owner, "switch", collection.id), {"status": "disabled"})
    as_owner.post(
        url(owner, "share", collection.id), {"sharer": teammate.id, "role": "collaborator"}
    )
    collection.refresh_from_db()
    assert collection.status == "disabled"
    assert collection.shares.get(member=teammate).role == "collaborator"
