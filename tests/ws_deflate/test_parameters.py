"""The parameters of offers and answers (RFC 7692 §7.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_deflate.parameters import FLAGS, SIZES, Parameters, WindowBits
from ws_http import (
    DuplicateParameter,
    ExtensionParameter,
    InvalidParameterName,
    InvalidParameterValue,
    NegotiationError,
)

SNCT, CNCT, SMWB, CMWB = (*FLAGS, *SIZES)
VALID = [str(bits) for bits in range(8, 16)]
# Beside what is out of range, all that int() takes and the grammar doesn't.
INVALID = ["", "7", "16", "0", "08", "015", "+9", "-9", " 9", "9 ", "1_0", "9.0", "0x9", "٩", "9\n"]


@pytest.mark.parametrize("value", VALID)
@pytest.mark.parametrize("name", SIZES)
def test_window_bits_are_decimal_from_8_to_15(name: str, value: str) -> None:
    assert getattr(Parameters.of_offer([(name, value)]), name) == int(value)
    assert getattr(Parameters.of_answer([(name, value)]), name) == int(value)


@pytest.mark.parametrize("value", INVALID)
@pytest.mark.parametrize("name", SIZES)
def test_other_window_bits_are_refused(name: str, value: str) -> None:
    for read in Parameters.of_offer, Parameters.of_answer:
        with pytest.raises(InvalidParameterValue) as raised:
            read([(name, value)])
        assert (raised.value.name, raised.value.value) == (name, value)


def test_only_the_clients_window_in_an_offer_needs_no_value() -> None:
    assert Parameters.of_offer([(CMWB, None)]).client_max_window_bits is True
    with pytest.raises(InvalidParameterValue, match=rf"^missing value for parameter {CMWB}$"):
        Parameters.of_answer([(CMWB, None)])
    for read in Parameters.of_offer, Parameters.of_answer:
        with pytest.raises(InvalidParameterValue, match=rf"^missing value for parameter {SMWB}$"):
            read([(SMWB, None)])


@pytest.mark.parametrize("name", FLAGS)
def test_no_context_takeover_has_no_value(name: str) -> None:
    for read in Parameters.of_offer, Parameters.of_answer:
        assert getattr(read([(name, None)]), name) is True
        for value in ["", "0", "1", "true", "10"]:
            with pytest.raises(InvalidParameterValue):
                read([(name, value)])


@pytest.mark.parametrize("name", ["unknown", "", "Client_Max_Window_Bits", "max_window_bits"])
def test_other_names_are_refused(name: str) -> None:
    for read in Parameters.of_offer, Parameters.of_answer:
        with pytest.raises(InvalidParameterName):
            read([(name, None)])


@pytest.mark.parametrize(
    ("name", "value"), [(SNCT, None), (CNCT, None), (SMWB, "10"), (CMWB, "10")]
)
def test_a_parameter_twice_is_refused(name: str, value: str | None) -> None:
    for read in Parameters.of_offer, Parameters.of_answer:
        with pytest.raises(DuplicateParameter):
            read([(name, value), (name, value)])


def test_no_parameter_means_nothing() -> None:
    assert Parameters.of_offer([]) == Parameters.of_answer([]) == Parameters()
    assert Parameters().build() == []


bits = st.none() | st.integers(8, 15)


@given(st.booleans(), st.booleans(), bits, bits | st.just(True))
def test_what_is_built_is_read_again(
    snct: bool, cnct: bool, smwb: WindowBits, cmwb: WindowBits
) -> None:
    parameters = Parameters(snct, cnct, smwb, cmwb)
    built = parameters.build()
    assert Parameters.of_offer(built) == parameters
    if cmwb is not True:
        assert Parameters.of_answer(list(reversed(built))) == parameters


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*FLAGS, *SIZES]) | st.text(max_size=3),
            st.none() | st.sampled_from(VALID + INVALID) | st.text(max_size=3),
        ),
        max_size=5,
    )
)
def test_nothing_but_negotiation_errors_is_raised(params: list[ExtensionParameter]) -> None:
    for read in Parameters.of_offer, Parameters.of_answer:
        try:
            parameters = read(params)
        except NegotiationError:
            continue
        assert sorted(parameters.build(), key=str) == sorted(params, key=str)
