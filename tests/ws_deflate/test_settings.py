"""What may be asked of zlib."""

from __future__ import annotations

from typing import Any

import pytest

from ws_deflate import (
    ZLIB,
    Backend,
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from ws_deflate.settings import check_settings, check_window_bits


@pytest.mark.parametrize("bits", [8, 9, 15])
def test_window_bits_may_be_from_8_to_15(bits: int) -> None:
    check_window_bits("bits", bits, least=8)


@pytest.mark.parametrize("bits", [7, 16, 0, -12, True, False, 12.0, 12.5, "12", None])
def test_other_window_bits_are_an_error(bits: Any) -> None:
    with pytest.raises(ValueError, match=rf"^bits is {bits!r}, must be from 8 to 15$"):
        check_window_bits("bits", bits, least=8)


@pytest.mark.parametrize(
    "factory", [ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory]
)
@pytest.mark.parametrize(
    "name", ["server_max_window_bits", "client_max_window_bits", "window_bits"]
)
@pytest.mark.parametrize("bits", [12.0, 12.5, False])
def test_no_factory_takes_window_bits_that_are_no_int(factory: Any, name: str, bits: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is {bits}, must be from "):
        factory(**{name: bits})


def test_the_window_of_a_compressor_has_9_bits_at_least() -> None:
    with pytest.raises(ValueError, match=r"^bits is 8, must be from 9 to 15$"):
        check_window_bits("bits", 8)


@pytest.mark.parametrize(
    "settings", [{}, {"level": 1}, {"level": 9, "memLevel": 1, "strategy": 0}, {"memLevel": 9}]
)
def test_settings_of_zlib_are_taken(settings: dict[str, int], backend: Backend) -> None:
    check_settings(settings, backend)


@pytest.mark.parametrize("name", ["wbits", "zdict"])
def test_settings_that_the_peer_would_have_to_know_are_an_error(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^compress_settings cannot set {name}$"):
        check_settings({name: 12}, ZLIB)


def test_settings_that_zlib_refuses_are_an_error() -> None:
    with pytest.raises(ValueError, match="Invalid initialization option"):
        check_settings({"level": 10}, ZLIB)
    with pytest.raises(TypeError):
        check_settings({"speed": 10}, ZLIB)
