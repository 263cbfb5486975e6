"""Every deprecated name, argument and convention of the websockets API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .idioms import restore_idioms
from .installation import check_installation
from .paths import hand_on

__all__ = [
    "CLOSED",
    "CLOSE_CODES",
    "CLOSING",
    "CONNECTING",
    "OPEN",
    "OP_BINARY",
    "OP_CLOSE",
    "OP_CONT",
    "OP_PING",
    "OP_PONG",
    "OP_TEXT",
    "USER_AGENT",
    "BasicAuthWebSocketServerProtocol",
    "Connect",
    "Frame",
    "Serve",
    "WebSocketClientProtocol",
    "WebSocketCommonProtocol",
    "WebSocketProtocolError",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "basic_auth_protocol_factory",
    "build_authorization_basic",
    "build_extension_list",
    "build_request",
    "build_response",
    "build_subprotocol_list",
    "build_www_authenticate_basic",
    "check_close",
    "check_installation",
    "check_request",
    "check_response",
    "connect",
    "encode_data",
    "format_close",
    "hand_on",
    "parse_authorization_basic",
    "parse_close",
    "parse_extension_list",
    "parse_subprotocol_list",
    "prepare_data",
    "read_frame",
    "read_request",
    "read_response",
    "restore_idioms",
    "serialize_close",
    "serve",
    "unix_connect",
    "unix_serve",
    "write_frame",
]

if TYPE_CHECKING:
    from .auth import (
        BasicAuthWebSocketServerProtocol,
        basic_auth_protocol_factory,
    )
    from .client import (
        Connect,
        connect,
        unix_connect,
    )
    from .client_protocol import (
        WebSocketClientProtocol,
    )
    from .exceptions import (
        CLOSE_CODES,
        WebSocketProtocolError,
        format_close,
    )
    from .framing import (
        OP_BINARY,
        OP_CLOSE,
        OP_CONT,
        OP_PING,
        OP_PONG,
        OP_TEXT,
        Frame,
        check_close,
        encode_data,
        parse_close,
        prepare_data,
        read_frame,
        serialize_close,
        write_frame,
    )
    from .handshake import (
        build_request,
        build_response,
        check_request,
        check_response,
    )
    from .headers import (
        build_authorization_basic,
        build_extension_list,
        build_subprotocol_list,
        build_www_authenticate_basic,
        parse_authorization_basic,
        parse_extension_list,
        parse_subprotocol_list,
    )
    from .http import (
        USER_AGENT,
        read_request,
        read_response,
    )
    from .protocol import (
        WebSocketCommonProtocol,
    )
    from .server import (
        Serve,
        WebSocketServer,
        serve,
        unix_serve,
    )
    from .server_protocol import (
        WebSocketServerProtocol,
    )
    from .states import (
        CLOSED,
        CLOSING,
        CONNECTING,
        OPEN,
    )
else:
    __getattr__, __dir__ = hand_on(
        __name__,
        {
            ".auth": ["BasicAuthWebSocketServerProtocol", "basic_auth_protocol_factory"],
            ".client": ["Connect", "connect", "unix_connect"],
            ".client_protocol": ["WebSocketClientProtocol"],
            ".protocol": ["WebSocketCommonProtocol"],
            ".server": ["Serve", "WebSocketServer", "serve", "unix_serve"],
            ".server_protocol": ["WebSocketServerProtocol"],
        },
        deprecated={
            ".exceptions": {
                "CLOSE_CODES": "ws_frames.describe_code",
                "WebSocketProtocolError": "ws_frames.ProtocolError",
                "format_close": "ws_frames.Close",
            },
            ".framing": {
                "Frame": "ws_frames.Frame",
                "OP_BINARY": "ws_frames.Opcode.BINARY",
                "OP_CLOSE": "ws_frames.Opcode.CLOSE",
                "OP_CONT": "ws_frames.Opcode.CONT",
                "OP_PING": "ws_frames.Opcode.PING",
                "OP_PONG": "ws_frames.Opcode.PONG",
                "OP_TEXT": "ws_frames.Opcode.TEXT",
                "check_close": "ws_frames.Close.serialize",
                "encode_data": "str.encode or bytes",
                "parse_close": "ws_frames.Close.parse",
                "prepare_data": "ws_frames.Connection.send_message",
                "read_frame": "ws_frames.Parser",
                "serialize_close": "ws_frames.Close.serialize",
                "write_frame": "ws_frames.encode_frame",
            },
            ".handshake": {
                "build_request": "ws_http.build_request",
                "build_response": "ws_http.build_response",
                "check_request": "ws_http.check_request",
                "check_response": "ws_http.check_response",
            },
            ".headers": {
                "build_authorization_basic": "ws_http.build_basic_auth",
                "build_extension_list": "ws_http.build_extension",
                "build_subprotocol_list": "ws_http.build_subprotocol",
                "build_www_authenticate_basic": "ws_http.build_basic_challenge",
                "parse_authorization_basic": "ws_http.parse_basic_auth",
                "parse_extension_list": "ws_http.parse_extension",
                "parse_subprotocol_list": "ws_http.parse_subprotocol",
            },
            ".http": {
                "USER_AGENT": "ws_asyncio.USER_AGENT",
                "read_request": "ws_http.RequestParser",
                "read_response": "ws_http.ResponseParser",
            },
            ".states": {
                "CLOSED": "ws_frames.State.CLOSED",
                "CLOSING": "ws_frames.State.CLOSING",
                "CONNECTING": "ws_frames.State.CONNECTING",
                "OPEN": "ws_frames.State.OPEN",
            },
        },
    )
