"""A program that uses every public name at each path, for type checkers and for Python.

Lists are invariant: where a type is not the very one that its owner has, a checker objects.
A test sees to it that no name of the table is left out.
"""

# ruff: noqa: F841

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import Any, Callable

import websockets
import websockets.auth
import websockets.client
import websockets.datastructures
import websockets.exceptions
import websockets.extensions.base
import websockets.extensions.permessage_deflate
import websockets.framing
import websockets.handshake
import websockets.headers
import websockets.http
import websockets.legacy.auth
import websockets.legacy.client
import websockets.legacy.framing
import websockets.legacy.handshake
import websockets.legacy.http
import websockets.legacy.protocol
import websockets.legacy.server
import websockets.protocol
import websockets.server
import websockets.typing
import websockets.uri
import websockets.version
import ws_asyncio
import ws_compat
import ws_deflate
import ws_frames
import ws_http


def use_websockets() -> None:
    aborthandshake: list[ws_http.AbortHandshake] = list[websockets.AbortHandshake]()
    basicauthwebsocketserverprotocol: list[ws_compat.BasicAuthWebSocketServerProtocol] = list[
        websockets.BasicAuthWebSocketServerProtocol
    ]()
    connectionclosed: list[ws_frames.ConnectionClosed] = list[websockets.ConnectionClosed]()
    connectionclosederror: list[ws_frames.ConnectionClosedError] = list[
        websockets.ConnectionClosedError
    ]()
    connectionclosedok: list[ws_frames.ConnectionClosedOK] = list[websockets.ConnectionClosedOK]()
    data: list[ws_frames.Data] = list[websockets.Data]()
    duplicateparameter: list[ws_http.DuplicateParameter] = list[websockets.DuplicateParameter]()
    extensionheader: list[ws_http.ExtensionHeader] = list[websockets.ExtensionHeader]()
    extensionparameter: list[ws_http.ExtensionParameter] = list[websockets.ExtensionParameter]()
    headers: list[ws_http.Headers] = list[websockets.Headers]()
    invalidhandshake: list[ws_http.InvalidHandshake] = list[websockets.InvalidHandshake]()
    invalidheader: list[ws_http.InvalidHeader] = list[websockets.InvalidHeader]()
    invalidheaderformat: list[ws_http.InvalidHeaderFormat] = list[websockets.InvalidHeaderFormat]()
    invalidheadervalue: list[ws_http.InvalidHeaderValue] = list[websockets.InvalidHeaderValue]()
    invalidmessage: list[ws_http.InvalidMessage] = list[websockets.InvalidMessage]()
    invalidorigin: list[ws_http.InvalidOrigin] = list[websockets.InvalidOrigin]()
    invalidparametername: list[ws_http.InvalidParameterName] = list[
        websockets.InvalidParameterName
    ]()
    invalidparametervalue: list[ws_http.InvalidParameterValue] = list[
        websockets.InvalidParameterValue
    ]()
    invalidstate: list[ws_frames.InvalidState] = list[websockets.InvalidState]()
    invalidstatuscode: list[ws_http.InvalidStatusCode] = list[websockets.InvalidStatusCode]()
    invaliduri: list[ws_http.InvalidURI] = list[websockets.InvalidURI]()
    invalidupgrade: list[ws_http.InvalidUpgrade] = list[websockets.InvalidUpgrade]()
    multiplevalueserror: list[ws_http.MultipleValuesError] = list[websockets.MultipleValuesError]()
    negotiationerror: list[ws_http.NegotiationError] = list[websockets.NegotiationError]()
    origin: list[ws_http.Origin] = list[websockets.Origin]()
    payloadtoobig: list[ws_frames.PayloadTooBig] = list[websockets.PayloadTooBig]()
    protocolerror: list[ws_frames.ProtocolError] = list[websockets.ProtocolError]()
    redirecthandshake: list[ws_http.RedirectHandshake] = list[websockets.RedirectHandshake]()
    securityerror: list[ws_http.SecurityError] = list[websockets.SecurityError]()
    subprotocol: list[ws_http.Subprotocol] = list[websockets.Subprotocol]()
    websocketclientprotocol: list[ws_compat.WebSocketClientProtocol] = list[
        websockets.WebSocketClientProtocol
    ]()
    websocketcommonprotocol: list[ws_compat.WebSocketCommonProtocol] = list[
        websockets.WebSocketCommonProtocol
    ]()
    websocketexception: list[ws_frames.WebSocketException] = list[websockets.WebSocketException]()
    websocketprotocolerror: list[ws_frames.ProtocolError] = list[
        websockets.WebSocketProtocolError
    ]()
    websocketserver: list[ws_compat.WebSocketServer] = list[websockets.WebSocketServer]()
    websocketserverprotocol: list[ws_compat.WebSocketServerProtocol] = list[
        websockets.WebSocketServerProtocol
    ]()
    websocketuri: list[ws_http.WebSocketURI] = list[websockets.WebSocketURI]()
    version: str = websockets.__version__
    basic_auth_protocol_factory = [ws_compat.basic_auth_protocol_factory]
    basic_auth_protocol_factory.append(websockets.basic_auth_protocol_factory)
    connect: list[type[ws_compat.Connect]] = [websockets.connect]
    parse_uri = [ws_http.parse_uri]
    parse_uri.append(websockets.parse_uri)
    serve: list[type[ws_compat.Serve]] = [websockets.serve]
    unix_connect = [ws_compat.unix_connect]
    unix_connect.append(websockets.unix_connect)
    unix_serve = [ws_compat.unix_serve]
    unix_serve.append(websockets.unix_serve)


