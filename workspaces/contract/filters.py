"""The values of filters: read strictly, so that a filter that would find nothing says why."""

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

MAX_WORD = 200
MAX_WORDS = 100

# What a query may hold, as the description says it (`strictness` refuses the rest).
_PRINTABLE = r"[^\u0000-\u001f\u007f-\u009f]"
_PRINTABLE_WORD = r"[^\s,\u0000-\u001f\u007f-\u009f]"

Text = Annotated[str, Field(max_length=MAX_WORD, json_schema_extra={"pattern": f"^{_PRINTABLE}*$"})]

# A plus sign that was not percent-encoded arrives as a space.
_LOST_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        moment = dt.datetime.fromisoformat(_LOST_PLUS.sub("+", value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "datetime_parsing",
            "Input should be a time in ISO 8601, for example 2026-01-31T09:00:00Z",
        ) from None


_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _boolean(value: object) -> object:
    """Refuse what is only taken for a truth value: `1`, `on`; Python's `True` is one."""
    if isinstance(value, str) and value.lower() not in {"true", "false"}:
        raise PydanticCustomError("bool_parsing", "Input should be true or false")
    return value


Boolean = Annotated[bool, BeforeValidator(_boolean)]
Instant = Annotated[dt.datetime, BeforeValidator(_instant)]


@dataclass(frozen=True, slots=True)
class CommaSeparated:
    """Some of the values of `choices`, separated by commas: `live,pending`.

    Without choices, any words: what the contract calls an open set.
    """

    choices: type[Enum] | None = None

    @property
    def names(self) -> list[str]:
        return [choice.value for choice in self.choices or ()]

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        items = {"enum": self.names} if self.choices else {"pattern": f"^{_WORD.pattern}$"}
        return {"type": "array", "items": {"type": "string", **items}, "minItems": 1}

    def _read(self, values: list[str] | tuple[str, ...]) -> tuple[str, ...]:
        words = [word for value in values for word in value.split(",")]
        if self.choices is None:
            unknown = [word for word in words if not _WORD.fullmatch(word)]
        else:
            unknown = [word for word in words if word not in self.names]
        if unknown:
            raise PydanticCustomError(
                "enum",
                "{unknown} is none of {names}",
                {
                    "unknown": ascii(unknown[0][:50]),
                    "names": ", ".join(self.names) or "a word such as healthcheck_mfa",
                },
            )
        return tuple(words)


@dataclass(frozen=True, slots=True)
class CommaSeparatedText:
    """Some texts, separated by commas: `Slack,Figma`. None of them is empty."""

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(
        self, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        text = {"type": "string", "maxLength": MAX_WORD, "pattern": f"^{_PRINTABLE_WORD}+$"}
        return {"type": "array", "items": text, "minItems": 1, "maxItems": MAX_WORDS}

    def _read(self, values: list[str] | tuple[str, ...]) -> tuple[str, ...]:
        words = [word.strip() for value in values for word in value.split(",")]
        if len(words) > MAX_WORDS or not all(0 < len(word) <= MAX_WORD for word in words):
            raise PydanticCustomError(
                "comma_separated",
                "Input should be 1 to {words} texts of 1 to {length} characters, comma-separated",
                {"words": MAX_WORDS, "length": MAX_WORD},
            )
        return tuple(words)
