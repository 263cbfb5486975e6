"""The interface between a connection and its extensions, RFC 6455 §9."""

from __future__ import annotations

import pytest

from ws_frames import Extension, Frame, Opcode

FRAME = Frame(True, Opcode.BINARY, b"data")


def test_the_base_class_leaves_both_directions_to_others() -> None:
    with pytest.raises(NotImplementedError):
        Extension().decode(FRAME, max_size=None)
    with pytest.raises(NotImplementedError):
        Extension().encode(FRAME)


def test_an_extension_that_declares_nothing_sees_every_frame_with_any_bit() -> None:
    assert Extension.rsv is None
    assert Extension.only_marked is False


def test_an_extension_that_declares_nothing_shares_no_encoding() -> None:
    extension = Extension()
    assert extension.compresses is False
    assert extension.encoding_key is None
    extension.forget()
