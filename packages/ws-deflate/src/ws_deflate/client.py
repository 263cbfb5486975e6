"""Offering permessage-deflate, and judging the answer (RFC 7692 §7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ws_frames import Extension
from ws_http import ClientExtensionFactory, ExtensionParameter, NegotiationError

from .backends import Backend, get_backend
from .extension import NAME, PerMessageDeflate
from .parameters import Parameters, WindowBits
from .settings import MAX_WINDOW_BITS, check_settings, check_window_bits

__all__ = ["ClientPerMessageDeflateFactory"]


class ClientPerMessageDeflateFactory(ClientExtensionFactory):
    """Offers permessage-deflate to servers.

    Args:
        server_no_context_takeover: have the server compress each message by itself, so
            that no memory is needed in between.
        client_no_context_takeover: compress each message by itself.
        server_max_window_bits: the largest window that the server may use, as base-2
            logarithm, 8 to 15; None for any. Servers that cannot do with less than 15
            decline.
        client_max_window_bits: the largest window that this end will use, 8 to 15; True
            to leave it to the server; None to offer no choice, which means 15.
        compress_settings: keyword arguments of :func:`zlib.compressobj`, such as
            ``level`` and ``memLevel``, but neither ``wbits`` nor ``zdict``.
        window_bits, threshold, backend: see :class:`PerMessageDeflate`.

    Raises ValueError for numbers out of range, ValueError or TypeError for settings
    that zlib doesn't take.
    """

    name = NAME

    def __init__(
        self,
        server_no_context_takeover: bool = False,
        client_no_context_takeover: bool = False,
        server_max_window_bits: int | None = None,
        client_max_window_bits: WindowBits = True,
        compress_settings: Mapping[str, Any] | None = None,
        *,
        window_bits: int = MAX_WINDOW_BITS,
        threshold: int = 0,
        backend: Backend | None = None,
    ) -> None:
        if server_max_window_bits is not None:
            check_window_bits("server_max_window_bits", server_max_window_bits, least=8)
        if client_max_window_bits is not None and client_max_window_bits is not True:
            check_window_bits("client_max_window_bits", client_max_window_bits, least=8)
        check_window_bits("window_bits", window_bits)
        check_settings(compress_settings or {}, backend or get_backend())
        self.server_no_context_takeover = server_no_context_takeover
        self.client_no_context_takeover = client_no_context_takeover
        self.server_max_window_bits = server_max_window_bits
        self.client_max_window_bits = client_max_window_bits
        self.compress_settings = dict(compress_settings or {})
        self.window_bits = window_bits
        self.threshold = threshold
        self.backend = backend

    def get_request_params(self) -> list[ExtensionParameter]:
        """Return the parameters of the offer."""
        return Parameters(
            self.server_no_context_takeover,
            self.client_no_context_takeover,
            self.server_max_window_bits,
            self.client_max_window_bits,
        ).build()

    def process_response_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> PerMessageDeflate:
        """Return the extension that the answer describes.

        Raises NegotiationError if it doesn't answer the offer, or means that this end
        is to compress with a window of 8 bits, which zlib doesn't do.
        """
        if any(extension.name == self.name for extension in accepted_extensions):
            raise NegotiationError(f"duplicate extension: {self.name}")
        answer = Parameters.of_answer(params)
        # "A server accepts an extension negotiation offer that includes the
        # "server_no_context_takeover" extension parameter by including [it] in the
        # corresponding extension negotiation response" (§7.1.1.1).
        if self.server_no_context_takeover and not answer.server_no_context_takeover:
            raise NegotiationError("server_no_context_takeover was offered and is not answered")
        return PerMessageDeflate(
            remote_no_context_takeover=answer.server_no_context_takeover,
            # What is offered is a promise, whatever the answer; what is answered is an
            # order (§7.1.1.2).
            local_no_context_takeover=(
                self.client_no_context_takeover or answer.client_no_context_takeover
            ),
            remote_max_window_bits=self._server_window_bits(answer.server_max_window_bits),
            local_max_window_bits=self._client_window_bits(answer.client_max_window_bits),
            compress_settings=self.compress_settings,
            window_bits=self.window_bits,
            threshold=self.threshold,
            backend=self.backend,
        )

    def _server_window_bits(self, answer: WindowBits) -> int:
        offer = self.server_max_window_bits
        # "A server MAY include the "server_max_window_bits" extension parameter in an
        # extension negotiation response even if the extension negotiation offer being
        # accepted by the response didn't include" it (§7.1.2.1).
        if offer is None:
            return answer or MAX_WINDOW_BITS
        # A server accepts by including it "with the same or smaller value as the offer".
        if answer is None:
            raise NegotiationError("server_max_window_bits was offered and is not answered")
        if answer > offer:
            raise NegotiationError(f"server_max_window_bits is {answer}, at most {offer} offered")
        return answer

    def _client_window_bits(self, answer: WindowBits) -> int:
        offer = self.client_max_window_bits
        if answer is not None:
            # "If a received extension negotiation offer doesn't have the
            # "client_max_window_bits" extension parameter, the corresponding extension
            # negotiation response to the offer MUST NOT include" it (§7.1.2.2).
            if offer is None:
                raise NegotiationError("client_max_window_bits is answered and was not offered")
            # "with a value equal to or smaller than the received value"
            if offer is not True and answer > offer:
                raise NegotiationError(
                    f"client_max_window_bits is {answer}, at most {offer} offered"
                )
            bits = answer
        else:
            # "even if the server doesn't include [it ...], the client is not going to
            # use an LZ77 sliding window size greater than" the one it offered.
            bits = MAX_WINDOW_BITS if offer is None or offer is True else offer
        if bits == 8:
            raise NegotiationError("client_max_window_bits is 8, at least 9 is supported")
        return bits
