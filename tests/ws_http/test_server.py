"""The server's side of the opening handshake, RFC 6455 §4.2."""

from __future__ import annotations

import gc
import time
import weakref
from contextlib import suppress
from typing import Callable

import pytest

from tests.ws_http.requests import PLAIN, FakeFactory, feed, make_request, parse
from ws_frames import InvalidState
from ws_http import (
    ClientHandshake,
    Headers,
    HeadersLike,
    InvalidHandshake,
    InvalidOrigin,
    Limits,
    Origin,
    SecurityError,
    ServerHandshake,
    Subprotocol,
    UnsupportedMethod,
)
from ws_http.server import check_message

Cut = Callable[[bytes], "list[bytes]"]


class TestOpening:
    @pytest.mark.parametrize("behind", [b"", b"\x81\x82\0\0\0\0hi", b"\r\n" * 100])
    def test_a_request_is_accepted(self, cut: Cut, behind: bytes) -> None:
        handshake = feed(ServerHandshake(), cut(make_request() + behind))
        assert handshake.done
        assert handshake.error is None
        assert handshake.request is not None
        assert handshake.request.target == "/chat"
        assert handshake.accept() == (
            b"HTTP/1.1 101 Switching Protocols\r\n"
            b"Upgrade: websocket\r\n"
            b"Connection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            b"\r\n"
        )
        opening = handshake.opening
        assert opening.path == "/chat"
        assert opening.request_headers == handshake.request.headers
        assert handshake.response is not None
        assert opening.response_headers == handshake.response.headers
        assert opening.subprotocol is None
        assert opening.extensions == []
        assert opening.trailing == behind

    def test_what_was_agreed_on_is_sent(self) -> None:
        handshake = ServerHandshake(
            origins=[Origin("http://a"), None],
            extensions=[FakeFactory()],
            subprotocols=[Subprotocol("b"), Subprotocol("c")],
            server_header="test/1",
            clock=lambda: 784111777,
        )
        handshake.receive_data(
            make_request(
                "Origin: http://a",
                "Sec-WebSocket-Extensions: x-other, x-fake, x-fake; a",
                "Sec-WebSocket-Protocol: a, b",
                "Sec-WebSocket-Protocol: c",
            )
        )
        response = parse(handshake.accept(extra_headers=[("X", "1"), ("X", "2")]))
        assert list(response.headers.raw_items()) == [
            ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("Server", "test/1"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            ("Sec-WebSocket-Extensions", "x-fake; b"),
            ("Sec-WebSocket-Protocol", "b"),
            ("X", "1"),
            ("X", "2"),
        ]
        assert handshake.origin == "http://a"
        assert handshake.opening.subprotocol == "b"
        assert [extension.name for extension in handshake.opening.extensions] == ["x-fake"]

    def test_extra_headers_replace_server_and_date(self) -> None:
        handshake = ServerHandshake(server_header="a", clock=lambda: 0)
        handshake.receive_data(make_request())
        response = parse(handshake.accept(extra_headers={"server": "b", "DATE": "now"}))
        assert response.headers["Server"] == "b"
        assert response.headers["Date"] == "now"

    def test_a_function_may_select_the_subprotocol(self) -> None:
        handshake = ServerHandshake(
            subprotocols=[Subprotocol("a"), Subprotocol("b")],
            select_subprotocol=lambda client, server: client[-1],
        )
        handshake.receive_data(make_request("Sec-WebSocket-Protocol: a, b, c"))
        handshake.accept()
        assert handshake.opening.subprotocol == "c"

    @pytest.mark.parametrize(
        "line",
        [
            "GET http://other/chat HTTP/1.1",
            "GET wss://user:pass@server.example.com:8443/chat HTTP/1.1",
            "GET /chat HTTP/1.2",
        ],
    )
    def test_a_request_line_may_be(self, line: str) -> None:
        handshake = feed(ServerHandshake(), [make_request(line=line)])
        handshake.accept()
        assert handshake.opening.path == "/chat"

    @pytest.mark.parametrize(
        ("without", "line"),
        [
            ("Connection", "connection: keep-alive, UPGRADE"),
            ("Upgrade", "UPGRADE: WebSocket"),
            ("Host", "HOST: [::1]:8080"),
            ("Host", "Host: "),
            ("", "Content-Length: 0"),
            ("", "X: é"),
        ],
    )
    def test_a_request_may_have(self, without: str, line: str) -> None:
        handshake = feed(ServerHandshake(), [make_request(line, without=without)])
        assert parse(handshake.accept()).status == 101

    def test_a_client_and_a_server_come_to_terms(self, cut: Cut) -> None:
        from ws_http import parse_uri

        client = ClientHandshake(parse_uri("ws://localhost:8000/é?a=b c".replace(" ", "+")))
        server = feed(ServerHandshake(), cut(client.send_request()))
        for piece in cut(server.accept()):
            client.receive_data(piece)
        assert client.result().path == server.opening.path == "/%C3%A9?a=b+c"


class TestAccepting:
    @pytest.mark.parametrize(
        "extra",
        [
            {"A B": "secret"},
            {"A": "secret\r\nB: c"},
            {"A": "secret\0"},
            {"Sec-WebSocket-Accept": "secret"},
            {"Sec-WebSocket-Extensions": "secret"},
            {"Content-Length": "0"},
        ],
    )
    def test_extra_headers_that_cannot_be_sent_are_refused(self, extra: HeadersLike) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        with pytest.raises(ValueError, match="header") as caught:
            handshake.accept(extra_headers=extra)
        assert "secret" not in str(caught.value)
        assert parse(handshake.refuse(caught.value)).status == 500

    def test_subprotocols_that_cannot_be_sent_are_refused(self) -> None:
        with pytest.raises(ValueError, match="subprotocol is not a token"):
            ServerHandshake(subprotocols=[Subprotocol("a b")])

    def test_a_subprotocol_that_the_client_does_not_offer_is_an_error_of_the_server(self) -> None:
        handshake = ServerHandshake(
            subprotocols=[Subprotocol("b")], select_subprotocol=lambda client, server: server[0]
        )
        handshake.receive_data(make_request("Sec-WebSocket-Protocol: a"))
        with pytest.raises(ValueError, match="not one that the client offers"):
            handshake.accept()

    def test_an_empty_list_of_origins_accepts_nobody(self) -> None:
        handshake = feed(ServerHandshake(origins=[]), [make_request()])
        with pytest.raises(InvalidOrigin, match="missing Origin header"):
            handshake.accept()

    def test_a_subclass_may_change_a_step(self) -> None:
        class Picky(ServerHandshake):
            def check_origin(self, headers: Headers) -> Origin | None:
                if "Origin" not in headers:
                    raise InvalidOrigin(None)
                return super().check_origin(headers)

        handshake = feed(Picky(), [make_request()])
        with pytest.raises(InvalidOrigin):
            handshake.accept()


class TestStates:
    def test_nothing_can_be_accepted_before_the_request_is_complete(self) -> None:
        handshake = feed(ServerHandshake(), [b"GET /"])
        with pytest.raises(InvalidState, match="not complete"):
            handshake.accept()
        with pytest.raises(InvalidState, match="not accepted"):
            _ = handshake.opening

    def test_a_request_is_answered_once(self) -> None:
        accepted = feed(ServerHandshake(), [make_request()])
        accepted.accept()
        rejected = feed(ServerHandshake(), [make_request()])
        rejected.reject(403)
        for handshake in (accepted, rejected):
            with pytest.raises(InvalidState, match="answered already"):
                handshake.accept()
            with pytest.raises(InvalidState, match="answered already"):
                handshake.reject(403)

    def test_bytes_of_an_open_connection_are_not_swallowed(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        handshake.accept()
        with pytest.raises(InvalidState, match="its bytes are frames"):
            handshake.receive_data(b"\x81")

    def test_bytes_behind_a_refused_request_are_dropped(self) -> None:
        handshake = feed(ServerHandshake(limits=Limits(trailing=2)), [PLAIN])
        handshake.reject(403)
        handshake.receive_data(b"12345")
        assert handshake.error is None

    def test_the_end_of_the_connection_comes_too_late_to_matter(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        handshake.receive_eof()
        assert handshake.error is None
        handshake.accept()

    @pytest.mark.parametrize("pieces", [[b"123"], [b"12", b"3"], [b"1", b"2", b"3", b"4"]])
    def test_bytes_behind_a_request_have_a_limit(self, pieces: list[bytes]) -> None:
        handshake = ServerHandshake(limits=Limits(trailing=2))
        feed(handshake, [make_request() + pieces[0], *pieces[1:]])
        assert type(handshake.error) is SecurityError
        assert str(handshake.error) == "over 2 bytes behind the request"
        with pytest.raises(SecurityError):
            handshake.accept()

    def test_bytes_behind_a_request_may_be_at_the_limit(self) -> None:
        handshake = feed(ServerHandshake(limits=Limits(trailing=2)), [make_request() + b"1", b"2"])
        handshake.accept()
        assert handshake.opening.trailing == b"12"

    def test_repr_says_how_far_it_is(self) -> None:
        handshake = ServerHandshake()
        assert repr(handshake) == "<ServerHandshake target=None status=None error=None>"
        handshake.receive_data(make_request())
        handshake.accept()
        assert repr(handshake) == "<ServerHandshake target='/chat' status=101 error=None>"


def test_a_message_is_judged_as_http_alone() -> None:
    handshake = feed(ServerHandshake(), [PLAIN])
    assert handshake.request is not None
    check_message(handshake.request)
    with pytest.raises(UnsupportedMethod):
        check_message(handshake.request._replace(method="DELETE"))


@pytest.mark.parametrize(
    ("name", "filler"),
    [
        ("Sec-WebSocket-Extensions", "a,"),
        ("Sec-WebSocket-Extensions", ","),
        ("Sec-WebSocket-Extensions", "x-fake,"),
        ("Sec-WebSocket-Extensions", "x-fake;a,"),
        ("Sec-WebSocket-Extensions", 'x;b="c";'),
        ("Sec-WebSocket-Extensions", 'x;b="\\\\'),
        ("Sec-WebSocket-Protocol", "a,"),
        ("Connection", "a,"),
        ("Connection", ","),
        ("Upgrade", "a/b,"),
        ("Origin", "a"),
        ("Cookie", "a=b; "),
    ],
)
def test_the_worst_request_is_judged_in_twenty_milliseconds(name: str, filler: str) -> None:
    for size in (8, 400, 8100):
        line = f"{name}: {(filler * size)[:size]}"
        count = min(120, 64_000 // len(line))
        data = make_request(*[line] * count, without=name)
        best = 1.0
        for _ in range(5):
            handshake = ServerHandshake(
                extensions=[FakeFactory()], subprotocols=[Subprotocol("b")], origins=[None]
            )
            start = time.perf_counter()
            handshake.receive_data(data)
            try:
                handshake.accept()
            except InvalidHandshake as exc:
                handshake.refuse(exc)
            best = min(best, time.perf_counter() - start)
        assert best < 0.020


@pytest.mark.parametrize("data", [make_request(), b"GET\r\n", PLAIN])
def test_a_handshake_leaves_no_cycles(data: bytes) -> None:
    gc.collect()
    gc.disable()
    try:
        handshake = feed(ServerHandshake(), [data])
        with suppress(InvalidHandshake):
            handshake.accept()
        reference = weakref.ref(handshake)
        del handshake
        assert reference() is None
    finally:
        gc.enable()
