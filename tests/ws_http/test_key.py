"""The key of a handshake and the answer to it, RFC 6455 §1.3 and §4."""

from __future__ import annotations

import base64

import pytest

from ws_http import accept_key, generate_key
from ws_http.key import is_key


def test_the_example_of_the_rfc_is_answered() -> None:
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_a_key_is_sixteen_random_bytes() -> None:
    keys = {generate_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(base64.b64decode(key, validate=True)) for key in keys} == {16}
    assert all(is_key(key) for key in keys)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ== ",
        "dGhlIHNhbXBsZSBub25jZQ==\n",
        "dGhlIHNhbXBsZSBub25jZ-==",
        "dGhlIHNhbXBsZSBub25jZQAA",
        base64.b64encode(bytes(15)).decode(),
        base64.b64encode(bytes(17)).decode(),
    ],
)
def test_what_is_no_base64_of_sixteen_bytes_is_no_key(value: str) -> None:
    assert not is_key(value)
