"""Agreeing on extensions and on a subprotocol, RFC 6455 §4 and §9.1."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import RSV1, RSV2, RSV3, Extension
from ws_http import (
    ExtensionHeader,
    ExtensionName,
    ExtensionParameter,
    Headers,
    InvalidHeader,
    InvalidHeaderFormat,
    NegotiationError,
    SecurityError,
    Subprotocol,
    build_extension,
    choose_extensions,
    choose_subprotocol,
    confirm_extensions,
    confirm_subprotocol,
    select_subprotocol,
)
from ws_http.negotiation import offer_extensions


class FakeExtension(Extension):
    def __init__(self, name: str, params: Sequence[ExtensionParameter], rsv: int | None) -> None:
        self.name = name
        self.params = list(params)
        self.rsv = rsv

    def __repr__(self) -> str:
        return build_extension([(ExtensionName(self.name), self.params)])


class Factory:
    """Of both sides: wants the parameters to be ``params``, or any if that is None."""

    def __init__(
        self, name: str, params: list[ExtensionParameter] | None = None, rsv: int | None = None
    ) -> None:
        self.name = ExtensionName(name)
        self.params = params
        self.rsv = rsv
        self.seen: list[str] = []

    def get_request_params(self) -> list[ExtensionParameter]:
        return self.params or []

    def process_response_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> Extension:
        self.seen = [extension.name for extension in accepted_extensions]
        if self.params is not None and list(params) != self.params:
            raise NegotiationError(f"wanted {self.params}")
        return FakeExtension(self.name, params, self.rsv)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], Extension]:
        extension = self.process_response_params(params, accepted_extensions)
        return [*params, ("chosen", None)], extension


def extensions(*values: str) -> Headers:
    return Headers([("Sec-WebSocket-Extensions", value) for value in values])


def subprotocols(*values: str) -> Headers:
    return Headers([("Sec-WebSocket-Protocol", value) for value in values])


def names(*values: str) -> list[Subprotocol]:
    return cast("list[Subprotocol]", list(values))


A1: list[ExtensionParameter] = [("p", "1")]
A2: list[ExtensionParameter] = [("p", "2")]


class TestClientExtensions:
    def test_offers_are_in_order_of_preference(self) -> None:
        factories = [Factory("b", A1), Factory("a"), Factory("b", A2)]
        assert offer_extensions(factories) == "b; p=1, a, b; p=2"

    @pytest.mark.parametrize(
        ("headers", "accepted"),
        [
            ([], []),
            (["a"], ["a"]),
            (["a; p=1"], ["a; p=1"]),
            (["b, a"], ["b", "a"]),
            (["b", "a"], ["b", "a"]),
        ],
    )
    def test_the_order_of_the_response_counts(
        self, headers: list[str], accepted: list[str]
    ) -> None:
        confirmed = confirm_extensions(extensions(*headers), [Factory("a"), Factory("b")])
        assert list(map(repr, confirmed)) == accepted

    def test_a_factory_sees_what_stands_before_it(self) -> None:
        factory = Factory("b")
        confirm_extensions(extensions("a, b"), [factory, Factory("a")])
        assert factory.seen == ["a"]

    def test_an_extension_that_was_not_offered_is_refused(self) -> None:
        for offered in ([], [Factory("b")]):
            with pytest.raises(NegotiationError, match=r"^unsupported extension: a$"):
                confirm_extensions(extensions("a"), offered)

    def test_an_extension_is_refused_the_second_time(self) -> None:
        for offered in ([Factory("a")], [Factory("a", A1), Factory("a", A2)]):
            for header in ("a; p=1, a; p=2", "a; p=1, a; p=1"):
                with pytest.raises(NegotiationError, match=r"^duplicate extension: a$"):
                    confirm_extensions(extensions(header), offered)

    def test_the_answer_may_be_to_any_of_several_offers(self) -> None:
        offered = [Factory("a", A1), Factory("a", A2)]
        assert list(map(repr, confirm_extensions(extensions("a; p=2"), offered))) == ["a; p=2"]

    def test_the_last_refusal_is_raised_when_all_refuse(self) -> None:
        with pytest.raises(NegotiationError, match=r"wanted .*2"):
            confirm_extensions(extensions("a"), [Factory("a", A1), Factory("a", A2)])

    @pytest.mark.parametrize(("first", "second"), [(RSV1, RSV1), (RSV1 | RSV2, RSV2 | RSV3)])
    def test_two_extensions_cannot_use_one_bit(self, first: int, second: int) -> None:
        offered = [Factory("a", rsv=first), Factory("b", rsv=second)]
        with pytest.raises(NegotiationError, match="reserved bits of extension already in use: b"):
            confirm_extensions(extensions("a, b"), offered)
        assert len(confirm_extensions(extensions("b"), offered)) == 1

    @pytest.mark.parametrize(
        ("first", "second"), [(RSV1, RSV2), (RSV1, 0), (RSV1, None), (None, None)]
    )
    def test_two_extensions_may_use_two_bits(self, first: int | None, second: int | None) -> None:
        offered = [Factory("a", rsv=first), Factory("b", rsv=second)]
        assert len(confirm_extensions(extensions("a, b"), offered)) == 2

    @pytest.mark.parametrize("header", ["", "a;", "a b", 'a; p="'])
    def test_a_malformed_header_is_refused(self, header: str) -> None:
        with pytest.raises(InvalidHeaderFormat):
            confirm_extensions(extensions(header), [Factory("a")])


class TestServerExtensions:
    @pytest.mark.parametrize(
        ("headers", "answer"),
        [
            ([], None),
            (["c"], None),
            (["a"], "a; chosen"),
            (["c, a"], "a; chosen"),
            (["b, a; p=1"], "b; chosen, a; p=1; chosen"),
            (["a", "b"], "a; chosen, b; chosen"),
            # Offers of one name are alternatives.
            (["a; p=1, a; p=2"], "a; p=1; chosen"),
        ],
    )
    def test_offers_are_answered_in_order(self, headers: list[str], answer: str | None) -> None:
        header, chosen = choose_extensions(extensions(*headers), [Factory("a"), Factory("b")])
        assert header == answer
        assert len(chosen) == (0 if answer is None else answer.count("chosen"))

    def test_a_later_offer_may_be_the_one_that_fits(self) -> None:
        header, _ = choose_extensions(extensions("a; p=2, a; p=1, a; p=1"), [Factory("a", A1)])
        assert header == "a; p=1; chosen"

    def test_a_later_factory_may_be_the_one_that_fits(self) -> None:
        available = [Factory("a", A1), Factory("a", A2)]
        assert choose_extensions(extensions("a; p=2"), available)[0] == "a; p=2; chosen"

    def test_an_offer_that_no_factory_accepts_is_declined(self) -> None:
        assert choose_extensions(extensions("a; p=3"), [Factory("a", A1)]) == (None, [])

    def test_a_factory_sees_what_was_accepted_before(self) -> None:
        factory = Factory("b")
        choose_extensions(extensions("a, b"), [factory, Factory("a")])
        assert factory.seen == ["a"]

    def test_an_offer_is_declined_if_its_bit_is_in_use(self) -> None:
        available = [Factory("a", rsv=RSV1), Factory("b", rsv=RSV1), Factory("c", rsv=RSV2)]
        header, chosen = choose_extensions(extensions("b, a, c"), available)
        assert header == "b; chosen, c; chosen"
        assert [extension.name for extension in chosen] == ["b", "c"]

    @pytest.mark.parametrize("available", [[], [Factory("a")]])
    @pytest.mark.parametrize("header", ["", "a;", "a b", 'a; p="'])
    def test_a_malformed_header_is_refused(self, header: str, available: list[Factory]) -> None:
        with pytest.raises(InvalidHeaderFormat):
            choose_extensions(extensions(header), available)

    def test_too_many_offers_are_refused(self) -> None:
        with pytest.raises(SecurityError):
            choose_extensions(extensions(*["a," * 33] * 4), [Factory("a")])


class TestClientSubprotocol:
    def test_one_that_was_offered_is_confirmed(self) -> None:
        assert confirm_subprotocol(subprotocols("b"), names("a", "b")) == "b"

    def test_none_may_be_agreed_on(self) -> None:
        assert confirm_subprotocol(Headers(), names("a")) is None
        assert confirm_subprotocol(Headers(), []) is None

    @pytest.mark.parametrize("offered", [names(), names("b"), names("A")])
    def test_one_that_was_not_offered_is_refused(self, offered: list[Subprotocol]) -> None:
        with pytest.raises(NegotiationError, match=r"^unsupported subprotocol: a$"):
            confirm_subprotocol(subprotocols("a"), offered)

    @pytest.mark.parametrize("values", [["a, b"], ["a", "b"], ["a", "a"], ["a, a"]])
    def test_several_are_refused(self, values: list[str]) -> None:
        with pytest.raises(NegotiationError, match=r"^multiple subprotocols: a, [ab]$"):
            confirm_subprotocol(subprotocols(*values), names("a", "b"))

    @pytest.mark.parametrize("value", ["", "a b", '"a"'])
    def test_a_malformed_header_is_refused(self, value: str) -> None:
        with pytest.raises(InvalidHeaderFormat):
            confirm_subprotocol(subprotocols(value), names("a"))


class TestServerSubprotocol:
    @pytest.mark.parametrize(
        ("offered", "available", "chosen"),
        [
            ([], ["a"], None),
            (["a"], [], None),
            (["a"], ["b"], None),
            (["a"], ["a"], "a"),
            (["a, b"], ["b", "c"], "b"),
            (["a", "b"], ["b"], "b"),
            # The lowest sum of the two ranks, and the client's preference in a draw.
            (["a, b"], ["b", "a"], "a"),
            (["a, b, c"], ["c", "b", "x", "a"], "b"),
            (["x, a, b"], ["b", "y", "a"], "b"),
        ],
    )
    def test_the_default_picks_what_both_like_best(
        self, offered: list[str], available: list[str], chosen: str | None
    ) -> None:
        assert choose_subprotocol(subprotocols(*offered), names(*available)) == chosen

    def test_a_function_may_choose(self) -> None:
        calls = []

        def select(
            client: Sequence[Subprotocol], server: Sequence[Subprotocol]
        ) -> Subprotocol | None:
            calls.append((client, server))
            return client[-1]

        assert choose_subprotocol(subprotocols("a, b"), names("c"), select) == "b"
        assert calls == [(["a", "b"], ["c"])]

    def test_a_function_may_choose_none(self) -> None:
        assert choose_subprotocol(subprotocols("a"), names("a"), lambda _, __: None) is None

    def test_a_function_may_not_choose_what_is_not_offered(self) -> None:
        with pytest.raises(ValueError, match="not one that the client offers"):
            choose_subprotocol(subprotocols("a"), names("b"), lambda _, server: server[0])

    @pytest.mark.parametrize("available", [[], names("a")])
    @pytest.mark.parametrize("values", [["a, b, a"], ["a", "a"]])
    def test_one_that_is_offered_twice_is_refused(
        self, values: list[str], available: list[Subprotocol]
    ) -> None:
        with pytest.raises(InvalidHeader, match="invalid Sec-WebSocket-Protocol header: a, "):
            choose_subprotocol(subprotocols(*values), available)

    @pytest.mark.parametrize("value", ["", "a b", '"a"'])
    def test_a_malformed_header_is_refused(self, value: str) -> None:
        with pytest.raises(InvalidHeaderFormat):
            choose_subprotocol(subprotocols(value), names("a"))

    @given(
        st.lists(st.sampled_from("abcdef"), unique=True),
        st.lists(st.sampled_from("abcdef"), unique=True),
    )
    def test_no_other_choice_has_a_lower_sum_of_ranks(
        self, client: list[Subprotocol], server: list[Subprotocol]
    ) -> None:
        chosen = select_subprotocol(client, server)
        sums = {name: client.index(name) + server.index(name) for name in client if name in server}
        if chosen is None:
            assert not sums
        else:
            assert sums[chosen] == min(sums.values())

    def test_a_server_that_lists_one_twice_means_the_first(self) -> None:
        assert select_subprotocol(names("a", "b"), names("b", "a", "x", "b", "a")) == "a"
        assert select_subprotocol(names("x", "b", "a"), names("a", "y", "b", "b")) == "a"


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.lists(st.tuples(st.sampled_from("pq"), st.none() | st.just("1")), max_size=2),
        ),
        max_size=6,
    ),
    st.lists(
        st.builds(
            Factory, st.sampled_from("abc"), st.none(), st.sampled_from([None, 0, RSV1, RSV2])
        ),
        max_size=4,
    ),
)
def test_what_a_server_chooses_a_client_confirms(
    offers: list[ExtensionHeader], factories: list[Factory]
) -> None:
    headers = extensions(build_extension(offers)) if offers else Headers()
    answer, chosen = choose_extensions(headers, factories)
    response = Headers() if answer is None else extensions(answer)
    assert [item.name for item in confirm_extensions(response, factories)] == [
        item.name for item in chosen
    ]


class Bare(Factory):
    """Makes extensions that are no :class:`Extension`, and say nothing of their bits."""

    def process_response_params(self, params: Any, accepted_extensions: Any) -> Any:
        return SimpleNamespace(name=self.name)

    def process_request_params(self, params: Any, accepted_extensions: Any) -> Any:
        return [], SimpleNamespace(name=self.name)


def test_an_extension_needs_no_more_than_its_methods() -> None:
    headers = Headers({"Sec-WebSocket-Extensions": "a, b"})
    factories = [Bare("a"), Bare("b")]
    assert choose_extensions(headers, factories)[0] == "a, b"
    assert [each.name for each in confirm_extensions(headers, factories)] == ["a", "b"]
