"""
The documentation site as it was built: each public name of each package is in its reference, once.

``hatch run docs:test`` builds the site, warnings being errors, and runs this.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import re
import warnings
import zlib
from collections import Counter
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import FunctionType
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "docs"
PACKAGES = ["ws_frames", "ws_http", "ws_deflate", "ws_asyncio", "ws_compat", "websockets"]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("sphinx") is None,
    reason="the site is built where Sphinx is: hatch run docs:test",
)

every_package = pytest.mark.parametrize("package", PACKAGES)


@cache
def entries() -> list[tuple[str, str, str]]:
    """Name, kind and page of all that the site's index of objects holds."""
    data = SITE.joinpath("objects.inv").read_bytes()
    *_, last, body = data.split(b"\n", 4)
    assert b"zlib" in last
    found = []
    for line in zlib.decompress(body).decode().splitlines():
        match = re.fullmatch(r"(?P<name>.+?) (?P<kind>\S+:\S+) -?\d+ (?P<page>\S+) .*", line)
        assert match is not None
        found.append((match["name"], match["kind"], match["page"].partition("#")[0]))
    return found


@every_package
def test_each_public_name_is_in_the_reference_once(package: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        public = {f"{package}.{name}" for name in importlib.import_module(package).__all__}
    counts = Counter(name for name, kind, _ in entries() if kind.startswith("py:"))
    assert {name: counts[name] for name in public if counts[name] != 1} == {}


@every_package
def test_the_names_of_a_package_are_on_its_page(package: str) -> None:
    names = re.compile(rf"{package}\.\w+")
    pages = {page for name, kind, page in entries() if names.fullmatch(name) and kind[:3] == "py:"}
    assert pages == {f"reference/{package}.html"}


@every_package
def test_each_member_of_a_class_is_in_the_reference(package: str) -> None:
    """At the class, or at one that it is derived from; also what it has of a private one."""
    found = {name for name, _, _ in entries()}
    missing = {
        f"{package}.{owner.__name__}.{name}"
        for owner in public_classes(package)
        for name in members(owner)
        if not any(f"{place}.{name}" in found for place in places(owner))
    }
    assert missing == set()


def public_classes(package: str) -> list[type]:
    module = importlib.import_module(package)
    if package == "websockets":
        return []  # import paths only
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        values = [getattr(module, name) for name in module.__all__]
    return [value for value in values if inspect.isclass(value)]


def members(owner: type) -> set[str]:
    """The public functions and properties of a class, but not those for an event loop to call."""
    bases = [base for base in owner.__mro__ if base.__module__.partition(".")[0] in PACKAGES]
    kinds = (FunctionType, property, classmethod, staticmethod)
    names = {
        name for base in bases for name, value in vars(base).items() if isinstance(value, kinds)
    }
    return {
        name
        for name in names - set(dir(asyncio.Protocol))
        if name[0] != "_" and inspect.getdoc(getattr(owner, name))
    }


def places(owner: type) -> set[str]:
    return {f"{base.__module__.partition('.')[0]}.{base.__name__}" for base in owner.__mro__}


def test_every_path_of_the_meta_package_is_in_the_reference() -> None:
    text = ROOT.joinpath("tests", "websockets", "names.txt").read_text(encoding="utf-8")
    lines = [line.split()[:2] for line in text.splitlines() if line and line[0] != "#"]
    names = {f"{path}.{name}" for path, name in lines if path != "websockets.legacy"}
    assert len(names) > 150
    assert names - {name for name, _, _ in entries()} == set()


class Outline(HTMLParser):
    """The headings of a page, and its pictures without a text."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.mute: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img" and not given.get("alt"):
            self.mute.append(given.get("src") or "")
        if tag == "svg" and given.get("role") == "img" and not given.get("aria-label"):
            self.mute.append("svg")


PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("**/*.html"))
READ = [
    page for page in PAGES if not page.startswith(("_modules/", "genindex", "search", "py-mod"))
]


@pytest.mark.parametrize("page", READ)
def test_a_page_can_be_heard(page: str) -> None:
    """One heading of the first level, none left out on the way down, a text for each picture."""
    outline = Outline()
    outline.feed(SITE.joinpath(page).read_text(encoding="utf-8"))
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:])
    assert [step for step in steps if step[1] > step[0] + 1] == []
    assert outline.mute == []


@pytest.mark.parametrize("page", READ)
def test_no_table_is_taken_for_a_paragraph(page: str) -> None:
    text = SITE.joinpath(page).read_text(encoding="utf-8")
    assert re.findall(r"<p>\s*\| .*", text) == []


@cache
def anchors(page: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES)
def test_no_link_leads_nowhere(page: str) -> None:
    path = SITE / page
    lost = []
    for link in re.findall(r'<a\b[^>]*\bhref="([^"]+)"', path.read_text(encoding="utf-8")):
        parts = urlsplit(unescape(link))
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
        if not target.exists():
            lost.append(link)
        elif parts.fragment and target.suffix == ".html":
            lost += [link] * (unquote(parts.fragment) not in anchors(target))
    assert lost == []


def test_what_is_written_in_markdown_is_a_page_and_no_download() -> None:
    assert list(SITE.glob("_downloads/**/*.md")) == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    loads = re.compile(r'<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)="(?:https?:)?//[^"]*"')
    found = {
        match[0]
        for page in PAGES
        for match in loads.finditer(SITE.joinpath(page).read_text("utf-8"))
    }
    assert PAGES
    assert found == set()


@pytest.mark.parametrize("kind", ["gi", "gd"])
@pytest.mark.parametrize("theme", ["", 'body[data-theme="dark"] '])
def test_what_a_diff_adds_and_removes_is_coloured(theme: str, kind: str) -> None:
    styles = "\n".join(path.read_text("utf-8") for path in SITE.glob("_static/*.css"))
    rule = rf"^{re.escape(theme)}\.highlight \.{kind} {{[^}}]*background-color:"
    assert re.search(rule, styles, re.MULTILINE)
