"""The extension on the frames of one connection (RFC 7692 §6, §7.2)."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_deflate.extensions import HELLO, HELLO_AGAIN, make, more, text
from ws_deflate import ZLIB, Backend, PerMessageDeflate
from ws_frames import RSV1, Frame, Opcode, PayloadTooBig, ProtocolError

TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT
CONTROLS = [Opcode.CLOSE, Opcode.PING, Opcode.PONG]


# Arguments


def test_what_a_connection_has_to_know() -> None:
    assert (PerMessageDeflate.name, PerMessageDeflate.rsv) == ("permessage-deflate", RSV1)
    assert PerMessageDeflate.only_marked
    assert PerMessageDeflate.compresses


def test_its_representation_tells_what_was_agreed_on() -> None:
    assert repr(PerMessageDeflate(True, False, 8, 9)) == (
        "PerMessageDeflate(remote_no_context_takeover=True, local_no_context_takeover=False, "
        "remote_max_window_bits=8, local_max_window_bits=9)"
    )


@pytest.mark.parametrize(("remote", "local"), [(7, 15), (16, 15), (15, 8), (15, 16)])
def test_windows_out_of_range_are_an_error(remote: int, local: int) -> None:
    with pytest.raises(ValueError, match=r"_max_window_bits is "):
        PerMessageDeflate(False, False, remote, local)


def test_the_window_is_no_larger_than_what_is_agreed_on() -> None:
    assert PerMessageDeflate(False, False, 15, 15).window_bits == 15
    assert PerMessageDeflate(False, False, 15, 15, window_bits=12).window_bits == 12
    assert PerMessageDeflate(False, False, 15, 10, window_bits=12).window_bits == 10
    with pytest.raises(ValueError, match=r"^window_bits is 8, must be from 9 to 15$"):
        PerMessageDeflate(False, False, 15, 15, window_bits=8)


def test_settings_reach_zlib() -> None:
    data = b"The quick brown fox " * 10
    stored = make(compress_settings={"level": 0}).encode(text(data)).data
    assert data in stored


def test_settings_that_are_equal_but_of_another_type_are_not_shared() -> None:
    with pytest.raises(TypeError):
        make(compress_settings={"memLevel": 7.0}).encode(text(b"Hello"))
    assert make(compress_settings={"memLevel": 7}).encode(text(b"Hello")).rsv1


# Sending (§7.2.1)


def test_the_example_of_a_message() -> None:
    extension = make()
    assert extension.encode(text(b"Hello", rsv1=False)) == text(HELLO)
    assert extension.encode(text(b"Hello", rsv1=False)) == text(HELLO_AGAIN)
    alone = make(local=True)
    # 7 bytes for 5 gain nothing.
    assert alone.encode(text(b"Hello", rsv1=False)) == text(b"Hello", rsv1=False)


def test_only_the_first_fragment_is_marked() -> None:
    extension = make()
    frames = [
        extension.encode(Frame(False, BINARY, b"Hel")),
        extension.encode(more(b"", fin=False)),
        extension.encode(more(b"lo", fin=False)),
        extension.encode(more(b"")),
    ]
    assert [frame.rsv1 for frame in frames] == [True, False, False, False]
    assert [frame.fin for frame in frames] == [False, False, False, True]
    assert [frame.opcode for frame in frames] == [BINARY, CONT, CONT, CONT]
    decoded = [make().decode(frames[0])]
    assert decoded[0] == Frame(False, BINARY, b"Hel")


@pytest.mark.parametrize("opcode", CONTROLS)
def test_control_frames_are_sent_as_they_are(opcode: Opcode) -> None:
    extension = make()
    frame = Frame(True, opcode, b"\x03\xe8")
    assert extension.encode(frame) is frame
    assert extension.encode(text(b"Hel", fin=False)).rsv1
    assert extension.encode(frame) is frame
    assert extension.encode(more(b"lo")).data != b"lo"


def test_other_reserved_bits_are_kept() -> None:
    extension = make()
    assert extension.encode(Frame(False, TEXT, b"Hel", rsv2=True))[3:] == (True, True, False)
    assert extension.encode(Frame(True, CONT, b"lo", rsv3=True))[3:] == (False, False, True)
    assert extension.decode(Frame(True, TEXT, HELLO, True, True, True))[3:] == (False, True, True)


def test_short_messages_are_sent_as_they_are() -> None:
    extension = make(threshold=6)
    short = Frame(True, TEXT, b"Hello")
    assert extension.encode(short) is short
    assert extension.encode(Frame(True, TEXT, b"Hello!")).rsv1
    # They leave no trace in the window.
    assert make().decode(make(threshold=5).encode(short)) == short
    extension.threshold = 0
    assert extension.encode(short).rsv1


def test_a_message_in_fragments_is_compressed_however_short() -> None:
    extension = make(threshold=1000)
    assert extension.encode(Frame(False, TEXT, b"Hel")).rsv1
    assert extension.encode(more(b"lo")).data != b"lo"


def test_without_takeover_what_gains_nothing_is_sent_as_it_is() -> None:
    noise = Frame(True, BINARY, os.urandom(1000))
    alone, peer = make(local=True), make(remote=True)
    for frame in [noise, Frame(True, BINARY, b"")]:
        assert alone.encode(frame) is frame
        assert peer.decode(alone.encode(frame)) == frame
    # The window of the peer has to have what ours has.
    assert make().encode(noise).rsv1
    # The size of a fragment says nothing about the message.
    assert alone.encode(noise._replace(fin=False)).rsv1
    assert len(alone.encode(more(os.urandom(1000))).data) > 1000


def test_a_message_can_be_left_out() -> None:
    ours, theirs = make(), make()
    plain = [Frame(False, TEXT, b"Hel"), more(b"lo")]
    for _ in range(2):
        assert theirs.decode(ours.encode(text(b"Hello", rsv1=False))).data == b"Hello"
        assert [theirs.decode(frame) for frame in plain] == plain


def test_the_fragments_of_a_message_that_was_left_out_are_sent_as_they_are() -> None:
    extension = make()
    frame = more(b"lo")
    assert extension.encode(frame) is frame
    extension.encode(text(b"Hello"))
    assert extension.encode(frame) is frame


def test_nothing_is_made_until_it_is_needed() -> None:
    made = []

    def compressobj(**settings: Any) -> Any:
        made.append(settings)
        return ZLIB.compressobj(**settings)

    def decompressobj(**settings: Any) -> Any:
        made.append(settings)
        return ZLIB.decompressobj(**settings)

    backend = Backend("counting", compressobj, decompressobj, ZLIB.error)
    extension = PerMessageDeflate(
        False, False, 10, 11, {"level": 1, "memLevel": 2}, threshold=3, backend=backend
    )
    extension.encode(Frame(True, TEXT, b"Hi"))
    extension.decode(Frame(True, TEXT, b"Hi"))
    assert made == []
    for _ in range(2):
        extension.encode(Frame(True, TEXT, b"Hello"))
    assert made == [{"wbits": -11, "level": 1, "memLevel": 2}]
    extension.decode(text(HELLO))
    extension.decode(text(HELLO))
    assert made[1:] == [{"wbits": -10}]


def test_after_a_failed_call_the_next_message_can_be_understood() -> None:
    ours, theirs = make(), make()
    theirs.decode(ours.encode(text(b"Hello")))
    with pytest.raises(TypeError):
        ours.encode(text("Hello"))  # type: ignore[arg-type]
    assert theirs.decode(ours.encode(text(b"Hello"))).data == b"Hello"


# Receiving (§7.2.2)


def test_a_frame_loses_its_mark() -> None:
    extension = make()
    assert extension.decode(text(HELLO)) == Frame(True, TEXT, b"Hello")
    assert extension.decode(text(HELLO_AGAIN)) == Frame(True, TEXT, b"Hello")


def test_frames_without_the_mark_are_received_as_they_are() -> None:
    extension = make()
    for frame in [
        Frame(True, TEXT, b"Hello"),
        Frame(True, BINARY, HELLO),
        Frame(False, TEXT, b"Hel"),
        more(b"lo"),
    ]:
        assert extension.decode(frame, max_size=0) is frame


def test_the_example_in_two_fragments() -> None:
    extension = make()
    assert extension.decode(text(HELLO[:3], fin=False)) == Frame(False, TEXT, b"He")
    ping = Frame(True, Opcode.PING, b"between")
    assert extension.decode(ping) is ping
    assert extension.decode(more(HELLO[3:])) == Frame(True, CONT, b"llo")
    # The message is over.
    frame = more(b"Hello")
    assert extension.decode(frame) is frame


@pytest.mark.parametrize("opcode", [*CONTROLS, CONT])
@pytest.mark.parametrize("inside", [True, False])
def test_only_the_first_frame_of_a_message_may_be_marked(opcode: Opcode, inside: bool) -> None:
    extension = make()
    if inside:
        extension.decode(text(HELLO[:3], fin=False))
    with pytest.raises(ProtocolError, match=rf"^{opcode.name} frame with RSV1 set$"):
        extension.decode(Frame(True, opcode, HELLO[3:], True))


@pytest.mark.parametrize("rsv1", [True, False])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_may_not_begin_inside_another(opcode: Opcode, rsv1: bool) -> None:
    extension = make()
    extension.decode(text(HELLO[:3], fin=False))
    with pytest.raises(ProtocolError, match=rf"^{opcode.name} frame inside a fragmented message$"):
        extension.decode(Frame(True, opcode, HELLO, rsv1))


def test_the_limit_is_for_what_comes_out() -> None:
    extension = make()
    assert extension.decode(text(HELLO), max_size=5).data == b"Hello"
    assert extension.decode(text(HELLO_AGAIN), max_size=None).data == b"Hello"
    with pytest.raises(PayloadTooBig, match=r"^payload of more than 4 bytes after decompression$"):
        extension.decode(text(HELLO), max_size=4)


def test_nothing_may_come_out_when_nothing_is_left() -> None:
    extension = make()
    block = b"\x00\x00\xff\xff"
    assert extension.decode(text(HELLO + block, fin=False), max_size=5).data == b"Hello"
    assert extension.decode(more(b"\x00" + block, fin=False), max_size=0).data == b""
    with pytest.raises(PayloadTooBig, match=r"more than 0 bytes"):
        extension.decode(more(HELLO_AGAIN), max_size=0)


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (text(b"\x06"), ProtocolError),
        (text(HELLO[:-2]), ProtocolError),
        (text(HELLO), PayloadTooBig),
        (more(HELLO, rsv1=True), ProtocolError),
        (Frame(True, TEXT, None, True), TypeError),  # type: ignore[arg-type]
    ],
)
def test_after_an_error_nothing_is_received(frame: Frame, error: type[Exception]) -> None:
    extension = make()
    with pytest.raises(error):
        extension.decode(frame, max_size=4)
    for other in [text(HELLO), more(b""), Frame(True, TEXT, b"Hi"), Frame(True, Opcode.PING, b"")]:
        with pytest.raises(ProtocolError, match=r"^decompression ended with an error$"):
            extension.decode(other)
    # Sending has a window of its own.
    assert extension.encode(text(b"Hello")) == text(HELLO)


def test_a_peer_that_promised_not_to_look_back_may_not() -> None:
    extension = make(remote=True)
    extension.decode(text(HELLO))
    with pytest.raises(ProtocolError):
        extension.decode(text(HELLO_AGAIN))


# Both


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut data at these positions, as far as it has them."""
    ends = [*sorted(cut for cut in cuts if cut <= len(data)), len(data)]
    return [data[start:end] for start, end in zip([0, *ends], ends)]


