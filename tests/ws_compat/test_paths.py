"""Names that a module hands on: when they are looked up, and which of them warn."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Callable

import pytest

from ws_compat.paths import hand_on

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Define

Warned = Callable[[str], "list[tuple[int, str]]"]

# A package that hands on names, and a module in it.
SOURCES = {
    "handing": """
from ws_compat.paths import hand_on
__all__ = ["Headers", "ProtocolError", "parse_uri"]
__path__ = []
__getattr__, __dir__ = hand_on(
    __name__,
    {"ws_http": ["Headers"], ".inner": ["thing"]},
    deprecated={
        ".inner": {"old_thing": "new_thing()"},
        "ws_http": ["parse_uri"],
        "ws_frames": ["ProtocolError"],
    },
    modules=["inner", "old"],
)
""",
    "handing.inner": """
thing = object()
old_thing = object()
""",
    "handing.old": """
from ws_compat.paths import hand_on
__all__ = ["Headers", "old_thing"]
__getattr__, __dir__ = hand_on(__name__, deprecated={"handing": ["Headers", "old_thing"]})
""",
}


@pytest.fixture(autouse=True)
def handing(define: Define) -> Iterator[ModuleType]:
    """The package above, as if it had been imported."""
    with pytest.MonkeyPatch.context() as patch:
        for name, source in SOURCES.items():
            module = ModuleType(name)
            vars(module).update(define(name, source))
            patch.setitem(sys.modules, name, module)
        yield sys.modules["handing"]


@pytest.fixture
def warned(define: Define) -> Warned:
    """Run a program; gives the lines of it that are warned of, and what is said."""

    def run(source: str) -> list[tuple[int, str]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            define("program", source)
        assert {(each.category, each.filename) for each in caught} <= {
            (DeprecationWarning, "<program>")
        }
        return [(each.lineno, str(each.message)) for each in caught]

    return run


def test_a_name_is_looked_up_when_it_is_first_asked_for(handing: ModuleType) -> None:
    assert "Headers" not in vars(handing)
    assert handing.Headers is sys.modules["ws_http"].Headers
    assert vars(handing)["Headers"] is handing.Headers


def test_a_name_may_be_in_a_module_beside_it(handing: ModuleType) -> None:
    assert handing.thing is sys.modules["handing.inner"].thing


def test_a_module_in_it_needs_no_import_of_its_own(handing: ModuleType) -> None:
    assert handing.inner is sys.modules["handing.inner"]


def test_a_name_that_is_not_there_is_an_attribute_error(
    define: Define, handing: ModuleType
) -> None:
    with pytest.raises(AttributeError, match="module 'handing' has no attribute 'nothing'"):
        _ = handing.nothing
    with pytest.raises(ImportError, match="cannot import name 'nothing' from 'handing'"):
        define("program", "from handing import nothing")


def test_dir_lists_all_names(handing: ModuleType) -> None:
    expected = {"Headers", "ProtocolError", "inner", "old_thing", "parse_uri", "thing", "__all__"}
    assert expected <= set(dir(handing))
    assert dir(handing) == sorted(dir(handing))


@pytest.mark.parametrize(
    "source", ["import handing\n\nhanding.parse_uri", "\n\nfrom handing import parse_uri"]
)
def test_a_deprecated_name_warns_at_the_line_that_uses_it(warned: Warned, source: str) -> None:
    assert warned(source) == [(3, "handing.parse_uri is deprecated; use ws_http.parse_uri")]


def test_it_warns_at_each_line(warned: Warned) -> None:
    text = "handing.parse_uri is deprecated; use ws_http.parse_uri"
    assert warned("import handing as h\nh.parse_uri\nh.parse_uri") == [(2, text), (3, text)]


def test_what_to_write_instead_may_be_something_else(warned: Warned) -> None:
    text = "handing.old_thing is deprecated; use new_thing()"
    assert warned("from handing import old_thing") == [(1, text)]


def test_a_deprecated_path_of_a_name_says_the_path_to_use(warned: Warned) -> None:
    text = "handing.old.Headers is deprecated; use handing.Headers"
    assert warned("from handing.old import Headers") == [(1, text)]


def test_a_deprecated_path_of_a_deprecated_name_warns_once_with_what_that_one_says(
    warned: Warned,
) -> None:
    text = "handing.old.old_thing is deprecated; use new_thing()"
    assert warned("from handing.old import old_thing") == [(1, text)]


def test_it_is_the_same_object_by_each_path(warned: Warned) -> None:
    source = "import handing.old\nassert handing.old.old_thing is handing.inner.old_thing"
    assert len(warned(source)) == 1


def test_a_star_import_takes_all_and_warns_of_nothing(warned: Warned) -> None:
    assert warned("from handing import *\nassert parse_uri and ProtocolError and Headers") == []


def test_after_a_star_import_other_lines_are_warned_of_still(warned: Warned) -> None:
    assert [line for line, _ in warned("from handing import *\nfrom handing import parse_uri")] == [
        2
    ]


def test_other_code_at_the_top_of_a_module_is_no_star_import(warned: Warned) -> None:
    source = "import handing\nhanding.parse_uri\nfrom handing import *"
    assert [line for line, _ in warned(source)] == [2]


def test_a_star_import_of_a_deprecated_module_warns_of_each_name(warned: Warned) -> None:
    source = "from handing.old import *\nassert Headers and old_thing"
    assert [line for line, _ in warned(source)] == [1, 1]


def test_looking_whether_a_name_is_there_by_hand_is_a_use(warned: Warned) -> None:
    assert [line for line, _ in warned("import handing\nhasattr(handing, 'parse_uri')")] == [2]


def test_without_names_there_are_none() -> None:
    get, names = hand_on("handing.inner")
    assert "thing" in names()
    with pytest.raises(AttributeError):
        get("thing")


def test_a_module_that_is_left_in_a_package_of_others_is_an_import_error(
    define: Define, tmp_path: Path
) -> None:
    package = ModuleType("foreign")
    package.__path__ = [str(tmp_path)]
    source = 'from ws_compat.paths import hand_on\nhand_on(__name__, {"ws_http": ["Headers"]})'
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "foreign", package)
        with pytest.raises(ImportError) as info:
            define("foreign.http", source)
    text = f"foreign.http is no part of what else is in {tmp_path}; uninstall it as often as"
    assert str(info.value).startswith(text)
    assert info.value.name == "foreign.http"
