"""The one render that shows the key: what is kept before it, and what of it afterwards."""

import pytest
from django.contrib.sessions.models import Session

from tests.keys.wizard_steps import shown_key
from workspaces.keys import hashing, material
from workspaces.keys.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("again", ["reload", "second tab", "back and forth"])
def test_the_plaintext_is_shown_by_one_render_only(wizard, again):
    plaintext = wizard.reach_store()
    if again == "back and forth":
        wizard.client.get(wizard.url("scopes"))
    response = wizard.look()
    assert plaintext.encode() not in response.content
    assert shown_key(response) is None
    assert b"cannot be shown again" in response.content


def test_the_reveal_is_not_to_be_kept_by_any_cache(wizard):
    wizard.answer()
    wizard.choose()
    response = wizard.look()
    assert "no-store" in response["Cache-Control"]
    assert b'hx-history="false"' in response.content


def test_before_the_reveal_the_session_holds_the_key_sealed(wizard):
    wizard.answer()
    wizard.choose()
    data = str(Session.objects.get().get_decoded())
    plaintext = shown_key(wizard.look())
    assert plaintext not in data
    assert material.parse(plaintext).secret not in data


def test_after_the_reveal_the_session_holds_nothing_to_open(wizard):
    wizard.reach_store()
    (draft,) = Session.objects.get().get_decoded()["api_key_drafts"].values()
    assert draft["sealed"] == ""


def test_a_sealed_secret_does_not_open_in_another_session(wizard, client, admin):
    wizard.answer()
    wizard.choose()
    stolen = Session.objects.get().get_decoded()["api_key_drafts"]
    client.logout()
    client.force_login(admin.user)
    session = client.session
    with session.drafts() as drafts:
        drafts.update(stolen)
    session.save()
    assert shown_key(wizard.look()) is None


def test_a_secret_made_anew_in_another_tab_voids_the_one_shown_first(wizard):
    wizard.reach_store()
    wizard.choose("read:users")
    newer = shown_key(wizard.look())
    response = wizard.done(issue=1)
    assert response.status_code == 410
    assert "A newer secret was made" in response.content.decode()
    assert not ApiKey.objects.exists()
    wizard.done(issue=2)
    assert hashing.matches(ApiKey.objects.get().secret_hash, material.parse(newer).secret)


def test_a_key_that_was_never_shown_is_not_made_but_shown(wizard):
    wizard.answer()
    wizard.choose()
    response = wizard.done()
    assert not ApiKey.objects.exists()
    assert shown_key(wizard.client.get(response.url)) is not None


def test_a_prefetched_page_does_not_use_the_one_render_up(wizard):
    wizard.answer()
    wizard.choose()
    ahead = wizard.client.get(wizard.url("store"), headers={"Sec-Purpose": "prefetch;prerender"})
    assert ahead.status_code == 503
    assert shown_key(ahead) is None
    assert shown_key(wizard.look()) is not None
