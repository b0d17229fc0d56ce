import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from tests.factories import ActingKeyFactory
from workspaces.actor import Actor, Permission
from workspaces.contract import errors
from workspaces.contract.assembly import assemble
from workspaces.contract.operations import Demand, Opening, Operations, deny
from workspaces.contract.scopes import ANY_KEY, Scope, all_of, any_of

WORKSPACE = {
    "workspace_id": "6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d",
    "workspace_slug": "acme",
    "workspace_name": "Acme",
}


def list_things(request):
    return {"path": request.path}


def request_of(scopes=(), permissions=()):
    request = RequestFactory().get("/api/v1/things")
    key = ActingKeyFactory(scopes=frozenset(scopes))
    request.actor = Actor(**WORKSPACE, key=key, permissions=frozenset(permissions))
    return request


def test_an_operation_that_declares_nothing_is_refused_when_the_api_is_assembled():
    router = Operations()
    router.get("/things")(list_things)
    with pytest.raises(ImproperlyConfigured, match="GET /things declares neither"):
        assemble("API", "1", "", router)


def test_an_operation_that_frees_itself_of_its_demand_is_refused_too():
    router = Operations()
    router.get("/things", auth=None)(list_things)
    with pytest.raises(ImproperlyConfigured, match="GET /things declares neither"):
        assemble("API", "1", "", router)


def test_two_operations_of_one_name_are_refused():
    router = Operations()
    for path in ("/things", "/others"):
        router.operation("GET", path, scopes=ANY_KEY, permission=Permission.OWN_KEYS, answers=None)(
            list_things
        )
    with pytest.raises(ImproperlyConfigured, match="named listThings"):
        assemble("API", "1", "", router)


def test_what_declares_nothing_is_denied_at_request_time():
    with pytest.raises(errors.ApiError) as caught:
        deny(request_of())
    assert caught.value.status == 403


def test_a_request_without_an_actor_is_unauthorized():
    with pytest.raises(errors.ApiError) as caught:
        Demand(ANY_KEY, Permission.OWN_KEYS)(RequestFactory().get("/api/v1/things"))
    assert caught.value.status == 401


def test_a_person_without_a_key_is_unauthorized():
    request = RequestFactory().get("/api/v1/things")
    request.actor = Actor(**WORKSPACE, permissions=frozenset(Permission))
    with pytest.raises(errors.ApiError) as caught:
        Demand(ANY_KEY, Permission.OWN_KEYS)(request)
    assert caught.value.status == 401


def test_a_missing_scope_is_told_before_a_missing_permission():
    demand = Demand(all_of(Scope.READ_USERS), Permission.READ_DIRECTORY)
    with pytest.raises(errors.ApiError) as caught:
        demand(request_of(scopes=["read:items"]))
    assert caught.value.headers == {"X-Accepted-Scopes": "read:users"}
    assert caught.value.faults[0].as_json() == {
        "code": "insufficient_scope",
        "title": "Insufficient scope",
        "detail": "The API key lacks a scope: this operation needs read:users. "
        "Add it to the key's scopes.",
        "status": 403,
        "meta": {"required": ["read:users"], "granted": ["read:items"]},
    }


def test_a_role_without_the_permission_is_forbidden():
    demand = Demand(all_of(Scope.READ_USERS), Permission.READ_DIRECTORY)
    with pytest.raises(errors.ApiError) as caught:
        demand(request_of(scopes=["read:users"], permissions=[Permission.READ_ITEMS]))
    assert caught.value.faults[0].code == "forbidden"


def test_scopes_and_permission_together_let_in():
    demand = Demand(all_of(Scope.READ_USERS), Permission.READ_DIRECTORY)
    request = request_of(scopes=["read:users"], permissions=[Permission.READ_DIRECTORY])
    demand(request)  # raises nothing
    assert request.operation == demand.operation


def test_a_rule_names_its_alternatives():
    both = all_of(Scope.WRITE_INTEGRATIONS, Scope.READ_AUTOMATIONS)
    either = any_of(Scope.READ_INTEGRATIONS, Scope.WRITE_INTEGRATIONS)
    assert str(both) == "read:automations + write:integrations"
    assert str(either) == "read:integrations | write:integrations"
    assert either.scopes == ["read:integrations", "write:integrations"]


class TestWhatAScopeOpens:
    @pytest.fixture
    def router(self):
        router = Operations()
        rules = {
            "/things": all_of(Scope.READ_SECRETS),
            "/either": any_of(Scope.READ_INTEGRATIONS, Scope.WRITE_INTEGRATIONS),
            "/both": all_of(Scope.WRITE_INTEGRATIONS, Scope.READ_AUTOMATIONS),
            "/any": ANY_KEY,
        }
        for path, rule in rules.items():
            router.operation("GET", path, scopes=rule, permission=Permission.OWN_KEYS, answers=None)
        return router

    def test_a_scope_opens_what_it_includes(self, router):
        assert router.opened_by(Scope.READ_ITEMS) == [Opening("GET /things", ())]

    def test_one_of_two_opens_alone(self, router):
        assert router.opened_by(Scope.READ_INTEGRATIONS) == [Opening("GET /either", ())]

    def test_one_that_is_asked_with_another_says_so(self, router):
        assert router.opened_by(Scope.READ_AUTOMATIONS) == [
            Opening("GET /both", ("write:integrations",))
        ]
        assert Opening("GET /both", ("read:automations",)) in router.opened_by(
            Scope.WRITE_INTEGRATIONS
        )
