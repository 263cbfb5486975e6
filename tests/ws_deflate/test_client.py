"""What the client offers, and which answers it takes (RFC 7692 §7.1)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from ws_deflate import ZLIB, Backend, ClientPerMessageDeflateFactory, PerMessageDeflate
from ws_deflate.parameters import WindowBits
from ws_frames import Extension
from ws_http import ExtensionParameter, NegotiationError

SNCT = "server_no_context_takeover"
CNCT = "client_no_context_takeover"
SMWB = "server_max_window_bits"
CMWB = "client_max_window_bits"

OFFERS: list[tuple[dict[str, Any], list[ExtensionParameter]]] = [
    ({CMWB: None}, []),
    ({}, [(CMWB, None)]),
    ({CMWB: 8}, [(CMWB, "8")]),
    ({CMWB: 15}, [(CMWB, "15")]),
    ({SNCT: True}, [(SNCT, None), (CMWB, None)]),
    ({CNCT: True}, [(CNCT, None), (CMWB, None)]),
    ({SMWB: 8}, [(SMWB, "8"), (CMWB, None)]),
    ({SMWB: 15}, [(SMWB, "15"), (CMWB, None)]),
    (
        {SNCT: True, CNCT: True, SMWB: 10, CMWB: 12},
        [(SNCT, None), (CNCT, None), (SMWB, "10"), (CMWB, "12")],
    ),
]

# Each parameter: what is offered, what is answered, and what that makes; None is an error.
ABSENT = None
SERVER_NO_CONTEXT_TAKEOVER = [
    (False, False, False),
    (False, True, True),
    (True, False, None),
    (True, True, True),
]
CLIENT_NO_CONTEXT_TAKEOVER = [
    (False, False, False),
    (False, True, True),
    (True, False, True),
    (True, True, True),
]
SERVER_MAX_WINDOW_BITS = [
    (ABSENT, ABSENT, 15),
    (ABSENT, 8, 8),
    (ABSENT, 12, 12),
    (ABSENT, 15, 15),
    (8, ABSENT, None),
    (8, 8, 8),
    (8, 9, None),
    (8, 15, None),
    (12, ABSENT, None),
    (12, 8, 8),
    (12, 11, 11),
    (12, 12, 12),
    (12, 13, None),
    (12, 15, None),
    (15, ABSENT, None),
    (15, 8, 8),
    (15, 15, 15),
]
CLIENT_MAX_WINDOW_BITS = [
    (ABSENT, ABSENT, 15),
    (ABSENT, 8, None),
    (ABSENT, 9, None),
    (ABSENT, 15, None),
    (True, ABSENT, 15),
    (True, 8, None),  # zlib can't
    (True, 9, 9),
    (True, 12, 12),
    (True, 15, 15),
    (8, ABSENT, None),  # zlib can't
    (8, 8, None),
    (8, 9, None),
    (9, ABSENT, 9),
    (9, 8, None),
    (9, 9, 9),
    (9, 10, None),
    (12, ABSENT, 12),
    (12, 8, None),
    (12, 9, 9),
    (12, 12, 12),
    (12, 13, None),
    (12, 15, None),
    (15, ABSENT, 15),
    (15, 9, 9),
    (15, 15, 15),
]


def answer(
    snct: bool = False, cnct: bool = False, smwb: int | None = None, cmwb: int | None = None
) -> list[ExtensionParameter]:
    flags: list[ExtensionParameter] = [
        (n, None) for n, is_set in [(SNCT, snct), (CNCT, cnct)] if is_set
    ]
    return flags + [(n, str(b)) for n, b in [(SMWB, smwb), (CMWB, cmwb)] if b is not None]


def agreed(extension: Extension) -> tuple[bool, bool, int, int]:
    """The parameters in the order of their names above."""
    assert isinstance(extension, PerMessageDeflate)
    return (
        extension.remote_no_context_takeover,
        extension.local_no_context_takeover,
        extension.remote_max_window_bits,
        extension.local_max_window_bits,
    )


def test_its_name_is_the_registered_one() -> None:
    assert ClientPerMessageDeflateFactory.name == "permessage-deflate"


@pytest.mark.parametrize(("config", "params"), OFFERS, ids=str)
def test_the_offer_says_what_was_configured(
    config: dict[str, Any], params: list[ExtensionParameter]
) -> None:
    assert ClientPerMessageDeflateFactory(**config).get_request_params() == params


@pytest.mark.parametrize(("offered", "answered", "result"), SERVER_NO_CONTEXT_TAKEOVER)
def test_server_no_context_takeover(offered: bool, answered: bool, result: bool | None) -> None:
    factory = ClientPerMessageDeflateFactory(server_no_context_takeover=offered)
    if result is None:
        with pytest.raises(NegotiationError):
            factory.process_response_params(answer(snct=answered), [])
    else:
        extension = factory.process_response_params(answer(snct=answered), [])
        assert agreed(extension) == (result, False, 15, 15)


@pytest.mark.parametrize(("offered", "answered", "result"), CLIENT_NO_CONTEXT_TAKEOVER)
def test_client_no_context_takeover(offered: bool, answered: bool, result: bool) -> None:
    factory = ClientPerMessageDeflateFactory(client_no_context_takeover=offered)
    extension = factory.process_response_params(answer(cnct=answered), [])
    assert agreed(extension) == (False, result, 15, 15)


@pytest.mark.parametrize(("offered", "answered", "result"), SERVER_MAX_WINDOW_BITS)
def test_server_max_window_bits(
    offered: int | None, answered: int | None, result: int | None
) -> None:
    factory = ClientPerMessageDeflateFactory(server_max_window_bits=offered)
    if result is None:
        with pytest.raises(NegotiationError, match=SMWB):
            factory.process_response_params(answer(smwb=answered), [])
    else:
        extension = factory.process_response_params(answer(smwb=answered), [])
        assert agreed(extension) == (False, False, result, 15)


@pytest.mark.parametrize(("offered", "answered", "result"), CLIENT_MAX_WINDOW_BITS)
def test_client_max_window_bits(
    offered: WindowBits, answered: int | None, result: int | None
) -> None:
    factory = ClientPerMessageDeflateFactory(client_max_window_bits=offered)
    if result is None:
        with pytest.raises(NegotiationError, match=CMWB):
            factory.process_response_params(answer(cmwb=answered), [])
    else:
        extension = factory.process_response_params(answer(cmwb=answered), [])
        assert agreed(extension) == (False, False, 15, result)


def test_the_parameters_do_not_depend_on_each_other() -> None:
    tables: list[list[tuple[Any, Any, Any]]] = [
        SERVER_NO_CONTEXT_TAKEOVER,
        CLIENT_NO_CONTEXT_TAKEOVER,
        SERVER_MAX_WINDOW_BITS,
        CLIENT_MAX_WINDOW_BITS,
    ]
    for rows in product(*tables):
        offers, answers, results = zip(*rows)
        factory = ClientPerMessageDeflateFactory(*offers)
        if None in results:
            with pytest.raises(NegotiationError):
                factory.process_response_params(answer(*answers), [])
        else:
            extension = factory.process_response_params(answer(*answers), [])
            assert agreed(extension) == results, rows


@pytest.mark.parametrize(
    "params",
    [
        [("unknown", None)],
        [(SNCT, "1")],
        [(CNCT, "")],
        [(CNCT, None), (CNCT, None)],
        [(SMWB, None)],
        [(SMWB, "7")],
        [(SMWB, "16")],
        [(SMWB, "012")],
        [(SMWB, "12"), (SMWB, "12")],
        [(CMWB, None)],
        [(CMWB, "7")],
        [(CMWB, "16")],
    ],
    ids=str,
)
def test_an_answer_with_invalid_parameters_is_refused(params: list[ExtensionParameter]) -> None:
    with pytest.raises(NegotiationError):
        ClientPerMessageDeflateFactory().process_response_params(params, [])


def test_an_answer_after_an_accepted_one_is_refused() -> None:
    factory = ClientPerMessageDeflateFactory()
    accepted = factory.process_response_params([], [])
    with pytest.raises(NegotiationError, match=r"^duplicate extension: permessage-deflate$"):
        factory.process_response_params([], [accepted])


def test_other_extensions_do_not_matter() -> None:
    class Other(Extension):
        name = "x-other"

    extension = ClientPerMessageDeflateFactory().process_response_params([], [Other()])
    assert agreed(extension) == (False, False, 15, 15)


@pytest.mark.parametrize("name", [SMWB, CMWB])
@pytest.mark.parametrize("bits", [7, 16, 0, False, "12"])
def test_other_sizes_of_windows_are_an_error(name: str, bits: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        ClientPerMessageDeflateFactory(**{name: bits})


def test_the_server_has_to_be_told_the_size_of_its_window() -> None:
    with pytest.raises(ValueError, match=r"^server_max_window_bits is True"):
        ClientPerMessageDeflateFactory(server_max_window_bits=True)


def test_settings_are_judged_at_once() -> None:
    with pytest.raises(ValueError, match="wbits"):
        ClientPerMessageDeflateFactory(compress_settings={"wbits": -12})
    with pytest.raises(TypeError):
        ClientPerMessageDeflateFactory(compress_settings={"speed": 1})
    with pytest.raises(ValueError, match=r"^window_bits is 8"):
        ClientPerMessageDeflateFactory(window_bits=8)


def test_what_is_not_negotiated_is_handed_on() -> None:
    other = Backend("other", ZLIB.compressobj, ZLIB.decompressobj, ZLIB.error)
    settings = {"level": 1}
    factory = ClientPerMessageDeflateFactory(
        compress_settings=settings, window_bits=11, threshold=100, backend=other
    )
    settings["level"] = 99
    extension = factory.process_response_params([], [])
    assert extension.compress_settings == {"level": 1}
    assert (extension.window_bits, extension.threshold) == (11, 100)
    assert extension.backend is other
    assert factory.process_response_params([(CMWB, "10")], []).window_bits == 10
