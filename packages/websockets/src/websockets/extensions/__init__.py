"""Extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["ClientExtensionFactory", "Extension", "ServerExtensionFactory"]

if TYPE_CHECKING:
    from ws_frames import Extension
    from ws_http import ClientExtensionFactory, ServerExtensionFactory

    from . import base, permessage_deflate
else:
    __getattr__, __dir__ = _hand_on(
        __name__,
        {
            "ws_frames": ("Extension",),
            "ws_http": ("ClientExtensionFactory", "ServerExtensionFactory"),
        },
        modules=(
            "base",
            "permessage_deflate",
        ),
    )
