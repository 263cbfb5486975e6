from __future__ import annotations

import pytest

from ws_frames import Connection, Extension, Frame, InvalidState, PreparedMessage, Role


class Numbering(Extension):
    """Appends how many frames were encoded since it forgot."""

    name = "x-numbering"

    def __init__(self, key: object = "same") -> None:
        self.key = key
        self.count = 0

    @property
    def encoding_key(self) -> object:
        return self.key

    def forget(self) -> None:
        self.count = 0

    def encode(self, frame: Frame) -> Frame:
        self.count += 1
        return frame._replace(data=frame.data + b"%d" % self.count)


def server(*extensions: Extension) -> Connection:
    return Connection(Role.SERVER, extensions=extensions)


def test_connections_without_extensions_share_one_encoding() -> None:
    message = PreparedMessage("Hello")
    first = server().send_prepared(message)
    assert first == b"\x81\x05Hello"
    assert server().send_prepared(message) is first


def test_connections_with_like_extensions_share_one_encoding() -> None:
    message = PreparedMessage(b"Hello")
    first = server(Numbering()).send_prepared(message)
    assert first == b"\x82\x06Hello1"
    assert server(Numbering()).send_prepared(message) is first
    assert server(Numbering("other")).send_prepared(message) is not first
    assert server().send_prepared(message) == b"\x82\x05Hello"
    assert len(message.encodings) == 3


def test_nothing_looks_back_over_a_shared_encoding() -> None:
    message = PreparedMessage("Hello")
    maker, user = server(Numbering()), server(Numbering())
    for connection in (maker, user):
        assert connection.send_message("a") == b"\x81\x02a1"
        assert connection.send_prepared(message) == b"\x81\x06Hello1"
        assert connection.send_message("b") == b"\x81\x02b1"


def test_an_extension_that_says_nothing_shares_nothing() -> None:
    message = PreparedMessage("Hello")
    connection = server(Numbering(None))
    assert connection.send_prepared(message) == b"\x81\x06Hello1"
    assert connection.send_prepared(message) == b"\x81\x06Hello2"
    assert message.encodings == {}


def test_a_client_masks_each_frame_anew() -> None:
    message = PreparedMessage("Hello")
    client = Connection(Role.CLIENT)
    assert client.send_prepared(message) != client.send_prepared(message)
    assert message.encodings == {}


def test_a_prepared_message_waits_for_a_fragmented_one() -> None:
    connection = server()
    connection.send_fragment("a", fin=False)
    with pytest.raises(InvalidState):
        connection.send_prepared(PreparedMessage("Hello"))


def test_its_repr_does_not_show_the_payload() -> None:
    assert repr(PreparedMessage("secret")) == "<PreparedMessage of 6, 0 encodings>"
