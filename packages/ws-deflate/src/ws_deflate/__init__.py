"""Compression of WebSocket messages: permessage-deflate (RFC 7692), sans-I/O."""

from __future__ import annotations

from .backends import ZLIB, Backend, Compressor, Decompressor, get_backend, set_backend, zlib_ng
from .client import ClientPerMessageDeflateFactory
from .defaults import add_client_deflate, add_server_deflate
from .extension import PerMessageDeflate
from .server import ServerPerMessageDeflateFactory

__all__ = [
    "ZLIB",
    "Backend",
    "ClientPerMessageDeflateFactory",
    "Compressor",
    "Decompressor",
    "PerMessageDeflate",
    "ServerPerMessageDeflateFactory",
    "add_client_deflate",
    "add_server_deflate",
    "get_backend",
    "set_backend",
    "zlib_ng",
]
