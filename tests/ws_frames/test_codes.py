"""Status codes of the closing handshake, RFC 6455 §7.4."""

from __future__ import annotations

import pytest

from ws_frames import CloseCode
from ws_frames.codes import MAY_BE_SENT, describe_close, describe_code

CODES = [
    (1000, "NORMAL_CLOSURE", "OK"),
    (1001, "GOING_AWAY", "going away"),
    (1002, "PROTOCOL_ERROR", "protocol error"),
    (1003, "UNSUPPORTED_DATA", "unsupported type"),
    (1005, "NO_STATUS_RCVD", "no status code [internal]"),
    (1006, "ABNORMAL_CLOSURE", "connection closed abnormally [internal]"),
    (1007, "INVALID_DATA", "invalid data"),
    (1008, "POLICY_VIOLATION", "policy violation"),
    (1009, "MESSAGE_TOO_BIG", "message too big"),
    (1010, "MANDATORY_EXTENSION", "extension required"),
    (1011, "INTERNAL_ERROR", "unexpected error"),
    (1012, "SERVICE_RESTART", "service restart"),
    (1013, "TRY_AGAIN_LATER", "try again later"),
    (1014, "BAD_GATEWAY", "bad gateway"),
    (1015, "TLS_HANDSHAKE", "TLS failure [internal]"),
]


def test_the_registered_codes_are_all_there() -> None:
    assert [(int(code), code.name) for code in CloseCode] == [row[:2] for row in CODES]


def test_a_code_is_shown_as_its_number_on_each_python() -> None:
    assert str(CloseCode.GOING_AWAY) == "1001"
    assert f"{CloseCode.GOING_AWAY} {CloseCode.GOING_AWAY:6d} {CloseCode.GOING_AWAY:x}" == (
        "1001   1001 3e9"
    )


@pytest.mark.parametrize(("code", "name", "words"), CODES)
def test_each_registered_code_is_described(code: int, name: str, words: str) -> None:
    assert describe_code(code) == words
    assert describe_code(CloseCode[name]) == words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "unknown"),
        (999, "unknown"),
        (1004, "unknown"),
        (1016, "unknown"),
        (2999, "unknown"),
        (3000, "registered"),
        (3999, "registered"),
        (4000, "private use"),
        (4999, "private use"),
        (5000, "unknown"),
        (65535, "unknown"),
    ],
)
def test_other_codes_are_described_by_their_range(code: int, words: str) -> None:
    assert describe_code(code) == words


def test_the_codes_that_only_an_application_sees_may_not_be_sent() -> None:
    assert {int(code) for code in set(CloseCode) - MAY_BE_SENT} == {1005, 1006, 1015}


def test_a_close_is_described_by_code_and_reason() -> None:
    assert describe_close(CloseCode.GOING_AWAY, "bye") == "code = 1001 (going away), reason = bye"


def test_a_close_without_reason_says_so() -> None:
    assert describe_close(4444, "") == "code = 4444 (private use), no reason"


def test_control_characters_of_a_reason_are_escaped() -> None:
    shown = describe_close(1000, "é\x1b[31m\r\n\u202e")
    assert shown == "code = 1000 (OK), reason = é\\x1b[31m\\r\\n\\u202e"
