"""``import websockets``."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import pydoc
import subprocess
import sys
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest

import websockets
import ws_compat
import ws_frames
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn

# All of them are there, and more can be imported.
MODULES = [
    each.name
    for each in pkgutil.walk_packages(websockets.__path__, "websockets.")
    if each.name != "websockets.__main__"
]

COMPAT = [
    "BasicAuthWebSocketServerProtocol",
    "WebSocketClientProtocol",
    "WebSocketCommonProtocol",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "basic_auth_protocol_factory",
    "connect",
    "serve",
    "unix_connect",
    "unix_serve",
]
FRAMES = [
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "Data",
    "InvalidState",
    "PayloadTooBig",
    "ProtocolError",
    "WebSocketException",
]
HTTP = [
    "AbortHandshake",
    "DuplicateParameter",
    "ExtensionHeader",
    "ExtensionParameter",
    "Headers",
    "InvalidHandshake",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "InvalidMessage",
    "InvalidOrigin",
    "InvalidParameterName",
    "InvalidParameterValue",
    "InvalidStatusCode",
    "InvalidURI",
    "InvalidUpgrade",
    "MultipleValuesError",
    "NegotiationError",
    "Origin",
    "RedirectHandshake",
    "SecurityError",
    "Subprotocol",
]


def run(code: str) -> str:
    """What a program prints, in a Python of its own where warnings are errors."""
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.stderr == ""
    return result.stdout


def test_it_hands_on_all_public_names(hands_on: HandsOn) -> None:
    names: dict[str, Any] = {
        **{name: getattr(ws_compat, name) for name in COMPAT},
        **{name: getattr(ws_frames, name) for name in FRAMES},
        **{name: getattr(ws_http, name) for name in HTTP},
        "__version__": "9.0",
    }
    old = {
        "WebSocketProtocolError": (ws_frames.ProtocolError, "ws_frames.ProtocolError"),
        "WebSocketURI": (ws_http.WebSocketURI, "ws_http.WebSocketURI"),
        "parse_uri": (ws_http.parse_uri, "ws_http.parse_uri"),
    }
    hands_on(websockets, names, old)


def test_the_version_is_the_release() -> None:
    assert websockets.__version__ == ".".join(version("websockets").split(".")[:2])


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore:websockets:DeprecationWarning")
def test_what_a_module_hands_on_is_the_same_at_the_top(name: str) -> None:
    module = importlib.import_module(name)
    shared = set(module.__all__) & set(websockets.__all__)
    assert [each for each in shared if getattr(module, each) is not getattr(websockets, each)] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_used_without_an_import_of_its_own(name: str) -> None:
    run(f"import sys, websockets; assert {name} is sys.modules[{name!r}]")


def test_importing_it_imports_nothing_that_takes_time() -> None:
    code = """
import sys, asyncio, dis, __future__
before = set(sys.modules)
import websockets
print(*sorted(set(sys.modules) - before))
"""
    assert run(code).split() == [
        "websockets",
        "ws_compat",
        "ws_compat.deprecation",
        "ws_compat.paths",
    ]


def test_a_star_import_takes_all_and_warns_of_nothing() -> None:
    code = """
from websockets import *
import websockets
assert set(websockets.__all__) <= set(globals())
assert "http" not in globals()
"""
    assert run(code) == ""


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'websockets' has no attribute 'nothing'"):
        _ = websockets.nothing  # type: ignore[attr-defined]


def test_dir_lists_names_and_modules() -> None:
    top = {name.partition(".")[2] for name in MODULES}
    assert {name for name in top if "." not in name} <= set(dir(websockets))
    assert set(dir(websockets.legacy)) >= set(websockets.legacy.__all__)


def test_help_describes_the_names() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        text = pydoc.plain(pydoc.render_doc(websockets))
    for name in ["class Headers", "class ConnectionClosedOK", "unix_serve(", "class WebSocketUR"]:
        assert name in text


PICKLED = [
    ws_frames.ConnectionClosedOK(1000, "bye"),
    ws_frames.ProtocolError("masked"),
    ws_http.InvalidStatusCode(403, ws_http.Headers(Server="x")),
    ws_http.InvalidHeaderFormat("Origin", "what", "a=|", 3),
    ws_http.Headers([("A", "1"), ("a", "2")]),
    ws_http.MultipleValuesError("A"),
]


@pytest.mark.parametrize("what", PICKLED, ids=repr)
def test_what_is_pickled_comes_back(what: object) -> None:
    back = pickle.loads(pickle.dumps(what))
    assert type(back) is type(what)
    assert str(back) == str(what)


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        ("websockets", "Headers", ([("A", "1")],)),
        ("websockets", "ConnectionClosed", (1000, "")),
        ("websockets.exceptions", "InvalidURI", ("http://localhost",)),
        ("websockets.exceptions", "WebSocketProtocolError", ("masked",)),
        ("websockets.http", "Headers", ([("A", "1")],)),
        ("websockets.datastructures", "MultipleValuesError", ("A",)),
        ("websockets.uri", "WebSocketURI", (False, "localhost", 80, "/", None)),
    ],
)
@pytest.mark.filterwarnings("ignore:websockets:DeprecationWarning")
def test_a_pickle_of_an_older_release_is_read_by_its_path(
    module: str, name: str, arguments: Any
) -> None:
    reduced = f"c{module}\n{name}\n".encode()  # protocol 0: a global
    cls = pickle.loads(reduced + b".")
    assert cls is getattr(importlib.import_module(module), name)
    assert cls(*arguments) is not None
