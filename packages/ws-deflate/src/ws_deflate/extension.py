"""The extension permessage-deflate on the frames of one connection (RFC 7692 §6, §7.2)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache, partial
from typing import Any, Callable

from ws_frames import RSV1, Extension, Frame, Opcode, ProtocolError
from ws_http import ExtensionName

from .backends import Backend, get_backend
from .deflater import Deflater
from .inflater import Inflater
from .settings import MAX_WINDOW_BITS, check_window_bits

__all__ = ["NAME", "PerMessageDeflate"]

#: The registered name (RFC 7692 §9.1).
NAME = ExtensionName("permessage-deflate")


class PerMessageDeflate(Extension):
    """Compresses the messages that are sent, decompresses those received.

    ``local`` is this end, whose messages are compressed; ``remote`` is the peer. What
    zlib needs is made when the first message needs it.

    A message is left uncompressed by keeping all of its frames from :meth:`encode`, as a
    connection does with ``compress=False``: one whose first frame has RSV1 clear isn't
    compressed (RFC 7692 §6), and no state depends on it.

    Args:
        remote_no_context_takeover: whether the peer compresses each message by itself.
        local_no_context_takeover: whether this end does.
        remote_max_window_bits: base-2 logarithm of the peer's window, 8 to 15.
        local_max_window_bits: the same of this end's, 9 to 15: zlib doesn't do 8.
        compress_settings: keyword arguments of :func:`zlib.compressobj`, such as
            ``level`` and ``memLevel``, but neither ``wbits`` nor ``zdict``.
        window_bits: what to compress with where more is agreed on, 9 to 15.
        threshold: leave messages of fewer bytes uncompressed. The length of one that
            is sent in fragments isn't known: all of these are compressed.
        backend: what compresses and decompresses; that of :func:`get_backend` by default.

    Raises ValueError for numbers that are out of range.
    """

    __slots__ = (
        "_decoding",
        "_deflater",
        "_encoding",
        "_inflater",
        "backend",
        "compress_settings",
        "local_max_window_bits",
        "local_no_context_takeover",
        "remote_max_window_bits",
        "remote_no_context_takeover",
        "threshold",
        "window_bits",
    )

    name = NAME
    rsv = RSV1
    only_marked = True
    compresses = True

    def __init__(
        self,
        remote_no_context_takeover: bool,
        local_no_context_takeover: bool,
        remote_max_window_bits: int,
        local_max_window_bits: int,
        compress_settings: Mapping[str, Any] | None = None,
        *,
        window_bits: int = MAX_WINDOW_BITS,
        threshold: int = 0,
        backend: Backend | None = None,
    ) -> None:
        check_window_bits("remote_max_window_bits", remote_max_window_bits, least=8)
        check_window_bits("local_max_window_bits", local_max_window_bits)
        check_window_bits("window_bits", window_bits)
        self.remote_no_context_takeover = remote_no_context_takeover
        self.local_no_context_takeover = local_no_context_takeover
        self.remote_max_window_bits = remote_max_window_bits
        self.local_max_window_bits = local_max_window_bits
        self.compress_settings = compress_settings or {}
        self.window_bits = min(window_bits, local_max_window_bits)
        self.threshold = threshold
        self.backend = backend or get_backend()
        self._deflater = Deflater(
            shared(self.backend.compressobj, wbits=-self.window_bits, **self.compress_settings),
            takeover=not local_no_context_takeover,
        )
        self._inflater: Inflater | None = Inflater(
            shared(self.backend.decompressobj, wbits=-remote_max_window_bits),
            self.backend.error,
            takeover=not remote_no_context_takeover,
        )
        self._encoding = False  # inside a compressed message that is sent in fragments
        self._decoding = False  # inside one that is received

    def __repr__(self) -> str:
        return (
            f"PerMessageDeflate(remote_no_context_takeover={self.remote_no_context_takeover}, "
            f"local_no_context_takeover={self.local_no_context_takeover}, "
            f"remote_max_window_bits={self.remote_max_window_bits}, "
            f"local_max_window_bits={self.local_max_window_bits})"
        )

    @property
    def takes_messages(self) -> bool:
        """True, unless somebody has replaced :meth:`encode` or :meth:`decode`, in a subclass say."""
        methods = (self.encode, self.decode)
        return [getattr(each, "__func__", None) for each in methods] == METHODS

    # Receiving

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Decompress a frame of a compressed message; return any other as it is.

        ``max_size`` is how many bytes may come out: 0 is none, None is no limit.

        Raises PayloadTooBig over that limit; ProtocolError for RSV1 where it has no
        meaning, and for data that isn't compressed right. After any error the peer's
        window is lost, so each further call raises ProtocolError.
        """
        inflater = self._inflater
        if inflater is None:
            raise ended()
        fin, opcode, data, rsv1, rsv2, rsv3 = frame
        try:
            if not self._is_compressed(opcode, rsv1):
                return frame
            data = inflater.decompress(data, fin, max_size)
        except BaseException:
            self._inflater = None
            raise
        self._decoding = not fin
        return Frame(fin, opcode, data, False, rsv2, rsv3)

    def decode_message(self, data: bytes, max_size: int | None) -> bytes:
        """Decompress a message in one frame, as :meth:`decode` does; raises what that does."""
        inflater = self._inflater
        if inflater is None:
            raise ended()
        try:
            return inflater.decompress(data, True, max_size)
        except BaseException:
            self._inflater = None
            raise

    def _is_compressed(self, opcode: Opcode, rsv1: bool) -> bool:
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            if self._decoding:
                raise ProtocolError(f"{opcode.name} frame inside a fragmented message")
            return rsv1
        # "An endpoint MUST NOT set the "Per-Message Compressed" bit of control frames
        # and non-first fragments of a data message. An endpoint receiving such a frame
        # MUST _Fail the WebSocket Connection_." (§6.1)
        if rsv1:
            raise ProtocolError(f"{opcode.name} frame with RSV1 set")
        return self._decoding and opcode is Opcode.CONT

    # Sending

    def encode(self, frame: Frame) -> Frame:
        """Compress a data frame, if its message is to be compressed; else return it.

        Raises what the backend raises for ``compress_settings`` that it doesn't take.
        """
        fin, opcode, data, rsv1, rsv2, rsv3 = frame
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            compressed = self.encode_message(data) if fin else self._deflater.compress(data, False)
            if compressed is None:
                return frame
            rsv1 = True
        elif opcode is Opcode.CONT and self._encoding:
            compressed = self._deflater.compress(data, fin)
        else:
            return frame
        self._encoding = not fin
        return Frame(fin, opcode, compressed, rsv1, rsv2, rsv3)

    def encode_message(self, data: bytes) -> bytes | None:
        """Compress a message in one frame, as :meth:`encode` does; raises what that does."""
        if len(data) < self.threshold:
            return None
        compressed = self._deflater.compress(data, True)
        # One that gains nothing. With takeover it's too late: the window has it, so the
        # peer's has to have it too.
        if self.local_no_context_takeover and len(compressed) >= len(data):
            return None
        return compressed

    # Sending the same to many

    @property
    def encoding_key(self) -> Hashable:
        """Equal for extensions that make the same of a message, once they :meth:`forget`."""
        return shared_key(
            self.backend.name,
            self.window_bits,
            self.threshold,
            self.local_no_context_takeover,
            *sorted(self.compress_settings.items()),
        )

    def forget(self) -> None:
        """Compress what follows without looking back at what was sent before.

        So what one extension makes of a message can be sent on many connections: on
        all whose extension has the same :attr:`encoding_key`. The one that encodes has
        to forget first, and all of them afterwards, since their peers' windows then
        hold what they didn't compress. It is not for the middle of a message.
        """
        self._deflater.forget()


#: How frames are encoded and decoded here.
METHODS = [PerMessageDeflate.encode, PerMessageDeflate.decode]


def ended() -> ProtocolError:
    return ProtocolError("decompression ended with an error")


# Connections that agreed alike share what would else be the same for each of them. Typed, since
# True and 1.0 are equal to 1, and zlib doesn't take them alike.


@lru_cache(maxsize=64, typed=True)
def shared(make: Callable[..., Any], **settings: Any) -> Callable[[], Any]:
    return partial(make, **settings)


@lru_cache(maxsize=64, typed=True)
def shared_key(*parts: Hashable) -> Hashable:
    return parts
