"""
A reverse proxy for WebSockets that sees each message, made of ws-frames and ws-http alone.

    python docs/examples/proxy/server.py [PORT [UPSTREAM]]

By default it stands in front of the server of ../quickstart on port 8765, and listens on
port 8080 itself. With both running, talk to one through the other, and see what it logs:

    python -m ws_asyncio ws://localhost:8080/

The two packages do the protocol, and no I/O. The I/O here is that of asyncio's streams; it
could as well be sockets and threads. A proxy that just copies bytes needs none of this. One
that reads messages, to log, limit, check or change them, has two connections for each
client: it is the server of one, and the client of the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
from dataclasses import dataclass

from ws_frames import Close, CloseCode, Connection, Data, Event, Failure, Role, State
from ws_http import (
    ClientHandshake,
    Headers,
    InvalidHandshake,
    InvalidStatusCode,
    Opening,
    Request,
    ServerHandshake,
    WebSocketURI,
    parse_subprotocol,
    parse_uri,
)

UPSTREAM = "ws://localhost:8765/"

MAX_SIZE = 64 * 1024  # bytes of a message; longer ones end the connection
HANDSHAKE_TIMEOUT = 10  # seconds
CLOSE_TIMEOUT = 10  # seconds
CHUNK = 64 * 1024  # bytes to read at a time

# What is between two neighbours only, or what each handshake says for itself.
NOT_FORWARDED = {
    "connection",
    "upgrade",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "content-length",
    "date",
    "server",
    "x-forwarded-for",  # whoever sent it, it isn't to be believed
}

numbers = itertools.count(1)


def log(number: int, text: str) -> None:
    print(f"[{number}] {text}", flush=True)


@dataclass
class Leg:
    """The connection to one neighbour: its protocol, and its bytes."""

    name: str
    connection: Connection
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def flush(self) -> None:
        """Send what the connection has to answer by itself: pongs, and its part of a close."""
        self.writer.write(self.connection.data_to_send())
        if self.connection.may_disconnect:
            self.writer.close()
        with contextlib.suppress(ConnectionError):  # the reader notices that too
            await self.writer.drain()

    def send(self, message: Data) -> None:
        if self.connection.state is State.OPEN:
            self.writer.write(self.connection.send_message(message))

    def send_close(self, code: int, reason: str) -> None:
        if self.connection.state is State.OPEN:
            self.writer.write(self.connection.send_close(code, reason))


class Proxy:
    """Connects whoever comes with the server at an URI."""

    def __init__(self, upstream: WebSocketURI) -> None:
        self.upstream = upstream

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(numbers)
        try:
            legs = await asyncio.wait_for(self.open(number, reader, writer), HANDSHAKE_TIMEOUT)
            if legs is not None:
                await relay(number, *legs)
        except (asyncio.TimeoutError, ConnectionError) as exc:
            log(number, f"given up: {exc!r}")
        except asyncio.CancelledError:
            # ^C. It ends here, since asyncio's streams would log it as an error.
            log(number, "cut off")
        finally:
            writer.close()

    async def open(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[Leg, Leg] | None:
        """Do both handshakes; the client gets its answer when the server has given one."""
        handshake = ServerHandshake()
        while not handshake.done:
            receive(handshake, await reader.read(CHUNK))
        try:
            request = checked(handshake)
            log(number, f"{request.method} {request.target}")
            far = await self.connect(request, writer.get_extra_info("peername")[0])
        except InvalidStatusCode as exc:
            # The server says no: so does the proxy, in the same words.
            log(number, f"refused with {exc.status_code}")
            answer = handshake.reject(exc.status_code, forwarded(exc.headers), exc.body)
            writer.write(answer)
            return None
        except InvalidHandshake as exc:
            log(number, f"refused: {exc}")
            writer.write(handshake.refuse(exc))
            return None
        except OSError as exc:
            log(number, f"no upstream: {exc}")
            writer.write(handshake.reject(502, body=b"The server cannot be reached.\n"))
            return None
        far_opening, far_reader, far_writer = far
        if far_opening.subprotocol is not None:
            handshake.subprotocols = [far_opening.subprotocol]
        writer.write(handshake.accept(extra_headers=forwarded(far_opening.response_headers)))
        return (
            leg("client", Role.SERVER, handshake.opening, reader, writer),
            leg("server", Role.CLIENT, far_opening, far_reader, far_writer),
        )

    async def connect(
        self, request: Request, address: str
    ) -> tuple[Opening, asyncio.StreamReader, asyncio.StreamWriter]:
        """Ask the server for what the client asks for."""
        uri = self.upstream._replace(resource_name=request.target)
        headers = forwarded(request.headers)
        headers["X-Forwarded-For"] = address
        offers = request.headers.get_all("Sec-WebSocket-Protocol")
        # No extensions: so there is no compression, and each message can be read.
        handshake = ClientHandshake(
            uri,
            subprotocols=[name for offer in offers for name in parse_subprotocol(offer)],
            extra_headers=headers,
        )
        reader, writer = await asyncio.open_connection(uri.host, uri.port, ssl=uri.secure or None)
        try:
            writer.write(handshake.send_request())
            while not handshake.done:
                receive(handshake, await reader.read(CHUNK))
            return handshake.result(), reader, writer
        except BaseException:
            writer.close()
            raise


def checked(handshake: ServerHandshake) -> Request:
    """Give the request if it is for a WebSocket; raises InvalidHandshake."""
    if handshake.error is not None:
        raise handshake.error
    assert handshake.request is not None
    handshake.check_request(handshake.request)
    return handshake.request


def receive(handshake: ServerHandshake | ClientHandshake, data: bytes) -> None:
    if data:
        handshake.receive_data(data)
    else:
        handshake.receive_eof()


def forwarded(headers: Headers) -> Headers:
    """Give the headers that concern both ends."""
    return Headers(
        (name, value)
        for name, value in headers.raw_items()
        if name.lower() not in NOT_FORWARDED and not name.lower().startswith("sec-websocket-")
    )


def leg(
    name: str,
    role: Role,
    opening: Opening,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> Leg:
    connection = Connection(role, max_size=MAX_SIZE, extensions=opening.extensions)
    connection.receive_data(opening.trailing)  # frames that came with the handshake
    return Leg(name, connection, reader, writer)


async def relay(number: int, near: Leg, far: Leg) -> None:
    """Forward messages both ways until both connections are closed."""
    pumps = [
        asyncio.ensure_future(pump(number, near, far)),
        asyncio.ensure_future(pump(number, far, near)),
    ]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        # The first one has told the other end to close. It need not obey.
        await asyncio.wait(pumps, timeout=CLOSE_TIMEOUT)
    finally:
        for each in pumps:
            each.cancel()
        for end in (near, far):
            end.writer.close()
        await asyncio.gather(*pumps, return_exceptions=True)
        log(number, "closed")


async def pump(number: int, source: Leg, sink: Leg) -> None:
    """Forward what comes from one end, until it ends."""
    data = b""
    while True:
        while (event := source.connection.next_event()) is not None:
            forward(number, event, source, sink)
        await source.flush()
        # Waits while the sink reads slowly. Nothing is read from the source meanwhile, so in
        # the end it is the source that has to wait, and memory is bounded.
        await sink.flush()
        if source.connection.state is State.CLOSED:
            break
        try:
            data = await source.reader.read(CHUNK)
        except ConnectionError:
            data = b""
        if data:
            source.connection.receive_data(data)
        else:
            source.connection.receive_eof()
    if source.connection.close_received is None:
        log(number, f"{source.name} is lost")
        sink.send_close(CloseCode.BAD_GATEWAY, f"the {source.name} is lost")
        await sink.flush()


def forward(number: int, event: Event, source: Leg, sink: Leg) -> None:
    """Pass on what one end said. Pings and pongs are between neighbours."""
    if isinstance(event, (str, bytes)):
        kind = "characters" if isinstance(event, str) else "bytes"
        log(number, f"{source.name}: {len(event)} {kind}")
        sink.send(event)
    elif isinstance(event, Close):
        log(number, f"{source.name} closes: {event}")
        sink.send_close(*event)
    elif isinstance(event, Failure):
        log(number, f"{source.name} failed: {event.error}")
        sink.send_close(event.error.close_code, f"the {source.name} failed")


async def main(port: str = "8080", upstream: str = UPSTREAM) -> None:
    proxy = Proxy(parse_uri(upstream))
    server = await asyncio.start_server(proxy.handle, "localhost", port)
    print(f"ws://localhost:{port}/ leads to {upstream}; ^C ends it", flush=True)
    try:
        await asyncio.get_running_loop().create_future()  # for ever
    finally:
        # No "async with": from Python 3.12 on that would wait for the clients to leave.
        server.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
