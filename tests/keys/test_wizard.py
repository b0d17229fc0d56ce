"""The wizard's rules, without a browser: what a person types, and what is kept of it."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import MemberFactory, VaultFactory, WorkspaceFactory
from tests.keys.wizard_steps import Wizard, shown_key
from workspaces.activity.models import Activity
from workspaces.directory.roles import Role
from workspaces.keys import hashing, material
from workspaces.keys.models import ApiKey
from workspaces.vaults.models import Secret

pytestmark = pytest.mark.django_db


def test_done_makes_an_active_key_of_which_only_the_hash_is_kept(wizard, admin):
    plaintext = wizard.reach_store("read:users", "read:activities")
    response = wizard.done()
    key = ApiKey.objects.get()
    assert response.url.endswith(f"/settings/api-keys/#key-{key.id}")
    assert key.state == ApiKey.Status.ACTIVE
    assert key.owner == admin
    assert key.scopes == ["read:activities", "read:users"]
    token = material.parse(plaintext)
    assert token.key_id == key.key_id
    assert hashing.matches(key.secret_hash, token.secret)
    assert token.secret not in key.secret_hash


def test_the_key_s_activity_names_its_scopes_and_expiry(wizard):
    wizard.reach_store("read:users")
    wizard.done()
    key = ApiKey.objects.get()
    activity = Activity.objects.get(event="API_KEY_CREATED")
    assert activity.target_id == str(key.id)
    assert activity.details == {
        "keyId": key.key_id,
        "scopes": ["read:users"],
        "expiresAt": key.expires_at.isoformat(),
        "savedInVault": None,
    }


def test_until_done_no_key_exists(wizard):
    wizard.reach_store()
    assert not ApiKey.objects.exists()


def test_done_without_the_tick_makes_no_key_and_says_what_to_do(wizard):
    wizard.reach_store()
    response = wizard.done(stored="")
    assert response.status_code == 422
    assert b"Store the key first" in response.content
    assert not ApiKey.objects.exists()


def test_done_twice_makes_one_key(wizard):
    wizard.reach_store()
    wizard.done()
    response = wizard.done()
    assert response.url.endswith(f"#key-{ApiKey.objects.get().id}")


def test_the_lifetime_runs_from_done(wizard):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False) as clock:
        wizard.reach_store(expiration="1h")
        clock.shift(timedelta(minutes=30))
        wizard.done()
        assert ApiKey.objects.get().expires_at.isoformat() == "2026-11-23T11:30:00+00:00"


@pytest.mark.parametrize(
    ("expiration", "lifetime"),
    [
        ("1h", timedelta(hours=1)),
        ("12h", timedelta(hours=12)),
        ("1d", timedelta(days=1)),
        ("5d", timedelta(days=5)),
        ("1y", timedelta(days=365)),
    ],
)
def test_each_expiration_time_lasts_as_long_as_it_says(wizard, expiration, lifetime):
    wizard.reach_store(expiration=expiration)
    wizard.done()
    key = ApiKey.objects.get()
    assert key.expires_at - key.created_at == pytest.approx(lifetime, abs=timedelta(seconds=1))


def test_a_custom_expiration_is_read_in_the_person_s_zone(wizard, admin):
    admin.user.time_zone = "Europe/Berlin"
    admin.user.save()
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False):
        wizard.reach_store(expiration="custom", custom_expiry="2026-12-24T18:30")
        wizard.done()
    assert ApiKey.objects.get().expires_at.isoformat() == "2026-12-24T17:30:00+00:00"


@pytest.mark.parametrize(
    ("custom", "said"),
    [
        ("", "Enter when the API key expires"),
        ("yesterday", "Enter a date and a time"),
        ("2026-11-23T09:00", "at least 5 minutes from now"),
        ("2028-11-23T10:00", "lives for at most 366 days"),
        ("9999-12-31T23:59", "lives for at most 366 days"),
        ("0001-01-01T00:00", "at least 5 minutes from now"),
    ],
)
def test_a_custom_expiration_out_of_bounds_is_refused_with_its_reason(wizard, custom, said):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False):
        response = wizard.answer(expiration="custom", custom_expiry=custom)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert 'value="Nightly backup"' in response.content.decode()


def test_a_custom_expiration_that_passed_before_done_makes_no_key(wizard):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False) as clock:
        wizard.reach_store(expiration="custom", custom_expiry="2026-11-23T10:10")
        clock.shift(timedelta(minutes=20))
        response = wizard.done()
    assert "The expiration time has passed" in response.content.decode()
    assert not ApiKey.objects.exists()


def test_choices_longer_than_the_workspace_allows_are_not_offered(wizard, admin):
    admin.workspace.max_key_lifetime_days = 30
    admin.workspace.save()
    page = wizard.client.get(reverse("keys:wizard_generate", args=[wizard.slug])).content.decode()
    assert ">5 days</option>" in page
    assert ">1 year</option>" not in page
    assert wizard.answer(expiration="1y").status_code == 422


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 101, "nul\x00", "b\u202eidi", "\u200b", "\u3164", "\u200d", "Back\u00adup"],
)
def test_a_name_nobody_could_read_is_refused(wizard, name):
    assert wizard.answer(name=name).status_code == 422


def test_a_key_pasted_as_the_name_is_refused(wizard):
    response = wizard.answer(name=material.mint().plaintext)
    assert response.status_code == 422
    assert "not a name for one" in response.content.decode()


def test_a_name_of_a_living_key_is_refused_and_nothing_typed_is_lost(wizard):
    wizard.reach_store(name="Backup")
    wizard.done()
    response = wizard.answer(name="bACKUP", expiration="5d")
    page = response.content.decode()
    assert response.status_code == 422
    assert "is already the name of a living API key" in page
    assert 'value="bACKUP"' in page
    assert '<option value="5d" selected>' in page


@pytest.mark.parametrize("end", ["removed", "expired"])
def test_the_name_of_a_dead_key_is_free_again(wizard, end):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False) as clock:
        wizard.reach_store(name="Backup", expiration="1h")
        wizard.done()
        first = ApiKey.objects.get()
        if end == "removed":
            wizard.client.post(reverse("keys:delete", args=[wizard.slug, first.id]))
        else:
            clock.shift(timedelta(hours=2))
        wizard.reach_store(name="Backup")
        wizard.done()
        first.refresh_from_db()
        assert first.state == end
        assert ApiKey.objects.filter(name="Backup").count() == 2


def test_a_name_taken_between_step_1_and_done_can_be_changed_at_step_3(wizard, client):
    first, second = Wizard(client, wizard.slug), Wizard(client, wizard.slug)
    first.reach_store(name="Backup")
    plaintext = second.reach_store(name="Backup")
    first.done()
    refused = second.done()
    assert "is already the name of a living API key" in refused.content.decode()
    second.done(name="Backup of the backup")
    key = ApiKey.objects.get(name="Backup of the backup")
    assert key.key_id == material.parse(plaintext).key_id


def test_no_scope_is_refused(wizard):
    wizard.answer()
    response = wizard.client.post(wizard.url("scopes"))
    assert response.status_code == 422
    assert "Select at least one scope" in response.content.decode()


def test_an_unknown_scope_is_refused(wizard):
    wizard.answer()
    assert wizard.choose("read:everything").status_code == 422


def test_two_tabs_make_two_keys_unmixed(client, wizard):
    first, second = Wizard(client, wizard.slug), Wizard(client, wizard.slug)
    first.answer(name="First")
    second.answer(name="Second")
    second.choose("read:users")
    first.choose("read:activities")
    first_key, second_key = shown_key(first.look()), shown_key(second.look())
    second.done()
    first.done()
    for name, plaintext, scope in [
        ("First", first_key, "read:activities"),
        ("Second", second_key, "read:users"),
    ]:
        key = ApiKey.objects.get(name=name)
        token = material.parse(plaintext)
        assert key.key_id == token.key_id
        assert key.scopes == [scope]
        assert hashing.matches(key.secret_hash, token.secret)


def test_a_cancelled_wizard_leaves_nothing(wizard):
    wizard.reach_store()
    wizard.client.post(wizard.url("cancel"))
    assert Session.objects.get().get_decoded().get("api_key_drafts") in (None, {})
    assert wizard.done().status_code == 410
    assert not ApiKey.objects.exists()


def test_a_draft_left_for_an_hour_is_gone(wizard):
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False) as clock:
        wizard.reach_store()
        clock.shift(timedelta(minutes=61))
        assert wizard.done().status_code == 410


def test_a_draft_does_not_leave_its_workspace(wizard, admin):
    wizard.reach_store()
    other = WorkspaceFactory(owner_user=admin.user)
    wizard.slug = other.slug
    assert wizard.done().status_code == 410
    assert not ApiKey.objects.exists()


def test_a_draft_does_not_leave_its_session(wizard, admin):
    wizard.reach_store()
    wizard.client = Client()
    wizard.client.force_login(MemberFactory(workspace=admin.workspace).user)
    assert wizard.done().status_code == 410
    assert not ApiKey.objects.exists()


def test_save_in_cerby_seals_the_key_in_the_vault_and_makes_it_active(wizard, admin):
    vault = admin.workspace.vaults.get()
    plaintext = wizard.reach_store(name="Backup")
    wizard.save(plaintext, vault)
    key, secret = ApiKey.objects.get(), Secret.objects.get()
    assert key.state == ApiKey.Status.ACTIVE
    assert secret.title == "Backup"
    assert secret.vault == vault
    assert secret.requires_identity_challenge
    assert secret.created_by == admin.user
    details = Activity.objects.get(event="API_KEY_CREATED").details
    assert details["savedInVault"] == str(vault.id)
    assert Activity.objects.filter(event="SECRET_CREATED", target_id=str(secret.id)).exists()


@pytest.mark.parametrize("sent", ["other", "cut", "empty"])
def test_another_key_than_the_one_shown_is_not_saved(wizard, admin, sent):
    plaintext = wizard.reach_store()
    sent = {"other": material.mint().plaintext, "cut": plaintext[:-1], "empty": ""}[sent]
    response = wizard.save(sent, admin.workspace.vaults.get())
    assert response.status_code == 422
    assert not ApiKey.objects.exists()
    assert not Secret.objects.exists()


@pytest.mark.parametrize("kind", ["foreign", "disabled"])
def test_a_vault_that_takes_no_secret_is_refused_and_the_key_still_shown(wizard, admin, kind):
    vault = (
        VaultFactory()
        if kind == "foreign"
        else VaultFactory(workspace=admin.workspace, status="disabled")
    )
    plaintext = wizard.reach_store()
    response = wizard.save(plaintext, vault)
    assert response.status_code == 422
    assert shown_key(response) == plaintext
    assert not ApiKey.objects.exists()
    assert not Secret.objects.exists()


def test_with_one_vault_there_is_nothing_to_select(wizard):
    wizard.answer()
    wizard.choose()
    page = wizard.look().content.decode()
    assert "Select vault" not in page
    assert "Save in Cerby" in page


def test_with_several_vaults_the_person_selects_one_of_the_enabled(wizard, admin):
    VaultFactory(workspace=admin.workspace, name="Engineering")
    VaultFactory(workspace=admin.workspace, name="Old", status="disabled")
    wizard.answer()
    wizard.choose()
    page = wizard.look().content.decode()
    assert "Select vault" in page
    assert ">Engineering</option>" in page
    assert ">Old</option>" not in page


def test_the_curl_line_reads_the_key_from_the_environment(wizard):
    plaintext = wizard.reach_store()
    response = wizard.look()
    page = response.content.decode()
    assert "X-API-Key: $CERBY_API_KEY" in page
    assert plaintext not in page


@pytest.mark.parametrize("role", [Role.USER, Role.LOGIN_ONLY, Role.GUEST])
def test_a_member_who_may_not_own_keys_gets_403_at_every_step(client, admin, role):
    teammate = MemberFactory(workspace=admin.workspace, role=role)
    client.force_login(teammate.user)
    wizard = Wizard(client, admin.workspace.slug)
    wizard.draft = "11111111-1111-4111-8111-111111111111"
    assert wizard.answer().status_code == 403
    assert wizard.choose().status_code == 403
    assert wizard.look().status_code == 403
    assert wizard.done().status_code == 403
    assert not ApiKey.objects.exists()


def test_a_stranger_gets_404(client, admin):
    client.force_login(MemberFactory().user)
    assert Wizard(client, admin.workspace.slug).answer().status_code == 404


def test_a_role_lost_before_done_makes_no_key(wizard, admin):
    wizard.reach_store()
    admin.role = Role.USER
    admin.save()
    assert wizard.done().status_code == 403
    assert not ApiKey.objects.exists()


def test_a_key_is_stored_with_its_time_of_creation(wizard):
    wizard.reach_store()
    wizard.done()
    assert timezone.now() - ApiKey.objects.get().created_at < timedelta(minutes=1)


def test_each_scope_says_what_it_opens(wizard):
    wizard.answer()
    page = wizard.client.get(wizard.url("scopes")).content.decode()
    assert "<code>GET /users</code>, <code>GET /teams</code>" in page
