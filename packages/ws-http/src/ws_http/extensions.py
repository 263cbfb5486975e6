"""The interfaces through which extensions are negotiated (RFC 6455 §9.1).

An extension is one class for its work on frames, :class:`ws_frames.Extension`, and
a factory for each side. Factories serve many connections and keep no state of one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from ws_frames import Extension

from .typing import ExtensionName, ExtensionParameter

__all__ = ["ClientExtensionFactory", "ServerExtensionFactory"]


class ClientExtensionFactory(Protocol):
    """Offers an extension to servers, and judges their answers."""

    #: The registered token that names the extension.
    name: ExtensionName

    @abstractmethod
    def get_request_params(self) -> list[ExtensionParameter]:
        """Return the parameters of the offer."""

    @abstractmethod
    def process_response_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> Extension:
        """Return the extension that the parameters of the answer describe.

        ``accepted_extensions`` are those that stand before it in the answer. Raises
        NegotiationError if the answer is not acceptable.
        """


class ServerExtensionFactory(Protocol):
    """Judges what clients offer, and answers."""

    #: The registered token that names the extension.
    name: ExtensionName

    @abstractmethod
    def process_request_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> tuple[list[ExtensionParameter], Extension]:
        """Return the parameters of the answer, and the extension that they describe.

        ``accepted_extensions`` are those that were agreed on before it. Raises
        NegotiationError to decline this offer.
        """
