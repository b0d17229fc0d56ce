"""Refuses query parameters that an operation does not know, in one place for all operations.

A misspelt filter that is passed over answers everything; the consumer believes it was applied.
"""

import re
from typing import ClassVar

from django.http import HttpRequest
from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from .checks import Check

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a NUL no database takes


class KnownParameters(Check):
    """Looks at the query beside the operation's own models: one answer names every fault."""

    names: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def look(cls, request: HttpRequest) -> None:
        if request.META.get("QUERY_STRING"):
            faults = [fault for name in request.GET for fault in cls._faults(request, name)]
            if faults:
                raise ValidationError.from_exception_data("query", faults)

    @classmethod
    def _faults(cls, request: HttpRequest, name: str) -> list[InitErrorDetails]:
        if name not in cls.names:
            known = ", ".join(sorted(cls.names)) or "none"
            return [_fault(name, "extra_forbidden", f"Unknown parameter. Known ones: {known}")]
        values = request.GET.getlist(name)
        if len(values) > 1:
            return [_fault(name, "sent_twice", "The parameter was sent more than once")]
        if _CONTROL.search(values[0]):
            return [_fault(name, "control_character", "The value holds a control character")]
        return []


def known_parameters(names: frozenset[str]) -> type[KnownParameters]:
    """The check for an operation with the query parameters `names`."""
    return type("KnownParameters", (KnownParameters,), {"names": names})


def _fault(name: str, kind: str, message: str) -> InitErrorDetails:
    # Braces would be taken for places of a template.
    safe = message.replace("{", "{{").replace("}", "}}")
    return InitErrorDetails(type=PydanticCustomError(kind, safe), loc=(name,), input=None)