def frames_of(opcode: Opcode, parts: list[bytes], *, rsv1: bool = False) -> list[Frame]:
    last = len(parts) - 1
    return [
        Frame(n == last, CONT if n else opcode, part, rsv1 and not n)
        for n, part in enumerate(parts)
    ]


@given(
    messages=st.lists(
        st.tuples(
            st.sampled_from([TEXT, BINARY]),
            st.binary(max_size=400) | st.integers(0, 3000).map(lambda n: b"abcdefgh" * n),
            st.lists(st.integers(0, 400), max_size=4),
            st.lists(st.integers(0, 400), max_size=4),
            st.booleans(),
        ),
        max_size=6,
    ),
    no_takeover=st.booleans(),
    bits=st.integers(9, 15),
    threshold=st.integers(0, 50),
    level=st.integers(0, 9),
)
def test_what_is_sent_is_received(
    backend: Backend,
    messages: list[tuple[Opcode, bytes, list[int], list[int], bool]],
    no_takeover: bool,
    bits: int,
    threshold: int,
    level: int,
) -> None:
    ours = make(
        backend,
        local=no_takeover,
        bits=bits,
        threshold=threshold,
        compress_settings={"level": level},
    )
    theirs = make(ZLIB, remote=no_takeover, bits=bits)
    back = make(backend, remote=no_takeover, bits=bits)
    for opcode, data, cuts, other_cuts, left_out in messages:
        sent = frames_of(opcode, pieces(data, cuts))
        if not left_out:
            sent = [ours.encode(frame) for frame in sent]
        # A message may arrive in other fragments than it was sent in.
        wire = b"".join(frame.data for frame in sent)
        arrived = frames_of(opcode, pieces(wire, other_cuts), rsv1=sent[0].rsv1)
        for receiver, frames in [(theirs, sent), (back, arrived)]:
            received = [receiver.decode(frame, max_size=len(data)) for frame in frames]
            assert b"".join(frame.data for frame in received) == data
            assert not any(frame.rsv1 for frame in received)


