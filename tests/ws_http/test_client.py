"""The client's side of the opening handshake, RFC 6455 §4.1."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import Callable, cast

import pytest

from tests.ws_http.responses import URI, feed, refuse, respond
from ws_frames import Extension, InvalidState
from ws_http import (
    ClientHandshake,
    ExtensionName,
    ExtensionParameter,
    Headers,
    HeadersLike,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidUpgrade,
    NegotiationError,
    Origin,
    SecurityError,
    ServerHandshake,
    Subprotocol,
    WebSocketURI,
    parse_uri,
)

Cut = Callable[[bytes], "list[bytes]"]


class FakeExtension(Extension):
    name = "x-fake"


class FakeFactory:
    name = ExtensionName("x-fake")

    def get_request_params(self) -> list[ExtensionParameter]:
        return [("a", "1"), ("b", None)]

    def process_response_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> Extension:
        if params:
            raise NegotiationError("unexpected parameters")
        return FakeExtension()


class TestRequest:
    def test_a_request_is_what_the_rfc_wants(self) -> None:
        handshake = ClientHandshake(URI)
        assert (
            handshake.send_request()
            == (
                f"GET /chat HTTP/1.1\r\n"
                f"Host: example.com\r\n"
                f"Upgrade: websocket\r\n"
                f"Connection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {handshake.key}\r\n"
                f"Sec-WebSocket-Version: 13\r\n"
                f"\r\n"
            ).encode()
        )

    def test_options_are_sent(self) -> None:
        handshake = ClientHandshake(
            parse_uri("wss://us%C3%A9r:p%3Ass@[fe80::1%25eth0]:8443/a?b"),
            origin=Origin("http://example.com"),
            extensions=[FakeFactory(), FakeFactory()],
            subprotocols=[Subprotocol("chat"), Subprotocol("superchat")],
            user_agent="Python/3 test/1",
        )
        assert handshake.request.target == "/a?b"
        assert handshake.request.headers == Headers(
            {
                "Host": "[fe80::1]:8443",
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Key": handshake.key,
                "Sec-WebSocket-Version": "13",
                "Origin": "http://example.com",
                "Sec-WebSocket-Extensions": "x-fake; a=1; b, x-fake; a=1; b",
                "Sec-WebSocket-Protocol": "chat, superchat",
                "Authorization": "Basic dXPDqXI6cDpzcw==",
                "User-Agent": "Python/3 test/1",
            }
        )

    def test_each_request_has_a_key_of_its_own(self) -> None:
        assert ClientHandshake(URI).key != ClientHandshake(URI).key

    @pytest.mark.parametrize(
        "extra",
        [
            Headers([("X-A", "1"), ("X-A", "2")]),
            [("X-A", "1"), ("X-A", "2")],
            {"X-A": "1", "x-a": "2"},
        ],
        ids=["Headers", "pairs", "mapping"],
    )
    def test_extra_headers_are_sent(self, extra: HeadersLike) -> None:
        request = ClientHandshake(URI, extra_headers=extra).request
        assert request.headers.get_all("X-A") == ["1", "2"]

    def test_extra_headers_replace_those_that_would_be_sent(self) -> None:
        handshake = ClientHandshake(
            parse_uri("ws://a:b@c/"),
            origin=Origin("http://a"),
            user_agent="a",
            extra_headers={
                "host": "d",
                "authorization": "Bearer e",
                "user-agent": "f",
                "origin": "http://g",
            },
        )
        headers = handshake.request.headers
        assert headers["Host"] == "d"
        assert headers["Authorization"] == "Bearer e"
        assert headers["User-Agent"] == "f"
        assert headers["Origin"] == "http://g"

    @pytest.mark.parametrize(
        "uri",
        [
            WebSocketURI(False, "a\r\nX: secret", 80, "/", None),
            WebSocketURI(False, "a b", 80, "/", None),
            WebSocketURI(False, "", 80, "/", None),
            WebSocketURI(False, "a", 80, "/secret HTTP/1.1\r\nX: y", None),
            WebSocketURI(False, "a", 80, "secret", None),
            WebSocketURI(False, "a", 80, "/", ("us:er", "secret")),
            WebSocketURI(False, "a", 80, "/", ("user", "secret\n")),
        ],
    )
    def test_a_uri_that_cannot_be_sent_is_refused(self, uri: WebSocketURI) -> None:
        with pytest.raises(ValueError, match=r"host|target|authentication") as caught:
            ClientHandshake(uri)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        "extra",
        [
            {"X Y": "secret"},
            {"X": "secret\r\nY: z"},
            {"X": "secret\0"},
            {"X:": "secret"},
            {"Cookie": "secret\u20ac"},
            {"Sec-WebSocket-Key": "secret"},
            {"Transfer-Encoding": "secret"},
            {"Sec-WebSocket-Extensions": "secret"},
            [("Host", "secret"), ("Host", "secret")],
            {"Host": "secret", "host": "secret"},
            {"Host": "secret, secret"},
            {"Host": "user:secret@a"},
            {"Host": "a/secret"},
        ],
    )
    def test_extra_headers_that_cannot_be_sent_are_refused(self, extra: HeadersLike) -> None:
        with pytest.raises(ValueError, match="header") as caught:
            ClientHandshake(URI, extra_headers=extra)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("host", ["", "a", "a:1", "[::1]:8080"])
    def test_a_host_header_may_be_what_a_server_takes(self, host: str) -> None:
        handshake = ClientHandshake(URI, extra_headers={"Host": host})
        assert handshake.request.headers["Host"] == host
        server = ServerHandshake()
        server.receive_data(handshake.send_request())
        server.accept()

    def test_other_options_that_cannot_be_sent_are_refused(self) -> None:
        with pytest.raises(ValueError, match="value of User-Agent header"):
            ClientHandshake(URI, user_agent="a\r\nb")
        with pytest.raises(ValueError, match="value of Origin header"):
            ClientHandshake(URI, origin=Origin("a\r\nb"))
        with pytest.raises(ValueError, match="subprotocol is not a token"):
            ClientHandshake(URI, subprotocols=[Subprotocol("a b")])
        with pytest.raises(TypeError, match="subprotocols must be a list"):
            ClientHandshake(URI, subprotocols=cast("list[Subprotocol]", "chat"))


class TestOpening:
    @pytest.mark.parametrize("behind", [b"", b"\x81\x02hi", b"\r\n" * 1000, bytes(100_000)])
    def test_a_response_that_agrees_opens_the_connection(self, cut: Cut, behind: bytes) -> None:
        handshake = ClientHandshake(URI)
        feed(handshake, [*cut(respond(handshake)), behind])
        assert handshake.done
        opening = handshake.result()
        assert opening.path == "/chat"
        assert opening.request_headers == handshake.request.headers
        assert handshake.response is not None
        assert opening.response_headers == handshake.response.headers
        assert opening.subprotocol is None
        assert opening.extensions == []
        assert opening.trailing == behind

    def test_interim_responses_are_skipped(self, cut: Cut) -> None:
        handshake = ClientHandshake(URI)
        feed(handshake, cut(refuse("100 Continue") + refuse("103 Early Hints", "Link: a")))
        assert not handshake.done
        feed(handshake, cut(respond(handshake)))
        assert handshake.result().response_headers["Upgrade"] == "websocket"

    def test_a_content_length_of_an_upgrade_means_nothing(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(respond(handshake, "Content-Length: 5") + b"12345")
        assert handshake.result().trailing == b"12345"

    def test_what_was_agreed_on_is_in_the_opening(self) -> None:
        handshake = ClientHandshake(
            URI,
            extensions=[FakeFactory()],
            subprotocols=[Subprotocol("chat"), Subprotocol("superchat")],
        )
        handshake.receive_data(
            respond(
                handshake, "Sec-WebSocket-Extensions: x-fake", "Sec-WebSocket-Protocol: superchat"
            )
        )
        opening = handshake.result()
        assert opening.subprotocol == "superchat"
        assert [extension.name for extension in opening.extensions] == ["x-fake"]

    def test_a_subprotocol_may_be_offered_in_extra_headers(self) -> None:
        handshake = ClientHandshake(URI, extra_headers={"Sec-WebSocket-Protocol": "a, b"})
        handshake.receive_data(respond(handshake, "Sec-WebSocket-Protocol: b"))
        assert handshake.result().subprotocol == "b"

    def test_the_result_can_be_asked_for_twice(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(respond(handshake))
        assert handshake.result() == handshake.result()

    def test_bytes_of_an_open_connection_are_not_swallowed(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(respond(handshake))
        handshake.receive_data(b"\x81")
        assert handshake.result().trailing == b"\x81"
        with pytest.raises(InvalidState, match="its bytes are frames"):
            handshake.receive_data(b"\x01a")
        assert handshake.result().trailing == b"\x81"

    def test_bytes_behind_a_response_that_does_not_fit_make_no_difference(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(refuse("101 Switching Protocols"))
        with pytest.raises(InvalidUpgrade):
            handshake.result()
        handshake.receive_data(b"\x81")
        with pytest.raises(InvalidUpgrade):
            handshake.result()

    def test_the_end_of_the_connection_comes_too_late_to_matter(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(respond(handshake))
        handshake.receive_eof()
        assert handshake.error is None
        handshake.result()


#: What is left out of a good response, what is added, and the exception.
BAD_RESPONSES: list[tuple[str, list[str], type[InvalidHandshake], str]] = [
    ("Upgrade", [], InvalidUpgrade, "missing Upgrade header"),
    ("Upgrade", ["Upgrade: h2c"], InvalidUpgrade, "invalid Upgrade header: h2c"),
    ("Connection", [], InvalidUpgrade, "missing Connection header"),
    ("Sec-WebSocket-Accept", [], InvalidHeader, "missing Sec-WebSocket-Accept header"),
    ("Sec", ["Sec-WebSocket-Accept: a"], InvalidHeaderValue, "Sec-WebSocket-Accept header: a"),
    ("", ["Sec-WebSocket-Accept: a"], InvalidHeader, "Sec-WebSocket-Accept header: 2 of them"),
    ("", ["Sec-WebSocket-Extensions: x-other"], NegotiationError, "unsupported extension: x-other"),
    ("", ["Sec-WebSocket-Extensions: x-fake; c"], NegotiationError, "unexpected parameters"),
    ("", ["Sec-WebSocket-Extensions: x-fake, x-fake"], NegotiationError, "duplicate extension"),
    ("", ["Sec-WebSocket-Extensions: ="], InvalidHeaderFormat, "expected token at 0 in ="),
    ("", ["Sec-WebSocket-Extensions: " + "a," * 129], SecurityError, "over 128 items"),
    ("", ["Sec-WebSocket-Protocol: other"], NegotiationError, "unsupported subprotocol: other"),
    ("", ["Sec-WebSocket-Protocol: a, b"], NegotiationError, "multiple subprotocols: a, b"),
]


class TestJudging:
    @pytest.mark.parametrize(("without", "lines", "error", "text"), BAD_RESPONSES)
    def test_a_response_that_does_not_fit_is_refused(
        self, without: str, lines: list[str], error: type[InvalidHandshake], text: str
    ) -> None:
        subprotocols = [Subprotocol("a"), Subprotocol("b")]
        handshake = ClientHandshake(URI, extensions=[FakeFactory()], subprotocols=subprotocols)
        handshake.receive_data(respond(handshake, *lines, without=without))
        assert handshake.done
        for _ in range(2):
            with pytest.raises(error, match=text) as caught:
                handshake.result()
            assert type(caught.value) is error

    def test_nothing_is_accepted_that_was_not_offered(self) -> None:
        for line in ("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: x-fake"):
            handshake = ClientHandshake(URI)
            handshake.receive_data(respond(handshake, line))
            with pytest.raises(NegotiationError, match="unsupported"):
                handshake.result()

    def test_http_1_0_cannot_be_upgraded(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(respond(handshake, status="HTTP/1.0 101 Switching Protocols"))
        with pytest.raises(InvalidMessage, match=r"status 101 in HTTP/1\.0"):
            handshake.result()

    def test_there_is_no_result_before_the_response(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(b"HTTP/1.1 101 ")
        with pytest.raises(InvalidState, match="not complete"):
            handshake.result()

    def test_a_subclass_may_change_a_step(self) -> None:
        class Lenient(ClientHandshake):
            def confirm_subprotocol(self, headers: Headers) -> Subprotocol | None:
                return Subprotocol(headers["Sec-WebSocket-Protocol"])

        handshake = Lenient(URI)
        handshake.receive_data(respond(handshake, "Sec-WebSocket-Protocol: surprise"))
        assert handshake.result().subprotocol == "surprise"


def test_repr_says_how_far_it_is() -> None:
    handshake = ClientHandshake(parse_uri("ws://user:secret@host/"))
    assert repr(handshake) == "<ClientHandshake done=False status=None error=None>"
    handshake.receive_data(respond(handshake))
    assert repr(handshake) == "<ClientHandshake done=True status=101 error=None>"


@pytest.mark.parametrize("data", [b"SSH\r\n", b"", refuse("403 Forbidden"), refuse("101 x")])
def test_a_handshake_leaves_no_cycles(data: bytes) -> None:
    gc.collect()
    gc.disable()
    try:
        handshake = ClientHandshake(URI)
        handshake.receive_data(data)
        handshake.receive_eof()
        with suppress(InvalidHandshake):
            handshake.result()
        reference = weakref.ref(handshake)
        del handshake
        assert reference() is None
    finally:
        gc.enable()
