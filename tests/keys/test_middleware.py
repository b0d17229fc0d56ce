import base64

import pytest
from django.test import Client

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from workspaces.contract.errors import NO_KEY
from workspaces.keys import material
from workspaces.keys.models import KeyUsage

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return ApiKeyFactory()


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


def refused(answer):
    """Whether the answer is the one that a request without a key gets, and the key was not used."""
    assert error(answer, 401)["code"] == "unauthorized"
    assert answer["WWW-Authenticate"] == 'ApiKey realm="cerbykeys"'
    assert not KeyUsage.objects.exists()
    return answer.content == ask("/key").content


def test_a_key_in_its_header_is_let_in(key):
    assert ask("/key", key).status_code == 200


@pytest.mark.parametrize(
    "text",
    ["", " ", "cerby", "cerby_", "Bearer x", "null", "🔑", "cerby_" + "0" * 67],
)
def test_whoever_knows_no_secret_gets_the_one_answer(text):
    without = ask("/key")
    answer = ask("/key", text.encode().decode("latin-1"))
    assert answer.content == without.content
    assert error(without) == {
        "code": "unauthorized",
        "title": "Unauthorized",
        "detail": NO_KEY,
        "status": 401,
        "meta": None,
    }


def test_an_unknown_key_and_a_wrong_secret_get_the_same_answer(key):
    for token in (material.mint(), material.mint(key.key_id)):
        assert ask("/key", token.plaintext).content == ask("/key").content


def test_once_the_secret_matched_the_reason_is_told():
    fault = error(ask("/key", ApiKeyFactory(status="disabled")), 401)
    assert fault["meta"] == {"reason": "disabled"}
    assert fault["detail"].startswith("The API key is disabled.")


def test_a_header_sent_twice_is_refused(key):
    assert refused(ask("/key", f"{key.plaintext},{key.plaintext}"))


@pytest.mark.parametrize("name", ["api_key", "apikey", "X-API-Key", "x_api_key", "token"])
@pytest.mark.parametrize("with_header", [True, False])
def test_a_key_in_the_query_is_refused_even_beside_one_in_its_header(key, name, with_header):
    answer = ask("/key", key if with_header else None, query={name: key.plaintext})
    assert refused(answer)


def test_a_key_as_the_name_of_a_parameter_is_refused(key):
    assert refused(ask(f"/key?{key.plaintext}", key))


def test_a_search_for_cerby_is_no_key():
    key = ApiKeyFactory(scopes=["read:users"])
    assert ask("/users", key, query={"filter": "cerby_ada"}).status_code == 200


@pytest.mark.parametrize("name", ["api_key", "X-API-Key", "anything"])
def test_a_key_in_a_cookie_is_refused(key, name):
    answer = ask("/key", key, headers={"Cookie": f"{name}={key.plaintext}"})
    assert refused(answer)


def test_other_cookies_are_passed_over(key):
    headers = {"Cookie": "sessionid=abc; csrftoken=malformed; tz=Europe/Berlin"}
    answer = ask("/key", key, headers=headers)
    assert answer.status_code == 200
    assert not answer.cookies


@pytest.mark.parametrize("scheme", ["Bearer {}", "{}", "bearer  {}", "Token {}"])
@pytest.mark.parametrize("with_header", [True, False])
def test_a_key_in_authorization_is_refused(key, scheme, with_header):
    headers = {"Authorization": scheme.format(key.plaintext)}
    answer = ask("/key", key if with_header else None, headers=headers)
    assert refused(answer)


@pytest.mark.parametrize("form", ["{}:", "user:{}", "{}"])
def test_a_key_as_basic_is_refused(key, form):
    headers = {"Authorization": basic(form.format(key.plaintext))}
    assert refused(ask("/key", key, headers=headers))


def test_credentials_of_another_kind_alone_are_told_where_to_go():
    for headers in ({"Authorization": "Bearer abc"}, {"Authorization": basic("ada:secret")}):
        assert "X-API-Key" in error(ask("/key", headers=headers), 401)["detail"]


def test_what_a_proxy_asks_for_itself_does_not_disturb_the_key(key):
    assert ask("/key", key, headers={"Authorization": basic("proxy:secret")}).status_code == 200


@pytest.mark.parametrize("host", ["{}.localhost", "{}.localhost:8000", "{}.LOCALHOST"])
def test_the_address_of_its_own_workspace_lets_a_key_in(key, host):
    assert ask("/key", key, headers={"Host": host.format(key.workspace.slug)}).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:8000"])
def test_an_address_of_no_workspace_lets_every_key_in(key, host):
    assert ask("/key", key, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("label", ["{other}", "nobody", "{own}.{own}", "x{own}"])
def test_the_address_of_another_workspace_refuses_the_key(key, label):
    other = ApiKeyFactory().workspace.slug
    host = label.format(own=key.workspace.slug, other=other) + ".localhost"
    answer = ask("/key", key, headers={"Host": host})
    assert error(answer, 401)["meta"] == {"reason": "other_workspace"}
    assert not KeyUsage.objects.exists()


def test_the_address_of_another_workspace_tells_an_unknown_key_nothing():
    headers = {"Host": "nobody.localhost"}
    answer = ask("/key", material.mint().plaintext, headers=headers)
    assert error(answer, 401)["meta"] is None


def test_no_page_knows_a_key(key):
    answer = Client().get(
        f"/w/{key.workspace.slug}/settings/", headers={"X-API-Key": key.plaintext}
    )
    assert answer.status_code in {302, 404}
    assert not KeyUsage.objects.exists()


def test_a_session_opens_no_operation(key):
    client = Client()
    client.force_login(key.owner.user)
    assert client.get("/api/v1/key").status_code == 401