def use_websockets_client() -> None:
    websocketclientprotocol: list[ws_compat.WebSocketClientProtocol] = list[
        websockets.client.WebSocketClientProtocol
    ]()
    connect: list[type[ws_compat.Connect]] = [websockets.client.connect]
    connect.append(websockets.client.Connect)
    unix_connect = [ws_compat.unix_connect]
    unix_connect.append(websockets.client.unix_connect)


def use_websockets_server() -> None:
    basicauthwebsocketserverprotocol: list[websockets.server.BasicAuthWebSocketServerProtocol] = (
        list[ws_compat.BasicAuthWebSocketServerProtocol]()
    )
    websocketserver: list[ws_compat.WebSocketServer] = list[websockets.server.WebSocketServer]()
    websocketserverprotocol: list[ws_compat.WebSocketServerProtocol] = list[
        websockets.server.WebSocketServerProtocol
    ]()
    basic_auth_protocol_factory = [ws_compat.basic_auth_protocol_factory]
    basic_auth_protocol_factory.append(websockets.server.basic_auth_protocol_factory)
    serve: list[type[ws_compat.Serve]] = [websockets.server.serve]
    serve.append(websockets.server.Serve)
    httpresponse: list[ws_asyncio.HTTPResponse] = list[websockets.server.HTTPResponse]()
    unix_serve = [ws_compat.unix_serve]
    unix_serve.append(websockets.server.unix_serve)


def use_websockets_datastructures() -> None:
    headers: list[ws_http.Headers] = list[websockets.datastructures.Headers]()
    headerslike: list[ws_http.HeadersLike] = list[websockets.datastructures.HeadersLike]()
    multiplevalueserror: list[ws_http.MultipleValuesError] = list[
        websockets.datastructures.MultipleValuesError
    ]()


def use_websockets_typing() -> None:
    data: list[ws_frames.Data] = list[websockets.typing.Data]()
    extensionheader: list[ws_http.ExtensionHeader] = list[websockets.typing.ExtensionHeader]()
    extensionparameter: list[ws_http.ExtensionParameter] = list[
        websockets.typing.ExtensionParameter
    ]()
    origin: list[ws_http.Origin] = list[websockets.typing.Origin]()
    subprotocol: list[ws_http.Subprotocol] = list[websockets.typing.Subprotocol]()


