from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from tests.factories import UserFactory
from workspaces.activity.models import Activity
from workspaces.directory.models import User, Workspace

pytestmark = pytest.mark.django_db

PASSWORD = "a lantern by the harbour"


def create(email="ada@acme.example", slug="acme"):
    call_command("create_workspace", slug=slug, name="Acme Corp", owner_email=email)


def test_the_workspace_is_whole_and_recorded():
    create()
    workspace = Workspace.objects.get(slug="acme")
    assert workspace.owner.user.email == "ada@acme.example"
    assert workspace.vaults.get().is_default
    events = Activity.objects.filter(workspace_id=workspace.id).order_by("sequence")
    assert list(events.values_list("event", flat=True)) == ["WORKSPACE_CREATED", "VAULT_CREATED"]


def test_a_new_owner_sets_a_password_by_the_printed_link(capsys, client):
    create(" Ada@ACME.example")
    link = capsys.readouterr().out.split()[-1]
    form = client.get(urlsplit(link).path, follow=True)
    client.post(
        form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}, follow=True
    )
    assert User.objects.get(email="ada@acme.example").check_password(PASSWORD)


def test_the_link_leads_to_the_site_by_its_name(capsys, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = [".keys.example"], True
    create()
    assert "https://keys.example/accounts/password/reset/key/" in capsys.readouterr().out


def test_where_mail_is_sent_the_link_is_in_no_output(capsys, monkeypatch):
    monkeypatch.setenv("CERBYKEYS_EMAIL_URL", "smtp://mail.example")
    create()
    (sent,) = mail.outbox
    assert sent.to == ["ada@acme.example"]
    assert "/accounts/password/reset/key/" in sent.body
    assert "/key/" not in capsys.readouterr().out


def test_a_mail_that_cannot_be_sent_is_told_with_the_cure(monkeypatch, settings):
    monkeypatch.setenv("CERBYKEYS_EMAIL_URL", "smtp://127.0.0.1:1")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match=r"CERBYKEYS_EMAIL_URL.*accounts/password/reset/"):
        create()
    assert Workspace.objects.filter(slug="acme").exists()


def test_whom_the_site_knows_keeps_their_password(capsys):
    user = UserFactory(email="ada@acme.example")
    create()
    assert "/key/" not in capsys.readouterr().out
    assert User.objects.get().password == user.password


def test_a_slug_that_is_taken_makes_nothing(capsys):
    create()
    with pytest.raises(CommandError, match="slug"):
        create("bob@acme.example")
    assert not User.objects.filter(email="bob@acme.example").exists()
    assert "bob" not in capsys.readouterr().out
