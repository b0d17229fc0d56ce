"""Static files: named by their content, and compressed ahead of the first request."""

from __future__ import annotations

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class QuickCompressor(Compressor):  # type: ignore[misc]  # without stubs
    """Brotli's best takes twenty times as long as this, at the first start, for a tenth less."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=6)
        return compressed


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # without stubs
    def create_compressor(self, **options: Any) -> Compressor:
        # Source maps are large, and only a debugger asks for them.
        skipped = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
        return QuickCompressor(**{**options, "extensions": skipped})
