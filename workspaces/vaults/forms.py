"""What makes a secret, and who it is shared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms

from workspaces.directory.queries import sharers

from .models import Role, Secret
from .queries import vaults_for

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.directory.models import Member, Team

    from .models import Vault


class BodyField(forms.CharField):
    """What is kept secret, to the letter; but lines end as programs expect, not as forms send."""

    widget = forms.Textarea(
        attrs={"rows": 5, "class": "mono", "autocomplete": "off", "spellcheck": "false"}
    )

    def __init__(self) -> None:
        super().__init__(label="Secret", strip=False)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class SearchForm(forms.Form):
    """What narrows the list of secrets."""

    q = forms.CharField(required=False, max_length=200)


class BodyForm(forms.Form):
    """The new body of a secret."""

    body = BodyField()


class SecretForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A new secret. The vault is asked for only where there are several."""

    body = BodyField()
    field_order = ("title", "category", "body", "vault", "requires_identity_challenge")

    class Meta:
        model = Secret
        fields = ("title", "category", "vault", "requires_identity_challenge")
        labels: ClassVar = {"requires_identity_challenge": "Ask who I am before showing it"}
        help_texts: ClassVar = {
            "title": "What it opens, and for whom. Everyone who shares the secret reads the title.",
            "requires_identity_challenge": (
                "Whoever opens it enters their password first, unless they just signed in. "
                "API keys never read it."
            ),
        }

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vault = cast("forms.ModelChoiceField[Vault]", self.fields["vault"])
        vault.queryset = vaults_for(actor)
        vault.empty_label = None
        vaults = list(vault.queryset)
        if len(vaults) == 1:
            vault.widget = forms.HiddenInput()
        if vaults:
            vault.initial = vaults[0]


class ShareForm(forms.Form):
    """A member or a team, and what they become."""

    sharer = forms.ChoiceField(label="Person or team")
    role = forms.ChoiceField(
        choices=[
            (Role.COLLABORATOR, "Collaborator: may read it"),
            (Role.OWNER, "Owner: may also change and share it"),
        ]
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members, teams = sharers(actor)
        self.sharers: dict[str, Member | Team] = {
            **{str(team.id): team for team in teams},
            **{str(member.id): member for member in members},
        }
        sharer = cast("forms.ChoiceField", self.fields["sharer"])
        sharer.choices = [
            ("", "Select a person or a team"),
            ("Teams", [(str(team.id), team.name) for team in teams]),
            ("People", [(str(member.id), _words(member)) for member in members]),
        ]

    def clean_sharer(self) -> Member | Team:
        return self.sharers[self.cleaned_data["sharer"]]


def _words(member: Member) -> str:
    return f"{member.user.get_full_name()} ({member.user.email})"
