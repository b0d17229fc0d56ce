"""Tables of every operation, made from the API's own registry and tests/site/operations.py."""

import string
import uuid

import pytest

from cerbykeys.api import api
from tests.asking import EVERY_SCOPE, ask, error
from tests.factories import ApiKeyFactory, MemberFactory
from tests.site.operations import TABLE, call, sets_of_scopes
from workspaces.activity.models import Activity
from workspaces.contract.assembly import operations_of
from workspaces.directory.roles import Role

pytestmark = pytest.mark.django_db

OPERATIONS = {operation.name: operation for operation in operations_of(api)}
MAY_OWN_KEYS = {Role.OWNER, Role.SUPER_ADMIN, Role.ADMIN}


def parameters(name):
    """The names in the operation's path."""
    parts = string.Formatter().parse(OPERATIONS[name].path)
    return [parameter for _, parameter, _, _ in parts if parameter]


ON_ONE_THING = [name for name in OPERATIONS if parameters(name)]
LISTS = [name for name in OPERATIONS if name.startswith("list")]


def test_every_operation_is_entered_in_the_table():
    assert OPERATIONS.keys() == TABLE.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_contract_s_scopes_open_it_and_no_others(name):
    owner = MemberFactory()
    for scopes in sets_of_scopes():
        key = ApiKeyFactory(owner=owner, scopes=sorted(scopes))
        things = TABLE[name].things(owner)
        before = Activity.objects.count()
        answer = call(OPERATIONS[name], things, key)
        if TABLE[name].opened_by(scopes):
            assert answer.status_code < 300, (scopes, answer.content)
            continue
        fault = error(answer, 403)
        assert fault["code"] == "insufficient_scope"
        assert fault["meta"]["granted"] == sorted(scopes)
        assert answer["X-Accepted-Scopes"] == str(OPERATIONS[name].demand.scopes)
        assert Activity.objects.count() == before


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_may_do_no_more_than_its_owners_role(name, role):
    owner = MemberFactory()
    if role == Role.OWNER:
        owner = owner.workspace.owner
    key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE)
    things = TABLE[name].things(owner)
    if role != Role.OWNER:
        type(owner).objects.filter(pk=owner.pk).update(role=role)
    answer = call(OPERATIONS[name], things, key)
    if role in MAY_OWN_KEYS:
        assert answer.status_code < 300, answer.content
    else:
        assert error(answer, 401)["meta"] == {"reason": "owner_role"}


@pytest.mark.parametrize("name", ON_ONE_THING)
def test_foreign_missing_and_invisible_are_one_404(name):
    owner, stranger = MemberFactory(), MemberFactory()
    key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE)
    own, foreign = TABLE[name].things(owner), TABLE[name].things(stranger)
    others = [foreign]
    if TABLE[name].private:
        others.append(TABLE[name].things(MemberFactory(workspace=owner.workspace)))
    for parameter in parameters(name):
        answers = [
            call(OPERATIONS[name], {**own, parameter: value}, key)
            for value in (uuid.UUID(int=0), *(other[parameter] for other in others))
        ]
        assert error(answers[0], 404)["code"] == "not_found"
        assert {answer.content for answer in answers} == {answers[0].content}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_holds_what_is_the_owners_and_nothing_of_others(name):
    owner, stranger = MemberFactory(), MemberFactory()
    key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE)
    own, others = TABLE[name].things(owner), [TABLE[name].things(stranger)]
    if TABLE[name].private:
        others.append(TABLE[name].things(MemberFactory(workspace=owner.workspace)))
    answer = call(OPERATIONS[name], own, key)
    assert answer.status_code == 200, answer.content
    shown = answer.content.decode()
    if not parameters(name):
        assert str(own["id"]) in shown
    for thing in [*(id_ for other in others for id_ in other.values()), stranger.user.email]:
        assert str(thing) not in shown


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_key_every_operation_is_unauthorized(name):
    things = dict.fromkeys(parameters(name), "x")
    fault = error(call(OPERATIONS[name], things, None, data=b"{"), 401)
    assert fault["code"] == "unauthorized"
    assert fault["meta"] is None


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_that_may_not_call_learns_nothing_of_the_parameters(name):
    key = ApiKeyFactory(scopes=[])
    things = dict.fromkeys(parameters(name), "x")
    answer = call(OPERATIONS[name], things, key, query={"color": "red"}, data=b"{")
    assert answer.status_code == (400 if TABLE[name].opened_by([]) else 403)


@pytest.mark.parametrize("name", ON_ONE_THING)
def test_an_id_that_is_none_is_a_400(name):
    owner = MemberFactory()
    key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE)
    things = TABLE[name].things(owner)
    for parameter in parameters(name):
        fault = error(call(OPERATIONS[name], {**things, parameter: "x"}, key), 400)
        assert fault["meta"]["loc"] == ["path", parameter]


def test_an_unknown_path_is_a_404_that_says_where_to_look():
    fault = error(ask("/nowhere", ApiKeyFactory()), 404)
    assert "/api/v1/docs" in fault["detail"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_walked_from_self_to_its_end_meeting_each_row_once(name):
    owner = MemberFactory()
    key = ApiKeyFactory(owner=owner, scopes=EVERY_SCOPE)
    things = {}
    for _ in range(3):
        things = TABLE[name].things(owner)
    first = call(OPERATIONS[name], things, key, query={**TABLE[name].query, "page[size]": "1"})
    met, address = [], first.json()["links"]["self"]
    while address:
        answer = ask(address, key)
        assert answer.json()["links"]["self"] == address
        met += [resource["id"] for resource in answer.json()["data"]]
        address = answer.json()["links"]["next"]
    assert len(met) == len(set(met)) == first.json()["meta"]["page"]["total"]
