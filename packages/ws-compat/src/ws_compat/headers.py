"""Header values by the names that their functions had."""

from __future__ import annotations

from ws_http import (
    build_basic_auth,
    build_basic_challenge,
    build_extension,
    build_subprotocol,
    parse_basic_auth,
    parse_extension,
    parse_subprotocol,
)

__all__ = [
    "build_authorization_basic",
    "build_extension_list",
    "build_subprotocol_list",
    "build_www_authenticate_basic",
    "parse_authorization_basic",
    "parse_extension_list",
    "parse_subprotocol_list",
]

build_authorization_basic = build_basic_auth
build_extension_list = build_extension
build_subprotocol_list = build_subprotocol
build_www_authenticate_basic = build_basic_challenge
parse_authorization_basic = parse_basic_auth
parse_extension_list = parse_extension
parse_subprotocol_list = parse_subprotocol