def use_websockets_exceptions() -> None:
    close_codes: list[dict[int, str]] = [websockets.exceptions.CLOSE_CODES]
    format_close: list[Callable[[int, str], str]] = [websockets.exceptions.format_close]
    aborthandshake: list[ws_http.AbortHandshake] = list[websockets.exceptions.AbortHandshake]()
    connectionclosed: list[ws_frames.ConnectionClosed] = list[
        websockets.exceptions.ConnectionClosed
    ]()
    connectionclosederror: list[ws_frames.ConnectionClosedError] = list[
        websockets.exceptions.ConnectionClosedError
    ]()
    connectionclosedok: list[ws_frames.ConnectionClosedOK] = list[
        websockets.exceptions.ConnectionClosedOK
    ]()
    duplicateparameter: list[ws_http.DuplicateParameter] = list[
        websockets.exceptions.DuplicateParameter
    ]()
    invalidhandshake: list[ws_http.InvalidHandshake] = list[
        websockets.exceptions.InvalidHandshake
    ]()
    invalidheader: list[ws_http.InvalidHeader] = list[websockets.exceptions.InvalidHeader]()
    invalidheaderformat: list[ws_http.InvalidHeaderFormat] = list[
        websockets.exceptions.InvalidHeaderFormat
    ]()
    invalidheadervalue: list[ws_http.InvalidHeaderValue] = list[
        websockets.exceptions.InvalidHeaderValue
    ]()
    invalidmessage: list[ws_http.InvalidMessage] = list[websockets.exceptions.InvalidMessage]()
    invalidorigin: list[ws_http.InvalidOrigin] = list[websockets.exceptions.InvalidOrigin]()
    invalidparametername: list[ws_http.InvalidParameterName] = list[
        websockets.exceptions.InvalidParameterName
    ]()
    invalidparametervalue: list[ws_http.InvalidParameterValue] = list[
        websockets.exceptions.InvalidParameterValue
    ]()
    invalidstate: list[ws_frames.InvalidState] = list[websockets.exceptions.InvalidState]()
    invalidstatuscode: list[ws_http.InvalidStatusCode] = list[
        websockets.exceptions.InvalidStatusCode
    ]()
    invaliduri: list[ws_http.InvalidURI] = list[websockets.exceptions.InvalidURI]()
    invalidupgrade: list[ws_http.InvalidUpgrade] = list[websockets.exceptions.InvalidUpgrade]()
    negotiationerror: list[ws_http.NegotiationError] = list[
        websockets.exceptions.NegotiationError
    ]()
    payloadtoobig: list[ws_frames.PayloadTooBig] = list[websockets.exceptions.PayloadTooBig]()
    protocolerror: list[ws_frames.ProtocolError] = list[websockets.exceptions.ProtocolError]()
    redirecthandshake: list[ws_http.RedirectHandshake] = list[
        websockets.exceptions.RedirectHandshake
    ]()
    securityerror: list[ws_http.SecurityError] = list[websockets.exceptions.SecurityError]()
    websocketexception: list[ws_frames.WebSocketException] = list[
        websockets.exceptions.WebSocketException
    ]()
    websocketprotocolerror: list[ws_frames.ProtocolError] = list[
        websockets.exceptions.WebSocketProtocolError
    ]()


def use_websockets_extensions() -> None:
    clientextensionfactory: list[ws_http.ClientExtensionFactory] = list[
        websockets.extensions.ClientExtensionFactory
    ]()
    extension: list[ws_frames.Extension] = list[websockets.extensions.Extension]()
    serverextensionfactory: list[ws_http.ServerExtensionFactory] = list[
        websockets.extensions.ServerExtensionFactory
    ]()


def use_websockets_extensions_base() -> None:
    clientextensionfactory: list[ws_http.ClientExtensionFactory] = list[
        websockets.extensions.base.ClientExtensionFactory
    ]()
    extension: list[ws_frames.Extension] = list[websockets.extensions.base.Extension]()
    serverextensionfactory: list[ws_http.ServerExtensionFactory] = list[
        websockets.extensions.base.ServerExtensionFactory
    ]()


