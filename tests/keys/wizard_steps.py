"""Walks the wizard as a person without JavaScript does: form by form, following redirects."""

from __future__ import annotations

import re
from html import unescape

from django.urls import reverse

PLAINTEXT = re.compile(r"cerby_[0-9A-Za-z]{12}_[0-9A-Za-z]{54}")


def shown_key(response) -> str | None:
    """The plaintext key in a page, or None."""
    found = PLAINTEXT.search(unescape(response.content.decode()))
    return found.group() if found else None


class Wizard:
    """One run of the wizard in one browser."""

    def __init__(self, client, slug: str) -> None:
        self.client = client
        self.slug = slug
        self.draft: str | None = None

    def url(self, step: str) -> str:
        return reverse(f"keys:wizard_{step}", args=[self.slug, self.draft])

    def answer(self, name="Nightly backup", expiration="1d", **more):
        """Step 1."""
        response = self.client.post(
            reverse("keys:wizard_generate", args=[self.slug]),
            {"name": name, "expiration": expiration, **more},
        )
        if response.status_code == 302:
            self.draft = response.url.split("/")[-3]
        return response

    def choose(self, *scopes):
        """Step 2."""
        return self.client.post(self.url("scopes"), {"scopes": scopes or ["read:users"]})

    def look(self):
        """Step 3, as the redirect of step 2 opens it."""
        return self.client.get(self.url("store"))

    def reach_store(self, *scopes, **answers) -> str:
        """Steps 1 and 2; the plaintext that step 3 shows."""
        self.answer(**answers)
        self.choose(*scopes)
        plaintext = shown_key(self.look())
        assert plaintext is not None
        return plaintext

    def done(self, *, issue=1, stored="on", **more):
        return self.client.post(self.url("done"), {"issue": issue, "stored": stored, **more})

    def save(self, key, vault, *, issue=1, **more):
        return self.client.post(
            self.url("save"), {"issue": issue, "key": key, "vault": vault.pk, **more}
        )
