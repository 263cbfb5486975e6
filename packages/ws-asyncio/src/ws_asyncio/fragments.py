"""Fragmented messages to send: whose turn it is, and where the fragments come from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from types import TracebackType
from typing import Callable, Union, cast

from ws_frames import Outbox, Payload

__all__ = ["Message", "Turn", "iterate"]

#: What ``send()`` takes: a message, or its fragments.
Message = Union[Payload, Iterable[Payload], AsyncIterable[Payload]]


class Turn:
    """Holds an outbox while a fragmented message is sent, so that no other gets between."""

    __slots__ = ("_at_end", "_ended", "_loop", "_outbox", "backlog")

    def __init__(self, loop: asyncio.AbstractEventLoop, outbox: Outbox) -> None:
        self._loop = loop
        self._outbox = outbox
        self._ended: asyncio.Future[None] | None = None
        self._at_end: list[Callable[[], object]] | None = None
        #: How much waits for the end.
        self.backlog = 0

    @property
    def taken(self) -> bool:
        """Whether somebody holds it."""
        return self._outbox.held

    async def wait(self) -> None:
        """Wait until nobody holds it, or :meth:`end` is called."""
        while self._ended is not None:
            # Several may wait, and cancelling one of them must not end the others.
            await asyncio.shield(self._ended)

    def end(self) -> None:
        """Let go whoever waits: nothing more can be sent, whoever holds it."""
        ended, self._ended = self._ended, None
        if ended is not None:
            ended.set_result(None)

    def call_at_end(self, action: Callable[[], object], size: int) -> None:
        """Do something that can't wait by itself, in order, when it is given back.

        ``size`` is how much it adds to the backlog until then.
        """
        self._at_end = self._at_end or []
        self._at_end.append(action)
        self.backlog += size

    def __enter__(self) -> None:
        self._ended = self._loop.create_future()
        self._outbox.held = True

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._outbox.held = False
        self.end()
        actions, self._at_end, self.backlog = self._at_end, None, 0
        for action in actions or ():
            self._act(action)

    def _act(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception as exc:  # noqa: BLE001 - no fault of who gives it back, nor of the next one
            self._loop.call_exception_handler(
                {"message": "exception behind a fragmented message", "exception": exc}
            )


async def iterate(message: Message) -> AsyncGenerator[Payload, None]:
    """Go through the fragments of a message, however they are given.

    Raises TypeError for what is no collection of fragments; a dict is one of its keys,
    which nobody means.
    """
    if isinstance(message, Mapping):
        raise TypeError("message is a dict; send its JSON, or the keys as a list")
    if isinstance(message, AsyncIterable):
        async for fragment in message:
            yield fragment
    elif isinstance(message, Iterable):
        for item in cast("Iterable[Payload]", message):
            yield item
    else:
        raise TypeError(
            "message must be str, bytes-like, or an iterable of these, "
            f"not {type(message).__name__}"
        )
