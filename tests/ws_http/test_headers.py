"""HTTP headers, RFC 7230 §3.2."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import Headers, MultipleValuesError, RequestParser
from ws_http.headers import check_name, check_value

TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
names = st.text(TOKEN, min_size=1, max_size=20)
values = st.text([chr(c) for c in [9, *range(32, 127), *range(128, 256)]], max_size=40)
pairs = st.lists(st.tuples(names, values), max_size=20)


@pytest.fixture
def headers() -> Headers:
    return Headers([("Connection", "Upgrade"), ("Server", "test"), ("Via", "a"), ("via", "b")])


def test_names_are_case_insensitive(headers: Headers) -> None:
    assert headers["connection"] == headers["CONNECTION"] == "Upgrade"
    assert "cOnNeCtIoN" in headers
    assert headers.get("SERVER") == "test"


def test_a_missing_header_is_a_key_error(headers: Headers) -> None:
    with pytest.raises(KeyError):
        headers["Upgrade"]
    assert headers.get("Upgrade") is None
    assert "Upgrade" not in headers
    no_name: object = 1
    assert no_name not in list(headers)
    assert not headers.__contains__(no_name)


def test_a_repeated_header_has_no_single_value(headers: Headers) -> None:
    with pytest.raises(MultipleValuesError) as caught:
        headers["Via"]
    assert isinstance(caught.value, LookupError)
    assert str(caught.value) == "'Via'"
    with pytest.raises(MultipleValuesError):
        headers.get("Via")


def test_the_exception_can_be_made_without_a_name() -> None:
    assert str(MultipleValuesError()) == ""


def test_get_all_gives_a_list_of_its_own(headers: Headers) -> None:
    assert headers.get_all("VIA") == ["a", "b"]
    assert headers.get_all("Server") == ["test"]
    assert headers.get_all("Upgrade") == []
    headers.get_all("Via").clear()
    assert headers.get_all("Via") == ["a", "b"]


def test_iteration_gives_each_name_once_in_lower_case(headers: Headers) -> None:
    assert list(headers) == ["connection", "server", "via"]
    assert len(headers) == 3


def test_raw_items_keep_case_order_and_repeats(headers: Headers) -> None:
    assert list(headers.raw_items()) == [
        ("Connection", "Upgrade"),
        ("Server", "test"),
        ("Via", "a"),
        ("via", "b"),
    ]


def test_raw_items_can_be_iterated_over_while_headers_are_removed(headers: Headers) -> None:
    for name, _ in headers.raw_items():
        if name in headers:
            del headers[name]
    assert len(headers) == 0


def test_setting_adds_a_value(headers: Headers) -> None:
    headers["Server"] = "other"
    assert headers.get_all("Server") == ["test", "other"]
    assert list(headers.raw_items())[-1] == ("Server", "other")


def test_setting_is_seen_by_look_ups_before_and_after(headers: Headers) -> None:
    assert "X" not in headers
    headers["X"] = "1"
    assert headers["x"] == "1"
    headers.compact()
    assert headers["x"] == "1"


def test_deleting_removes_all_values(headers: Headers) -> None:
    del headers["VIA"]
    assert "Via" not in headers
    assert len(list(headers.raw_items())) == 2
    with pytest.raises(KeyError):
        del headers["Via"]


def test_clear_removes_all(headers: Headers) -> None:
    headers.clear()
    assert len(headers) == 0
    assert list(headers.raw_items()) == []
    assert headers == Headers()


def test_setdefault_leaves_what_is_there(headers: Headers) -> None:
    assert headers.setdefault("server", "other") == "test"
    assert headers.setdefault("Date", "now") == "now"


@pytest.mark.parametrize(
    "argument",
    [
        Headers([("A", "1"), ("B", "2")]),
        {"A": "1", "B": "2"},
        [("A", "1"), ("B", "2")],
        iter([("A", "1"), ("B", "2")]),
    ],
    ids=["Headers", "mapping", "pairs", "iterator"],
)
def test_headers_can_be_made_of(argument: Mapping[str, str]) -> None:
    assert Headers(argument) == Headers(A="1", B="2")


def test_update_adds_and_keeps_repeats(headers: Headers) -> None:
    headers.update(Headers([("Via", "c"), ("Via", "d")]), Server="x")
    assert headers.get_all("Via") == ["a", "b", "c", "d"]
    assert headers.get_all("Server") == ["test", "x"]


def test_update_takes_one_argument() -> None:
    with pytest.raises(TypeError):
        Headers({}, {})


def test_any_keyword_is_a_name() -> None:
    headers = Headers(self="1", args="2")
    headers.update(self="3", other="4")
    assert list(headers.raw_items()) == [
        ("self", "1"),
        ("args", "2"),
        ("self", "3"),
        ("other", "4"),
    ]


def test_equality_is_case_insensitive_and_ignores_the_order_of_names() -> None:
    assert Headers([("A", "1"), ("B", "2")]) == Headers([("b", "2"), ("a", "1")])
    assert Headers([("A", "1"), ("B", "2")]) != Headers([("A", "1")])
    assert Headers([("A", "1"), ("A", "2")]) != Headers([("A", "2"), ("A", "1")])
    assert Headers(A="x") != Headers(A="X")
    assert Headers() != {}
    assert Headers() != "\r\n"


def test_headers_are_not_hashable(headers: Headers) -> None:
    with pytest.raises(TypeError):
        hash(headers)


@pytest.mark.parametrize(
    "duplicate",
    [
        lambda headers: headers.copy(),
        copy.copy,
        copy.deepcopy,
        lambda headers: pickle.loads(pickle.dumps(headers)),
    ],
    ids=["copy", "copy.copy", "copy.deepcopy", "pickle"],
)
def test_a_copy_is_equal_and_independent(headers: Headers, duplicate: type[Headers]) -> None:
    other = duplicate(headers)
    assert other == headers
    assert list(other.raw_items()) == list(headers.raw_items())
    other["X"] = "1"
    del other["Via"]
    assert len(list(headers.raw_items())) == 4


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_each_pickle_protocol_works(headers: Headers, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(headers, protocol)) == headers


def test_repr_can_be_evaluated(headers: Headers) -> None:
    assert repr(Headers(A="1")) == "Headers([('A', '1')])"
    assert eval(repr(headers)) == headers


def test_str_is_what_goes_on_the_wire(headers: Headers) -> None:
    text = "Connection: Upgrade\r\nServer: test\r\nVia: a\r\nvia: b\r\n\r\n"
    assert str(headers) == text
    assert headers.serialize() == text.encode()
    assert Headers().serialize() == b"\r\n"


def test_the_wire_is_in_iso_8859_1() -> None:
    assert Headers(A="é").serialize() == b"A: \xe9\r\n\r\n"


@given(pairs)
def test_what_is_serialized_is_parsed_to_the_same(items: list[tuple[str, str]]) -> None:
    parser = RequestParser()
    parser.receive_data(b"GET / HTTP/1.1\r\n" + Headers(items).serialize())
    assert parser.message is not None
    assert list(parser.message.headers.raw_items()) == [
        (name, value.strip("\t ")) for name, value in items
    ]


BAD_NAMES = [
    "",
    " ",
    "A B",
    "A:",
    "A\r",
    "A\n",
    "A\0",
    "é",
    "A ",
    " A",
    "A\t",
    "(",
    "A\x7f",
    "\uff21",
]
BAD_VALUES = ["\r", "\n", "a\r\nB: c", "\0", "\x1b[2J", "\x7f", "\u20ac", "a\x0b", "\ud800"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    headers = Headers()
    with pytest.raises(ValueError, match=r"^header name "):
        headers[name] = "secret"
    assert len(headers) == 0


@pytest.mark.parametrize("value", BAD_VALUES)
def test_a_value_that_cannot_be_sent_is_refused_and_not_shown(value: str) -> None:
    headers = Headers()
    with pytest.raises(ValueError, match=r"^value of A header ") as caught:
        headers["A"] = f"secret{value}"
    assert "secret" not in str(caught.value)
    assert len(headers) == 0


def test_a_whole_line_passed_as_a_name_is_not_shown() -> None:
    with pytest.raises(ValueError, match="header name") as caught:
        Headers({"Authorization: Basic c2VjcmV0": ""})
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    "item", [(1, "a"), (b"A", "a"), (None, "a"), ("A", 1), ("A", b"a"), ("A", None)]
)
def test_what_is_no_str_is_a_type_error(item: tuple[str, str]) -> None:
    with pytest.raises(TypeError, match="must be str, not"):
        Headers([item])


@pytest.mark.parametrize("item", [("A B", "a"), ("A", "a\r\nB: b")])
def test_headers_are_checked_again_when_they_are_serialized(item: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        Headers.from_checked([item]).serialize()


@pytest.mark.parametrize("item", [(1, "a"), ("A", 1)])
def test_what_is_no_str_is_not_serialized(item: tuple[str, str]) -> None:
    with pytest.raises(TypeError, match="must be str, not int"):
        Headers.from_checked([item]).serialize()


@given(st.text(max_size=5))
def test_only_tokens_are_names(text: str) -> None:
    if text and all(char in TOKEN for char in text):
        check_name(text)
    else:
        with pytest.raises(ValueError, match="header name"):
            check_name(text)


@given(st.text(st.characters(max_codepoint=300), max_size=5))
def test_only_iso_8859_1_without_controls_is_a_value(text: str) -> None:
    if all(char == "\t" or " " <= char <= "~" or "\x80" <= char <= "\xff" for char in text):
        check_value("A", text)
    else:
        with pytest.raises(ValueError, match="value of A"):
            check_value("A", text)


def test_a_log_shows_no_credentials_and_no_escape_sequences() -> None:
    headers = Headers(
        {
            "Authorization": "Basic c2VjcmV0",
            "cookie": "secret",
            "Set-Cookie": "secret",
            "Proxy-Authorization": "secret",
            "Server": "\x9b2J",
        }
    )
    shown = dict(headers.for_log())
    assert shown.pop("Server") == "\\x9b2J"
    assert set(shown.values()) == {"***"}
    assert len(shown) == 4


def test_a_subclass_survives_copying_and_pickling() -> None:
    assert type(_Subclass(A="1").copy()) is _Subclass
    assert type(pickle.loads(pickle.dumps(_Subclass(A="1")))) is _Subclass


class _Subclass(Headers):
    pass
