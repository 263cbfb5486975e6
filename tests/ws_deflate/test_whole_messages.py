"""Messages that the extension takes as a whole, past their frames."""

from __future__ import annotations

import os

import pytest

from tests.ws_deflate.extensions import HELLO, HELLO_AGAIN, make, more, text
from ws_deflate import Backend, PerMessageDeflate
from ws_frames import Frame, PayloadTooBig, ProtocolError


def test_it_takes_messages_unless_a_subclass_changes_what_is_done_to_frames() -> None:
    class Encoding(PerMessageDeflate):
        def encode(self, frame: Frame) -> Frame:
            return frame

    class Decoding(PerMessageDeflate):
        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            return frame

    class Neither(PerMessageDeflate):
        pass

    assert make().takes_messages
    assert Neither(False, False, 15, 15).takes_messages
    assert not Encoding(False, False, 15, 15).takes_messages
    assert not Decoding(False, False, 15, 15).takes_messages


@pytest.mark.parametrize("name", ["encode", "decode"])
def test_it_takes_no_messages_where_a_method_is_replaced(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Open(PerMessageDeflate):
        pass

    extension = Open(False, False, 15, 15)
    setattr(extension, name, lambda frame, **options: frame)
    assert not extension.takes_messages
    monkeypatch.setattr(PerMessageDeflate, name, lambda self, frame, **options: frame)
    assert not make().takes_messages


def test_a_message_is_compressed_as_its_frame_is(backend: Backend) -> None:
    whole, framed = make(backend, threshold=3), make(backend, threshold=3)
    for data in (b"Hello", b"Hello", b"", b"ab", os.urandom(50), b"abc" * 9):
        frame = framed.encode(text(data, rsv1=False))
        encoded = whole.encode_message(data)
        assert (encoded is not None) == frame.rsv1 == (len(data) >= 3)
        assert (encoded or data) == frame.data
    # Of one that gained nothing nothing is kept, where none looks back.
    whole, framed = make(backend, local=True), make(backend, local=True)
    data = os.urandom(50)
    assert whole.encode_message(data) is None
    assert framed.encode(text(data, rsv1=False)) == text(data, rsv1=False)


def test_a_message_is_decompressed_as_its_frame_is(backend: Backend) -> None:
    whole, framed = make(backend), make(backend)
    for data in (HELLO, HELLO_AGAIN, b"\x00"):
        assert whole.decode_message(data, None) == framed.decode(text(data)).data
    # Frames and messages in turns.
    begun = whole.decode(text(HELLO[:3], fin=False)).data
    assert begun + whole.decode(more(HELLO[3:])).data == b"Hello"
    assert whole.decode_message(HELLO_AGAIN, None) == b"Hello"


@pytest.mark.parametrize(("data", "error"), [(b"\xff", ProtocolError), (HELLO, PayloadTooBig)])
def test_after_an_error_nothing_is_decompressed(data: bytes, error: type[Exception]) -> None:
    def decode(extension: PerMessageDeflate, way: str, data: bytes) -> None:
        if way == "message":
            extension.decode_message(data, 4)
        else:
            extension.decode(text(data), max_size=4)

    for first, then in [("message", "frame"), ("frame", "message"), ("message", "message")]:
        extension = make()
        with pytest.raises(error):
            decode(extension, first, data)
        with pytest.raises(ProtocolError, match=r"^decompression ended with an error$"):
            decode(extension, then, b"\x00")