@given(
    frames=st.lists(
        st.builds(
            Frame, st.booleans(), st.sampled_from(Opcode), st.binary(max_size=50), st.booleans()
        ),
        max_size=10,
    ),
    limit=st.none() | st.integers(0, 100),
)
def test_nothing_but_the_documented_errors_is_raised(
    backend: Backend, frames: list[Frame], limit: int | None
) -> None:
    extension = make(backend)
    for frame in frames:
        try:
            decoded = extension.decode(frame, max_size=limit)
        except (ProtocolError, PayloadTooBig):
            continue
        assert not decoded.rsv1
        assert limit is None or not frame.rsv1 or len(decoded.data) <= limit


# Sending the same to many


def test_one_encoding_serves_all_that_are_alike(backend: Backend) -> None:
    ours = [make(backend) for _ in range(3)]
    theirs = [make() for _ in ours]
    assert len({extension.encoding_key for extension in ours}) == 1
    for number, (extension, peer) in enumerate(zip(ours, theirs)):
        own = text(b"a message to one of them: %d" % number * 5)
        assert peer.decode(extension.encode(own)).data == own.data
    for message in [b"a message to all of them " * 5] * 2:
        ours[0].forget()
        frame = ours[0].encode(text(message))
        for extension, peer in zip(ours, theirs):
            extension.forget()
            assert peer.decode(frame).data == message
    for number, (extension, peer) in enumerate(zip(ours, theirs)):
        own = text(b"a message to one of them: %d" % number * 5)
        assert peer.decode(extension.encode(own)).data == own.data


def test_extensions_that_compress_in_another_way_are_not_alike() -> None:
    other = Backend("other", ZLIB.compressobj, ZLIB.decompressobj, ZLIB.error)
    keys = {
        make().encoding_key,
        make(other).encoding_key,
        make(local=True).encoding_key,
        make(bits=12).encoding_key,
        make(threshold=1).encoding_key,
        make(compress_settings={"level": 1}).encoding_key,
    }
    assert len(keys) == 6
    # Only what is sent matters.
    assert make(remote=True, window_bits=12).encoding_key == make(bits=12).encoding_key


def test_an_error_can_be_pickled() -> None:
    with pytest.raises(PayloadTooBig) as raised:
        make().decode(text(HELLO), max_size=0)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
