"""What makes a secret, an account or a collection, and who shares it."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.db.models import Q

from workspaces.activity.credentials import refuse_key
from workspaces.directory.queries import sharers
from workspaces.names import refuse_invisible

from .actions.accounts import FACTS
from .models import Account, Collection, Role, Secret, Vault
from .models.accounts import MfaType
from .queries import owned, vaults_for

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.directory.models import Member, Team


class BodyField(forms.CharField):
    """What is kept secret, to the letter; but lines end as programs expect, not as forms send."""

    widget = forms.Textarea(
        attrs={"rows": 5, "class": "mono", "autocomplete": "off", "spellcheck": "false"}
    )

    def __init__(self) -> None:
        super().__init__(label="Secret", strip=False)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


def offer_vaults(form: forms.BaseForm, actor: Actor) -> None:
    """Let the form's `vault` be one of the actor's; it is not asked for where there is one."""
    vault = cast("forms.ModelChoiceField[Vault]", form.fields["vault"])
    vault.queryset = vaults_for(actor)
    vault.empty_label = None
    vaults = list(vault.queryset)
    if len(vaults) == 1:
        vault.widget = forms.HiddenInput()
    if vaults:
        vault.initial = vaults[0]


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
        offer_vaults(self, actor)


class AccountSearchForm(SearchForm):
    """What narrows the list of accounts."""

    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Account.Status.choices]
    )
    mfa = forms.ChoiceField(
        label="Second factor",
        required=False,
        choices=[("", "Any second factor"), ("on", "Second factor"), ("off", "No second factor")],
    )

    @property
    def is_filtered(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())

    @property
    def wanted(self) -> Q:
        """The condition; what cannot be meant narrows nothing."""
        if not self.is_valid():
            return Q()
        wanted = Q()
        if text := self.cleaned_data["q"]:
            fields = ("label", "application", "email")
            for word in text.split():
                wanted &= functools.reduce(
                    operator.or_, (Q(**{f"{field}__icontains": word}) for field in fields)
                )
        if status := self.cleaned_data["status"]:
            wanted &= Q(status=status)
        if mfa := self.cleaned_data["mfa"]:
            wanted &= Q(mfa_enabled=mfa == "on")
        return wanted


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What is said of an account."""

    mfa_types = forms.MultipleChoiceField(
        label="How it asks",
        required=False,
        choices=MfaType.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Account
        fields = FACTS
        help_texts: ClassVar = {
            "application": "What one signs in to, for example “Figma”.",
            "label": "Whose account it is, for example “Figma, design team”.",
            "business_id": "What the application itself calls the company, where it does.",
        }
        widgets: ClassVar = {
            "url": forms.URLInput(attrs={"placeholder": "https://"}),
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }

    def clean_mfa_types(self) -> list[str]:
        return list(self.cleaned_data["mfa_types"])


class PasswordForm(forms.Form):
    """A password to keep. The vault is asked for only where there are several."""

    password = forms.CharField(
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "mono"}),
    )
    vault = forms.ModelChoiceField(Vault.objects.none(), empty_label=None)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_vaults(self, actor)


class CollectionForm(forms.Form):
    """The name of a collection, and the one that it is inside."""

    name = forms.CharField(max_length=100, validators=[refuse_key, refuse_invisible])
    parent = forms.ModelChoiceField(
        Collection.objects.none(),
        label="Inside",
        required=False,
        empty_label="No other collection",
        help_text="Whoever shares the one above shares, in the same role, what is in this one.",
    )

    def __init__(
        self, actor: Actor, *args: Any, collection: Collection | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        parents = owned(actor, Collection)
        if collection:
            parents = parents.exclude(above__ancestor=collection)
        field = cast("forms.ModelChoiceField[Collection]", self.fields["parent"])
        field.queryset = parents.order_by("name", "id")
        if collection and collection.parent_id and not parents.filter(pk=collection.parent_id):
            # Its place is for the Owners of the one above to change, and for them to see.
            del self.fields["parent"]
        self.place = collection.parent if collection else None

    @property
    def wanted(self) -> dict[str, Any]:
        """The name and the parent, which stays as it is where it was not asked for."""
        return {"parent": self.place, **self.cleaned_data}


class ShareForm(forms.Form):
    """A member or a team, and what they become."""

    sharer = forms.ChoiceField(label="Person or team")
    role = forms.ChoiceField(
        choices=[
            (Role.COLLABORATOR, "Collaborator"),
            (Role.OWNER, "Owner: may change and share it, too"),
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