def use_websockets_extensions_permessage_deflate() -> None:
    clientpermessagedeflatefactory: list[
        websockets.extensions.permessage_deflate.ClientPerMessageDeflateFactory
    ] = list[ws_deflate.ClientPerMessageDeflateFactory]()
    permessagedeflate: list[ws_deflate.PerMessageDeflate] = list[
        websockets.extensions.permessage_deflate.PerMessageDeflate
    ]()
    serverpermessagedeflatefactory: list[
        websockets.extensions.permessage_deflate.ServerPerMessageDeflateFactory
    ] = list[ws_deflate.ServerPerMessageDeflateFactory]()


def use_websockets_version() -> None:
    version: str = websockets.version.version


def use_websockets_auth() -> None:
    basicauthwebsocketserverprotocol: list[ws_compat.BasicAuthWebSocketServerProtocol] = list[
        websockets.auth.BasicAuthWebSocketServerProtocol
    ]()
    basic_auth_protocol_factory = [ws_compat.basic_auth_protocol_factory]
    basic_auth_protocol_factory.append(websockets.auth.basic_auth_protocol_factory)


def use_websockets_protocol() -> None:
    states: list[ws_frames.State] = [
        websockets.protocol.CLOSED,
        websockets.protocol.CLOSING,
        websockets.protocol.CONNECTING,
        websockets.protocol.OPEN,
    ]
    state: list[ws_frames.State] = list[websockets.protocol.State]()
    websocketcommonprotocol: list[ws_compat.WebSocketCommonProtocol] = list[
        websockets.protocol.WebSocketCommonProtocol
    ]()


def use_websockets_http() -> None:
    headers: list[ws_http.Headers] = list[websockets.http.Headers]()
    multiplevalueserror: list[ws_http.MultipleValuesError] = list[
        websockets.http.MultipleValuesError
    ]()
    read_request = [ws_compat.read_request]
    read_request.append(websockets.http.read_request)
    user_agent: list[str] = [websockets.http.USER_AGENT]
    read_response = [ws_compat.read_response]
    read_response.append(websockets.http.read_response)


def use_websockets_handshake() -> None:
    build_request = [ws_compat.build_request]
    build_request.append(websockets.handshake.build_request)
    build_response = [ws_compat.build_response]
    build_response.append(websockets.handshake.build_response)
    check_request = [ws_compat.check_request]
    check_request.append(websockets.handshake.check_request)
    check_response = [ws_compat.check_response]
    check_response.append(websockets.handshake.check_response)


def use_websockets_framing() -> None:
    frame: list[ws_compat.Frame] = list[websockets.framing.Frame]()
    op_binary: ws_frames.Opcode = websockets.framing.OP_BINARY
    op_close: ws_frames.Opcode = websockets.framing.OP_CLOSE
    op_cont: ws_frames.Opcode = websockets.framing.OP_CONT
    op_ping: ws_frames.Opcode = websockets.framing.OP_PING
    op_pong: ws_frames.Opcode = websockets.framing.OP_PONG
    op_text: ws_frames.Opcode = websockets.framing.OP_TEXT
    check_close = [ws_compat.check_close]
    check_close.append(websockets.framing.check_close)
    encode_data = [ws_compat.encode_data]
    encode_data.append(websockets.framing.encode_data)
    parse_close = [ws_compat.parse_close]
    parse_close.append(websockets.framing.parse_close)
    prepare_data = [ws_compat.prepare_data]
    prepare_data.append(websockets.framing.prepare_data)
    read_frame = [ws_compat.read_frame]
    read_frame.append(websockets.framing.read_frame)
    serialize_close = [ws_compat.serialize_close]
    serialize_close.append(websockets.framing.serialize_close)
    write_frame = [ws_compat.write_frame]
    write_frame.append(websockets.framing.write_frame)


