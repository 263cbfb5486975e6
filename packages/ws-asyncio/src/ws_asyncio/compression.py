"""What the ``compression`` argument asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, TypeVar

__all__ = ["with_compression"]

Factory = TypeVar("Factory")


def with_compression(
    compression: str | None,
    extensions: Sequence[Factory] | None,
    add_deflate: Callable[[Sequence[Factory] | None], Sequence[Factory]],
) -> Sequence[Factory] | None:
    """Add permessage-deflate to ``extensions`` for ``"deflate"``, nothing for None.

    Raises ValueError for anything else.
    """
    if compression is None:
        return extensions
    if compression != "deflate":
        raise ValueError(f"unknown compression {compression!r}; it is 'deflate' or None")
    return add_deflate(extensions)
