"""The key of a handshake and the answer to it (RFC 6455 §1.3, §4.1 and §4.2.2)."""

from __future__ import annotations

import base64
import hashlib
import os
import re

__all__ = ["GUID", "accept_key", "generate_key", "is_key"]

#: "the Globally Unique Identifier [...] which is unlikely to be used by network
#: endpoints that do not understand the WebSocket Protocol"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# "a base64-encoded [...] value that, when decoded, is 16 bytes in length"
_KEY = re.compile(r"[+/0-9A-Za-z]{22}==")


def generate_key() -> str:
    """Return a new ``Sec-WebSocket-Key``.

    "a nonce consisting of a randomly selected 16-byte value that has been
    base64-encoded [...] The nonce MUST be selected randomly for each connection."
    """
    return base64.b64encode(os.urandom(16)).decode("ascii")


def is_key(value: str) -> bool:
    """Return whether ``value`` is the base64 encoding of 16 bytes."""
    return _KEY.fullmatch(value) is not None


def accept_key(key: str) -> str:
    """Return the ``Sec-WebSocket-Accept`` that answers ``key``.

    "the base64-encoded SHA-1 of the concatenation of the ``Sec-WebSocket-Key`` (as a
    string, not base64-decoded) with the string [GUID]"
    """
    digest = hashlib.sha1((key + GUID).encode("ascii"), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")
