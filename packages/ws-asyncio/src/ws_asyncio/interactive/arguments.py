"""The options of the command line."""

from __future__ import annotations

import argparse
import contextlib
import platform
from collections.abc import Sequence
from typing import NamedTuple, Optional

from ws_frames import IMPLEMENTATION
from ws_http import Headers, Origin, Subprotocol, validate_subprotocols

from ..version import VERSION
from .commands import HELP

__all__ = ["Options", "parse_arguments"]

EPILOG = f"""At the prompt, with line editing and history (kept in memory, never in a file):

{HELP}

In a pipe, each line of the input is a text message, and each message that arrives is a
line of the output; what else there is to say goes to standard error.

The exit status is 0 when the connection ended as it should, 1 when not, 2 for arguments
that make no sense. NO_COLOR=1 in the environment switches colours off."""


class Options(NamedTuple):
    """What the command line asks for."""

    uri: str
    headers: Headers
    subprotocols: Sequence[Subprotocol]
    origin: Optional[Origin]  # noqa: UP045
    insecure: bool
    linger: float


def parse_arguments(arguments: Sequence[str] | None, package: str) -> Options:
    """Read the arguments of ``python -m package``; exits where they make no sense."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}",
        description="Talk to a WebSocket server.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("uri", help="where to connect: ws://host:port/path, or wss://... with TLS")
    parser.add_argument(
        "--header",
        metavar="NAME:VALUE",
        dest="headers",
        type=parse_header,
        action="append",
        default=[],
        help="send this header with the request; may be given several times",
    )
    parser.add_argument(
        "--subprotocol",
        metavar="NAME",
        dest="subprotocols",
        type=parse_subprotocol,
        action="append",
        default=[],
        help="offer this subprotocol; may be given several times, the best one first",
    )
    parser.add_argument("--origin", help="send this Origin header, as a browser would")
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="take any certificate for wss://: anybody on the way can read and change everything",
    )
    parser.add_argument(
        "--linger",
        metavar="SECONDS",
        type=parse_seconds,
        default=1.0,
        help="after the end of the input in a pipe, close when nothing has arrived for so long; "
        "inf: never (default: %(default)g)",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"{package} {VERSION}, Python {platform.python_version()}, "
        + ("C speedups" if IMPLEMENTATION == "c" else "no C speedups"),
    )
    found = parser.parse_args(arguments)
    return Options(
        found.uri,
        Headers(found.headers),
        found.subprotocols,
        found.origin,
        found.insecure,
        found.linger,
    )


def parse_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError("there is no colon; write NAME:VALUE")
    header = name.strip(), value.strip()
    try:
        Headers([header])
    except ValueError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from None
    return header


def parse_subprotocol(text: str) -> Subprotocol:
    try:
        validate_subprotocols([Subprotocol(text)])
    except ValueError as exc:
        raise argparse.ArgumentTypeError(str(exc)) from None
    return Subprotocol(text)


def parse_seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        seconds = float(text)
        if seconds >= 0:  # "nan" isn't
            return seconds
    raise argparse.ArgumentTypeError("not a number of seconds")
