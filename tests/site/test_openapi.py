import jsonschema_rs
import pytest

from cerbykeys.api import api
from tests.asking import ask
from workspaces.contract.assembly import operations_of

OPERATIONS = {operation.name: operation for operation in operations_of(api)}
METHODS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture(scope="module")
def description():
    answer = ask("/openapi.json")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    return answer.json()


def described(description):
    return {
        operation["operationId"]: operation
        for methods in description["paths"].values()
        for method, operation in methods.items()
        if method in METHODS
    }


def references(part):
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_is_openapi_3_1(description):
    assert description["openapi"].startswith("3.1")


def test_every_operation_is_described_under_its_path(description):
    paths = {
        (method.upper(), path)
        for path, methods in description["paths"].items()
        for method in methods
    }
    assert paths == {(op.method, f"/api/v1{op.path}") for op in OPERATIONS.values()}
    assert described(description).keys() == OPERATIONS.keys()


def test_the_key_goes_in_its_header(description):
    scheme = description["components"]["securitySchemes"]["X-API-Key"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_names_its_scopes_and_its_errors(description, name):
    operation = described(description)[name]
    rule = OPERATIONS[name].demand.scopes
    assert operation["security"] == [{"X-API-Key": []}]
    assert operation["x-required-scopes"] == [sorted(wanted) for wanted in rule.alternatives]
    for scope in rule.scopes:
        assert scope in operation["description"]
    assert operation["summary"]
    writes = OPERATIONS[name].method != "GET"
    about_one = writes or "{" in OPERATIONS[name].path
    assert operation["responses"].keys() - {"200", "204"} == {
        *("400", "401", "403", "429", "500", "503"),
        *(["404"] if about_one else []),
        *(["409", "413", "415"] if writes else []),
    }
    sent = {"$ref": "#/components/parameters/Idempotency-Key"}
    assert (sent in operation["parameters"]) == writes


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_example_is_what_its_schema_says(description, name):
    operation = described(description)[name]
    answers = [answer for answer in operation["responses"].values() if "$ref" not in answer]
    for part in [*answers, operation.get("requestBody", {})]:
        for media in part.get("content", {}).values():
            schema = {**media["schema"], "components": description["components"]}
            jsonschema_rs.validator_for(schema, validate_formats=True).validate(media["example"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_tells_of_its_headers(description, name):
    responses = described(description)[name]["responses"]
    success = responses.get("200") or responses["204"]
    assert {"X-Request-ID", "RateLimit", "RateLimit-Policy"} <= success["headers"].keys()
    limited = description["components"]["responses"]["RateLimited"]
    assert "Retry-After" in limited["headers"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_parameter_that_is_left_out_is_not_null(description, name):
    for parameter in described(description)[name]["parameters"]:
        assert "null" not in str(parameter)


def test_every_reference_leads_somewhere(description):
    for reference in references(description):
        part = description
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_every_error_has_examples_in_shape(description):
    for response in description["components"]["responses"].values():
        examples = response["content"]["application/json"]["examples"]
        assert examples
        for example in examples.values():
            for fault in example["value"]["errors"]:
                assert fault.keys() == {"code", "title", "detail", "status", "meta"}


def test_no_two_shapes_share_a_name():
    seen = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                models = [*operation.response_models.values(), *operation.models]
                for model in filter(None, models):
                    for name, shape in model.model_json_schema().get("$defs", {}).items():
                        assert seen.setdefault(name, shape) == shape, name


def test_the_names_of_attributes_are_those_of_the_contract(description):
    schemas = description["components"]["schemas"]
    assert list(schemas["UserAttributes"]["properties"]) == [
        "firstName",
        "lastName",
        "email",
        "role",
        "status",
        "isGuest",
        "mfaStatus",
        "createdAt",
        "updatedAt",
    ]
    assert schemas["UserAttributes"]["properties"]["status"]["enum"] == [
        "live",
        "pending",
        "disabled",
    ]


def test_the_description_is_shown_to_everyone():
    assert ask("/docs").status_code == 200
