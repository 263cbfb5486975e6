"""Deprecated: the values of headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = [
    "build_authorization_basic",
    "build_basic_auth",
    "build_extension",
    "build_extension_list",
    "build_host",
    "build_subprotocol",
    "build_subprotocol_list",
    "build_www_authenticate_basic",
    "parse_authorization_basic",
    "parse_connection",
    "parse_extension",
    "parse_extension_list",
    "parse_subprotocol",
    "parse_subprotocol_list",
    "parse_upgrade",
    "validate_subprotocols",
]

if TYPE_CHECKING:
    from ws_compat import (
        build_authorization_basic,
        build_extension_list,
        build_subprotocol_list,
        build_www_authenticate_basic,
        parse_authorization_basic,
        parse_extension_list,
        parse_subprotocol_list,
    )
    from ws_http import (
        build_basic_auth,
        build_extension,
        build_host,
        build_subprotocol,
        parse_connection,
        parse_extension,
        parse_subprotocol,
        parse_upgrade,
        validate_subprotocols,
    )
else:
    __getattr__, __dir__ = _hand_on(
        __name__,
        deprecated={
            "ws_compat": (
                "build_authorization_basic",
                "build_extension_list",
                "build_subprotocol_list",
                "build_www_authenticate_basic",
                "parse_authorization_basic",
                "parse_extension_list",
                "parse_subprotocol_list",
            ),
            "ws_http": (
                "build_basic_auth",
                "build_extension",
                "build_host",
                "build_subprotocol",
                "parse_connection",
                "parse_extension",
                "parse_subprotocol",
                "parse_upgrade",
                "validate_subprotocols",
            ),
        },
    )
