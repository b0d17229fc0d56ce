"""Sign-in and what a person does about their own account: our words, and all that forms need."""

import re

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

SIGNED_OUT = ["account_login", "account_reset_password", "account_reset_password_done"]
SIGNED_IN = ["account_logout", "account_change_password", "mfa_index", "account_reauthenticate"]
AFTER_PASSWORD = ["mfa_activate_totp"]


@pytest.fixture
def signed_in(client):
    user = UserFactory()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def assert_sound(response):
    """A whole page with one title, and every field labelled once."""
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1>") == 1
    assert "<title> " not in page
    assert "example.com" not in page
    assert "Sign Up" not in page
    assert "placeholder=" not in page
    for tag in re.findall(r"<input\b[^>]*>", page):
        if 'type="hidden"' not in tag and " hidden" not in tag:
            identity = re.search(r'id="([^"]+)"', tag).group(1)
            assert f'for="{identity}"' in page
            assert "autocomplete=" in tag


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_a_visitor_s_page_is_sound(client, name):
    assert_sound(client.get(reverse(name)))


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_person_s_page_is_sound(signed_in, name):
    assert_sound(signed_in.get(reverse(name)))


@pytest.mark.parametrize("name", AFTER_PASSWORD)
def test_a_protected_page_is_sound_once_the_password_was_given(signed_in, name):
    address = reverse(name)
    again = signed_in.get(address, follow=True)
    if again.redirect_chain:
        again = signed_in.post(again.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    assert again.request["PATH_INFO"] == address
    assert_sound(again)


def test_nobody_is_offered_to_sign_up(client):
    page = client.get(reverse("account_login")).content.decode()
    assert "Sign in to cerbykeys" in page
    assert reverse("account_signup") not in page


def test_signing_up_is_closed(client):
    response = client.get(reverse("account_signup"))
    assert "Nobody signs up by themselves" in response.content.decode()


def test_a_refused_sign_in_says_so_once_and_keeps_the_address(client):
    user = UserFactory()
    response = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    page = response.content.decode()
    assert page.count('role="alert"') == 1
    assert f'value="{user.email}"' in page
    assert "wrong" not in page


def test_signing_out_is_a_request_that_no_link_can_make(signed_in):
    signed_in.get(reverse("account_logout"))
    assert "_auth_user_id" in signed_in.session
    signed_in.post(reverse("account_logout"))
    assert "_auth_user_id" not in signed_in.session


def test_a_reset_link_is_mailed_and_works_once(client, mailoutbox):
    user = UserFactory()
    client.post(reverse("account_reset_password"), {"email": user.email})
    (mail,) = mailoutbox
    assert "example.com" not in mail.body
    (link,) = re.findall(r"http://testserver(\S+)", mail.body)
    form = client.get(link, follow=True)
    assert_sound(form)
    new = {"password1": "a new and longer one", "password2": "a new and longer one"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)
    assert "Your password is changed" in done.content.decode()
    client.logout()
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer(client, mailoutbox):
    known = UserFactory()
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True).content
        for email in (known.email, "nobody@people.example")
    ]
    assert answers[0].count(b"Check your email") == answers[1].count(b"Check your email") > 0
    assert "no account has this address" in mailoutbox[1].body
