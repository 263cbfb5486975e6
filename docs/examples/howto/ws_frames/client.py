"""A client without asyncio: a blocking socket, ws-http for the handshake, ws-frames for the rest."""

from __future__ import annotations

import socket
import sys

from ws_frames import Close, Connection, Failure, Role
from ws_http import ClientHandshake, parse_uri

SIZE = 65_536


class Client:
    """One connection, for one thread."""

    def __init__(self, uri: str) -> None:
        target = parse_uri(uri)
        if target.secure:
            raise ValueError("wss:// takes TLS, which this client doesn't have")
        self._sock = socket.create_connection((target.host, target.port), timeout=20)
        handshake = ClientHandshake(target)
        self._sock.sendall(handshake.send_request())
        while not handshake.done:
            if data := self._sock.recv(SIZE):
                handshake.receive_data(data)
            else:
                handshake.receive_eof()
        opening = handshake.result()  # raises what was wrong with the answer
        self._connection = Connection(Role.CLIENT, extensions=opening.extensions)
        self._connection.receive_data(opening.trailing)  # what came behind the answer

    def send(self, message: str | bytes) -> None:
        self._sock.sendall(self._connection.send_message(message))

    def recv(self) -> str | bytes | None:
        """Wait for a message; None at the end of the connection."""
        while True:
            event = self._connection.next_event()
            self._sock.sendall(self._connection.data_to_send())  # pongs, and the answer to a close
            if isinstance(event, (str, bytes)):
                return event
            if isinstance(event, (Close, Failure)):
                return None
            if event is None and not self._receive():
                return None

    def close(self) -> None:
        if self._connection.state.name == "OPEN":
            self._sock.sendall(self._connection.send_close(1000, "bye"))
            while self.recv() is not None:
                pass
        self._sock.close()

    def _receive(self) -> bool:
        data = self._sock.recv(SIZE)
        if data:
            self._connection.receive_data(data)
        else:
            self._connection.receive_eof()
        return bool(data)


if __name__ == "__main__":
    client = Client(sys.argv[1])
    client.send("Hello")
    print(client.recv())
    client.close()
