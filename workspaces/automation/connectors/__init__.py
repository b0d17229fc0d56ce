"""How applications are reached.

A connector is a module of this package that defines `CONNECTOR`: a third one is one more file.
"""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Connector


@functools.cache
def connectors() -> dict[str, Connector]:
    """Every connector, by its name."""
    modules = (
        import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
    )
    found = [module.CONNECTOR for module in modules if hasattr(module, "CONNECTOR")]
    return {connector.name: connector for connector in found}
