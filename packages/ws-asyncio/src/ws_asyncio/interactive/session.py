"""What goes on between the opening and the end of the connection."""

from __future__ import annotations

import asyncio
import contextlib
import math

from ws_frames import Close, CloseCode, ConnectionClosed

from ..client_protocol import WebSocketClientProtocol
from .commands import HELP, CommandError, Help, Ping, Send, parse_line
from .console import Console, InputError
from .display import escape

__all__ = ["Session"]

# "1005 [...] is designated for use in applications expecting a status code to indicate
# that no status code was actually present": the closing handshake was done all the same.
ENDED_WELL = (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY, CloseCode.NO_STATUS_RCVD)


class Session:
    """Sends what is typed and shows what arrives, until one side closes the connection.

    ``linger`` is for consoles where nobody sits: how many seconds after the end of the
    input and the last message to wait for another message.
    """

    def __init__(self, ws: WebSocketClientProtocol, console: Console, linger: float) -> None:
        self._ws = ws
        self._console = console
        self._linger = None if math.isinf(linger) else linger
        self._arrived = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None
        self._input_failed = False

    async def run(self) -> bool:
        """Run it, and tell whether it ended well."""
        receiving = asyncio.create_task(self._receive())
        self._sending = asyncio.create_task(self._send())
        await asyncio.wait({receiving, self._sending}, return_when=asyncio.FIRST_COMPLETED)
        self._sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sending
        # What is still on its way is shown while the closing handshake goes on.
        await self._ws.close()
        end = await receiving
        cause = f"; {escape(str(end.__cause__))}" if end.__cause__ is not None else ""
        self._console.notice(f"Connection closed: {end}{cause}.")
        return end.code in ENDED_WELL and not self._input_failed

    def interrupt(self) -> None:
        """Close the connection; don't wait for the peer if called once more."""
        if self._sending is None or self._sending.done():
            self._ws.fail_connection()
        else:
            self._sending.cancel()

    async def _receive(self) -> ConnectionClosed:
        try:
            while True:
                self._console.message(await self._ws.recv())
                self._arrived.set()
        except ConnectionClosed as exc:
            return exc

    async def _send(self) -> None:
        # Where the connection ends first, the other task has it all to tell.
        with contextlib.suppress(ConnectionClosed):
            try:
                await self._send_input()
            except InputError as exc:
                self._input_failed = True
                self._console.problem(escape(str(exc)))
            if self._console.scripted:
                await self._wait_for_answers()

    async def _send_input(self) -> None:
        while (line := await self._console.read()) is not None:
            if self._console.scripted:
                await self._ws.send(line)
            else:
                await self._obey(line)

    async def _obey(self, line: str) -> None:
        try:
            action = parse_line(line)
        except CommandError as exc:
            self._console.problem(escape(str(exc)))
            return
        if isinstance(action, Send):
            await self._ws.send(action.message)
        elif isinstance(action, Ping):
            pong = asyncio.ensure_future(await self._ws.ping())
            pong.add_done_callback(self._show_pong)
        elif isinstance(action, Close):
            await self._ws.close(action.code, action.reason)
        elif isinstance(action, Help):
            self._console.notice(HELP)

    def _show_pong(self, pong: asyncio.Future[float]) -> None:
        if not pong.cancelled() and pong.exception() is None:
            self._console.notice(f"Pong after {pong.result() * 1000:.1f} ms.")

    async def _wait_for_answers(self) -> None:
        # The pong says that all was received; answers may take a little longer.
        await (await self._ws.ping())
        with contextlib.suppress(asyncio.TimeoutError):
            while True:
                self._arrived.clear()
                await asyncio.wait_for(self._arrived.wait(), self._linger)
