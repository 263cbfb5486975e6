"""Overriding what no documentation tells to override."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ws_compat.hooks import overrides

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Define, Deprecated


# A base in one of our modules.
BASE = """
from ws_compat.hooks import warn_of_overrides

class Base:
    def __init_subclass__(cls):
        warn_of_overrides(cls, "server")

    def handshake(self): ...

    @staticmethod
    def process_origin(): ...

    async def process_request(self, path, headers): ...
"""


HANDSHAKE = "overriding handshake() of a server is deprecated; override process_request()"
ORIGIN = "overriding process_origin() of a server is deprecated; pass origins to serve()"


@pytest.fixture
def base(define: Define) -> Any:
    return define("ws_compat.example", BASE)["Base"]


def test_an_override_is_warned_of_at_the_class_statement(base: Any, deprecated: Deprecated) -> None:
    with deprecated(HANDSHAKE, at="class Own"):

        class Own(base):  # type: ignore[misc]
            def handshake(self) -> None: ...


def test_a_static_method_is_one_too(base: Any, deprecated: Deprecated) -> None:
    with deprecated(ORIGIN, at="class Own"):

        class Own(base):  # type: ignore[misc]
            @staticmethod
            def process_origin() -> None: ...


def test_what_is_inherited_is_warned_of_once(base: Any, deprecated: Deprecated) -> None:
    with deprecated(HANDSHAKE, at="class Own"):

        class Own(base):  # type: ignore[misc]
            def handshake(self) -> None: ...

        class Other(Own):
            pass


def test_a_function_where_a_coroutine_is_due_is_warned_of(
    base: Any, deprecated: Deprecated
) -> None:
    text = "process_request() as a function is deprecated; define it with async def"
    with deprecated(text, at="class Own"):

        class Own(base):  # type: ignore[misc]
            def process_request(self, path: str, headers: object) -> Any: ...


def test_a_coroutine_is_fine(base: Any, deprecated: Deprecated) -> None:
    with deprecated():

        class Own(base):  # type: ignore[misc]
            async def process_request(self, path: str, headers: object) -> Any: ...

            def another(self) -> None: ...


def test_a_class_overrides_what_it_or_a_base_of_it_has_of_its_own(base: Any) -> None:
    class Mixin:
        @staticmethod
        def process_origin() -> None: ...

    class Own(Mixin, base):  # type: ignore[misc]
        pass

    assert overrides(Own(), base, "process_origin")
    assert not overrides(Own(), base, "handshake")
    assert not overrides(base(), base, "process_origin")
