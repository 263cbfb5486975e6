"""Which offers the server takes, and how it answers them (RFC 7692 §7.1)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from ws_deflate import ZLIB, Backend, PerMessageDeflate, ServerPerMessageDeflateFactory
from ws_deflate.parameters import WindowBits
from ws_frames import Extension
from ws_http import ExtensionParameter, NegotiationError

SNCT = "server_no_context_takeover"
CNCT = "client_no_context_takeover"
SMWB = "server_max_window_bits"
CMWB = "client_max_window_bits"

# Each parameter: what is configured, what is offered, what is answered, and the size of
# the window that this makes. "decline" in place of an answer is an error.
ABSENT = None
DECLINE = "decline"
NO_CONTEXT_TAKEOVER = [
    (False, False, False),
    (False, True, True),
    (True, False, True),
    (True, True, True),
]
SERVER_MAX_WINDOW_BITS: list[tuple[int | None, int | None, Any, int]] = [
    (ABSENT, ABSENT, ABSENT, 15),
    (ABSENT, 8, DECLINE, 0),  # zlib can't
    (ABSENT, 9, 9, 9),
    (ABSENT, 12, 12, 12),
    (ABSENT, 15, 15, 15),
    (8, ABSENT, DECLINE, 0),
    (8, 8, DECLINE, 0),
    (8, 12, DECLINE, 0),
    (9, ABSENT, 9, 9),
    (9, 8, DECLINE, 0),
    (9, 9, 9, 9),
    (9, 10, 9, 9),
    (12, ABSENT, 12, 12),
    (12, 8, DECLINE, 0),
    (12, 10, 10, 10),
    (12, 12, 12, 12),
    (12, 15, 12, 12),
    (15, ABSENT, 15, 15),
    (15, 9, 9, 9),
    (15, 15, 15, 15),
]
CLIENT_MAX_WINDOW_BITS: list[tuple[int | None, WindowBits, int | None, int]] = [
    (ABSENT, ABSENT, ABSENT, 15),
    (ABSENT, True, ABSENT, 15),
    (ABSENT, 8, 8, 8),
    (ABSENT, 12, 12, 12),
    (ABSENT, 15, 15, 15),
    (8, ABSENT, ABSENT, 15),
    (8, True, 8, 8),
    (8, 8, 8, 8),
    (8, 15, 8, 8),
    (12, ABSENT, ABSENT, 15),
    (12, True, 12, 12),
    (12, 8, 8, 8),
    (12, 12, 12, 12),
    (12, 15, 12, 12),
    (15, ABSENT, ABSENT, 15),
    (15, True, 15, 15),
    (15, 8, 8, 8),
    (15, 15, 15, 15),
]


def params(
    snct: bool = False, cnct: bool = False, smwb: WindowBits = None, cmwb: WindowBits = None
) -> list[ExtensionParameter]:
    flags: list[ExtensionParameter] = [
        (n, None) for n, is_set in [(SNCT, snct), (CNCT, cnct)] if is_set
    ]
    sizes = [(SMWB, smwb), (CMWB, cmwb)]
    return flags + [(n, None if b is True else str(b)) for n, b in sizes if b is not None]


def agreed(extension: Extension) -> tuple[bool, bool, int, int]:
    """The parameters in the order of their names above."""
    assert isinstance(extension, PerMessageDeflate)
    return (
        extension.local_no_context_takeover,
        extension.remote_no_context_takeover,
        extension.local_max_window_bits,
        extension.remote_max_window_bits,
    )


def test_its_name_is_the_registered_one() -> None:
    assert ServerPerMessageDeflateFactory.name == "permessage-deflate"


@pytest.mark.parametrize(("config", "offered", "result"), NO_CONTEXT_TAKEOVER)
def test_server_no_context_takeover(config: bool, offered: bool, result: bool) -> None:
    factory = ServerPerMessageDeflateFactory(server_no_context_takeover=config)
    answer, extension = factory.process_request_params(params(snct=offered), [])
    assert answer == params(snct=result)
    assert agreed(extension) == (result, False, 15, 15)


@pytest.mark.parametrize(("config", "offered", "result"), NO_CONTEXT_TAKEOVER)
def test_client_no_context_takeover(config: bool, offered: bool, result: bool) -> None:
    factory = ServerPerMessageDeflateFactory(client_no_context_takeover=config)
    answer, extension = factory.process_request_params(params(cnct=offered), [])
    assert answer == params(cnct=result)
    assert agreed(extension) == (False, result, 15, 15)


@pytest.mark.parametrize(("config", "offered", "answered", "size"), SERVER_MAX_WINDOW_BITS)
def test_server_max_window_bits(
    config: int | None, offered: int | None, answered: Any, size: int
) -> None:
    factory = ServerPerMessageDeflateFactory(server_max_window_bits=config)
    if answered == DECLINE:
        with pytest.raises(NegotiationError, match=r"^server_max_window_bits is 8, at least 9"):
            factory.process_request_params(params(smwb=offered), [])
    else:
        answer, extension = factory.process_request_params(params(smwb=offered), [])
        assert answer == params(smwb=answered)
        assert agreed(extension) == (False, False, size, 15)


@pytest.mark.parametrize("require", [False, True])
@pytest.mark.parametrize(("config", "offered", "answered", "size"), CLIENT_MAX_WINDOW_BITS)
def test_client_max_window_bits(
    config: int | None, offered: WindowBits, answered: int | None, size: int, require: bool
) -> None:
    require = require and config is not None
    factory = ServerPerMessageDeflateFactory(
        client_max_window_bits=config, require_client_max_window_bits=require
    )
    if require and offered is None:
        with pytest.raises(NegotiationError, match=r"^client_max_window_bits is required"):
            factory.process_request_params(params(cmwb=offered), [])
    else:
        answer, extension = factory.process_request_params(params(cmwb=offered), [])
        assert answer == params(cmwb=answered)
        assert agreed(extension) == (False, False, 15, size)


def test_the_parameters_do_not_depend_on_each_other() -> None:
    flags = [(config, offer, result, result) for config, offer, result in NO_CONTEXT_TAKEOVER]
    for rows in product(flags, flags, SERVER_MAX_WINDOW_BITS, CLIENT_MAX_WINDOW_BITS):
        configs, offers, answers, results = zip(*rows)
        factory = ServerPerMessageDeflateFactory(*configs)
        if DECLINE in answers:
            with pytest.raises(NegotiationError):
                factory.process_request_params(params(*offers), [])
        else:
            answer, extension = factory.process_request_params(params(*offers), [])
            assert answer == params(*answers)
            assert agreed(extension) == results, rows


@pytest.mark.parametrize(
    "offer",
    [
        [("unknown", None)],
        [(SNCT, "1")],
        [(CNCT, "")],
        [(CNCT, None), (CNCT, None)],
        [(SMWB, None)],
        [(SMWB, "7")],
        [(SMWB, "16")],
        [(SMWB, "012")],
        [(CMWB, "7")],
        [(CMWB, "16")],
        [(CMWB, "")],
        [(CMWB, None), (CMWB, "12")],
    ],
    ids=str,
)
def test_an_offer_with_invalid_parameters_is_declined(offer: list[ExtensionParameter]) -> None:
    with pytest.raises(NegotiationError):
        ServerPerMessageDeflateFactory().process_request_params(offer, [])


def test_an_offer_after_an_accepted_one_is_declined() -> None:
    factory = ServerPerMessageDeflateFactory()
    _, accepted = factory.process_request_params([], [])
    with pytest.raises(NegotiationError, match=r"^duplicate extension: permessage-deflate$"):
        factory.process_request_params([], [accepted])


def test_other_extensions_do_not_matter() -> None:
    class Other(Extension):
        name = "x-other"

    answer, _ = ServerPerMessageDeflateFactory().process_request_params([], [Other()])
    assert answer == []


@pytest.mark.parametrize("name", [SMWB, CMWB])
@pytest.mark.parametrize("bits", [7, 16, 0, True, False, "12"])
def test_other_sizes_of_windows_are_an_error(name: str, bits: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        ServerPerMessageDeflateFactory(**{name: bits})


@pytest.mark.parametrize("bits", [8, 15])
@pytest.mark.parametrize("name", [SMWB, CMWB])
def test_the_ends_of_the_range_are_no_error(name: str, bits: Any) -> None:
    assert getattr(ServerPerMessageDeflateFactory(**{name: bits}), name) == bits


def test_what_is_required_has_to_be_given() -> None:
    with pytest.raises(ValueError, match=r"^client_max_window_bits is required and not given$"):
        ServerPerMessageDeflateFactory(require_client_max_window_bits=True)


def test_settings_are_judged_at_once() -> None:
    with pytest.raises(ValueError, match="zdict"):
        ServerPerMessageDeflateFactory(compress_settings={"zdict": b"hello"})
    with pytest.raises(TypeError):
        ServerPerMessageDeflateFactory(compress_settings={"speed": 1})
    with pytest.raises(ValueError, match=r"^window_bits is 16"):
        ServerPerMessageDeflateFactory(window_bits=16)


def test_what_is_not_negotiated_is_handed_on() -> None:
    other = Backend("other", ZLIB.compressobj, ZLIB.decompressobj, ZLIB.error)
    factory = ServerPerMessageDeflateFactory(
        compress_settings={"level": 1}, window_bits=11, threshold=100, backend=other
    )
    _, extension = factory.process_request_params([], [])
    assert extension.compress_settings == {"level": 1}
    assert (extension.window_bits, extension.threshold) == (11, 100)
    assert extension.backend is other
