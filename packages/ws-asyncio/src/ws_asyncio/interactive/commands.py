"""What a line means that is typed at the prompt.

It is a message to send, unless it begins with a backslash: few messages do, and with
``/`` and ``:`` begin the commands and the smileys of chats.
"""

from __future__ import annotations

import binascii
from pathlib import Path
from typing import NamedTuple, Union

from ws_frames import Close, CloseCode, Data, ProtocolError

__all__ = ["HELP", "Action", "CommandError", "Help", "Ping", "Send", "parse_line"]

HELP = r"""A line is sent as a text message; an empty one is not sent.
  \hex 00 ff 7f         send a binary message, given in hexadecimal
  \file PATH            send what a file holds as a binary message
  \ping                 measure how long the peer takes to answer
  \close [CODE REASON]  close the connection, by default with 1000
  \\text                send a text that begins with a backslash
  \help                 show this
^D or ^C closes the connection too."""


class CommandError(Exception):
    """A command is unknown, or what it was given is not what it needs."""


class Send(NamedTuple):
    """Send a message."""

    message: Data


class Ping(NamedTuple):
    """Send a ping, and show how long its pong takes."""


class Help(NamedTuple):
    """Show what can be typed."""


Action = Union[Send, Ping, Close, Help]


def parse_line(line: str) -> Action | None:
    """Decide what to do for a line; None is nothing. Raises CommandError."""
    if not line:
        return None
    if not line.startswith("\\"):
        return Send(check_text(line))
    if line.startswith("\\\\"):
        return Send(check_text(line[1:]))
    name, _, rest = line[1:].partition(" ")
    rest = rest.strip()
    if name == "hex":
        return parse_hex(rest)
    if name == "file":
        return read_file(rest)
    if name == "ping":
        return Ping()
    if name == "close":
        return parse_close(rest)
    if name == "help":
        return Help()
    raise CommandError(f"no command \\{name}; see \\help, or write \\\\{name} to send it as text")


def check_text(text: str) -> str:
    """Give the text; raise CommandError where its terminal gave bytes that aren't UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise CommandError(f"not UTF-8, from character {exc.start + 1} on") from None
    return text


def parse_hex(text: str) -> Send:
    try:
        return Send(binascii.unhexlify("".join(text.split())))
    except ValueError:  # a binascii.Error is one, and so is a letter outside ASCII
        raise CommandError("not hexadecimal; write two digits a byte: \\hex 00 ff 7f") from None


def read_file(name: str) -> Send:
    try:
        return Send(Path(name).expanduser().read_bytes())
    except (OSError, RuntimeError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise CommandError(f"cannot read {name or 'a file without a name'}: {reason}") from None


def parse_close(text: str) -> Close:
    code, _, reason = text.partition(" ")
    if code and not (code.isascii() and code.isdigit()):
        raise CommandError("the code comes first: \\close 1000 reason")
    close = Close(int(code) if code else CloseCode.NORMAL_CLOSURE, check_text(reason.strip()))
    try:
        close.serialize()
    except ProtocolError as exc:
        raise CommandError(str(exc)) from None
    return close
