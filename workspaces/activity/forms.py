"""What narrows the list of activities."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django import forms
from django.utils import timezone

from .events import Event
from .queries import Filter, people
from .wording import event_label

if TYPE_CHECKING:
    from workspaces.actor import Actor

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """By event, by person, and from one day to another, both included, in the person's zone."""

    event = forms.ChoiceField(
        required=False,
        choices=[("", "All events"), *((event.value, event_label(event)) for event in Event)],
    )
    person = forms.ChoiceField(required=False)
    since = forms.DateField(label="From", required=False, widget=_DAY)
    until = forms.DateField(label="To", required=False, widget=_DAY)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = cast("forms.ChoiceField", self.fields["person"])
        person.choices = [
            ("", "Everyone"),
            *((str(user_id), email) for user_id, email in people(actor)),
        ]

    def wanted(self) -> Filter:
        """What is asked for; what makes no sense does not narrow, and says so beside its field."""
        self.full_clean()
        asked = self.cleaned_data
        return Filter(
            event=asked.get("event") or None,
            user_id=UUID(asked["person"]) if asked.get("person") else None,
            since=_midnight(asked.get("since")),
            until=_midnight(asked.get("until"), days_later=1),
        )


def _midnight(day: date | None, *, days_later: int = 0) -> datetime | None:
    if day is None or day.year == date.max.year:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days_later), time.min))
