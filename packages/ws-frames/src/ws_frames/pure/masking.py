"""Masking of payloads (RFC 6455 §5.3)."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["MASK_SIZE", "apply_mask"]

MASK_SIZE = 4

# Size from which on mask_large() is the faster one, on Python 3.9 to 3.13.
LARGE = 2048


def apply_mask(
    data: bytes | bytearray | memoryview,
    mask: bytes | bytearray | memoryview,
    /,
) -> bytes:
    """
    Mask or unmask a payload (RFC 6455 §5.3).

    "Octet i of the transformed data ("transformed-octet-i") is the XOR of octet i of the
    original data ("original-octet-i") with octet at index i modulo 4 of the masking key".
    The same step undoes it.

    Args:
        data: any contiguous bytes-like object, of any length.
        mask: the masking key, a bytes-like object of 4 bytes.

    Returns:
        The transformed bytes, as many as data has.

    Raises:
        TypeError: data or mask is not bytes-like.
        BufferError: data or mask is not contiguous.
        ValueError: mask is not 4 bytes long.

    """
    payload = octets(data)
    key = masking_key(mask)
    return mask_large(payload, key) if len(payload) >= LARGE else mask_small(payload, key)


def mask_small(payload: bytes, key: bytes) -> bytes:
    """One XOR of two long integers: some hundred times as fast as a loop over bytes."""
    size = len(payload)
    repeated = (key * (size // MASK_SIZE + 1))[:size]
    transformed = int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")
    return transformed.to_bytes(size, "little")


def mask_large(payload: bytes, key: bytes) -> bytes:
    """Four look-ups in tables: twice as fast as integers that don't fit in the cache."""
    transformed = bytearray(payload)
    for place, byte in enumerate(key):
        every_fourth = transformed[place::MASK_SIZE]
        transformed[place::MASK_SIZE] = every_fourth.translate(xor_table(byte))
    return bytes(transformed)


@lru_cache(maxsize=256)
def xor_table(byte: int) -> bytes:
    return bytes(byte ^ other for other in range(256))


def masking_key(mask: bytes | bytearray | memoryview) -> bytes:
    """The four bytes of a mask. Raises what :func:`apply_mask` raises for a wrong one."""
    key = octets(mask)
    if len(key) != MASK_SIZE:
        raise ValueError(f"mask is {len(key)} bytes long, must be {MASK_SIZE}")
    return key


def octets(data: bytes | bytearray | memoryview) -> bytes:
    """The content of a bytes-like object; the same errors as the C buffer protocol."""
    if type(data) is bytes:
        return data
    with memoryview(data) as view:
        if not view.c_contiguous:
            raise BufferError("underlying buffer is not C-contiguous")
        return view.tobytes()
