"""Internationalised domain names: from what a person writes to what DNS knows.

Browsers follow UTS #46 with its non-transitional processing, under which
``faß.de`` is ``xn--fa-hia.de``. The ``idna`` codec of the standard library follows
IDNA 2003, under which it is ``fass.de``: another domain, which may have another
owner. The ``idna`` package does what browsers do, so it is used where it is
installed (``pip install ws-http[idna]``). It is no hard dependency, since few
people need it: without it, the codec serves all names for which both agree, and a
name for which they do not is refused, rather than taken to somebody else's server.
The codec also serves names that browsers accept and the package does not, such as
those with symbols.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from types import ModuleType

__all__ = ["encode_domain"]

#: Most characters of a domain name; each is one byte at least once it is encoded.
MAX_DOMAIN = 253

# Where IDNA 2003 and UTS #46 come to different domains: sharp s, final sigma, joiners;
# then characters that one of them drops, Cherokee, and ideographs whose decomposition
# was corrected; then those with a dot in them, which ends a label in IDNA 2003, and what
# describes ideographs. Found by comparing both for each character that Unicode had by 2025.
_AMBIGUOUS = re.compile(
    "[\u00df\u03c2\u1e9e\u200c\u200d"
    "\u115f\u1160\u17b4\u17b5\u1806\u180f\u2064\u3164\uffa0"
    "\U0001bca0-\U0001bca3\U000e0100-\U000e01ef"
    "\u13a0-\u13fd\U0002f800-\U0002fa1f"
    "\u2024-\u2026\u2488-\u249b\u33c2\u33c7\u33d8\ufe30\ufe52"
    "\u2ff0-\u2fff\u31ef]"
)


def encode_domain(name: str) -> str:
    """Return a domain name in ASCII, labels with other characters as ``xn--...``.

    Raises ValueError, of which UnicodeError is a kind, for a name that has no such
    form, or not the same in all standards.
    """
    if len(name) > MAX_DOMAIN:
        raise ValueError(f"domain name has {len(name)} characters, over {MAX_DOMAIN}")
    encoded = _encode_with_package(name)
    if encoded is not None:
        return encoded
    if _AMBIGUOUS.search(name) or any(map(_is_later, name)):
        raise ValueError("domain name is ambiguous without the idna package")
    return name.encode("idna").decode("ascii").lower()


def _encode_with_package(name: str) -> str | None:
    idna = _find_package()
    if idna is None:
        return None
    try:
        return str(idna.encode(name, uts46=True).decode("ascii"))
    except idna.IDNAError:
        return None


def _find_package() -> ModuleType | None:
    try:
        return importlib.import_module("idna")
    except ImportError:
        return None


def _is_later(char: str) -> bool:
    # The codec knows Unicode 3.2 and takes a later character as it is, which is right
    # unless it is invisible or has, say, a lower-case form, which may be the later one, too;
    # of one that this Python doesn't know either, nothing can be told.
    mapped = unicodedata.normalize("NFKC", char.casefold())
    if all(unicodedata.ucd_3_2_0.category(each) != "Cn" for each in char + mapped):
        return False
    return mapped != char or unicodedata.category(char) in {"Cf", "Cn"}
