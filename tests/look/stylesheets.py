"""Reads the stylesheets as text: what the tests of the look need to know of them."""

from __future__ import annotations

import re
from pathlib import Path

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
FILES = sorted(CSS.glob("*.css"))

_DEFINITION = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
_USE = re.compile(r"var\((--[\w-]+)")


def without_comments(file: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)


def defined(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in _DEFINITION.findall(text)}


def used(text: str) -> set[str]:
    return set(_USE.findall(text))


def blocks_of_root(text: str) -> list[dict[str, str]]:
    """The custom properties of each `:root` block, in order."""
    return [defined(body) for body in re.findall(r":root\s*\{([^}]*)\}", text)]


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two hex colours, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
