"""What the wizard and the table ask, and what they accept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone

from workspaces.activity.credentials import holds_key
from workspaces.contract.scopes import Scope
from workspaces.names import refuse_invisible
from workspaces.vaults.models import Vault
from workspaces.vaults.queries import vaults_for

from . import policy, queries
from .actions import NameTakenError
from .models import ApiKey
from .wizard import Answers

if TYPE_CHECKING:
    from workspaces.actor import Actor
    from workspaces.directory.models import Workspace


class KeyNameField(forms.CharField):
    """A name that reads as one line and is not itself a key."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label="API key name", max_length=100, **options)

    def clean(self, value: Any) -> str:
        name = " ".join(super().clean(value).split())
        refuse_invisible(name)
        if holds_key(name):
            raise ValidationError(
                "This is an API key, not a name for one. Names are shown to every admin: "
                "choose words that say what the key is for."
            )
        return name


class GenerateForm(forms.Form):
    """Step 1: the name of the key and how long it lives."""

    name = KeyNameField(
        help_text="What the key is for, for example “Nightly backup”.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": "Enter a name for the API key."},
    )
    expiration = forms.ChoiceField(
        label="Expiration time",
        error_messages={"required": "Select when the API key expires."},
    )
    custom_expiry = forms.DateTimeField(
        label="Expires on",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Enter a date and a time."},
    )

    def __init__(self, actor: Actor, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.longest = policy.longest_lifetime(workspace)
        field = cast("forms.ChoiceField", self.fields["expiration"])
        field.choices = [("", "Select an expiration time"), *policy.expirations(workspace)]
        now = timezone.localtime()
        self.fields["custom_expiry"].widget.attrs |= {
            "min": f"{now + policy.SHORTEST_CUSTOM_LIFETIME:%Y-%m-%dT%H:%M}",
            "max": f"{now + self.longest:%Y-%m-%dT%H:%M}",
        }
        self.fields["custom_expiry"].help_text = (
            f"In your time zone, {timezone.get_current_timezone_name()}; "
            f"at most {self.longest.days} days from now."
        )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if queries.name_is_taken(self.actor, name):
            raise NameTakenError(name)
        return name

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("expiration") != policy.Expiration.CUSTOM:
            data["custom_expiry"] = None
            self.errors.pop("custom_expiry", None)
            return
        custom: datetime | None = data.get("custom_expiry")
        if "custom_expiry" in self.errors:
            return
        now = timezone.now()
        if custom is None:
            self.add_error("custom_expiry", "Enter when the API key expires.")
        elif custom < now + policy.SHORTEST_CUSTOM_LIFETIME - timedelta(minutes=1):
            self.add_error("custom_expiry", "Choose a time that is at least 5 minutes from now.")
        elif custom > now + self.longest + timedelta(minutes=1):
            self.add_error(
                "custom_expiry",
                f"An API key of this workspace lives for at most {self.longest.days} days. "
                "Choose an earlier time.",
            )

    def answers(self) -> Answers:
        """What was typed, once it is valid."""
        data = self.cleaned_data
        return Answers(data["name"], policy.Expiration(data["expiration"]), data["custom_expiry"])


class ScopesForm(forms.Form):
    """Step 2: what the key may do."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.label) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one scope: a key without any opens nothing."},
    )


class StoreForm(forms.Form):
    """Step 3: the person says that the key is safe; `name` only where it was taken meanwhile."""

    issue = forms.IntegerField(widget=forms.HiddenInput)
    name = KeyNameField(required=False)
    stored = forms.BooleanField(
        label="I have stored the key in a safe place",
        error_messages={"required": "Store the key first, then say so here."},
    )


class SaveForm(forms.Form):
    """Step 3, the other way: the key goes into a vault."""

    issue = forms.IntegerField(widget=forms.HiddenInput)
    name = KeyNameField(required=False)
    key = forms.CharField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), max_length=128)
    vault: forms.ModelChoiceField[Vault] = forms.ModelChoiceField(
        queryset=Vault.objects.none(),
        label="Select vault",
        error_messages={
            "required": "Select a vault to save the key in.",
            "invalid_choice": "This vault takes no secrets any more. Select another.",
        },
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Vault]", self.fields["vault"])
        field.queryset = vaults_for(actor)


class LimitForm(forms.Form):
    """How many requests a minute a key may make: no more than its workspace gives."""

    requests_per_minute = forms.IntegerField(label="Requests a minute", required=False, min_value=1)

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = workspace.requests_per_minute
        field = cast("forms.IntegerField", self.fields["requests_per_minute"])
        field.help_text = f"From 1 to {most}, which is also what an empty field means."
        field.widget.attrs["max"] = field.max_value = most
        field.validators.append(MaxValueValidator(most))


class TableForm(forms.Form):
    """What the table shows: anything it does not know falls back to the first sight."""

    q = forms.CharField(label="Search", required=False, max_length=100)
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[
            (queries.LIVING, "Active and disabled"),
            *ApiKey.Status.choices,
            (queries.ALL, "All statuses"),
        ],
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[(sign + name, name) for name in queries.SORTS for sign in ("", "-")],
    )

    def wanted(self) -> dict[str, str]:
        """The table's search, status and sort."""
        self.full_clean()
        data = self.cleaned_data
        return {
            "search": data.get("q", ""),
            "status": data.get("status") or queries.LIVING,
            "sort": data.get("sort") or queries.NEWEST_FIRST,
        }
