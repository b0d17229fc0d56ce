import pytest
from allauth.account.adapter import get_adapter
from django.test import RequestFactory

from cerbykeys import env
from cerbykeys.proxies import TrustedProxiesMiddleware

CLIENT = "203.0.113.7"


@pytest.fixture
def seen(settings, monkeypatch):
    """The request as the rest of the site sees it, behind proxies at 10.0.0.0/8 and fd00::1."""
    monkeypatch.setenv("CERBYKEYS_TRUSTED_PROXIES", "10.0.0.0/8,fd00::1")
    settings.TRUSTED_PROXIES = env.networks("CERBYKEYS_TRUSTED_PROXIES")

    def see(peer, forwarded_for=None, **headers):
        if forwarded_for is not None:
            headers["x-forwarded-for"] = forwarded_for
        request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
        TrustedProxiesMiddleware(lambda _request: None)(request)
        return request

    return see


@pytest.mark.parametrize("peer", ["10.1.2.3", "fd00::1", "::ffff:10.1.2.3"])
def test_a_trusted_proxy_is_believed(seen, peer):
    assert seen(peer, CLIENT).META["REMOTE_ADDR"] == CLIENT


@pytest.mark.parametrize("peer", ["198.51.100.1", "fd00::2", ""])
def test_anyone_else_is_not(seen, peer):
    assert seen(peer, CLIENT).META["REMOTE_ADDR"] == peer


def test_what_others_say_of_forwarding_is_dropped(seen):
    request = seen(
        "198.51.100.1",
        CLIENT,
        **{"x-forwarded-proto": "https", "x-forwarded-host": "evil.example", "forwarded": "for=x"},
    )
    assert not [name for name in request.META if "FORWARDED" in name]
    assert not request.is_secure()


def test_the_scheme_of_a_trusted_proxy_is_kept(seen, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert seen("10.1.2.3", CLIENT, **{"x-forwarded-proto": "https"}).is_secure()


@pytest.mark.parametrize(
    "forwarded_for",
    [
        f"{CLIENT}",
        f"6.6.6.6, {CLIENT}",
        f"6.6.6.6,{CLIENT}, 10.0.0.9",
        f"{CLIENT}:49152",
        f"garbage, {CLIENT}",
        f"::ffff:{CLIENT}",
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(seen, forwarded_for):
    assert seen("10.1.2.3", forwarded_for).META["REMOTE_ADDR"] == CLIENT


@pytest.mark.parametrize("written", ["2001:db8::1", "[2001:db8::1]:443", '"[2001:db8::1]"'])
def test_a_client_may_be_ipv6(seen, written):
    assert seen("10.1.2.3", written).META["REMOTE_ADDR"] == "2001:db8::1"


@pytest.mark.parametrize("forwarded_for", ["", ",", "unknown", f"{CLIENT}, unknown", "1.2.3.4.5"])
def test_garbage_leaves_the_proxy_itself(seen, forwarded_for):
    assert seen("10.1.2.3", forwarded_for).META["REMOTE_ADDR"] == "10.1.2.3"


def test_where_all_are_proxies_the_first_of_them_asked(seen):
    assert seen("10.1.2.3", "10.9.9.9").META["REMOTE_ADDR"] == "10.9.9.9"


def test_without_trusted_proxies_nobody_is_believed(seen, settings):
    settings.TRUSTED_PROXIES = []
    assert seen("127.0.0.1", CLIENT).META["REMOTE_ADDR"] == "127.0.0.1"


def test_sign_in_limits_count_the_same_address(seen):
    assert get_adapter().get_client_ip(seen("10.1.2.3", f"6.6.6.6, {CLIENT}")) == CLIENT
    assert get_adapter().get_client_ip(seen("198.51.100.1", CLIENT)) == "198.51.100.1"
