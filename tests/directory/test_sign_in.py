"""Signing in and out, and what is recorded of it."""

from http import HTTPStatus

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import PASSWORD, MemberFactory, UserFactory
from workspaces.activity.models import Activity
from workspaces.directory.models import Member
from workspaces.sealing.box import CannotUnsealError

pytestmark = pytest.mark.django_db

SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def member():
    return MemberFactory(user__email="ada@people.example")


def sign_in(client, email="ada@people.example", password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def recorded(member) -> list[tuple[str, dict]]:
    found = Activity.objects.filter(workspace_id=member.workspace_id).order_by("sequence")
    return list(found.values_list("event", "details"))


# In


@pytest.mark.parametrize(
    "email", ["ada@people.example", "Ada@PEOPLE.example", " ada@people.example"]
)
@pytest.mark.usefixtures("member")
def test_an_address_signs_in_however_it_is_typed(client, email):
    assertRedirects(sign_in(client, email), "/", fetch_redirect_response=False)
    assert signed_in(client)


def test_a_sign_in_is_recorded_in_every_workspace_of_the_person(client, member):
    other = MemberFactory(user=member.user)
    former = MemberFactory(user=member.user, status=Member.Status.DISABLED)
    sign_in(client, headers={"User-Agent": "Browser/1"})
    assert recorded(member) == recorded(other) == [("LOGIN", {"method": "password"})]
    assert recorded(former) == []
    login = Activity.objects.filter(workspace_id=member.workspace_id).get()
    assert (login.actor_email, login.ip, login.user_agent) == (
        "ada@people.example",
        "127.0.0.1",
        "Browser/1",
    )


def test_a_wrong_password_is_recorded_and_does_not_sign_in(client, member):
    assertContains(sign_in(client, password="wrong"), "not correct")
    assert not signed_in(client)
    assert recorded(member) == [("LOGIN_FAILED", {})]


@pytest.mark.usefixtures("member")
def test_an_unknown_address_is_answered_alike_and_not_recorded(client):
    assertContains(sign_in(client, "nobody@people.example"), "not correct")
    assert not Activity.objects.exists()


def test_guesses_are_limited_and_then_no_longer_recorded(client, member):
    for _ in range(8):
        sign_in(client, password="wrong")
    assert not signed_in(client)
    assert recorded(member) == [("LOGIN_FAILED", {})] * 5
    sign_in(client)
    assert not signed_in(client)


def test_an_inactive_user_is_not_let_in(client, member):
    member.user.is_active = False
    member.user.save()
    sign_in(client)
    assert not signed_in(client)


def test_a_user_who_becomes_inactive_is_out_at_once(client, member):
    client.force_login(member.user)
    member.user.is_active = False
    member.user.save()
    assertRedirects(
        client.get("/"), f"{reverse('account_login')}?next=/", fetch_redirect_response=False
    )


def test_nobody_signs_up_by_themselves(client):
    client.post(
        reverse("account_signup"),
        {"email": "new@people.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not signed_in(client)


def test_an_address_is_not_changed_by_its_person(client, member):
    client.force_login(member.user)
    assertRedirects(client.get(reverse("account_email")), reverse("directory:profile"))


# Out


def test_a_sign_out_is_recorded(client, member):
    client.force_login(member.user)
    client.post(reverse("account_logout"))
    assert not signed_in(client)
    assert recorded(member) == [("LOGOUT", {})]


# Passwords


def test_a_changed_password_is_recorded(client, member):
    client.force_login(member.user)
    client.post(
        reverse("account_change_password"),
        {
            "oldpassword": PASSWORD,
            "password1": "a new long phrase",
            "password2": "a new long phrase",
        },
    )
    member.user.refresh_from_db()
    assert member.user.check_password("a new long phrase")
    assert ("PASSWORD_CHANGED", {}) in recorded(member)


def test_a_forgotten_password_is_reset_by_mail(client, member):
    client.post(reverse("account_reset_password"), {"email": "Ada@people.example"})
    link = next(word for word in mail.outbox[0].body.split() if word.startswith("http"))
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "a new long phrase", "password2": "a new long phrase"})
    member.user.refresh_from_db()
    assert member.user.check_password("a new long phrase")
    assert ("PASSWORD_RESET", {}) in recorded(member)


# Second factors


def code(seed=SEED) -> str:
    return format_hotp_value(hotp_value(seed, next(iter(yield_hotp_counters_from_time()))))


def test_a_seed_is_sealed_in_the_database(member):
    TOTP.activate(member.user, SEED)
    kept = Authenticator.objects.get().data
    assert SEED not in str(kept)
    assert get_adapter().decrypt(kept["secret"]) == SEED


def test_a_seed_that_was_changed_does_not_open():
    version, _, locked = get_adapter().encrypt(SEED).partition(":")
    forged = locked[:-8] + ("A" if locked[-8] != "A" else "B") + locked[-7:]
    with pytest.raises(CannotUnsealError):
        get_adapter().decrypt(f"{version}:{forged}")


def test_a_password_alone_does_not_sign_in_where_there_is_a_second_factor(client, member):
    TOTP.activate(member.user, SEED)
    assertRedirects(sign_in(client), reverse("mfa_authenticate"))
    assert not signed_in(client)
    assert recorded(member) == []


def test_a_code_completes_the_sign_in(client, member):
    TOTP.activate(member.user, SEED)
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert signed_in(client)
    assert recorded(member) == [("LOGIN", {"method": "password+totp"})]


def test_the_admin_asks_for_the_second_factor_too(client, member):
    member.user.is_staff = True
    member.user.save()
    response = client.get(reverse("admin:login"))
    assert response["Location"].startswith(reverse("account_login"))


def test_an_operators_page_is_for_operators(client, member):
    client.force_login(member.user)
    assert client.get(reverse("admin:login")).status_code == HTTPStatus.FORBIDDEN


# Who one is, again


@pytest.mark.usefixtures("member")
def test_a_fresh_sign_in_counts_as_proof(client):
    sign_in(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == HTTPStatus.OK


def test_an_old_sign_in_does_not(client):
    with time_machine.travel("2026-01-01T08:00Z"):
        MemberFactory(user__email="ada@people.example")
        sign_in(client)
    with time_machine.travel("2026-01-01T08:16Z"):
        response = client.get(reverse("mfa_activate_totp"))
    assert response["Location"].startswith(reverse("account_reauthenticate"))


def test_under_htmx_the_whole_page_goes_to_the_sign_in(client, member):
    page = reverse("secrets:list", args=[member.workspace.slug])
    response = client.get(
        f"{page}?q=x",
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"},
    )
    assert response.status_code == HTTPStatus.OK
    assert response["HX-Redirect"] == f"{reverse('account_login')}?next={page}"
    assertNotContains(response, "<form")


def test_under_htmx_another_sites_page_is_no_destination(client, member):
    response = client.get(
        reverse("secrets:list", args=[member.workspace.slug]),
        headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/w/acme/"},
    )
    assert response["HX-Redirect"] == f"{reverse('account_login')}?next=/"


def test_another_redirect_stays_one_under_htmx(client, member):
    client.force_login(member.user)
    response = client.get("/", headers={"HX-Request": "true"})
    assert response.status_code == HTTPStatus.FOUND


def test_a_person_without_a_workspace_is_told_so(client):
    client.force_login(UserFactory())
    assertContains(client.get("/"), "You are in no workspace")
