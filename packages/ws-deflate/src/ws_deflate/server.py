"""Judging offers of permessage-deflate, and answering them (RFC 7692 §7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ws_frames import Extension
from ws_http import ExtensionParameter, NegotiationError, ServerExtensionFactory

from .backends import Backend, get_backend
from .extension import NAME, PerMessageDeflate
from .parameters import Parameters, WindowBits
from .settings import MAX_WINDOW_BITS, check_settings, check_window_bits

__all__ = ["ServerPerMessageDeflateFactory"]


class ServerPerMessageDeflateFactory(ServerExtensionFactory):
    """Accepts permessage-deflate from clients.

    Args:
        server_no_context_takeover: compress each message by itself, so that no memory
            is needed in between.
        client_no_context_takeover: have clients compress each message by itself.
        server_max_window_bits: the largest window that this end will use, as base-2
            logarithm, 8 to 15; None for what the client offers.
        client_max_window_bits: the largest window that clients may use, 8 to 15; None
            for any. It holds for those that offer the choice, which browsers do.
        compress_settings: keyword arguments of :func:`zlib.compressobj`, such as
            ``level`` and ``memLevel``, but neither ``wbits`` nor ``zdict``.
        require_client_max_window_bits: decline clients that don't offer the choice.
        window_bits, threshold, backend: see :class:`PerMessageDeflate`.

    Raises ValueError for numbers out of range, and if ``require_client_max_window_bits``
    comes without ``client_max_window_bits``; ValueError or TypeError for settings that
    zlib doesn't take.
    """

    name = NAME

    def __init__(
        self,
        server_no_context_takeover: bool = False,
        client_no_context_takeover: bool = False,
        server_max_window_bits: int | None = None,
        client_max_window_bits: int | None = None,
        compress_settings: Mapping[str, Any] | None = None,
        require_client_max_window_bits: bool = False,
        *,
        window_bits: int = MAX_WINDOW_BITS,
        threshold: int = 0,
        backend: Backend | None = None,
    ) -> None:
        if server_max_window_bits is not None:
            check_window_bits("server_max_window_bits", server_max_window_bits, least=8)
        if client_max_window_bits is not None:
            check_window_bits("client_max_window_bits", client_max_window_bits, least=8)
        elif require_client_max_window_bits:
            raise ValueError("client_max_window_bits is required and not given")
        check_window_bits("window_bits", window_bits)
        check_settings(compress_settings or {}, backend or get_backend())
        self.server_no_context_takeover = server_no_context_takeover
        self.client_no_context_takeover = client_no_context_takeover
        self.server_max_window_bits = server_max_window_bits
        self.client_max_window_bits = client_max_window_bits
        self.compress_settings = dict(compress_settings or {})
        self.require_client_max_window_bits = require_client_max_window_bits
        self.window_bits = window_bits
        self.threshold = threshold
        self.backend = backend

    def process_request_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """Return the parameters of the answer, and the extension that they describe.

        Raises NegotiationError to decline: an offer that isn't valid, that comes after
        an accepted one, that lacks the choice of the client's window where it is
        required, or means that this end is to compress with a window of 8 bits, which
        zlib doesn't do.
        """
        if any(extension.name == self.name for extension in accepted_extensions):
            raise NegotiationError(f"duplicate extension: {self.name}")
        answer = self._answer(Parameters.of_offer(params))
        extension = PerMessageDeflate(
            remote_no_context_takeover=answer.client_no_context_takeover,
            local_no_context_takeover=answer.server_no_context_takeover,
            remote_max_window_bits=answer.client_max_window_bits or MAX_WINDOW_BITS,
            local_max_window_bits=answer.server_max_window_bits or MAX_WINDOW_BITS,
            compress_settings=self.compress_settings,
            window_bits=self.window_bits,
            threshold=self.threshold,
            backend=self.backend,
        )
        return answer.build(), extension

    def _answer(self, offer: Parameters) -> Parameters:
        return Parameters(
            # "A server MAY include the "server_no_context_takeover" extension parameter
            # in an extension negotiation response even if the extension negotiation
            # offer [...] didn't include" it (§7.1.1.1); it accepts one that does by
            # including it.
            self.server_no_context_takeover or offer.server_no_context_takeover,
            # The same for the client, whose offer is a promise; to confirm it tells the
            # client that it needn't keep a window (§7.1.1.2).
            self.client_no_context_takeover or offer.client_no_context_takeover,
            self._server_window_bits(offer.server_max_window_bits),
            self._client_window_bits(offer.client_max_window_bits),
        )

    def _server_window_bits(self, offer: WindowBits) -> WindowBits:
        # "A server accepts an extension negotiation offer with this parameter by
        # including the "server_max_window_bits" extension parameter in the extension
        # negotiation response to send back to the client with the same or smaller value
        # as the offer." (§7.1.2.1)
        bits = smallest(self.server_max_window_bits, offer)
        if bits == 8:
            raise NegotiationError("server_max_window_bits is 8, at least 9 is supported")
        return bits

    def _client_window_bits(self, offer: WindowBits) -> WindowBits:
        # "If a received extension negotiation offer doesn't have the
        # "client_max_window_bits" extension parameter, the corresponding extension
        # negotiation response to the offer MUST NOT include" it (§7.1.2.2).
        if offer is None:
            if self.require_client_max_window_bits:
                raise NegotiationError("client_max_window_bits is required and was not offered")
            return None
        return smallest(self.client_max_window_bits, None if offer is True else offer)


def smallest(*sizes: int | None) -> int | None:
    """Return the smallest of the sizes of windows that are given."""
    return min((bits for bits in sizes if bits is not None), default=None)
