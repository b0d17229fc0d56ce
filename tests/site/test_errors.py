"""What goes wrong under `/api/` is answered in the contract's shape; elsewhere with a page."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponseForbidden
from django.test import Client
from django.urls import path

from cerbykeys import errors, urls
from tests.asking import EVERY_SCOPE, ask, error
from tests.factories import ApiKeyFactory
from workspaces.keys import facts

pytestmark = pytest.mark.django_db


def raising(exception):
    def view(_request):
        raise exception

    return view


def reading(request):
    return request.body


urlpatterns = [
    *urls.urlpatterns,
    *(
        path(f"{prefix}fails/{name}", view)
        for prefix in ("api/", "")
        for name, view in {
            "boom": raising(RuntimeError("a secret detail")),
            "database": raising(OperationalError("a secret detail")),
            "connection": raising(InterfaceError("a secret detail")),
            "denied": raising(PermissionDenied("a secret detail")),
            "missing": raising(Http404("a secret detail")),
            "suspicious": raising(SuspiciousOperation("a secret detail")),
            "forbidden": lambda _request: HttpResponseForbidden("a secret detail"),
            "body": reading,
        }.items()
    ),
]
handler400, handler403 = errors.handler400, errors.handler403
handler404, handler500 = errors.handler404, errors.handler500

FAILURES = [
    ("boom", 500, "internal_error"),
    ("database", 503, "unavailable"),
    ("connection", 503, "unavailable"),
    ("denied", 403, "forbidden"),
    ("missing", 404, "not_found"),
    ("suspicious", 400, "bad_request"),
    ("forbidden", 403, "forbidden"),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("name", "status", "code"), FAILURES)
def test_every_exception_is_answered_in_shape(name, status, code):
    answer = ask(f"/api/fails/{name}")
    assert error(answer, status)["code"] == code
    assert "secret detail" not in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("name", "status"), [failure[:2] for failure in FAILURES])
def test_elsewhere_it_is_a_page(name, status):
    answer = Client(raise_request_exception=False).get(f"/fails/{name}")
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.urls(__name__)
def test_a_database_that_is_down_says_when_to_come_back():
    assert ask("/api/fails/database")["Retry-After"] == "5"


@pytest.mark.urls(__name__)
def test_a_body_too_large_is_a_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = ask("/api/fails/body", method="POST", data=b"x" * 11)
    assert error(answer, 413)["code"] == "payload_too_large"


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/users",
        "/api/v1/nothing",
        "/api/v1/users/",
        "/api/v1//users",
        "/api/v1/docs/",
        "/api/accounts/login",
        "/api/v1/%00",
        "/api/v1/%ff",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_an_unknown_path_is_a_404_and_never_a_redirect(address, method):
    assert error(ask(address, method=method), 404)["code"] == "not_found"


@pytest.mark.parametrize("path", ["//api/v1/users", "/API/v1/users", "/Api/", "///api/"])
def test_a_misspelt_path_of_the_api_is_answered_to_a_program(path):
    key = ApiKeyFactory()
    answer = ask("/", key, PATH_INFO=path)
    assert error(answer, 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/api/v1/users", "GET, HEAD, OPTIONS"),
        ("/api/v1/key", "DELETE, GET, HEAD, OPTIONS"),
        ("/api/v1/docs", "GET, HEAD, OPTIONS"),
        ("/api/v1/openapi.json", "GET, HEAD, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "TRACE", "BREW"])
def test_another_method_is_a_405_that_names_the_right_ones(address, allowed, method):
    answer = ask(address, method=method)
    assert error(answer, 405)["code"] == "method_not_allowed"
    assert answer["Allow"] == allowed


def test_options_is_answered_with_what_is_allowed_and_no_other_site_is_let_in():
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    answer = ask("/key", method="OPTIONS", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Allow"] == "DELETE, GET, HEAD, OPTIONS"
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("address", ["/key", "/users?color=red", "/openapi.json"])
def test_head_is_answered_as_get_is_without_the_body(address):
    key = ApiKeyFactory()
    get, head = ask(address, key), ask(address, key, "HEAD")
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head["Content-Length"] == get["Content-Length"]


def test_elsewhere_a_405_is_a_page_and_not_a_blank_one(client):
    key = ApiKeyFactory()
    client.force_login(key.owner.user)
    answer = client.get(f"/w/{key.workspace.slug}/settings/api-keys/{key.id}/disable/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "only takes what a form sends" in answer.content.decode()


def test_a_host_that_is_not_served_is_a_400():
    answer = ask("/users", headers={"Host": "elsewhere.example"})
    assert error(answer, 400)["detail"].startswith("The server does not go by the host name")


def test_a_query_of_too_many_parameters_is_a_400():
    query = {f"p{number}": "1" for number in range(1001)}
    assert error(ask("/users", ApiKeyFactory(), query=query), 400)["code"] == "bad_request"


@pytest.mark.parametrize(
    ("exception", "status"), [(RuntimeError(), 500), (OperationalError(), 503)]
)
def test_a_failure_in_a_middleware_is_answered_in_shape(monkeypatch, exception, status):
    def fail(*_):
        raise exception

    monkeypatch.setattr(facts, "read", fail)
    answer = ask("/users", ApiKeyFactory())
    assert error(answer, status)
    assert answer["X-Request-ID"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("exception", "status"), [(RuntimeError(), 500), (OperationalError(), 503)]
)
def test_a_failure_in_an_operation_is_answered_in_shape(monkeypatch, exception, status):
    def fail(*_args, **_options):
        raise exception

    monkeypatch.setattr("workspaces.directory.queries.members_for", fail)
    assert error(ask("/users", ApiKeyFactory(scopes=EVERY_SCOPE)), status)


def test_a_page_that_does_not_exist_is_no_json():
    answer = Client().get("/apis")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
