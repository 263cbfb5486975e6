"""One case, played to a target over a socket."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import suppress
from typing import Callable, NamedTuple

from .case import FAILURES, SERVER, Await, Case, HalfClose, Quiet, Reset, Send, Step
from .opening import (
    ResponseReader,
    accept_of,
    answer_to_offer,
    judge_request,
    keys_in,
    offers_deflate,
    plain_request,
    plain_response,
    values_of,
)
from .reader import FrameReader
from .tokens import SILENCE, Token, begins, matches
from .wire import CLOSE, Frame, close

__all__ = ["Conversation", "LeftOut", "NoOpening", "Timing"]


class Timing(NamedTuple):
    """Seconds."""

    #: That a target may take to do what is due.
    answer: float = 5.0
    #: That a client may take to end, when its connection has.
    ending: float = 15.0
    #: That a strict target may take before bytes that it need not wait for are sent.
    patience: float = 1.0
    #: Between writes that should arrive one by one.
    pause: float = 0.0005


class LeftOut(Exception):
    """The target doesn't offer what the case is about."""


class NoOpening(Exception):
    """A plain opening handshake came to nothing."""


class Conversation:
    """Plays the steps of a case over a connected socket, and keeps what comes out."""

    def __init__(
        self, sock: socket.socket, case: Case, role: str, fill: dict[str, str], timing: Timing
    ) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.case = case
        self.role = role
        self.timing = timing
        self.fill = dict(fill)
        #: What has come out.
        self.tokens: list[Token] = []
        #: Whether the target waited for bytes that it need not have waited for.
        self.late = False
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._ended = False
        self._opened = False
        self._sent_codes: set[int | None] = set()
        self._polite = False
        self._request = b""
        self._fields: list[tuple[str, str]] | None = None
        self._response = ResponseReader() if role == SERVER else None
        self._frames = FrameReader(masked=role != SERVER)
        self._reading = self._loop.create_task(self._read())

    async def run(self) -> list[Token]:
        """Play the case; gives the tokens. Raises LeftOut and NoOpening."""
        try:
            await self._open()
            self._opened = True
            for step in self.case.steps:
                if self._ended or not self._promising():
                    break
                await self._do(step)
            await self._finish()
        finally:
            await self.end()
        return self.tokens

    async def end(self) -> None:
        """End TCP, if it has not ended yet."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        self._sock.close()

    # Opening handshake

    async def _open(self) -> None:
        if self.role == SERVER:
            await self._open_as_client()
        elif self.case.opening != "tcp":
            await self._open_as_server()

    async def _open_as_client(self) -> None:
        response = self._response
        assert response is not None
        if self.case.opening not in ("plain", "deflate"):
            return
        extensions = "permessage-deflate" if self.case.opening == "deflate" else ""
        await self._write(self._fill_in(plain_request(extensions)))
        if not await self._until(lambda: response.opened) or self.tokens[0] != Token("open"):
            raise NoOpening
        if self.case.opening == "deflate":
            if not response.extensions.startswith("permessage-deflate"):
                raise LeftOut("it doesn't agree on permessage-deflate")
            self._frames.deflate = True
            del self.tokens[1]
        if len(self.tokens) > 1:
            raise NoOpening
        self.tokens.clear()

    async def _open_as_server(self) -> None:
        if not await self._until(lambda: self._fields is not None):
            raise NoOpening
        fields = self._fields or []
        keys = values_of(fields, "sec-websocket-key")
        self.fill["{accept}"] = accept_of(keys[0]) if keys else ""
        if self.case.opening == "none":
            return
        extensions = ""
        if self.case.opening == "deflate":
            offer = offers_deflate(fields)
            if offer is None:
                raise LeftOut("it doesn't offer permessage-deflate")
            extensions = answer_to_offer(offer)
            self._frames.deflate = True
        await self._write(self._fill_in(plain_response(extensions)))

    def _fill_in(self, text: str) -> bytes:
        for name, value in self.fill.items():
            text = text.replace(name, value)
        return text.encode("iso-8859-1")

    # Steps

    async def _do(self, step: Step) -> None:
        if isinstance(step, Send):
            await self._send(step)
        elif isinstance(step, Await):
            await self._until(lambda: len(self.tokens) >= step.tokens)
        elif isinstance(step, Quiet):
            await self._until(lambda: self._ended, step.seconds, silence=False)
        elif isinstance(step, HalfClose):
            self._shut_down()
        elif isinstance(step, Reset):
            await self._reset()

    async def _send(self, step: Send) -> None:
        if step.if_open and not (self._response and self._response.opened):
            return
        if step.late:
            have = len(self.tokens)
            if await self._until(
                lambda: len(self.tokens) > have, self.timing.patience, silence=False
            ):
                return
            self.late = True
        data = b"".join(self._render(part) for part in step.parts)
        if self.case.opening == "none" and self._response is not None:
            self._response.keys += keys_in(data)
        data = data[step.skip : step.first]
        for part in step.parts:
            if isinstance(part, Frame) and part.opcode == CLOSE:
                self._sent_codes.add(code_of(part.payload))
        if step.at_once is None:
            await self._write(data)
            return
        for start in range(0, len(data), step.at_once):
            await self._write(data[start : start + step.at_once])
            await asyncio.sleep(self.timing.pause)

    def _render(self, part: Frame | str | bytes) -> bytes:
        if isinstance(part, Frame):
            return part.encode(masked=self.role == SERVER)
        return self._fill_in(part) if isinstance(part, str) else part

    async def _write(self, data: bytes) -> None:
        # That it can't be written is seen where reading ends.
        with suppress(OSError, asyncio.TimeoutError):
            await asyncio.wait_for(self._loop.sock_sendall(self._sock, data), self.timing.answer)

    def _shut_down(self) -> None:
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    async def _reset(self) -> None:
        self._ended = True
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.end()

    # Until the target has ended

    async def _finish(self) -> None:
        while not self._ended and self._promising():
            await self._be_polite()
            have = len(self.tokens)
            await self._until(lambda have=have: len(self.tokens) > have)  # type: ignore[misc]

    async def _be_polite(self) -> None:
        """Answer a close frame, and, as a server, end TCP after it (§5.5.1)."""
        codes = [token.value for token in self.tokens if token.kind == "close"]
        if not codes or self._polite:
            return
        self._polite = True
        code = codes[0] if isinstance(codes[0], int) and codes[0] != 1005 else None
        # One that was sent with another code may be what the target failed for.
        if not self._sent_codes or (code in FAILURES and code not in self._sent_codes):
            await self._write(close(code).encode(masked=self.role == SERVER))
        if self.role != SERVER:
            self._shut_down()

    def _promising(self) -> bool:
        """Whether what came may still become something that the case takes, and isn't yet."""
        if not self._possible():
            return False
        ends = (trace for trace in self.case.strict if trace and trace[-1].kind == "end")
        return not any(matches(trace, self.tokens) for trace in ends)

    async def _until(
        self, condition: Callable[[], bool], seconds: float | None = None, *, silence: bool = True
    ) -> bool:
        """Wait for something, or the end; a token says so if nothing comes."""
        deadline = time.monotonic() + (self.timing.answer if seconds is None else seconds)
        while not condition() and not self._ended and self._possible():
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                if silence:
                    self._add_end(SILENCE)
                return False
        return condition()

    def _possible(self) -> bool:
        if not self._opened:
            return True
        traces = (*self.case.strict, *self.case.tolerated)
        return any(begins(trace, self.tokens) for trace in traces)

    # What comes

    async def _read(self) -> None:
        while True:
            try:
                data = await self._loop.sock_recv(self._sock, 2**16)
            except OSError:
                self._add_end(Token("end", "reset"))
                return
            if not data:
                self._add(self._frames.end())
                if self._response is not None:
                    self._add(self._response.end())
                self._add_end(Token("end", "eof"))
                return
            self._feed(data)

    def _feed(self, data: bytes) -> None:
        if self._response is not None and not self._response.opened:
            self._feed_response(self._response, data)
        elif self.role != SERVER and self._fields is None:
            self._feed_request(data)
        else:
            self._add(self._frames.feed(data))

    def _feed_response(self, response: ResponseReader, data: bytes) -> None:
        self._add(response.feed(data))
        if response.opened:
            self._add(self._frames.feed(response.rest))
        elif response.refused and not response.will_close:
            self._add_end(Token("end", "kept"))

    def _feed_request(self, data: bytes) -> None:
        self._request += data
        head, end, rest = self._request.partition(b"\r\n\r\n")
        if end:
            self._fields, wrong = judge_request(head, self.case.request)
            self._add(wrong)
            self._add(self._frames.feed(rest))

    def _add(self, tokens: list[Token]) -> None:
        if not self._ended:
            self.tokens += tokens
        # What comes behind something that is wrong says nothing any more.
        self._ended = self._ended or any(token.kind == "wrong" for token in tokens)
        self._changed.set()

    def _add_end(self, token: Token) -> None:
        self._add([token])
        self._ended = True


def code_of(body: bytes) -> int | None:
    return int.from_bytes(body[:2], "big") if len(body) > 1 else None
