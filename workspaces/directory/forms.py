"""What people say of themselves and of their workspace."""

from __future__ import annotations

import zoneinfo
from itertools import groupby
from typing import Any, ClassVar, cast

from django import forms

from .models import User, Workspace


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
