"""`manage.py create_workspace`: a workspace and its Owner, where there is no demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core.context import request_context
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.test import RequestFactory

from cerbykeys import env, server
from workspaces.directory.models import User
from workspaces.vaults.actions import open_workspace

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django.http import HttpRequest


class Command(BaseCommand):
    help = (
        "Makes a workspace with its Owner. Who is new sets a password by a link, which is mailed "
        "where there is a mail server, and printed where there is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="its name in addresses: acme")
        parser.add_argument("--name", required=True, help="its name on pages: Acme Corp")
        parser.add_argument("--owner-email", required=True, help="who becomes its Owner")

    def handle(self, *_args: Any, slug: str, name: str, owner_email: str, **_options: Any) -> None:
        try:
            with transaction.atomic():
                owner, is_new = _person(owner_email)
                workspace = open_workspace(owner, slug, name)
        except ValidationError as error:
            raise CommandError(" ".join(_lines(error))) from None
        self.stdout.write(f"{workspace.name} is at {_site()}w/{workspace.slug}/")
        if not is_new:
            self.stdout.write(f"{owner.email} owns it, and signs in as before.")
        elif env.text("CERBYKEYS_EMAIL_URL"):
            self.mail_link(owner)
        else:
            self.stdout.write(
                f"{owner.email} owns it, and sets a password at this link, "
                f"which works once, for {settings.PASSWORD_RESET_TIMEOUT // 86_400} days:\n"
                f"{_link(owner)}"
            )

    def mail_link(self, owner: User) -> None:
        try:
            _mail_link(owner)
        except OSError as error:
            reset = f"{_site()}accounts/password/reset/"
            msg = (
                f"the workspace is there, but no mail could be sent to {owner.email} ({error}): "
                f"correct CERBYKEYS_EMAIL_URL, and ask for a new link at {reset}"
            )
            raise CommandError(msg) from None
        self.stdout.write(f"{owner.email} owns it, and has been mailed a link to set a password.")


def _person(address: str) -> tuple[User, bool]:
    """Who has that address, and whether they are new to the site. Raises ValidationError."""
    address = address.strip().lower()
    if user := User.objects.filter(email=address).first():
        return user, False
    user = User(email=address)
    user.set_unusable_password()
    user.full_clean()
    user.save(force_insert=True)
    return user, True


def _mail_link(user: User) -> None:
    form = ResetPasswordForm({"email": user.email})
    form.full_clean()
    request = _request()
    with request_context(request):
        form.save(request)


def _link(user: User) -> str:
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    with request_context(_request()):
        link: str = get_adapter().get_reset_password_from_key_url(key)
    return link


def _request() -> HttpRequest:
    """One to the site, from which allauth makes its links."""
    site = _site()
    return RequestFactory(SERVER_NAME=site.split("/")[2]).get("/", secure=site.startswith("https"))


def _site() -> str:
    """Where a browser finds the site."""
    if settings.SECURE_SSL_REDIRECT:
        return f"https://{settings.ALLOWED_HOSTS[0].removeprefix('.')}/"
    return server.url()


def _lines(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{field}: {text}" for field, texts in error.message_dict.items() for text in texts]
    return error.messages
