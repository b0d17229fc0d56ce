"""Who sees what: in which way a role comes, which role it is, and of which kind of item."""

import pytest

from tests.factories import (
    AccountFactory,
    AccountShareFactory,
    CollectionFactory,
    CollectionShareFactory,
    MemberFactory,
    SecretFactory,
    SecretShareFactory,
    TeamMemberFactory,
)
from workspaces.directory.queries import actor_for, system_actor
from workspaces.vaults import actions, queries
from workspaces.vaults.models import Account, Collection, Secret

pytestmark = pytest.mark.django_db

KINDS = {
    Account: (AccountFactory, AccountShareFactory, queries.accounts_for),
    Secret: (SecretFactory, SecretShareFactory, queries.secrets_for),
}


@pytest.fixture
def owner():
    return MemberFactory()


@pytest.fixture
def teammate(owner):
    return MemberFactory(workspace=owner.workspace)


def of_team(member):
    return {"team": TeamMemberFactory(member=member, team__workspace=member.workspace).team}


def give(how, item, member, role):
    """Give `member` the role of the item, in the way `how`."""
    _, shares, _ = KINDS[type(item)]
    owner = item.shares.get(role="owner").member
    whom = of_team(member) if how.endswith("team") else {"member": member}
    if how in {"directly", "by a team"}:
        shares(item=item, role=role, **whom)
        return
    top = CollectionFactory(owner=owner)
    inside = CollectionFactory(owner=owner, parent=CollectionFactory(owner=owner, parent=top))
    collection = inside if how.startswith("by a collection above") else top
    actions.add_item(actor_for(owner), collection, item)
    CollectionShareFactory(item=top, role=role, **whom)


def roles(member, model):
    _, _, visible = KINDS[model]
    return dict(visible(actor_for(member)).values_list("pk", "role"))


WAYS = [
    "directly",
    "by a team",
    "by a collection",
    "by a collection of a team",
    "by a collection above",
    "by a collection above of a team",
]


@pytest.mark.parametrize("model", KINDS)
@pytest.mark.parametrize("role", ["owner", "collaborator"])
@pytest.mark.parametrize("how", WAYS)
def test_a_role_reaches_whom_it_was_given_and_nobody_else(owner, teammate, how, role, model):
    make, _, _ = KINDS[model]
    item, other = make(owner=owner), make(owner=owner)
    give(how, item, teammate, role)
    bystander, stranger = MemberFactory(workspace=owner.workspace), MemberFactory()
    assert roles(teammate, model) == {item.pk: role}
    assert roles(owner, model) == {item.pk: "owner", other.pk: "owner"}
    assert roles(bystander, model) == roles(stranger, model) == {}
    owned = queries.owned(actor_for(teammate), model)
    assert [found.pk for found in owned] == ([item.pk] if role == "owner" else [])


@pytest.mark.parametrize("model", KINDS)
def test_the_strongest_of_all_roles_counts_once(owner, teammate, model):
    item = KINDS[model][0](owner=owner)
    for how in WAYS:
        give(how, item, teammate, "owner" if how == "by a collection above" else "collaborator")
    assert roles(teammate, model) == {item.pk: "owner"}
    assert KINDS[model][2](actor_for(teammate)).count() == 1


def test_a_collection_below_gives_nothing_of_what_is_above(owner, teammate):
    account = AccountFactory(owner=owner)
    top = CollectionFactory(owner=owner, items=[account])
    inside = CollectionFactory(owner=owner, parent=top)
    CollectionShareFactory(item=inside, member=teammate, role="owner")
    assert roles(teammate, Account) == {}


@pytest.mark.parametrize("disabled", ["top", "middle", "inside"])
def test_a_disabled_collection_on_the_way_lets_no_role_pass(owner, teammate, disabled):
    account = AccountFactory(owner=owner)
    top = CollectionFactory(owner=owner, name="top")
    middle = CollectionFactory(owner=owner, name="middle", parent=top)
    CollectionFactory(owner=owner, name="inside", parent=middle, items=[account])
    CollectionShareFactory(item=top, member=teammate, role="owner")
    assert roles(teammate, Account) == {account.pk: "owner"}
    for status, seen in (("disabled", {}), ("enabled", {account.pk: "owner"})):
        collection = Collection.objects.get(name=disabled)
        actions.set_collection_status(actor_for(owner), collection, status)
        assert roles(teammate, Account) == seen


def test_the_system_sees_nothing_even_if_it_is_shared_with_a_team(owner):
    account = AccountFactory(owner=owner)
    give("by a team", account, MemberFactory(workspace=owner.workspace), "owner")
    assert not queries.accounts_for(system_actor(owner.workspace)).exists()
    assert not queries.owned_accounts_for(system_actor(owner.workspace)).exists()


def test_a_role_of_a_collection_is_one_of_those_below_it(owner, teammate):
    top = CollectionFactory(owner=owner, name="top")
    CollectionFactory(owner=owner, name="inside", parent=top)
    CollectionFactory(owner=owner, name="beside")
    CollectionShareFactory(item=top, role="owner", **of_team(teammate))
    CollectionShareFactory(item=top, member=teammate)
    found = queries.collections_for(actor_for(teammate))
    assert set(found.values_list("name", "is_owner", "is_collaborator")) == {
        ("top", True, True),
        ("inside", True, True),
    }


@pytest.mark.parametrize("role", ["owner", "collaborator"])
def test_a_disabled_collection_is_seen_itself_and_hides_those_below_it(owner, teammate, role):
    top = CollectionFactory(owner=owner, name="top")
    middle = CollectionFactory(owner=owner, name="middle", parent=top)
    CollectionFactory(owner=owner, name="inside", parent=middle)
    CollectionShareFactory(item=top, member=teammate, role=role)
    actor = actor_for(teammate)
    for status, seen in (
        ("disabled", {"top", "middle"}),
        ("enabled", {"top", "middle", "inside"}),
    ):
        actions.set_collection_status(actor_for(owner), middle, status)
        assert set(queries.collections_for(actor).values_list("name", flat=True)) == seen
        among = queries.among_shares(actor, Collection, "owner", "collaborator")
        assert set(among.values_list("name", flat=True)) == seen


def test_who_shares_a_subcollection_does_not_see_the_one_above(owner, teammate):
    top = CollectionFactory(owner=owner)
    inside = CollectionFactory(owner=owner, parent=top)
    CollectionShareFactory(item=inside, member=teammate)
    assert list(queries.collections_for(actor_for(teammate))) == [inside]
