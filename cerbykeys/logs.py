"""Structured logs to standard error, with no credential in them."""

from __future__ import annotations

from typing import Any


def configure(_settings: dict[str, Any]) -> None:
    """Set up logging; called by Django once, through LOGGING_CONFIG."""
