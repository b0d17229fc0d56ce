"""Which workspace a host's name is of, and what is remembered of names."""

import pytest
from django.core.exceptions import DisallowedHost
from django.test import RequestFactory

from workspaces.keys import hosts


@pytest.fixture(autouse=True)
def _own_names(settings):
    settings.ALLOWED_HOSTS = ["keys.example", ".Keys.Example"]


@pytest.fixture
def workspace_of():
    memory = hosts.Hosts()

    def ask(host):
        return memory.workspace_of(RequestFactory().get("/", headers={"host": host}))

    ask.memory = memory
    return ask


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("keys.example", None),
        ("keys.example:8000", None),
        ("acme.keys.example", "acme"),
        ("ACME.keys.example:443", "acme"),
    ],
)
def test_a_name_below_the_site_s_is_a_workspace_s(workspace_of, host, slug):
    assert [workspace_of(host), workspace_of(host)] == [slug, slug]


@pytest.mark.parametrize("host", ["evil.example", "keys.example.evil.example", "a b", ""])
def test_a_name_that_is_not_ours_is_refused_each_time(workspace_of, host):
    for _ in range(2):
        with pytest.raises(DisallowedHost):
            workspace_of(host)


def test_a_name_that_is_ours_no_more_is_forgotten(workspace_of, settings):
    assert workspace_of("acme.keys.example") == "acme"
    settings.ALLOWED_HOSTS = ["other.example"]
    with pytest.raises(DisallowedHost):
        workspace_of("acme.keys.example")


def test_whoever_asks_for_every_port_keeps_no_place_for_long(workspace_of):
    for port in range(1, 2 * hosts.REMEMBERED):
        workspace_of(f"keys.example:{port}")
    workspace_of("acme.keys.example")
    assert len(workspace_of.memory._slugs) == hosts.REMEMBERED
    assert "acme.keys.example" in workspace_of.memory._slugs


def test_a_long_name_takes_no_room(workspace_of):
    name = ".".join(["a" * 50] * 6) + ".keys.example"
    assert workspace_of(name) == name.removesuffix(".keys.example")
    assert not workspace_of.memory._slugs
