"""Which hosts connectors call. Names lead where each test says; nothing is looked up."""

import socket

import httpx
import pytest

from workspaces.automation.connectors.base import ConnectorError, Link
from workspaces.automation.outbound import addresses, http

PUBLIC = "93.184.215.14"


@pytest.fixture
def leads_to(monkeypatch):
    def lead(*found):
        told = [(None, None, None, "", (address, 443)) for address in found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)

    lead(PUBLIC)
    return lead


def refused(*where):
    with pytest.raises(ConnectorError) as refusal:
        addresses.allowed_address(*where)
    assert refusal.value.error_type == "host_refused"
    return refusal.value.reason


@pytest.mark.usefixtures("leads_to")
@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("scim.example", "https://scim.example/v2"),
        ("scim.example", "http://scim.example/v2"),
        ("scim.example", "https://SCIM.Example./v2"),
        ("scim.example:8443", "https://scim.example:8443/v2"),
        (".example", "https://scim.example/v2"),
        (".example", "https://a.b.example/v2"),
    ],
)
def test_a_host_that_the_operator_lists_is_called(settings, pattern, url):
    settings.CONNECTOR_HOSTS = [pattern]
    asked = httpx.URL(url)
    assert addresses.allowed_address(asked.scheme, asked.host, asked.port) == PUBLIC


@pytest.mark.usefixtures("leads_to")
@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("", "https://scim.example/v2"),
        ("scim.example", "https://evil.example/v2"),
        ("scim.example", "https://scim.example.evil.test/v2"),
        ("scim.example", "https://a.scim.example/v2"),
        (".example", "https://example/v2"),
        (".example", "https://badexample/v2"),
        ("scim.example", "https://scim.example:8443/v2"),
        ("scim.example:8443", "https://scim.example/v2"),
        ("scim.example", "ftp://scim.example/v2"),
        ("scim.example", "file://scim.example/etc/passwd"),
    ],
)
def test_any_other_host_is_refused(settings, pattern, url):
    settings.CONNECTOR_HOSTS = [pattern] if pattern else []
    asked = httpx.URL(url)
    assert refused(asked.scheme, asked.host, asked.port)


INNER = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104  (refused, not bound)
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "64:ff9b:1::a00:1",
    "::ffff:0:a00:1",
    "::10.0.0.1",
    "fec0::1",
]


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside_is_refused_unless_it_is_named(settings, leads_to, address):
    leads_to(address)
    settings.CONNECTOR_HOSTS = [".example"]
    assert "CERBYKEYS_CONNECTOR_HOSTS" in refused("https", "scim.example", None)
    settings.CONNECTOR_HOSTS = [".example", "scim.example"]
    assert addresses.allowed_address("https", "scim.example", None)


def test_one_inner_address_among_others_is_enough_to_refuse(settings, leads_to):
    leads_to(PUBLIC, "127.0.0.1")
    settings.CONNECTOR_HOSTS = [".example"]
    assert "127.0.0.1" in refused("https", "scim.example", None)


def test_a_name_that_leads_nowhere_may_lead_somewhere_later(settings, monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    settings.CONNECTOR_HOSTS = ["scim.example"]
    with pytest.raises(ConnectorError) as failure:
        addresses.allowed_address("https", "scim.example", None)
    assert (failure.value.error_type, failure.value.may_pass) == ("unreachable", True)


def test_the_address_that_was_looked_at_is_the_one_called(settings, leads_to, monkeypatch):
    """A second look, which could lead elsewhere, never happens."""
    settings.CONNECTOR_HOSTS = [".example"]
    leads_to(PUBLIC)
    sent = []

    def note(_, request):
        sent.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", note)
    with http.Client(Link("https://scim.example/v2", "token", deletes=False)) as client:
        client.get("Users")
    [request] = sent
    assert request.url.host == PUBLIC
    assert request.headers["Host"] == "scim.example"
    assert request.extensions["sni_hostname"] == "scim.example"
