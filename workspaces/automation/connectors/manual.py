"""Applications without an interface for programs: an admin does what the job asks for."""

from __future__ import annotations

from .base import Connector

CONNECTOR = Connector(
    name="manual",
    label="By hand",
    description="A job waits until an admin has done what it asks for, and says so.",
)
