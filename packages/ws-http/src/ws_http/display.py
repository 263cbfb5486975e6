"""What of a text may be shown, in an error message or in a log.

Texts that came from a peer may carry escape sequences for a terminal, and texts
of either side may carry credentials.
"""

from __future__ import annotations

import re

__all__ = ["SECRET_HEADERS", "display", "display_header", "hide_credentials"]

#: Headers whose value is a credential, in lower case.
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})

#: Characters of a text that are shown, escapes as they are written; a header line may be thirty times as long.
MAX_DISPLAYED = 256

# Up to the last "@": whoever wrote a "/" or a "?" into a password, unescaped, has
# written an invalid URI, and its message is where the password must not appear.
_CREDENTIALS = re.compile(r"^((?:[^:/?#]*:)?//)?.*@", re.DOTALL)


def display(text: str) -> str:
    """Return ``text`` with control characters escaped, and cut where it is very long."""
    if len(text) <= MAX_DISPLAYED and text.isprintable():
        return text
    shown = ""
    for char in text:
        part = char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        if len(shown) + len(part) > MAX_DISPLAYED:  # an escape is up to ten characters long
            return f"{shown}..."
        shown += part
    return shown


def display_header(name: str, value: str) -> str:
    """Return the value of a header as a log may show it: stars for a credential."""
    return "***" if name.lower() in SECRET_HEADERS else display(value)


def hide_credentials(uri: str) -> str:
    """Return a URI, even one that is not valid, with stars in place of its userinfo."""
    return _CREDENTIALS.sub(r"\1***@", uri, count=1)
