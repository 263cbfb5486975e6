"""HTTP headers (RFC 7230 §3.2): case-insensitive, in order, and repeatable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Tuple, Union  # noqa: UP035

from .display import display_header

__all__ = ["Headers", "HeadersLike", "MultipleValuesError"]

# "field-name = token" (RFC 7230 §3.2)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# "field-content = field-vchar [ 1*( SP / HTAB ) field-vchar ]" with
# "field-vchar = VCHAR / obs-text"; obs-text is everything else of ISO-8859-1.
_VALUE = re.compile(r"[\t -~\x80-\xff]*")

_HEADERS = re.compile(rf"(?:{_NAME.pattern}: {_VALUE.pattern}\r\n)*\r\n")


class MultipleValuesError(LookupError):
    """A header that was asked for as if it stood once stands several times."""

    def __str__(self) -> str:
        # As KeyError does: the name alone, in quotes.
        return repr(self.args[0]) if len(self.args) == 1 else super().__str__()


class Headers(MutableMapping[str, str]):
    """The headers of a request or a response.

    A mapping whose names are case-insensitive and keep their case, their order and
    their repeats. It differs from a dict in this:

    * ``headers[name] = value`` adds a value and leaves those that are there. To
      replace them, ``del headers[name]`` first.
    * ``headers[name]`` raises :exc:`MultipleValuesError`, a LookupError, where there
      are several values; :meth:`get_all` gives a list of all, perhaps empty.
    * It iterates over the names once each, in lower case; :meth:`raw_items` gives
      all pairs as they are.

    Two of them are equal if they have the same names, in any case and order, with
    the same values in the same order.

    Takes what :meth:`update` takes. A name that is no token, and a value with a
    control character or a character outside ISO-8859-1, is a ValueError; a name or
    a value that is no str is a TypeError.
    """

    __slots__ = ("_index", "_items")

    def __init__(self, /, *args: HeadersLike, **kwargs: str) -> None:
        self._items: list[tuple[str, str]] = []
        # Values by lower-case name: made at the first look-up, and not kept with
        # the thousands of headers that an idle server holds.
        self._index: dict[str, list[str]] | None = None
        if args or kwargs:
            self.update(*args, **kwargs)

    @classmethod
    def from_checked(cls, items: Iterable[tuple[str, str]]) -> Headers:
        """Make headers of pairs that were checked, and skip checking them again."""
        headers = cls()
        headers.extend_checked(items)
        return headers

    def extend_checked(self, items: Iterable[tuple[str, str]]) -> None:
        """Add pairs that were checked."""
        self._items.extend(items)
        self._index = None

    def compact(self) -> None:
        """Free the memory that look-ups use; the next look-up takes it again."""
        self._index = None

    # Reading

    def _values(self) -> dict[str, list[str]]:
        index = self._index
        if index is None:
            index = self._index = {}
            for name, value in self._items:
                index.setdefault(name.lower(), []).append(value)
        return index

    def __getitem__(self, name: str) -> str:
        values = self._values()[name.lower()]
        if len(values) > 1:
            raise MultipleValuesError(name)
        return values[0]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        index = self._index  # a handshake looks up a dozen: mostly without one more call
        return name.lower() in (self._values() if index is None else index)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def get_all(self, name: str) -> list[str]:
        """Return the values of a header, in order; an empty list where it is not there."""
        index = self._index
        return list((self._values() if index is None else index).get(name.lower(), ()))

    def raw_items(self) -> Iterator[tuple[str, str]]:
        """Return an iterator over all names and values, as they are and in order."""
        return iter(list(self._items))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._values() == other._values()

    # Writing

    def __setitem__(self, name: str, value: str) -> None:
        check_name(name)
        check_value(name, value)
        self._items.append((name, value))
        if self._index is not None:
            self._index.setdefault(name.lower(), []).append(value)

    def __delitem__(self, name: str) -> None:
        key = name.lower()
        del self._values()[key]
        self._items = [item for item in self._items if item[0].lower() != key]

    def clear(self) -> None:
        """Remove all headers."""
        self._items = []
        self._index = None

    def update(self, /, *args: HeadersLike, **kwargs: str) -> None:  # type: ignore[override]
        """Add headers: of one Headers, mapping, or iterable of pairs, and of keywords."""
        if len(args) == 1 and isinstance(args[0], Headers):
            for name, value in args[0].raw_items():
                self[name] = value
            args = ()
        if args or kwargs:
            super().update(*args, **kwargs)

    def copy(self) -> Headers:
        """Return headers that are equal and independent."""
        return type(self).from_checked(self._items)

    __copy__ = copy

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (list(self._items),)

    # Showing

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __str__(self) -> str:
        lines = [": ".join(item) for item in self._items]
        return "\r\n".join([*lines, "\r\n"]) if lines else "\r\n"

    def serialize(self) -> bytes:
        """Return the headers and the empty line that ends them, in ISO-8859-1.

        They are checked once more: a subclass may have its own way to fill them.
        """
        try:
            text = str(self)
        except TypeError:
            text = ""  # below, it is said of what
        # All at once, which doesn't tell what is wrong where. Two headers in one value would
        # be good too, but of one line more.
        if text.count("\n") != len(self._items) + 1 or _HEADERS.fullmatch(text) is None:
            for name, value in self._items:
                check_name(name)
                check_value(name, value)
        return text.encode("iso-8859-1")

    def for_log(self) -> Iterator[tuple[str, str]]:
        """Yield all names and values, fit for a log: no credentials, no control characters."""
        for name, value in self._items:
            yield name, display_header(name, value)


#: What is accepted where headers are due.
HeadersLike = Union[Headers, Mapping[str, str], Iterable[Tuple[str, str]]]  # noqa: UP006


def check_name(name: str) -> None:
    """Raise ValueError if ``name`` cannot be the name of a header; never shows it."""
    if not isinstance(name, str):
        raise TypeError(f"header name must be str, not {type(name).__name__}")
    if _NAME.fullmatch(name) is None:
        # Whoever passes "Authorization: Basic ..." as a name must not find it in a log.
        raise ValueError("header name is empty or has a character that is not allowed in a token")


def check_value(name: str, value: str) -> None:
    """Raise ValueError if ``value`` cannot be the value of a header; never shows it."""
    if not isinstance(value, str):
        raise TypeError(f"value of {name} header must be str, not {type(value).__name__}")
    if _VALUE.fullmatch(value) is None:
        raise ValueError(
            f"value of {name} header has a control character or one outside ISO-8859-1"
        )
