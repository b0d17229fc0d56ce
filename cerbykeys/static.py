"""Static files: named by their content, compressed ahead of the first request, styles in one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import brotli
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

STYLES = "css/main.css"
_IMPORT = re.compile(r'@import url\("([a-z-]+\.css)"\) layer\(([a-z]+)\);')


class QuickCompressor(Compressor):  # type: ignore[misc]  # without stubs
    """Brotli's best takes twenty times as long as this, at the first start, for a tenth less."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=6)
        return compressed


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # without stubs
    def post_process(
        self,
        paths: dict[str, tuple[Any, str]],
        dry_run: bool = False,  # noqa: FBT001, FBT002  (the base class's signature)
        **options: Any,
    ) -> Iterator[Any]:
        """Put the imported styles into the one that imports them: one request, not one for each."""
        if STYLES in paths and not dry_run:
            self.delete(STYLES)
            self._save(STYLES, ContentFile(_flattened(paths).encode()))
            paths[STYLES] = (self, STYLES)
        yield from super().post_process(paths, dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        # Source maps are large, and only a debugger asks for them.
        skipped = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
        return QuickCompressor(**{**options, "extensions": skipped})


def _flattened(paths: dict[str, tuple[Any, str]]) -> str:
    def read(name: str) -> str:
        storage, path = paths[name]
        with storage.open(path) as file:
            content: str = file.read().decode()
        return content

    return _IMPORT.sub(
        lambda found: f"@layer {found[2]} {{\n{read(f'css/{found[1]}')}}}", read(STYLES)
    )
