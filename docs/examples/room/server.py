"""
A room to meet in: who is there, and what they say, live in the browser.

    python docs/examples/room/server.py [--host HOST] [--port PORT]

The page comes over the same port as the WebSocket: process_request() answers the requests
that aren't for a WebSocket. The page asks for the subprotocol "room" and gets JSON.
Whoever doesn't, such as ``python -m websockets ws://localhost:8000/``, gets lines of text.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import shutil
import signal
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import websockets

HERE = Path(__file__).resolve().parent

FILES = {
    "/": ("room.html", "text/html; charset=utf-8"),
    "/room.css": ("room.css", "text/css; charset=utf-8"),
    "/room.js": ("room.js", "text/javascript; charset=utf-8"),
}

# The page runs nothing and loads nothing but its own files.
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

SUBPROTOCOL = websockets.Subprotocol("room")

MAX_MEMBERS = 100
MAX_NAME = 24  # characters
MAX_TEXT = 500  # characters
MAX_SIZE = 8 * MAX_TEXT  # bytes of a message: there is UTF-8, and JSON around it
REMEMBERED = 50  # messages that a newcomer gets to see
MAX_WAITING = 100  # events that wait for a member who reads slowly
PAUSE = 0.1  # seconds after a message before the next one of the same member is read

HELP = "/name NAME changes your name, /who tells who is here, all else is said to everybody"

Event = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class NotUnderstood(Exception):
    """A message is not in the protocol."""


class Member:
    """Somebody in the room, and the events on their way to them."""

    def __init__(self, ws: websockets.WebSocketServerProtocol, name: str) -> None:
        self.ws = ws
        self.name = name
        self.has_page = ws.subprotocol == SUBPROTOCOL
        self.waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self.closing: asyncio.Task[None] | None = None

    def tell(self, event: Event) -> None:
        """Send an event without waiting: somebody slow mustn't hold up the others."""
        try:
            self.waiting.put_nowait(json.dumps(event) if self.has_page else as_text(event))
        except asyncio.QueueFull:
            if self.closing is None:
                self.closing = asyncio.create_task(self.ws.close(1013, "you read too slowly"))

    def note(self, text: str) -> None:
        self.tell({"type": "note", "text": text})

    async def send_all(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await self.ws.send(await self.waiting.get())


class Room:
    """Those who are there, by name, and what was said last."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.messages: deque[Event] = deque(maxlen=REMEMBERED)

    async def handle(self, ws: websockets.WebSocketServerProtocol, path: str) -> None:
        """Serve a connection; its path may hold a name: ``/?name=Ada``."""
        if len(self.members) >= MAX_MEMBERS:
            await ws.close(1013, "the room is full")
            return
        member = self.enter(ws, parse_qs(path.partition("?")[2]).get("name", [""])[0])
        sending = asyncio.create_task(member.send_all())
        try:
            async for message in ws:
                self.obey(member, *parse(message, member.has_page))
                # Whoever floods the room waits here, and isn't read from meanwhile.
                await asyncio.sleep(PAUSE)
        except NotUnderstood:
            await ws.close(1003, 'send {"say": text} or {"name": text}')
        finally:
            sending.cancel()
            self.leave(member)

    def enter(self, ws: websockets.WebSocketServerProtocol, wanted: str) -> Member:
        member = Member(ws, self.free_name(wanted))
        member.tell({"type": "welcome", "you": member.name})
        for event in self.messages:
            member.tell(event)
        self.note(f"{member.name} came in")
        self.members[member.name] = member
        self.show_members()
        if not member.has_page:
            member.note(self.who())
        return member

    def leave(self, member: Member) -> None:
        del self.members[member.name]
        self.note(f"{member.name} left")
        self.show_members()

    def obey(self, member: Member, command: str, text: str) -> None:
        if command == "name":
            self.rename(member, text)
        elif command == "who":
            member.note(self.who())
        elif command == "help":
            member.note(HELP)
        elif len(text) > MAX_TEXT:
            member.note(f"not said: it has {len(text)} characters, {MAX_TEXT} is the limit")
        elif text:
            self.say(member, text)

    def say(self, member: Member, text: str) -> None:
        event = {"type": "message", "name": member.name, "text": text, "time": time.time()}
        self.messages.append(event)
        for other in self.members.values():
            # Whoever types lines has their own before their eyes.
            if other is not member or other.has_page:
                other.tell(event)

    def rename(self, member: Member, wanted: str) -> None:
        before = member.name
        del self.members[before]
        member.name = self.free_name(wanted)
        if member.name != before:
            self.note(f"{before} is now {member.name}")
        self.members[member.name] = member
        member.tell({"type": "you", "you": member.name})
        self.show_members()

    def free_name(self, wanted: str) -> str:
        """Find a name that nobody has, as near as can be to the one that is wanted."""
        name = clean(wanted)[:MAX_NAME].strip() or "Guest"
        taken = {each.casefold() for each in self.members}
        found, number = name, 1
        while found.casefold() in taken:
            number += 1
            found = f"{name} {number}"
        return found

    def note(self, text: str) -> None:
        for member in self.members.values():
            member.note(text)

    def show_members(self) -> None:
        """Give every page the list that it shows."""
        for member in self.members.values():
            if member.has_page:
                member.tell({"type": "members", "members": sorted(self.members)})

    def who(self) -> str:
        return f"here: {', '.join(sorted(self.members))}"


def as_text(event: Event) -> str:
    """Give the line for an event."""
    if event["type"] == "message":
        return f"{event['name']}: {event['text']}"
    if event["type"] == "welcome":
        return f"* welcome, {event['you']}: {HELP}"
    if event["type"] == "you":
        return f"* you are {event['you']}"
    return f"* {event['text']}"


def parse(message: str | bytes, is_json: bool) -> tuple[str, str]:
    """Read what a member sends as a command and its text. Raises NotUnderstood."""
    if not isinstance(message, str):
        raise NotUnderstood
    if is_json:
        return parse_json(message)
    command, _, text = message.partition(" ")
    if command in ("/name", "/who", "/help"):
        return command[1:], clean(text)
    return "say", clean(message)


def parse_json(message: str) -> tuple[str, str]:
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        raise NotUnderstood from None
    if isinstance(content, dict) and len(content) == 1:
        [(command, text)] = content.items()
        if command in ("say", "name") and isinstance(text, str):
            return command, clean(text)
    raise NotUnderstood


def clean(text: str) -> str:
    """Give text in one line, without what terminals and browsers would act on."""
    joiner = "\u200d"  # holds many an emoji together
    return "".join(c if c.isprintable() or c == joiner else " " for c in text).strip()


async def answer(path: str, headers: websockets.Headers) -> Response | None:
    """Answer the requests that aren't for a WebSocket; keep the pages of other sites out."""
    if "Upgrade" in headers:
        # A browser lets any page connect to anywhere, but it says whose page it is.
        hosts = [origin.partition("://")[2] for origin in headers.get_all("Origin")]
        if any(host != headers.get("Host") for host in hosts):
            return 403, {}, b"This room is for its own page.\n"
        return None
    if path.partition("?")[0] not in FILES:
        return 404, {}, b"There is nothing here.\n"
    name, content_type = FILES[path.partition("?")[0]]
    return 200, {**HEADERS, "Content-Type": content_type}, (HERE / name).read_bytes()


async def main(host: str, port: int) -> str | None:
    """Keep the room open until a signal comes; return why it can't be opened, if so."""
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # on Windows, where ^C works without
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
    try:
        server = await websockets.serve(
            Room().handle,
            host,
            port,
            process_request=answer,
            subprotocols=[SUBPROTOCOL],
            max_size=MAX_SIZE,
        )
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            return f"port {port} of {host} is in use; take another one: --port {port + 1}"
        return f"cannot listen on port {port} of {host}: {exc.strerror}"
    async with server:
        assert server.sockets is not None
        welcome(host, server.sockets[0].getsockname()[1])
        await stop.wait()
        print("\nThe room closes.", flush=True)
    return None


def welcome(host: str, port: int) -> None:
    address = f"{f'[{host}]' if ':' in host else host}:{port}"
    python = "python" if shutil.which("python") == sys.executable else sys.executable
    print(
        f"The room is open.\n\n"
        f"  in a browser:   http://{address}/\n"
        f"  in a terminal:  {python} -m websockets ws://{address}/\n\n"
        f"Ctrl-C closes it.",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A room to meet in, in the browser.")
    parser.add_argument("--host", default="localhost", help="where to listen (%(default)s)")
    parser.add_argument("--port", default=8000, type=int, help="on which port (%(default)s)")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main(options.host, options.port)))
