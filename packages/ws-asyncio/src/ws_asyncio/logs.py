"""What goes to the log, under ``websockets.client`` and ``websockets.server``.

DEBUG shows messages and headers as they are sent and received, INFO what a peer did
wrong, in one line, and ERROR what went wrong in the program, with its traceback. Control
characters are escaped, and credentials never shown.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from ws_frames import Close, Failure, Frame, Opcode, Ping, Pong
from ws_http import Headers, Request, Response, display, display_header

if TYPE_CHECKING:
    from .attributes import Attributes

__all__ = ["connection_logger", "log_request", "log_response", "logger_of", "show_event"]


@functools.cache  # logging takes a lock to look it up
def logger_of(side: str) -> logging.Logger:
    """Give the logger of connections that are given no other one."""
    return logging.getLogger(f"websockets.{side}")


def connection_logger(logger: logging.Logger, connection: Attributes) -> logging.LoggerAdapter[Any]:
    """Give a logger whose records have the connection as ``websocket`` and its ``id``.

    A format such as ``%(websocket_id)s`` tells connections apart.
    """
    return logging.LoggerAdapter(
        logger, {"websocket": connection, "websocket_id": str(connection.id)}
    )


def log_request(logger: logging.LoggerAdapter[Any], direction: str, request: Request) -> None:
    """Log the head of a request at DEBUG; ``direction`` is ``>`` or ``<``."""
    logger.debug("%s %s %s", direction, display(request.method), display(request.target))
    log_headers(logger, direction, request.headers)


def log_response(logger: logging.LoggerAdapter[Any], direction: str, response: Response) -> None:
    """Log the head of a response at DEBUG; ``direction`` is ``>`` or ``<``."""
    logger.debug("%s %d %s", direction, response.status, display(response.reason))
    log_headers(logger, direction, response.headers)


def log_headers(logger: logging.LoggerAdapter[Any], direction: str, headers: Headers) -> None:
    for name, value in headers.raw_items():
        logger.debug("%s %s: %s", direction, display(name), display_header(name, value))


def show_event(event: object) -> str:
    """Show a message or another event, received or to be sent, in one line."""
    if isinstance(event, str):
        return str(Frame(True, Opcode.TEXT, event.encode(errors="replace")))
    if isinstance(event, (bytes, bytearray, memoryview)):
        return str(Frame(True, Opcode.BINARY, bytes(event)))
    if isinstance(event, (Ping, Pong)):
        return f"{type(event).__name__.upper()} {event.data.hex(' ')}"
    if isinstance(event, Close):
        return f"CLOSE {display(str(event))}"
    if isinstance(event, Failure):
        return f"failure: {event.error}"
    return f"fragments from {type(event).__name__}"
