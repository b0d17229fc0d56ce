"""Which workspace a host's name is of."""

import pytest
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from workspaces.keys.hosts import workspace_of


@pytest.fixture(autouse=True)
def _own_names(settings):
    settings.ALLOWED_HOSTS = ["keys.example", ".Keys.Example"]


def ask(host):
    return workspace_of(RequestFactory().get("/", headers={"host": host}))


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("keys.example", None),
        ("keys.example:8000", None),
        ("acme.keys.example", "acme"),
        ("ACME.keys.example:443", "acme"),
    ],
)
def test_a_name_below_the_site_s_is_a_workspace_s(host, slug):
    assert [ask(host), ask(host)] == [slug, slug]


@pytest.mark.parametrize("host", ["evil.example", "keys.example.evil.example", "a b", ""])
def test_a_name_that_is_not_ours_is_refused_each_time(host):
    for _ in range(2):
        with pytest.raises(DisallowedHost):
            ask(host)


def test_a_name_that_is_ours_no_more_is_forgotten(settings):
    assert ask("acme.keys.example") == "acme"
    settings.ALLOWED_HOSTS = ["other.example"]
    with pytest.raises(DisallowedHost):
        ask("acme.keys.example")


def test_a_request_without_a_host_is_asked_of_the_server_s_own_name(settings):
    settings.ALLOWED_HOSTS = [".keys.example"]
    request = RequestFactory().get("/", SERVER_NAME="acme.keys.example")
    request.META.pop("HTTP_HOST", None)
    assert workspace_of(request) == "acme"
