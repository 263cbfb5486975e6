"""Each name of the table, at each of its paths; and that taking it away is noticed."""

from __future__ import annotations

import inspect
import pickle
import pydoc
import re
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets
import ws_compat.paths
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import CheckName, HandsOn, Name

PICKLED = (Exception, ws_http.Headers, ws_http.WebSocketURI)

ignore_ours = pytest.mark.filterwarnings("ignore:websockets:DeprecationWarning")

# What each class that can be pickled is made of. An exception may be raised with anything.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "AbortHandshake": (403, ws_http.Headers(Server="x"), b"no"),
    "ConnectionClosed": (1006, ""),
    "ConnectionClosedError": (1011, "bye"),
    "ConnectionClosedOK": (1000, "bye"),
    "DuplicateParameter": ("a",),
    "Headers": ([("A", "1"), ("a", "2")],),
    "InvalidHeader": ("Host",),
    "InvalidHeaderFormat": ("Origin", "what", "a=|", 3),
    "InvalidHeaderValue": ("Upgrade", "x"),
    "InvalidOrigin": ("http://localhost",),
    "InvalidParameterName": ("a",),
    "InvalidParameterValue": ("a", "|"),
    "InvalidStatusCode": (403, ws_http.Headers(Server="x")),
    "InvalidUpgrade": ("Upgrade", "x"),
    "InvalidURI": ("http://localhost",),
    "RedirectHandshake": ("ws://localhost/",),
    "WebSocketURI": (True, "localhost", 443, "/", ("user", "secret")),
}


def run(code: str) -> str:
    """What a program prints, in a Python of its own where warnings are errors."""
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.stderr == ""
    return result.stdout


def test_the_table_has_every_module(names: list[Name]) -> None:
    folder = Path(websockets.__path__[0])
    modules = {
        ".".join(["websockets", *path.relative_to(folder).with_suffix("").parts])
        for path in folder.rglob("*.py")
    }
    modules = {module.replace(".__init__", "") for module in modules}
    assert {each.path for each in names} == modules - {"websockets.__main__"}
    assert len(set(names)) == len(names)


def test_a_name_at_a_path_is_what_its_owner_has(documented: Name, check_name: CheckName) -> None:
    check_name(documented)


def test_what_has_a_name_hands_it_on_too(documented: Name) -> None:
    package, _, rest = documented.owner.partition(".")
    assert rest.partition(".")[0] in {*import_module(package).__all__, "legacy"}


@ignore_ours
def test_what_is_pickled_by_any_path_comes_back(documented: Name) -> None:
    # As protocol 0 has it, where what was pickled is read by the path that it had at the time.
    cls = pickle.loads(f"c{documented.path}\n{documented.name}\n.".encode())
    assert cls is documented.owned
    if not inspect.isclass(cls) or not issubclass(cls, PICKLED):
        return
    what = cls(*ARGUMENTS.get(cls.__name__, ("what", "is", "wrong")))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        back = pickle.loads(pickle.dumps(what, protocol))
        assert type(back) is cls
        assert contents(back) == contents(what)


def contents(what: Any) -> list[Any]:
    return [str(what), getattr(what, "args", what), getattr(what, "__dict__", {})]


@ignore_ours
def test_help_describes_each_name(module_path: str, names: list[Name]) -> None:
    text = pydoc.plain(pydoc.render_doc(import_module(module_path)))
    described = {
        each.name
        for each in names
        if each.path == module_path
        and re.search(rf"^    .*\b{re.escape(each.name)}\b", text, re.MULTILINE)
    }
    # What is special to Python stands in a section of its own.
    assert described == {each.name for each in names if each.path == module_path} - {"__version__"}


def test_a_module_can_be_used_without_an_import_of_its_own(module_path: str) -> None:
    run(f"import sys, websockets; assert {module_path} is sys.modules[{module_path!r}]")


@ignore_ours
def test_what_a_module_hands_on_is_the_same_at_the_top(module_path: str) -> None:
    module = import_module(module_path)
    shared = set(module.__all__) & set(websockets.__all__)
    assert [each for each in shared if getattr(module, each) is not getattr(websockets, each)] == []


def test_a_star_import_takes_all_of_a_module(module_path: str, names: list[Name]) -> None:
    rows = [each for each in names if each.path == module_path]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found: dict[str, Any] = {}
        exec(f"from {module_path} import *", found)  # noqa: S102
    assert {each.name for each in rows} <= set(found)
    # Whoever takes all of a module that has both may want what is not deprecated.
    warned = all(each.warning for each in rows)
    expected = sorted(each.warning or "" for each in rows) if warned else []
    assert sorted(str(each.message) for each in caught) == expected


# Taking away what the tests above check


def take_away(name: str, *holders: Any, patch: pytest.MonkeyPatch) -> None:
    for holder in holders:
        patch.delitem(holder, name, raising=False)


def noticed(check: CheckName, documented: Name) -> bool:
    try:
        check(documented)
    except (AssertionError, AttributeError, ImportError):
        return True
    return False


def test_a_name_that_is_gone_is_noticed(
    documented: Name, check_name: CheckName, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(documented.path)
    take_away(documented.name, vars(module), patch=monkeypatch)
    paths = ws_compat.paths._paths.get(documented.path)
    if paths is not None:
        holders = (paths.names, paths.deprecated, paths.sources)
        take_away(documented.name, *holders, patch=monkeypatch)
        monkeypatch.setattr(paths, "modules", ())
    assert noticed(check_name, documented)


def test_a_name_that_is_something_else_is_noticed(
    alias: Name, check_name: CheckName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(import_module(alias.path)), alias.name, object())
    assert noticed(check_name, alias)


def test_a_warning_that_is_gone_is_noticed(
    documented: Name, check_name: CheckName, monkeypatch: pytest.MonkeyPatch
) -> None:
    if documented.warning is None:
        documented = documented._replace(instead="something else")  # of which nothing warns
    else:
        paths = ws_compat.paths._paths[documented.path]
        source = paths.deprecated[documented.name]
        monkeypatch.delitem(paths.deprecated, documented.name)
        monkeypatch.setitem(paths.names, documented.name, source)
        # What is not deprecated stays where it was taken from: to be gone again afterwards.
        monkeypatch.setitem(vars(import_module(documented.path)), documented.name, documented.owned)
    assert noticed(check_name, documented)


def test_a_name_that_is_not_listed_is_noticed(
    module_path: str, hands_on: HandsOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = import_module(module_path)
    listed = list(module.__all__)
    for name in listed:
        monkeypatch.setattr(module, "__all__", [each for each in listed if each != name])
        with pytest.raises(AssertionError):
            hands_on(module)


def test_a_module_that_is_gone_is_noticed(submodule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parent, _, leaf = submodule.rpartition(".")
    package, module = import_module(parent), import_module(submodule)
    monkeypatch.delitem(vars(package), leaf, raising=False)
    assert getattr(package, leaf) is module
    paths = ws_compat.paths._paths[parent]
    monkeypatch.setattr(paths, "modules", [each for each in paths.modules if each != leaf])
    with pytest.raises(AttributeError):
        getattr(package, leaf)
