"""Types of what is negotiated in the opening handshake."""

from __future__ import annotations

from typing import NewType, Optional, Tuple  # noqa: UP035

__all__ = [
    "ConnectionOption",
    "ExtensionHeader",
    "ExtensionName",
    "ExtensionParameter",
    "Origin",
    "Subprotocol",
    "UpgradeProtocol",
]

#: An item of a ``Connection`` header (RFC 7230 §6.1).
ConnectionOption = NewType("ConnectionOption", str)

#: An item of an ``Upgrade`` header (RFC 7230 §6.7).
UpgradeProtocol = NewType("UpgradeProtocol", str)

#: The value of an ``Origin`` header (RFC 6454 §7).
Origin = NewType("Origin", str)

#: The name of a subprotocol (RFC 6455 §1.9).
Subprotocol = NewType("Subprotocol", str)

#: The name of an extension (RFC 6455 §9.1).
ExtensionName = NewType("ExtensionName", str)

#: A parameter of an extension: its name, and its value or None.
ExtensionParameter = Tuple[str, Optional[str]]  # noqa: UP006

#: An item of a ``Sec-WebSocket-Extensions`` header: name and parameters.
ExtensionHeader = Tuple[ExtensionName, "list[ExtensionParameter]"]  # noqa: UP006
