"""The four parameters of an offer and of its answer (RFC 7692 §7.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Optional

from ws_http import (
    DuplicateParameter,
    ExtensionParameter,
    InvalidParameterName,
    InvalidParameterValue,
)

__all__ = ["Parameters", "WindowBits"]

#: Base-2 logarithm of the size of a window; True for the parameter without a value,
#: None for no parameter.
WindowBits = Optional[int]

FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
SIZES = ("server_max_window_bits", "client_max_window_bits")

# "a decimal integer value without leading zeroes between 8 to 15 inclusive"
_BITS = re.compile(r"[89]|1[0-5]")


class Parameters(NamedTuple):
    """An offer or an answer; ``client_max_window_bits`` is True only in offers."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: WindowBits = None
    client_max_window_bits: WindowBits = None

    @classmethod
    def of_offer(cls, params: Sequence[ExtensionParameter]) -> Parameters:
        """Read what a client offers. Raises NegotiationError for what isn't allowed."""
        # "This parameter has no value or a decimal integer value" (§7.1.2.2).
        return cls._of(params, bare="client_max_window_bits")

    @classmethod
    def of_answer(cls, params: Sequence[ExtensionParameter]) -> Parameters:
        """Read what a server answers. Raises NegotiationError for what isn't allowed."""
        return cls._of(params, bare=None)

    @classmethod
    def _of(cls, params: Sequence[ExtensionParameter], bare: str | None) -> Parameters:
        values: dict[str, int] = {}
        for name, value in params:
            if name in values:
                raise DuplicateParameter(name)
            if name in FLAGS:
                values[name] = parse_flag(name, value)
            elif name in SIZES:
                values[name] = True if (name, value) == (bare, None) else parse_bits(name, value)
            else:
                raise InvalidParameterName(name)
        return cls(
            "server_no_context_takeover" in values,
            "client_no_context_takeover" in values,
            values.get("server_max_window_bits"),
            values.get("client_max_window_bits"),
        )

    def build(self) -> list[ExtensionParameter]:
        """Return them as they go into a header."""
        flags = [(name, None) for name in FLAGS if getattr(self, name)]
        sizes = [(name, getattr(self, name)) for name in SIZES]
        return [
            *flags,
            *((name, None if bits is True else str(bits)) for name, bits in sizes if bits),
        ]


def parse_flag(name: str, value: str | None) -> bool:
    """Read a parameter that "has no value": that it is there says it all."""
    if value is not None:
        raise InvalidParameterValue(name, value)
    return True


def parse_bits(name: str, value: str | None) -> int:
    """Read the size of a window."""
    if value is None or not _BITS.fullmatch(value):
        raise InvalidParameterValue(name, value)
    return int(value)
