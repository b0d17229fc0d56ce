"""What connects an integration, changes its users, and narrows the lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms

from workspaces.directory.models import Member

from .actions.jobs import LONGEST_REASON
from .connectors import connectors
from .models import Entitlement, Integration, IntegrationUser, Job

if TYPE_CHECKING:
    from workspaces.actor import Actor

ROLES = [
    (IntegrationUser.Role.COLLABORATOR, "Collaborator: sees it here"),
    (IntegrationUser.Role.OWNER, "Owner: may also change it and its users"),
]


class SearchForm(forms.Form):
    """What narrows the list of integrations."""

    q = forms.CharField(required=False, max_length=200)


class JobFilterForm(forms.Form):
    """What narrows the list of jobs."""

    status = forms.ChoiceField(required=False, choices=[("", "All states"), *Job.Status.choices])
    workflow = forms.ChoiceField(
        required=False, choices=[("", "All kinds"), *Job.WorkflowType.choices]
    )

    def wanted(self) -> dict[str, list[str]]:
        """What is asked for; what makes no sense does not narrow."""
        self.full_clean()
        asked = self.cleaned_data
        return {
            "statuses": list(filter(None, [asked.get("status")])),
            "workflow_types": list(filter(None, [asked.get("workflow")])),
        }


class _Token(forms.CharField):
    widget = forms.PasswordInput(attrs={"autocomplete": "off", "class": "mono"})


class _Address(forms.URLField):
    def __init__(self) -> None:
        super().__init__(
            label="Address of its SCIM interface",
            required=False,
            max_length=500,
            assume_scheme="https",
            help_text="Its host has to be one that the operator of this server allows.",
        )


class ConnectForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A new integration. By hand it has neither address nor token."""

    connector = forms.ChoiceField(
        label="How it is reached",
        help_text="By SCIM its accounts are changed at once. By hand a job waits until an admin "
        "has done what it asks for.",
    )
    base_url = _Address()
    token = _Token(
        label="Bearer token",
        required=False,
        max_length=2000,
        help_text="From the application. It is sealed, and never shown again.",
    )
    field_order = ("application", "label", "connector", "base_url", "token", "removal")

    class Meta:
        model = Integration
        fields = ("application", "label", "connector", "base_url", "removal")
        labels: ClassVar = {"removal": "When a user is removed"}
        help_texts: ClassVar = {
            "label": "What people here call it, for example “Slack, all of Acme”."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connector = cast("forms.ChoiceField", self.fields["connector"])
        connector.choices = [(found.name, found.label) for found in connectors().values()]


class UpdateForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What may be changed of an integration."""

    base_url = _Address()
    token = _Token(
        label="New bearer token",
        required=False,
        max_length=2000,
        help_text="Leave it empty to keep the one there is. A new address takes a new token.",
    )
    field_order = ("label", "base_url", "token", "removal", "status")

    class Meta:
        model = Integration
        fields = ("label", "base_url", "removal", "status")
        labels = ConnectForm.Meta.labels

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not connectors()[self.instance.connector].is_automatic:
            for name in ("base_url", "token", "removal"):
                del self.fields[name]


class EntitlementForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Something that can be granted."""

    class Meta:
        model = Entitlement
        fields = ("code", "label", "group")
        labels: ClassVar = {"code": "ID in the application", "label": "Name"}


class GrantForm(forms.Form):
    """What a user is granted."""

    entitlements = forms.MultipleChoiceField(
        label="What they are granted", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, integration: Integration, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        entitlements = cast("forms.MultipleChoiceField", self.fields["entitlements"])
        entitlements.choices = list(
            integration.entitlements.order_by("group", "label", "code").values_list("code", "label")
        )


class RoleForm(forms.Form):
    """What a user may do to the integration here."""

    role = forms.ChoiceField(label="Role here", choices=ROLES)


class InviteForm(GrantForm, RoleForm):
    """Members of the workspace who are to have an account."""

    user_ids = forms.MultipleChoiceField(label="People", widget=forms.CheckboxSelectMultiple)
    field_order = ("user_ids", "role", "entitlements")

    def __init__(self, actor: Actor, integration: Integration, *args: Any, **kwargs: Any) -> None:
        super().__init__(integration, *args, **kwargs)
        members = (
            Member.objects.filter(workspace_id=actor.workspace_id, status=Member.Status.LIVE)
            .exclude(integration_users__integration=integration)
            .select_related("user")
            .order_by("user__first_name", "user__last_name", "id")
        )
        people = cast("forms.MultipleChoiceField", self.fields["user_ids"])
        people.choices = [
            (str(member.user_id), f"{member.user.get_full_name()} ({member.user.email})")
            for member in members
        ]


class FailureForm(forms.Form):
    """Why a job cannot be done."""

    reason = forms.CharField(
        label="Why it cannot be done",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
