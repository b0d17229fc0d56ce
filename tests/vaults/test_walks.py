"""What is remembered of a long list is never older than what changed it."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    AccountFactory,
    AccountShareFactory,
    CollectionFactory,
    CollectionShareFactory,
    MemberFactory,
    TeamFactory,
    TeamMemberFactory,
)
from workspaces.directory.actions import add_to_team, remove_from_team, remove_member
from workspaces.directory.queries import actor_for
from workspaces.vaults import actions
from workspaces.vaults.api.accounts import AccountRow
from workspaces.vaults.models import Account, AccountShare
from workspaces.vaults.queries import (
    collections_for,
    listed,
    remembered_total,
    shared,
    walk_accounts,
    walks,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return MemberFactory()


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace)


def page(member, number=1, size=2, **filters):
    rows, total = walk_accounts(actor_for(member), AccountRow, **filters).page(number, size)
    return [row.label for row in rows], total


def make(owner, *labels):
    return [AccountFactory(owner=owner, label=label) for label in labels]


@pytest.fixture(params=["short", "long"])
def length(request, monkeypatch):
    """A few rows count as a short list, or as a long one."""
    monkeypatch.setattr(walks, "SHORT", 1000 if request.param == "short" else 1)
    return request.param


@pytest.mark.usefixtures("length")
def test_a_walk_meets_each_row_once_in_order(owner):
    make(owner, *"abcdefg")
    found = [page(owner, number) for number in range(1, 6)]
    assert [labels for labels, _ in found] == [["a", "b"], ["c", "d"], ["e", "f"], ["g"], []]
    assert {total for _, total in found} == {7}


@pytest.mark.usefixtures("length")
def test_a_page_far_beyond_the_end_is_empty(owner):
    make(owner, "a")
    assert page(owner, number=10**30) == ([], 1)


def test_a_long_list_goes_on_from_where_the_page_before_ended(owner, monkeypatch):
    monkeypatch.setattr(walks, "SHORT", 1)
    make(owner, *"abcdef")
    page(owner, 1)
    page(owner, 2)
    with CaptureQueriesContext(connection) as asked:
        assert page(owner, 3) == (["e", "f"], 6)
    assert not [query for query in asked.captured_queries if "OFFSET" in query["sql"]]


@pytest.mark.usefixtures("length")
def test_what_did_not_change_is_not_counted_again(owner):
    make(owner, *"abc")
    page(owner)
    with CaptureQueriesContext(connection) as asked:
        assert page(owner, 2) == (["c"], 3)
    assert counts(asked) == 0


def counts(asked):
    """How often items were counted; what the cache asks of its own table is its own business."""
    found = [query["sql"] for query in asked.captured_queries]
    return len([sql for sql in found if "COUNT(" in sql and "vaults_" in sql])


def by_hand(teammate, account, **_others):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vaults_accountshare (item_id, member_id, role) "
            "SELECT item_id, %s, 'owner' FROM vaults_accountshare WHERE item_id = %s",
            [uuid_of(teammate), uuid_of(account)],
        )


def uuid_of(row):
    return row.pk.hex if connection.vendor == "sqlite" else row.pk


def through_a_team(owner, teammate, account):
    team = TeamFactory(workspace=owner.workspace)
    actions.share(actor_for(owner), account, team, "owner")
    assert page(teammate)[1] == 0
    add_to_team(actor_for(owner.workspace.owner), team, teammate)


def through_a_collection(owner, teammate, account):
    collection = CollectionFactory(owner=owner)
    CollectionShareFactory(item=collection, member=teammate, role="owner")
    assert page(teammate)[1] == 0
    actions.add_item(actor_for(owner), collection, account)


def through_the_tree(owner, teammate, account):
    inside, top = CollectionFactory(owner=owner, items=[account]), CollectionFactory(owner=owner)
    CollectionShareFactory(item=top, member=teammate, role="owner")
    assert page(teammate)[1] == 0
    actions.update_collection(actor_for(owner), inside, name=inside.name, parent=top)


def by_a_share(owner, teammate, account):
    actions.share(actor_for(owner), account, teammate, "owner")


def by_inheriting(owner, teammate, **_others):
    owner.workspace.owner = teammate
    owner.workspace.save()
    teammate.refresh_from_db()  # who owns the workspace has its role by a trigger
    remove_member(actor_for(teammate), owner)


@pytest.mark.usefixtures("length")
@pytest.mark.parametrize(
    "change",
    [by_a_share, by_hand, through_a_team, through_a_collection, through_the_tree, by_inheriting],
)
def test_what_comes_into_sight_is_seen_at_once(owner, teammate, change):
    account, _ = make(owner, "a", "b")
    assert page(teammate) == ([], 0)
    change(owner=owner, teammate=teammate, account=account)
    labels, total = page(teammate)
    assert "a" in labels
    assert total == len(labels)


@pytest.mark.usefixtures("length")
def test_what_goes_out_of_sight_is_gone_at_once(owner, teammate):
    direct, by_team, by_collection = make(owner, "a", "b", "c")
    share = AccountShareFactory(item=direct, member=teammate, role="owner")
    team = TeamMemberFactory(member=teammate, team__workspace=owner.workspace).team
    AccountShareFactory(item=by_team, team=team, role="owner")
    collection = CollectionFactory(owner=owner, items=[by_collection])
    CollectionShareFactory(item=collection, member=teammate, role="owner")
    assert page(teammate, size=5) == (["a", "b", "c"], 3)
    actions.share(actor_for(owner), direct, teammate, "collaborator")
    assert page(teammate, size=5) == (["b", "c"], 2)
    remove_from_team(actor_for(owner.workspace.owner), team, teammate)
    assert page(teammate, size=5) == (["c"], 1)
    actions.set_collection_status(actor_for(owner), collection, "disabled")
    assert page(teammate, size=5) == ([], 0)
    assert AccountShare.objects.filter(pk=share.pk).exists()


@pytest.mark.usefixtures("length")
def test_a_change_of_what_is_filtered_is_seen_at_once(owner):
    account, _ = make(owner, "a", "b")
    assert page(owner, statuses=["enabled"])[1] == 2
    actions.set_account_status(actor_for(owner), account, "disabled")
    assert page(owner, statuses=["enabled"]) == (["b"], 1)
    actions.update_account(actor_for(owner), account, application="Slack")
    assert page(owner, applications=["Slack"]) == (["a"], 1)


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        (Q(label__icontains="new"), {"label": "new"}),
        (Q(email__icontains="new"), {"email": "new@acme.example"}),
        (Q(mfa_enabled=True), {"mfa_enabled": True}),
    ],
)
def test_a_search_finds_an_account_as_soon_as_it_is_changed(owner, wanted, change):
    [account] = make(owner, "a")
    assert listed(actor_for(owner), Account, wanted)[1] == 0
    actions.update_account(actor_for(owner), account, **change)
    assert listed(actor_for(owner), Account, wanted)[1] == 1


def test_a_search_finds_a_collection_as_soon_as_it_is_renamed(owner):
    collection = CollectionFactory(owner=owner, name="a")
    actor = actor_for(owner)
    found = collections_for(actor).filter(name__icontains="new")
    assert remembered_total(actor, found) == 0
    actions.update_collection(actor, collection, name="new", parent=None)
    assert remembered_total(actor, found) == 1


@pytest.mark.usefixtures("length")
def test_what_one_remembers_is_not_another_s(owner, teammate):
    make(owner, "a")
    assert page(owner)[1] == 1
    assert page(teammate)[1] == 0
    assert page(MemberFactory())[1] == 0


def test_a_total_is_counted_once_until_something_changes(owner, teammate):
    [account] = make(owner, "a")
    actor = actor_for(teammate)

    def total():
        with CaptureQueriesContext(connection) as asked:
            found = remembered_total(actor, shared(actor, Account))
        return found, counts(asked)

    assert total() == (0, 1)
    assert total() == (0, 0)
    AccountShareFactory(item=account, member=teammate)
    assert total() == (1, 1)