def use_websockets_headers() -> None:
    build_authorization_basic = [ws_http.build_basic_auth]
    build_authorization_basic.append(websockets.headers.build_authorization_basic)
    build_basic_auth = [ws_http.build_basic_auth]
    build_basic_auth.append(websockets.headers.build_basic_auth)
    build_extension = [ws_http.build_extension]
    build_extension.append(websockets.headers.build_extension)
    build_extension_list = [ws_http.build_extension]
    build_extension_list.append(websockets.headers.build_extension_list)
    build_host = [ws_http.build_host]
    build_host.append(websockets.headers.build_host)
    build_subprotocol = [ws_http.build_subprotocol]
    build_subprotocol.append(websockets.headers.build_subprotocol)
    build_subprotocol_list = [ws_http.build_subprotocol]
    build_subprotocol_list.append(websockets.headers.build_subprotocol_list)
    build_www_authenticate_basic = [ws_http.build_basic_challenge]
    build_www_authenticate_basic.append(websockets.headers.build_www_authenticate_basic)
    parse_authorization_basic = [ws_http.parse_basic_auth]
    parse_authorization_basic.append(websockets.headers.parse_authorization_basic)
    parse_connection = [ws_http.parse_connection]
    parse_connection.append(websockets.headers.parse_connection)
    parse_extension = [ws_http.parse_extension]
    parse_extension.append(websockets.headers.parse_extension)
    parse_extension_list = [ws_http.parse_extension]
    parse_extension_list.append(websockets.headers.parse_extension_list)
    parse_subprotocol = [ws_http.parse_subprotocol]
    parse_subprotocol.append(websockets.headers.parse_subprotocol)
    parse_subprotocol_list = [ws_http.parse_subprotocol]
    parse_subprotocol_list.append(websockets.headers.parse_subprotocol_list)
    parse_upgrade = [ws_http.parse_upgrade]
    parse_upgrade.append(websockets.headers.parse_upgrade)
    validate_subprotocols = [ws_http.validate_subprotocols]
    validate_subprotocols.append(websockets.headers.validate_subprotocols)


def use_websockets_uri() -> None:
    invaliduri: list[ws_http.InvalidURI] = list[websockets.uri.InvalidURI]()
    websocketuri: list[ws_http.WebSocketURI] = list[websockets.uri.WebSocketURI]()
    parse_uri = [ws_http.parse_uri]
    parse_uri.append(websockets.uri.parse_uri)


def use_websockets_legacy() -> None:
    auth: ModuleType = websockets.legacy.auth
    client: ModuleType = websockets.legacy.client
    framing: ModuleType = websockets.legacy.framing
    handshake: ModuleType = websockets.legacy.handshake
    http: ModuleType = websockets.legacy.http
    protocol: ModuleType = websockets.legacy.protocol
    server: ModuleType = websockets.legacy.server


def use_websockets_legacy_auth() -> None:
    basicauthwebsocketserverprotocol: list[
        websockets.legacy.auth.BasicAuthWebSocketServerProtocol
    ] = list[ws_compat.BasicAuthWebSocketServerProtocol]()
    basic_auth_protocol_factory = [ws_compat.basic_auth_protocol_factory]
    basic_auth_protocol_factory.append(websockets.legacy.auth.basic_auth_protocol_factory)


def use_websockets_legacy_client() -> None:
    websocketclientprotocol: list[ws_compat.WebSocketClientProtocol] = list[
        websockets.legacy.client.WebSocketClientProtocol
    ]()
    connect: list[type[ws_compat.Connect]] = [websockets.legacy.client.connect]
    unix_connect = [ws_compat.unix_connect]
    unix_connect.append(websockets.legacy.client.unix_connect)


def use_websockets_legacy_framing() -> None:
    frame: list[ws_compat.Frame] = list[websockets.legacy.framing.Frame]()
    op_binary: ws_frames.Opcode = websockets.legacy.framing.OP_BINARY
    op_close: ws_frames.Opcode = websockets.legacy.framing.OP_CLOSE
    op_cont: ws_frames.Opcode = websockets.legacy.framing.OP_CONT
    op_ping: ws_frames.Opcode = websockets.legacy.framing.OP_PING
    op_pong: ws_frames.Opcode = websockets.legacy.framing.OP_PONG
    op_text: ws_frames.Opcode = websockets.legacy.framing.OP_TEXT
    check_close = [ws_compat.check_close]
    check_close.append(websockets.legacy.framing.check_close)
    encode_data = [ws_compat.encode_data]
    encode_data.append(websockets.legacy.framing.encode_data)
    parse_close = [ws_compat.parse_close]
    parse_close.append(websockets.legacy.framing.parse_close)
    prepare_data = [ws_compat.prepare_data]
    prepare_data.append(websockets.legacy.framing.prepare_data)
    read_frame = [ws_compat.read_frame]
    read_frame.append(websockets.legacy.framing.read_frame)
    serialize_close = [ws_compat.serialize_close]
    serialize_close.append(websockets.legacy.framing.serialize_close)
    write_frame = [ws_compat.write_frame]
    write_frame.append(websockets.legacy.framing.write_frame)


