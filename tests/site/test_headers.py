import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from cerbykeys import fork, urls
from tests.asking import EVERY_SCOPE, ask
from tests.factories import ApiKeyFactory, UserFactory

pytestmark = pytest.mark.django_db

ADDRESSES = ["/api/v1/key", "/api/v1/users", "/api/v1/nothing", "/api/v1/docs", "/api/"]


def varying(_request):
    return HttpResponse(headers={"Vary": "Accept-Language", "Cache-Control": "public"})


urlpatterns = [*urls.urlpatterns, path("api/varying", varying)]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("with_key", [True, False])
def test_no_answer_of_the_api_is_kept_or_sets_a_cookie(address, with_key):
    answer = ask(address, ApiKeyFactory(scopes=EVERY_SCOPE) if with_key else None)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Vary"] == "X-API-Key"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "Set-Cookie" not in answer
    assert not answer.cookies


@pytest.mark.urls(__name__)
def test_vary_is_added_to_and_caching_taken_away():
    answer = ask("/api/varying")
    assert answer["Vary"] == "Accept-Language, X-API-Key"
    assert answer["Cache-Control"] == "no-store"


def test_the_api_says_to_stay_with_https_where_that_is_served(settings):
    settings.SECURE_HSTS_SECONDS = 60
    assert Client().get("/api/v1/key", secure=True)["Strict-Transport-Security"] == "max-age=60"
    assert "Strict-Transport-Security" not in Client().get("/api/v1/key")


def test_the_api_sends_plain_http_on_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/api/v1/key")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/api/v1/key")
    assert answer["Cache-Control"] == "no-store"


def test_no_session_is_asked_for_by_the_api():
    key = ApiKeyFactory(scopes=EVERY_SCOPE)
    client = Client()
    client.force_login(key.owner.user)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/api/v1/users", headers={"X-API-Key": key.plaintext})
    assert answer.status_code == 200
    assert not [query for query in queries if "session" in query["sql"]]
    assert not answer.cookies


def test_a_malformed_csrf_cookie_gets_no_new_one_from_the_api():
    client = Client()
    client.cookies["csrftoken"] = "malformed"
    assert not client.get("/api/v1/docs").cookies


def test_pages_of_people_who_are_signed_in_are_kept_nowhere():
    client = Client()
    client.force_login(UserFactory())
    answer = client.get("/accounts/password/change/")
    assert answer.status_code == 200
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))


@pytest.mark.parametrize("given", ["a1b2c3d4", "Request-1.of_x", "x" * 64])
def test_a_well_formed_request_id_is_taken(given):
    assert ask("/key", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "x" * 65,
        "a b c d e f",
        "12345678\n",
        "<script>",
        "cerby_" + "a" * 56,
        "x-CERBY_a",
    ],
)
def test_another_request_id_is_replaced(given):
    answered = ask("/key", headers={"X-Request-ID": given})["X-Request-ID"]
    assert answered != given
    assert re.fullmatch(r"[0-9a-f-]{36}", answered)


def test_every_request_has_an_id_of_its_own():
    assert ask("/key")["X-Request-ID"] != ask("/key")["X-Request-ID"]


@pytest.mark.parametrize("headers", [{}, {"host": "evil.example"}], ids=["plain HTTP", "a host"])
def test_what_is_answered_before_anyone_is_identified_is_kept_by_no_cache(headers, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/api/v1/users", headers=headers)
    assert answer.status_code == (400 if headers else 301)
    assert (answer["Cache-Control"], answer["Vary"]) == ("no-store", "X-API-Key")


def test_a_long_path_is_not_remembered():
    before = fork._resolved.cache_info().currsize
    for number in range(3):
        assert ask(f"/accounts/{number}{'a' * fork.LONGEST}").status_code == 401
    assert fork._resolved.cache_info().currsize == before
