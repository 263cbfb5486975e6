"""An echo server without asyncio: a thread for each connection."""

from __future__ import annotations

import contextlib
import socketserver

from ws_frames import Close, Connection, Failure, Role
from ws_http import InvalidHandshake, ServerHandshake

SIZE = 65_536
TIMEOUT = 60  # seconds for which a client may say or read nothing


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(TIMEOUT)
        with contextlib.suppress(OSError):  # the client is gone, or was silent for too long
            self.echo()

    def echo(self) -> None:
        connection = self.open()
        if connection is None:
            return
        while True:
            event = connection.next_event()
            if isinstance(event, (str, bytes)):
                self.request.sendall(connection.send_message(event))
            self.request.sendall(connection.data_to_send())
            if isinstance(event, (Close, Failure)):
                return
            if event is None:
                data = self.request.recv(SIZE)
                if not data:
                    return
                connection.receive_data(data)

    def open(self) -> Connection | None:
        """Do the opening handshake."""
        handshake = ServerHandshake()
        while not handshake.done:
            if data := self.request.recv(SIZE):
                handshake.receive_data(data)
            else:
                handshake.receive_eof()
        try:
            self.request.sendall(handshake.accept())
        except InvalidHandshake as exc:
            self.request.sendall(handshake.refuse(exc))
            return None
        connection = Connection(Role.SERVER, extensions=handshake.opening.extensions)
        connection.receive_data(handshake.opening.trailing)  # what came behind the request
        return connection


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", 8765), Handler) as server:
    server.serve_forever()