def use_websockets_legacy_handshake() -> None:
    build_request = [ws_compat.build_request]
    build_request.append(websockets.legacy.handshake.build_request)
    build_response = [ws_compat.build_response]
    build_response.append(websockets.legacy.handshake.build_response)
    check_request = [ws_compat.check_request]
    check_request.append(websockets.legacy.handshake.check_request)
    check_response = [ws_compat.check_response]
    check_response.append(websockets.legacy.handshake.check_response)


def use_websockets_legacy_http() -> None:
    read_request = [ws_compat.read_request]
    read_request.append(websockets.legacy.http.read_request)
    read_response = [ws_compat.read_response]
    read_response.append(websockets.legacy.http.read_response)


def use_websockets_legacy_protocol() -> None:
    state: list[ws_frames.State] = list[websockets.legacy.protocol.State]()
    websocketcommonprotocol: list[ws_compat.WebSocketCommonProtocol] = list[
        websockets.legacy.protocol.WebSocketCommonProtocol
    ]()


def use_websockets_legacy_server() -> None:
    httpresponse: list[ws_asyncio.HTTPResponse] = list[websockets.legacy.server.HTTPResponse]()
    basicauthwebsocketserverprotocol: list[
        websockets.legacy.server.BasicAuthWebSocketServerProtocol
    ] = list[ws_compat.BasicAuthWebSocketServerProtocol]()
    websocketserver: list[ws_compat.WebSocketServer] = list[
        websockets.legacy.server.WebSocketServer
    ]()
    websocketserverprotocol: list[ws_compat.WebSocketServerProtocol] = list[
        websockets.legacy.server.WebSocketServerProtocol
    ]()
    basic_auth_protocol_factory = [ws_compat.basic_auth_protocol_factory]
    basic_auth_protocol_factory.append(websockets.legacy.server.basic_auth_protocol_factory)
    serve: list[type[ws_compat.Serve]] = [websockets.legacy.server.serve]
    unix_serve = [ws_compat.unix_serve]
    unix_serve.append(websockets.legacy.server.unix_serve)


#: A client and a server, at each path that has them.
PAIRS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (websockets.connect, websockets.serve),
    (websockets.client.connect, websockets.server.serve),
    (websockets.legacy.client.connect, websockets.legacy.server.serve),
]


async def echo(ws: websockets.WebSocketServerProtocol, path: str) -> None:
    async for message in ws:
        await ws.send(message)


async def talk() -> None:
    for connect, serve in PAIRS:
        async with serve(echo, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            async with connect(f"ws://{host}:{port}/") as ws:
                await ws.send("Hello")
                print(await ws.recv())


def main() -> None:
    use_websockets()
    use_websockets_client()
    use_websockets_server()
    use_websockets_datastructures()
    use_websockets_typing()
    use_websockets_exceptions()
    use_websockets_extensions()
    use_websockets_extensions_base()
    use_websockets_extensions_permessage_deflate()
    use_websockets_version()
    use_websockets_auth()
    use_websockets_protocol()
    use_websockets_http()
    use_websockets_handshake()
    use_websockets_framing()
    use_websockets_headers()
    use_websockets_uri()
    use_websockets_legacy()
    use_websockets_legacy_auth()
    use_websockets_legacy_client()
    use_websockets_legacy_framing()
    use_websockets_legacy_handshake()
    use_websockets_legacy_http()
    use_websockets_legacy_protocol()
    use_websockets_legacy_server()
    asyncio.run(talk())


if __name__ == "__main__":
    main()
