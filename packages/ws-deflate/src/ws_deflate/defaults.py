"""Compression as it is when nothing is said about it: light on memory and on CPU.

tools/deflate_memory.py measures what other numbers would bring; docs/deflate.md shows it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ws_http import ClientExtensionFactory, ServerExtensionFactory

from .client import ClientPerMessageDeflateFactory
from .extension import NAME
from .server import ServerPerMessageDeflateFactory

__all__ = ["add_client_deflate", "add_server_deflate"]

WINDOW_BITS = 12
COMPRESS_SETTINGS = {"memLevel": 4}
THRESHOLD = 64


def add_client_deflate(
    factories: Sequence[ClientExtensionFactory] | None,
) -> list[ClientExtensionFactory]:
    """Add a factory with the defaults, unless there is one for permessage-deflate.

    The offer is the one that browsers make, ``permessage-deflate;
    client_max_window_bits``.
    """
    found = list(factories or ())
    if all(factory.name != NAME for factory in found):
        found.append(
            ClientPerMessageDeflateFactory(
                compress_settings=COMPRESS_SETTINGS,
                window_bits=WINDOW_BITS,
                threshold=THRESHOLD,
            )
        )
    return found


def add_server_deflate(
    factories: Sequence[ServerExtensionFactory] | None,
) -> list[ServerExtensionFactory]:
    """Add a factory with the defaults, unless there is one for permessage-deflate."""
    found = list(factories or ())
    if all(factory.name != NAME for factory in found):
        found.append(
            ServerPerMessageDeflateFactory(
                server_max_window_bits=WINDOW_BITS,
                client_max_window_bits=WINDOW_BITS,
                compress_settings=COMPRESS_SETTINGS,
                threshold=THRESHOLD,
            )
        )
    return found
