"""From a payload to the bytes of a frame (RFC 6455 §5.2): the specification of the C twin."""

from __future__ import annotations

from operator import index

from ..frames import BytesLike, Payload, to_bytes
from ..opcodes import MASKED
from .masking import apply_mask, masking_key
from .masks import new_mask

__all__ = ["encode_frame"]


def encode_frame(head: int, payload: Payload, mask: bool | BytesLike = False, /) -> bytes:
    """Make a frame: header, mask and payload in one ``bytes``.

    ``head`` is the first byte: FIN, reserved bits and opcode. A ``str`` is encoded to
    UTF-8. ``mask`` is True for a fresh key, as a client must use for each frame
    (§5.3), False for none, or the four bytes of a key.

    Raises TypeError for a payload that is neither str nor bytes-like, UnicodeEncodeError
    for a str with lone surrogates, ValueError for a head that doesn't fit in a byte or
    a key that isn't four bytes.
    """
    if not 0 <= index(head) <= 0xFF:
        raise ValueError(f"head is {head}, must be 0 to 255")
    key = None if mask is False else new_mask() if mask is True else masking_key(mask)
    data = payload.encode() if isinstance(payload, str) else to_bytes(payload)
    if key is None:
        return bytes((head,)) + encode_length(len(data), 0) + data
    return bytes((head,)) + encode_length(len(data), MASKED) + key + apply_mask(data, key)


def encode_length(length: int, masked: int) -> bytes:
    """Encode a length in one, three or nine bytes, whichever is the least."""
    if length < 126:
        return bytes((masked | length,))
    if length < 65_536:
        return bytes((masked | 126,)) + length.to_bytes(2, "big")
    return bytes((masked | 127,)) + length.to_bytes(8, "big")
