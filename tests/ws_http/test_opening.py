"""What comes out of an opening handshake."""

from __future__ import annotations

from ws_http import ClientHandshake, Opening, ServerHandshake, Subprotocol, parse_uri


def test_both_sides_see_the_same() -> None:
    subprotocol = Subprotocol("chat")
    client = ClientHandshake(parse_uri("ws://localhost/a?b"), subprotocols=[subprotocol])
    server = ServerHandshake(subprotocols=[subprotocol])
    server.receive_data(client.send_request() + b"from the client")
    client.receive_data(server.accept() + b"from the server")
    assert server.opening._replace(trailing=b"") == client.result()._replace(trailing=b"")
    assert server.opening == Opening(
        "/a?b",
        client.request.headers,
        server.opening.response_headers,
        subprotocol,
        [],
        b"from the client",
    )
    assert client.result().trailing == b"from the server"
