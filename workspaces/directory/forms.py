"""What people say of themselves and of their workspace."""

from __future__ import annotations

import zoneinfo
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms

from .models import Member, Team, User, Workspace
from .queries import members_for
from .roles import Role

if TYPE_CHECKING:
    from workspaces.actor import Actor

# A workspace has one Owner: ownership is transferred, not given.
ASSIGNABLE = [choice for choice in Role.choices if choice[0] != Role.OWNER]


def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The zones that people live in, by continent."""
    named = sorted(
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
    )
    return [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in names])
        for region, names in groupby(named, key=lambda name: name.partition("/")[0])
    ]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A person's name, and the zone that they read times in."""

    time_zone = forms.ChoiceField(
        required=False,
        help_text="Times on every page are written in this zone.",
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        time_zone = cast("forms.ChoiceField", self.fields["time_zone"])
        time_zone.choices = [("", "My browser's zone"), *time_zones()]


class GeneralForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The settings of a workspace."""

    class Meta:
        model = Workspace
        fields = ("name", "max_key_lifetime_days", "requests_per_minute")
        labels: ClassVar = {
            "name": "Workspace name",
            "max_key_lifetime_days": "Longest lifetime of an API key (days)",
            "requests_per_minute": "Requests a minute of each API key",
        }
        help_texts: ClassVar = {
            "max_key_lifetime_days": "From 1 to 3650. Keys that are there already keep their time.",
            "requests_per_minute": "From 1 to 100,000. The settings of a key may hold it to fewer.",
        }


class MembersForm(forms.Form):
    """What narrows the list of members; what it does not know does not narrow."""

    q = forms.CharField(required=False, max_length=200)
    role = forms.ChoiceField(
        required=False,
        choices=[("", "All roles"), *Role.choices],
    )
    status = forms.ChoiceField(
        required=False,
        choices=[("", "All statuses"), *Member.Status.choices],
    )

    def wanted(self) -> dict[str, Any]:
        """What is asked for, as `queries.members_for` takes it."""
        self.full_clean()
        asked = self.cleaned_data
        return {
            "text": asked.get("q", ""),
            "roles": [asked["role"]] if asked.get("role") else [],
            "statuses": [asked["status"]] if asked.get("status") else [],
        }


class RoleForm(forms.Form):
    """The role of a member."""

    role = forms.ChoiceField(choices=ASSIGNABLE)


class InviteForm(forms.Form):
    """Who is to be a member, and as what."""

    email = forms.EmailField(label="E-mail", max_length=254)
    first_name = forms.CharField(max_length=100, required=False)
    last_name = forms.CharField(max_length=100, required=False)
    role = forms.ChoiceField(choices=ASSIGNABLE, initial=Role.USER)


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The name of a team."""

    class Meta:
        model = Team
        fields = ("name",)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A member, by name and e-mail address."""

    def label_from_instance(self, obj: Member) -> str:
        return f"{obj.user.get_full_name()} ({obj.user.email})"


class TeamMemberForm(forms.Form):
    """Someone who is not in the team yet, and whether they say who else is."""

    member = PersonField(Member.objects.none(), label="Person", empty_label=None)
    is_admin = forms.BooleanField(label="Admin of the team", required=False)

    def __init__(self, actor: Actor, team: Team, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = members_for(actor).exclude(team_memberships__team=team)
        cast("PersonField", self.fields["member"]).queryset = found
