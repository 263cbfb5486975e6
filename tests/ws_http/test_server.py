"""The server's side of the opening handshake, RFC 6455 §4.2."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import Callable

import pytest

from ws_frames import Extension, InvalidState
from ws_http import (
    AbortHandshake,
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
    InvalidOrigin,
    InvalidUpgrade,
    Limits,
    NegotiationError,
    Origin,
    Response,
    ResponseParser,
    SecurityError,
    ServerHandshake,
    Subprotocol,
    TargetTooLong,
    UnsupportedMethod,
)
from ws_http.server import check_message

Cut = Callable[[bytes], "list[bytes]"]

KEY = "dGhlIHNhbXBsZSBub25jZQ=="

USUAL = [
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
]


class FakeExtension(Extension):
    name = "x-fake"


class FakeFactory:
    name = ExtensionName("x-fake")

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], Extension]:
        if not params:
            raise NegotiationError("no parameters")
        return [("b", None)], FakeExtension()


def make_request(*lines: str, line: str = "GET /chat HTTP/1.1", without: str = "") -> bytes:
    """Make a request that is right, but for its first line, more lines, and one left out."""
    kept = [usual for usual in USUAL if not (without and usual.startswith(without))]
    return "".join(f"{text}\r\n" for text in [line, *kept, *lines, ""]).encode("iso-8859-1")


PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def feed(handshake: ServerHandshake, pieces: list[bytes]) -> ServerHandshake:
    for piece in pieces:
        handshake.receive_data(piece)
    return handshake


def parse(data: bytes) -> Response:
    parser = ResponseParser()
    parser.receive_data(data)
    assert parser.message is not None
    return parser.message._replace(body=bytes(parser.trailing))


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


#: What is left out of a good request, what is added, its first line, and what comes of it
#: before anybody asks for a WebSocket.
BROKEN: list[tuple[str, list[str], str, type[InvalidHandshake], str, int]] = [
    ("Host", [], "", InvalidHeader, "missing Host header", 400),
    ("", ["Host: a"], "", InvalidHeader, "invalid Host header: 2 of them", 400),
    ("Host", ["Host: a b"], "", InvalidHeaderValue, "invalid Host header: a b", 400),
    ("Host", ["Host: a/b"], "", InvalidHeaderValue, "invalid Host header: a/b", 400),
    ("Host", ["Host: a, b"], "", InvalidHeaderValue, "invalid Host header: a, b", 400),
    ("Host", ["Host: é"], "", InvalidHeaderValue, "invalid Host header: é", 400),
    ("", ["Transfer-Encoding: chunked"], "", InvalidMessage, "transfer encoding", 400),
    ("", ["Transfer-Encoding: identity"], "", InvalidMessage, "transfer encoding", 400),
    ("", ["Content-Length: 5"], "", InvalidMessage, "request with a body", 400),
    ("", ["Content-Length: +0"], "", InvalidMessage, "request with a body", 400),
    ("", ["Content-Length: 0, 0"], "", InvalidMessage, "request with a body", 400),
    ("", ["Content-Length: 0"] * 2, "", InvalidMessage, "request with a body", 400),
    ("", [], "POST / HTTP/1.1", UnsupportedMethod, "unsupported method: POST", 405),
    ("Host", ["Content-Length: 5"], "PUT / HTTP/1.0", UnsupportedMethod, "method: PUT", 405),
    ("", [], "CONNECT a:80 HTTP/1.1", UnsupportedMethod, "unsupported method: CONNECT", 405),
    ("", [], "OPTIONS * HTTP/1.1", UnsupportedMethod, "unsupported method: OPTIONS", 405),
    ("", [], "get / HTTP/1.1", UnsupportedMethod, "unsupported method: get", 405),
    ("", [], "GET * HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET a HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET /#a HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET ftp://a/ HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET http:///a HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET / HTTP/2.0", InvalidMessage, "unsupported HTTP version: 2.0", 400),
    ("", [], "GET /", InvalidMessage, "malformed request line", 400),
    ("", ["A : b"], "", InvalidMessage, "malformed header line 6", 400),
    ("", ["A: b", " c"], "", InvalidMessage, "malformed header line 7", 400),
    ("", [], "GET /" + "a" * 9000, TargetTooLong, "request line over 8192 bytes", 414),
    ("", ["A: " + "a" * 8192], "", SecurityError, "header line over 8192 bytes", 431),
    ("", ["A: b"] * 124, "", SecurityError, "over 128 headers", 431),
    ("", ["A: " + "a" * 8000] * 9, "", SecurityError, "over 65536 bytes of headers", 431),
]

#: The same, of what is no good request for a WebSocket.
UNACCEPTABLE: list[tuple[str, list[str], str, type[InvalidHandshake], str, int]] = [
    ("Upgrade", [], "", InvalidUpgrade, "missing Upgrade header", 426),
    ("Upgrade", ["Upgrade: h2c"], "", InvalidUpgrade, "invalid Upgrade header: h2c", 426),
    ("Connection", [], "", InvalidUpgrade, "missing Connection header", 426),
    ("", [], "GET / HTTP/1.0", InvalidUpgrade, "Upgrade header: ignored in HTTP/1.0", 426),
    ("", [], "HEAD / HTTP/1.1", UnsupportedMethod, "unsupported method: HEAD", 405),
    ("Upgrade", [], "HEAD / HTTP/1.1", InvalidUpgrade, "missing Upgrade header", 426),
    ("Connection", ["Connection: ="], "", InvalidHeaderFormat, "expected token at 0 in =", 400),
    ("Sec-WebSocket-Version", [], "", InvalidHeader, "missing Sec-WebSocket-Version", 400),
    ("Sec-WebSocket-Version", ["Sec-WebSocket-Version: 8"], "", InvalidHeaderValue, ": 8", 400),
    ("Sec-WebSocket-Key", [], "", InvalidHeader, "missing Sec-WebSocket-Key header", 400),
    ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: a"], "", InvalidHeaderValue, "header: a", 400),
    ("", [f"Sec-WebSocket-Key: {KEY}"], "", InvalidHeader, "Key header: 2 of them", 400),
    ("", ["Origin: http://evil"], "", InvalidOrigin, "invalid Origin header: http://evil", 403),
    ("", ["Origin: http://a", "Origin: http://a"], "", InvalidHeader, "Origin header: 2", 400),
    ("", ["Sec-WebSocket-Extensions: ="], "", InvalidHeaderFormat, "expected token at 0", 400),
    ("", ["Sec-WebSocket-Extensions: " + "a," * 129], "", SecurityError, "over 128 items", 431),
    ("", ["Sec-WebSocket-Protocol: ="], "", InvalidHeaderFormat, "expected token at 0", 400),
    ("", ["Sec-WebSocket-Protocol: a, a"], "", InvalidHeader, "header: a, a", 400),
]  # fmt: skip


class TestRefusing:
    @pytest.mark.parametrize(("without", "lines", "line", "error", "text", "status"), BROKEN)
    def test_a_broken_request_is_an_error(
        self,
        without: str,
        lines: list[str],
        line: str,
        error: type[InvalidHandshake],
        text: str,
        status: int,
        cut: Cut,
    ) -> None:
        data = make_request(*lines, line=line or "GET / HTTP/1.1", without=without)
        handshake = feed(ServerHandshake(), cut(data))
        handshake.receive_eof()
        assert handshake.done
        assert handshake.request is None
        assert type(handshake.error) is error
        assert text in str(handshake.error)
        with pytest.raises(error):
            handshake.accept()
        assert parse(handshake.refuse(handshake.error)).status == status

    @pytest.mark.parametrize(("without", "lines", "line", "error", "text", "status"), UNACCEPTABLE)
    def test_a_request_that_is_not_acceptable_is_refused(
        self,
        without: str,
        lines: list[str],
        line: str,
        error: type[InvalidHandshake],
        text: str,
        status: int,
    ) -> None:
        handshake = ServerHandshake(origins=[None, Origin("http://a")], extensions=[FakeFactory()])
        handshake.receive_data(make_request(*lines, line=line or "GET / HTTP/1.1", without=without))
        assert handshake.error is None
        assert handshake.request is not None
        with pytest.raises(error) as caught:
            handshake.accept()
        assert type(caught.value) is error
        assert text in str(caught.value)
        response = parse(handshake.refuse(caught.value))
        assert response.status == status
        assert "close" in response.headers["Connection"]
        assert (response.body == b"") == line.startswith("HEAD")
        with pytest.raises(InvalidState):
            _ = handshake.opening

    def test_a_plain_request_is_told_what_is_here(self) -> None:
        handshake = feed(ServerHandshake(server_header="s", clock=lambda: 0), [PLAIN])
        with pytest.raises(InvalidUpgrade) as caught:
            handshake.accept()
        response = parse(handshake.refuse(caught.value))
        assert response.status == 426
        assert response.reason == "Upgrade Required"
        assert response.headers["Upgrade"] == "websocket"
        assert response.headers["Connection"] == "Upgrade, close"
        assert response.headers["Server"] == "s"
        assert response.headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
        assert response.headers["Content-Length"] == str(len(response.body))
        assert b"WebSocket" in response.body

    def test_another_version_is_told_which_is_spoken(self) -> None:
        data = make_request("Sec-WebSocket-Version: 8", without="Sec-WebSocket-Version")
        handshake = feed(ServerHandshake(), [data])
        with pytest.raises(InvalidHeaderValue) as caught:
            handshake.accept()
        response = parse(handshake.refuse(caught.value))
        assert response.headers["Sec-WebSocket-Version"] == "13"

    @pytest.mark.parametrize(
        "request_",
        [PLAIN, PLAIN.replace(b"GET", b"HEAD"), b"GET / HTTP/1.0\r\n\r\n", make_request()],
    )
    def test_any_request_can_be_answered_with_a_page(self, request_: bytes) -> None:
        handshake = feed(ServerHandshake(), [request_])
        assert handshake.request is not None
        data = handshake.reject(200, {"Content-Type": "text/html"}, b"<h1>page</h1>")
        response = parse(data)
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html"
        assert response.headers["Content-Length"] == "13"
        assert response.body == (b"" if request_.startswith(b"HEAD") else b"<h1>page</h1>")

    def test_the_headers_of_a_refusal_replace_those_that_would_be_sent(self) -> None:
        handshake = feed(ServerHandshake(server_header="a", clock=lambda: 0), [PLAIN])
        response = parse(handshake.reject(200, {"server": "b", "Date": "now"}, b""))
        assert response.headers["Server"] == "b"
        assert response.headers["Date"] == "now"

    def test_a_request_can_be_refused_before_it_is_complete(self) -> None:
        handshake = feed(ServerHandshake(), [b"GET /"])
        assert parse(handshake.reject(503)).body == b"503 Service Unavailable\n"

    def test_an_abort_is_sent_as_it_is(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        response = parse(handshake.refuse(AbortHandshake(418, {"A": "b"}, b"tea")))
        assert (response.status, response.headers["A"], response.body) == (418, "b", b"tea")

    def test_an_error_of_the_server_is_not_shown(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        response = parse(handshake.refuse(RuntimeError("secret")))
        assert response.status == 500
        assert b"secret" not in response.body

    def test_head_gets_no_body_even_where_its_request_is_broken(self) -> None:
        handshake = feed(ServerHandshake(), [b"HEAD / HTTP/1.1\r\n\r\n"])
        assert handshake.error is not None
        assert parse(handshake.refuse(handshake.error)).body == b""

    def test_what_cannot_be_sent_is_refused_and_leaves_the_request_to_be_answered(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        with pytest.raises(ValueError, match="status 101"):
            handshake.reject(101)
        with pytest.raises(ValueError, match="value of A header"):
            handshake.reject(200, {"A": "b\r\nC: d"})
        assert parse(handshake.refuse(ValueError())).status == 500

    def test_every_error_can_be_sent(self, cut: Cut) -> None:
        whole = make_request()
        for size in range(len(whole)):
            handshake = feed(ServerHandshake(), [whole[:size]])
            assert not handshake.done
            handshake.receive_eof()
            assert handshake.error is not None
            assert "connection closed" in str(handshake.error)
            assert parse(handshake.refuse(handshake.error)).status == 400


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
