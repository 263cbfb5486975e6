"""What may be asked of zlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .backends import Backend

__all__ = ["MAX_WINDOW_BITS", "MIN_WINDOW_BITS", "check_settings", "check_window_bits"]

#: "a decimal integer value without leading zeroes between 8 to 15" (RFC 7692 §7.1.2).
MAX_WINDOW_BITS = 15

#: The least that zlib compresses raw data with; it decompresses with 8 as well.
MIN_WINDOW_BITS = 9


def check_window_bits(name: str, bits: object, *, least: int = MIN_WINDOW_BITS) -> None:
    """Raise ValueError if an argument is not a size of a window."""
    # bool is an int, and not meant; 12.0 would go into a header, and zlib doesn't take it.
    if not isinstance(bits, int) or isinstance(bits, bool) or not least <= bits <= MAX_WINDOW_BITS:
        raise ValueError(f"{name} is {bits!r}, must be from {least} to {MAX_WINDOW_BITS}")


def check_settings(settings: Mapping[str, Any], backend: Backend) -> None:
    """Raise ValueError or TypeError if a backend would not compress with ``settings``."""
    # The peer knows no dictionary, and the window is what was agreed on.
    for name in ("wbits", "zdict"):
        if name in settings:
            raise ValueError(f"compress_settings cannot set {name}")
    backend.compressobj(wbits=-MIN_WINDOW_BITS, **settings)
