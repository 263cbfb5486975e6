"""Agreeing on extensions and on a subprotocol (RFC 6455 §4.1, §4.2.2 and §9.1).

The server chooses from what the client offers; the client confirms what the server
chose. Several offers of one extension are alternatives: at most one of them is
accepted. So are extensions that use the same reserved bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, Optional

from ws_frames import Extension

from .display import display
from .exceptions import InvalidHeader, NegotiationError
from .extensions import ClientExtensionFactory, ServerExtensionFactory
from .fields import build_extension, parse_extension, parse_subprotocol
from .headers import Headers
from .typing import ExtensionHeader, ExtensionName, ExtensionParameter, Subprotocol

__all__ = [
    "SelectSubprotocol",
    "choose_extensions",
    "choose_subprotocol",
    "confirm_extensions",
    "confirm_subprotocol",
    "offer_extensions",
    "select_subprotocol",
]

#: Takes what the client offers and what the server supports, each in order of
#: preference, and returns one that the client offers, or None.
SelectSubprotocol = Callable[
    [Sequence[Subprotocol], Sequence[Subprotocol]],
    Optional[Subprotocol],
]


# Client


def offer_extensions(factories: Sequence[ClientExtensionFactory]) -> str:
    """Return the ``Sec-WebSocket-Extensions`` header that offers ``factories``, in order."""
    return build_extension([(factory.name, factory.get_request_params()) for factory in factories])


def confirm_extensions(
    headers: Headers, offered: Sequence[ClientExtensionFactory]
) -> list[Extension]:
    """Return the extensions of a response, in the order in which it lists them.

    Raises NegotiationError for one that was not offered, whose parameters its
    factories refuse, or that uses the reserved bits of one before it.

    "this header field indicates the use of an extension that was not present in the
    client's handshake [...], the client MUST" fail the connection.
    """
    names: set[str] = set()
    accepted: list[Extension] = []
    for name, params in _parse_extensions(headers):
        if name in names:
            raise NegotiationError(f"duplicate extension: {display(name)}")
        accepted.append(_confirm_extension(name, params, offered, accepted))
        names.add(name)
    return accepted


def _confirm_extension(
    name: ExtensionName,
    params: list[ExtensionParameter],
    offered: Sequence[ClientExtensionFactory],
    accepted: list[Extension],
) -> Extension:
    error = NegotiationError(f"unsupported extension: {display(name)}")
    for factory in offered:
        if factory.name != name:
            continue
        # Where it is not the answer to this offer, it may be the one to another.
        try:
            extension = factory.process_response_params(params, accepted)
        except NegotiationError as exc:
            error = exc
            continue
        if not _shares_bits(extension, accepted):
            return extension
        error = NegotiationError(f"reserved bits of extension already in use: {display(name)}")
    raise error


def confirm_subprotocol(headers: Headers, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return the subprotocol of a response, None where it has none.

    Raises NegotiationError for several, and for one that was not offered.
    """
    chosen = _parse_subprotocols(headers)
    if not chosen:
        return None
    if len(chosen) > 1:
        raise NegotiationError(f"multiple subprotocols: {display(', '.join(chosen))}")
    # "this header field indicates the use of a subprotocol that was not present in the
    #  client's handshake [...], the client MUST _Fail the WebSocket Connection_."
    if chosen[0] not in offered:
        raise NegotiationError(f"unsupported subprotocol: {display(chosen[0])}")
    return chosen[0]


# Server


def choose_extensions(
    headers: Headers, available: Sequence[ServerExtensionFactory]
) -> tuple[str | None, list[Extension]]:
    """Return the ``Sec-WebSocket-Extensions`` header that answers a request, and its extensions.

    The header is None where none is agreed on. Offers are taken in the client's order
    of preference; the first factory that accepts one decides. Those that no factory
    accepts are declined by leaving them out of the answer.
    """
    answers: list[ExtensionHeader] = []
    accepted: list[Extension] = []
    for name, params in _parse_extensions(headers):
        if any(name == answered for answered, _ in answers):
            continue
        answer = _choose_extension(name, params, available, accepted)
        if answer is not None:
            answers.append((name, answer[0]))
            accepted.append(answer[1])
    return (build_extension(answers) if answers else None), accepted


def _choose_extension(
    name: ExtensionName,
    params: list[ExtensionParameter],
    available: Sequence[ServerExtensionFactory],
    accepted: list[Extension],
) -> tuple[list[ExtensionParameter], Extension] | None:
    for factory in available:
        if factory.name != name:
            continue
        try:
            answer = factory.process_request_params(params, accepted)
        except NegotiationError:
            continue
        if not _shares_bits(answer[1], accepted):
            return answer
    return None


def choose_subprotocol(
    headers: Headers,
    available: Sequence[Subprotocol],
    select: SelectSubprotocol | None = None,
) -> Subprotocol | None:
    """Return the subprotocol that answers a request, None for none.

    ``select`` decides where both sides have one; :func:`select_subprotocol` by
    default. It is an error of the server, a ValueError, if it gives what the client
    does not offer. Raises InvalidHeader if the client offers one twice.
    """
    offered = _parse_subprotocols(headers)
    # "MUST all be unique strings"
    if len(set(offered)) < len(offered):
        raise InvalidHeader("Sec-WebSocket-Protocol", ", ".join(offered))
    if not offered or not available:
        return None
    chosen = (select or select_subprotocol)(offered, available)
    # "The value chosen MUST be derived from the client's handshake"
    if chosen is not None and chosen not in offered:
        raise ValueError("selected subprotocol is not one that the client offers")
    return chosen


def select_subprotocol(
    client_subprotocols: Sequence[Subprotocol], server_subprotocols: Sequence[Subprotocol]
) -> Subprotocol | None:
    """Return the subprotocol that both like best: the one with the lowest sum of ranks."""
    ranks = {name: rank for rank, name in reversed(list(enumerate(server_subprotocols)))}
    sums = [
        (rank + ranks[name], rank, name)
        for rank, name in enumerate(client_subprotocols)
        if name in ranks
    ]
    return min(sums)[2] if sums else None


# Both


def _parse_extensions(headers: Headers) -> list[ExtensionHeader]:
    # "the |Sec-WebSocket-Extensions| header field MAY appear multiple times in an HTTP
    #  request (which is logically the same as a single [...] field that contains all
    #  values)."
    values = headers.get_all("Sec-WebSocket-Extensions")
    return parse_extension(", ".join(values)) if values else []


def _parse_subprotocols(headers: Headers) -> list[Subprotocol]:
    values = headers.get_all("Sec-WebSocket-Protocol")
    return parse_subprotocol(", ".join(values)) if values else []


def _shares_bits(extension: Extension, accepted: Sequence[Extension]) -> bool:
    # One bit cannot mean two things (RFC 6455 §5.8 leaves who uses which to the
    # negotiation). Extensions that do not declare their bits are trusted to fit together.
    used = 0
    for other in accepted:
        used |= getattr(other, "rsv", None) or 0
    return bool((getattr(extension, "rsv", None) or 0) & used)
