"""The drawings in the documentation: what they name exists, and they follow the theme of the page."""

from __future__ import annotations

import importlib
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = ROOT / "docs" / "explanation" / "architecture.svg"
DRAWINGS = [ARCHITECTURE, ROOT / "docs" / "phases.svg"]
PACKAGES = {"ws_frames", "ws_http", "ws_deflate", "ws_asyncio", "ws_compat", "websockets"}

every_drawing = pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.name)


def words(path: Path) -> list[str]:
    """Each text in a drawing."""
    texts = ET.parse(path).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()) for text in texts]


def test_the_architecture_names_every_package() -> None:
    assert set(words(ARCHITECTURE)) & PACKAGES == PACKAGES


def test_the_architecture_names_what_there_is() -> None:
    names = re.findall(r"\b(ws_\w+)\.(\w+)", " ".join(words(ARCHITECTURE)))
    assert len(names) >= 7
    for package, name in names:
        assert name in importlib.import_module(package).__all__


@every_drawing
def test_a_drawing_has_no_colour_but_those_of_the_theme(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = set(re.findall(r"(?:fill|stroke): ([^;]+);", text))
    assert used
    assert [colour for colour in used if not re.fullmatch(r"none|var\(--color-.+\)", colour)] == []
    assert re.findall(r"\b(?:fill|stroke)=", text) == []


@every_drawing
def test_a_drawing_is_shown_on_a_page_with_words_for_who_cannot_see_it(path: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in path.parent.glob("*.md")]
    texts = [text for page in pages for text in re.findall(rf"!\[([^]]*)\]\({path.name}\)", page)]
    assert texts
    assert all(len(text) > 40 for text in texts)
