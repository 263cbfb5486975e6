"""Arguments that have another name today, or that mean something else."""

from __future__ import annotations

import asyncio
import functools
import inspect
import types
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from ws_compat.arguments import (
    as_coroutine_function,
    check_loop,
    is_plain_function,
    modernize_origins,
    modernize_queue,
    rename,
    signed_as,
    take_legacy_recv,
    take_loop,
)

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated


def test_an_old_name_becomes_the_new_one(deprecated: Deprecated) -> None:
    arguments = {"timeout": 5, "max_size": 1}
    with deprecated("the argument timeout is deprecated; use close_timeout", at="rename("):
        rename(arguments, "timeout", "close_timeout")
    assert arguments == {"close_timeout": 5, "max_size": 1}


def test_the_new_name_wins(deprecated: Deprecated) -> None:
    arguments = {"timeout": 5, "close_timeout": 6}
    with deprecated("the argument timeout is deprecated; use close_timeout"):
        rename(arguments, "timeout", "close_timeout")
    assert arguments == {"close_timeout": 6}


def test_none_by_an_old_name_is_as_good_as_nothing(deprecated: Deprecated) -> None:
    arguments = {"klass": None}
    with deprecated():
        rename(arguments, "klass", "create_protocol")
        rename(arguments, "timeout", "close_timeout")
    assert arguments == {}


@pytest.mark.parametrize(("given", "meant"), [(0, None), (None, None), (1, 1), (32, 32)])
def test_a_queue_of_zero_has_no_limit(
    deprecated: Deprecated, given: int | None, meant: int | None
) -> None:
    arguments = {"max_queue": given}
    texts = ["max_queue=0 is deprecated; use max_queue=None"] if given == 0 else []
    with deprecated(*texts):
        modernize_queue(arguments)
    assert arguments == {"max_queue": meant}


def test_an_empty_origin_is_none(deprecated: Deprecated) -> None:
    arguments: dict[str, Any] = {"origins": ["", "https://example.com"]}
    with deprecated('"" in origins is deprecated; use None'):
        modernize_origins(arguments)
    assert arguments == {"origins": [None, "https://example.com"]}


@pytest.mark.parametrize(
    "origins", [None, [], [None, "https://example.com"], "https://example.com"]
)
def test_other_origins_stay(deprecated: Deprecated, origins: Any) -> None:
    arguments = {"origins": origins}
    with deprecated():
        modernize_origins(arguments)
        modernize_origins({})
    assert arguments["origins"] is origins


def test_legacy_recv_is_taken_out(deprecated: Deprecated) -> None:
    arguments = {"legacy_recv": True}
    with deprecated("legacy_recv is deprecated; catch ConnectionClosed"):
        assert take_legacy_recv(arguments)
    with deprecated():
        assert not take_legacy_recv(arguments)
        assert not take_legacy_recv({"legacy_recv": False})
    assert arguments == {}


async def test_a_loop_has_to_be_the_running_one(deprecated: Deprecated) -> None:
    text = "the argument loop is deprecated; leave it out, and let that loop run this"
    with deprecated(text):
        loop = take_loop({"loop": asyncio.get_running_loop()})
    check_loop(loop)
    other = asyncio.new_event_loop()
    with pytest.raises(RuntimeError, match="another event loop than the running one"):
        check_loop(other)
    other.close()


async def test_no_loop_is_the_running_one(deprecated: Deprecated) -> None:
    with deprecated():
        check_loop(take_loop({}))
        check_loop(take_loop({"loop": None}))


def plain(path: str, headers: object) -> None: ...


async def coroutine(path: str, headers: object) -> None: ...


@types.coroutine
def generator(path: str, headers: object) -> Generator[None, None, None]:
    yield


@functools.wraps(coroutine)
def wrapped(*args: Any) -> Any: ...


@functools.wraps(plain)
def passed(*args: Any) -> Any: ...


@functools.wraps(plain)
async def awaited(*args: Any) -> Any: ...


class Callable:
    def method(self, path: str, headers: object) -> None: ...

    async def coroutine(self, path: str, headers: object) -> None: ...

    def __call__(self, path: str, headers: object) -> Any: ...


@pytest.mark.parametrize(
    "function",
    [
        plain,
        passed,
        Callable().method,
        functools.partial(plain, "/"),
        functools.partial(passed, "/"),
        lambda *args: None,
        print,
    ],
)
def test_these_are_plain_functions(function: object) -> None:
    assert is_plain_function(function)


@pytest.mark.parametrize(
    "function",
    [
        None,
        coroutine,
        generator,
        wrapped,
        awaited,
        functools.partial(awaited, "/"),
        Callable(),
        Callable().coroutine,
        functools.partial(coroutine, "/"),
    ],
)
def test_of_these_nobody_knows_before_they_are_called(function: object) -> None:
    assert not is_plain_function(function)


async def test_a_function_is_made_a_coroutine_function() -> None:
    async def later(value: int) -> int:
        return value

    for function in (lambda value: value, later):
        made = as_coroutine_function(function)
        assert inspect.iscoroutinefunction(made)
        assert await made(1) == 1


def test_a_function_shows_the_signature_of_another() -> None:
    def documented(uri: str, *, origin: str | None = None) -> None:
        """Do it."""

    @signed_as(documented)
    def real(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return args, kwargs

    assert inspect.signature(real) == inspect.signature(documented)
    assert real.__doc__ == "Do it."
    assert real.__name__ == "real"
    assert real(1, a=2) == ((1,), {"a": 2})
