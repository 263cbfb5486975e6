"""Internationalised domain names."""

from __future__ import annotations

import contextlib
import sys
import unicodedata
from collections.abc import Iterator
from types import ModuleType

import pytest

from ws_http.domains import encode_domain

#: Names on which all standards agree, so that they need no package.
AGREED = [
    ("example.com", "example.com"),
    ("m\u00fcnchen.de", "xn--mnchen-3ya.de"),
    ("M\u00dcNCHEN.de", "xn--mnchen-3ya.de"),
    ("mu\u0308nchen.de", "xn--mnchen-3ya.de"),
    ("\u65e5\u672c\u8a9e\u3002jp", "xn--wgv71a119e.jp"),
    ("b\u00fccher.example.", "xn--bcher-kva.example."),
    ("\u2460.de", "1.de"),
]

#: Names that browsers take, and the idna package does not.
SYMBOLS = [
    ("\u2603.net", "xn--n3h.net"),
    ("\U0001f600.de", "xn--e28h.de"),
    ("\U0001f9e2.de", "xn--sv9h.de"),
]

#: Names that are another domain under IDNA 2003, or none, and what they are for browsers.
AMBIGUOUS = [
    ("fa\u00df.de", "xn--fa-hia.de"),
    ("FA\u00df.de", "xn--fa-hia.de"),
    ("\u03b2\u03cc\u03bb\u03bf\u03c2.com", "xn--nxasmm1c.com"),
    ("\u0dc1\u0dca\u200d\u0dbb\u0dd3.com", "xn--10cl1a0b660p.com"),
    ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "xn--mgba3gch31f060k.com"),
    ("\u1c90.ge", "xn--lod.ge"),
    ("\u13a0.de", "xn--58d.de"),
    ("a\u3164b.de", "ab.de"),
]

#: Characters with which a name is none for browsers, or another one than under IDNA 2003.
DOUBTFUL = [
    "\u2024",  # is a dot there
    "\u2490",
    "\u33c2",
    "\ufe52",
    "\u10a0",  # has had a lower-case form since Unicode 4.1
    "\u04c0",
    "\u2132",
    "\u2066",  # is invisible
    "\U0001343a",
    "\u2ffc",
]


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idna", None)


class FakeError(UnicodeError):
    """Stands for IDNAError."""


@pytest.fixture
def with_fake_package(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: encoded.encode() for name, encoded in AGREED + AMBIGUOUS}

    def encode(name: str, *, uts46: bool) -> bytes:
        assert uts46
        if name not in known:
            raise FakeError
        return known[name]

    module = ModuleType("idna")
    vars(module).update(encode=encode, IDNAError=FakeError)
    monkeypatch.setitem(sys.modules, "idna", module)


@pytest.mark.usefixtures("without_package")
@pytest.mark.parametrize(("name", "encoded"), AGREED + SYMBOLS)
def test_without_the_package_the_standard_library_serves(name: str, encoded: str) -> None:
    assert encode_domain(name) == encoded


@pytest.mark.usefixtures("without_package")
@pytest.mark.parametrize("name", [name for name, _ in AMBIGUOUS] + ["\u1e9e.de"])
def test_without_the_package_a_name_is_not_taken_to_another_domain(name: str) -> None:
    with pytest.raises(ValueError, match="ambiguous without the idna package"):
        encode_domain(name)


@pytest.mark.usefixtures("without_package")
@pytest.mark.parametrize("char", DOUBTFUL)
def test_without_the_package_a_doubtful_character_is_refused(char: str) -> None:
    with pytest.raises(ValueError, match="ambiguous without the idna package"):
        encode_domain(f"a{char}b.de")


@pytest.mark.usefixtures("with_fake_package")
@pytest.mark.parametrize("char", DOUBTFUL)
def test_what_the_package_refuses_is_refused_if_it_is_doubtful(char: str) -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        encode_domain(f"a{char}b.de")


@pytest.mark.usefixtures("with_fake_package")
@pytest.mark.parametrize(("name", "encoded"), AGREED + AMBIGUOUS + SYMBOLS)
def test_with_the_package_names_are_those_of_browsers(name: str, encoded: str) -> None:
    assert encode_domain(name) == encoded


@pytest.mark.parametrize(("name", "encoded"), AGREED + AMBIGUOUS + SYMBOLS)
def test_the_real_package_does_what_the_fake_one_does(name: str, encoded: str) -> None:
    pytest.importorskip("idna", reason="the idna package is not installed")
    assert encode_domain(name) == encoded


def test_without_the_package_no_character_leads_to_another_domain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    idna = pytest.importorskip("idna", reason="the idna package is not installed")

    def encode_as_browsers(name: str) -> str:
        mapped = idna.uts46_remap(name, std3_rules=False)
        return ".".join(
            label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
            for label in mapped.split(".")
        )

    monkeypatch.setitem(sys.modules, "idna", None)
    for char in characters_with_a_mapping():
        name = f"a{char}b.de"
        with contextlib.suppress(ValueError):
            assert encode_domain(name) == encode_as_browsers(name)


def characters_with_a_mapping() -> Iterator[str]:
    """Yield all characters but those of large scripts that have no case and no variants."""
    for char in map(chr, range(0x80, sys.maxunicode + 1)):
        if unicodedata.category(char) in {"Cn", "Co", "Cs"}:
            continue
        if not unicodedata.name(char, "").startswith(("CJK UNIFIED", "HANGUL SYLLABLE", "TANGUT")):
            yield char


@pytest.mark.parametrize("name", ["\u00fc" * 254, "\u00fc" * 64, "\u00ad.de", "\u0627a.de"])
def test_a_name_that_has_no_ascii_form_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - by codec and package in their own words
        encode_domain(name)
