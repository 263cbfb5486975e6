"""The strictness suite itself: what it says of servers and clients that are deliberately wrong."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

import check_strictness
from strictness.case import CLIENT, SERVER, Case
from strictness.cases import CASES
from strictness.conversation import Timing
from strictness.opening import ResponseReader, judge_request
from strictness.peers import OURS
from strictness.reader import FrameReader
from strictness.report import listing, page, table
from strictness.suite import Run, load_runs, run_cases, save_run, selected
from strictness.targets import ClientTarget, Finish, ServerTarget
from strictness.tokens import (
    EOF,
    Token,
    begins,
    closed,
    got_pong,
    got_text,
    in_words,
    matches,
    maybe,
)
from strictness.verdict import FAILED, LEFT_OUT, NON_STRICT, OK, Result, judge
from strictness.wire import Frame, binary, close, cont, ping, pong, text

ROOT = Path(__file__).resolve().parents[2]
TIMING = Timing(answer=20, patience=0.2, pause=0)
# Where silence is what is looked for, it takes as long as this says.
SHORT = Timing(answer=1, ending=1, patience=0.2, pause=0)
BY_ID = {case.id: case for case in CASES}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


# Deliberately wrong ones: they check nothing, and what they send can be spoilt


@dataclass
class Naive:
    """One end of a connection that takes any frame for a good one, and echoes it."""

    masked: bool
    #: Makes what is sent of a frame that was received.
    answer: Callable[[int, bytes], bytes] | None = None
    #: What is sent instead of an answer to a close frame, before TCP ends.
    goodbye: bytes | None = None
    #: Whether TCP is ended at all.
    ends: bool = True

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind, message = 0, b""
        while True:
            head, opcode, payload = await read_frame(reader)
            if opcode == 8:
                writer.write(self.encode(8, payload[:2]) if self.goodbye is None else self.goodbye)
                break
            if opcode == 9:
                writer.write(self.encode(10, payload))
            elif opcode != 10:
                kind, message = opcode or kind, (message if opcode == 0 else b"") + payload
                if head & 0x80:
                    writer.write(self.encode(kind, message))
        await writer.drain()

    def encode(self, opcode: int, payload: bytes) -> bytes:
        if self.answer is not None:
            return self.answer(opcode, payload)
        return Frame(opcode, payload).encode(masked=self.masked)


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    head, length = await reader.readexactly(2)
    masked, length = length & 0x80, length & 0x7F
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    key = await reader.readexactly(4) if masked else bytes(4)
    payload = await reader.readexactly(length)
    return head, head & 0x0F, bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


def accept_key(head: bytes) -> bytes:
    key = next(
        line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    return base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + GUID).digest())


@asynccontextmanager
async def serving(
    naive: Naive, response: bytes = b"", timing: Timing = TIMING
) -> AsyncIterator[ServerTarget]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = [
                b"HTTP/1.1 101 Switching Protocols",
                b"Upgrade: websocket",
                b"Connection: Upgrade",
            ]
            lines += [b"Sec-WebSocket-Accept: " + accept_key(head), b"", b""]
            writer.write(response or b"\r\n".join(lines))
            await naive.talk(reader, writer)
            if not naive.ends:
                await reader.read()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield ServerTarget(f"ws://127.0.0.1:{port}/", timing)


def client(naive: Naive, request: bytes = b"", timing: Timing = TIMING) -> ClientTarget:
    """A client that takes any response for a good one."""

    async def start(uri: str) -> Finish:
        host = uri.split("/")[2]

        async def run() -> None:
            reader, writer = await asyncio.open_connection(*host.split(":"))
            try:
                lines = [
                    b"GET /strict?case=1 HTTP/1.1",
                    b"Host: " + host.encode(),
                    b"Upgrade: websocket",
                ]
                lines += [
                    b"Connection: Upgrade",
                    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)),
                ]
                lines += [b"Sec-WebSocket-Version: 13", b"", b""]
                writer.write(request or b"\r\n".join(lines))
                await reader.readuntil(b"\r\n\r\n")
                await naive.talk(reader, writer)
                if not naive.ends:
                    await asyncio.Event().wait()
            except (asyncio.IncompleteReadError, OSError):
                pass
            finally:
                writer.close()

        return run

    return ClientTarget(start, timing)


SEEN_IN_BOTH = {
    "framing/text-of-125": OK,
    "control/ping": OK,
    "fragments/three-of-text": OK,
    "closing/reason": OK,
    # What it must not take
    "framing/mask-the-wrong-way-round-text": FAILED,
    "framing/mask-the-wrong-way-round-continuation": FAILED,
    "framing/rsv-1-in-text": FAILED,
    "framing/rsv-2-in-ping": FAILED,
    "framing/opcode-3": FAILED,
    "control/ping-of-126": FAILED,
    "control/ping-fragmented": FAILED,
    "fragments/continuation-of-nothing": FAILED,
    "fragments/text-in-text": FAILED,
    "utf-8/bad-overlong-2-of-slash": FAILED,
    "closing/code-1005": FAILED,
    "closing/code-999": FAILED,
    "closing/body-of-1-byte": FAILED,
    "deflate/hello": LEFT_OUT,
}


@pytest.mark.parametrize(("id", "verdict"), SEEN_IN_BOTH.items(), ids=SEEN_IN_BOTH)
async def test_a_server_that_checks_nothing_is_found_out(id: str, verdict: str) -> None:
    async with serving(Naive(masked=False)) as target:
        result = await target.play(BY_ID[id])
    assert result.verdict == verdict, result.about


@pytest.mark.parametrize(("id", "verdict"), SEEN_IN_BOTH.items(), ids=SEEN_IN_BOTH)
async def test_a_client_that_checks_nothing_is_found_out(id: str, verdict: str) -> None:
    result = await client(Naive(masked=True)).play(BY_ID[id])
    assert result.verdict == verdict, result.about


@pytest.mark.parametrize(
    "id", ["request/no-upgrade", "request/no-connection", "request/post", "request/version-8"]
)
async def test_a_server_that_accepts_any_request_is_found_out(id: str) -> None:
    async with serving(Naive(masked=False)) as target:
        result = await target.play(BY_ID[id])
    assert result.verdict == FAILED
    assert result.about.startswith("open")


@pytest.mark.parametrize(
    "id", ["request/no-host", "request/key-not-base64", "request/two-versions"]
)
async def test_a_server_that_lets_a_malformed_request_through_is_not_strict(id: str) -> None:
    async with serving(Naive(masked=False)) as target:
        result = await target.play(BY_ID[id])
    assert (result.verdict, result.about) == (NON_STRICT, "open, close 1000, eof")


async def test_a_server_that_lets_a_long_form_of_a_length_through_is_not_strict() -> None:
    async with serving(Naive(masked=False), timing=SHORT) as target:
        result = await target.play(BY_ID["framing/length-125-in-2-bytes"])
    assert (result.verdict, result.about) == (NON_STRICT, "text of 125 bytes, silence")


@pytest.mark.parametrize(
    "id",
    [
        "response/status-200",
        "response/no-upgrade",
        "response/accept-of-another-key",
        "response/extension-not-offered",
    ],
)
async def test_a_client_that_accepts_any_response_is_found_out(id: str) -> None:
    result = await client(Naive(masked=True)).play(BY_ID[id])
    assert (result.verdict, result.about) == (FAILED, "text 'probe'")


async def test_a_client_whose_request_is_wrong_is_found_out() -> None:
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    request += b"Connection: keep-alive\r\nSec-WebSocket-Key: AAAA\r\n\r\n"
    target = client(Naive(masked=True), request)
    for part in ("line", "host", "connection", "key", "version"):
        result = await target.play(BY_ID[f"response/request-{part}"])
        assert result.verdict == FAILED
        assert result.about.startswith("wrong ")
    assert (await target.play(BY_ID["response/request-upgrade"])).verdict == OK


# What a target sends is judged as strictly

SPOILT: dict[str, tuple[Callable[[int, bytes], bytes], str]] = {
    "masked": (lambda o, p: Frame(o, p).encode(masked=True), "wrong a masked frame"),
    "rsv": (lambda o, p: Frame(o, p, rsv=1).encode(masked=False), "wrong reserved bits 001 in a text frame"),
    "opcode": (lambda o, p: Frame(3, p).encode(masked=False), "wrong opcode 3"),
    "length": (lambda o, p: Frame(o, p, form=2).encode(masked=False), "wrong a length of 5 in 2 bytes"),
    "text": (lambda o, p: Frame(o, b"\xff").encode(masked=False), "wrong invalid UTF-8 in a text message"),
    "order": (lambda o, p: Frame(0, p).encode(masked=False), "wrong a cont frame out of place"),
    "another": (lambda o, p: Frame(o, p + b"!").encode(masked=False), "text 'Hello!'"),
    "cut": (lambda o, p: Frame(o, p).encode(masked=False)[:-1], "silence"),
    "nothing": (lambda o, p: b"", "silence"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
async def test_a_server_that_sends_something_wrong_is_found_out(name: str) -> None:
    answer, about = SPOILT[name]
    timing = SHORT if about == "silence" else TIMING
    async with serving(Naive(masked=False, answer=answer), timing=timing) as target:
        result = await target.play(BY_ID["fragments/two-of-text"])
    assert (result.verdict, result.about) == (FAILED, about)


GOODBYES = {
    "without a close frame": (b"", "eof"),
    "of a code that must not be sent": (b"\x88\x02\x03\xed", "wrong a close frame with code 1005"),
    "with another code": (b"\x88\x02\x03\xe9", "close 1001"),
    "with a byte": (b"\x88\x01\x03", "wrong a close frame with a body of one byte"),
    "with a reason that is no text": (b"\x88\x03\x03\xe8\xff", "wrong invalid UTF-8 in the reason of a close frame"),
    "twice": (b"\x88\x00\x88\x00", "close 1005, wrong a frame behind the close frame"),
    "cut": (b"\x88\x02\x03", "wrong the end of TCP inside a frame"),
    "fragmented": (b"\x08\x00", "wrong a fragmented close frame"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOODBYES)
async def test_a_server_that_closes_wrongly_is_found_out(name: str) -> None:
    goodbye, about = GOODBYES[name]
    async with serving(Naive(masked=False, goodbye=goodbye)) as target:
        result = await target.play(BY_ID["closing/server-ends-tcp"])
    assert result.verdict == FAILED
    assert result.about.startswith(about)


async def test_a_server_that_leaves_the_end_of_tcp_to_the_client_is_found_out() -> None:
    async with serving(Naive(masked=False, ends=False), timing=SHORT) as target:
        result = await target.play(BY_ID["closing/server-ends-tcp"])
    assert (result.verdict, result.about) == (FAILED, "close 1000, silence")


async def test_a_client_that_goes_on_after_the_end_is_found_out() -> None:
    target = client(Naive(masked=True, ends=False), timing=SHORT)
    result = await target.play(BY_ID["closing/client-waits-for-the-server"])
    assert (result.verdict, result.about) == (
        FAILED,
        "close 1000, silence; afterwards the client goes on",
    )


async def test_a_client_that_does_not_connect_is_found_out() -> None:
    async def start(uri: str) -> Finish:
        async def finish() -> None:
            return None

        return finish

    result = await ClientTarget(start, TIMING).play(BY_ID["control/ping"])
    assert (result.verdict, result.about) == (
        FAILED,
        "no TCP connection: the client does not connect",
    )


RESPONSES = {
    "another accept": b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
    "no accept": b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "no upgrade": b"HTTP/1.1 101 OK\r\nConnection: Upgrade\r\n\r\n",
    "no connection": b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\n\r\n",
    "http 1.0": b"HTTP/1.0 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "no header": b"HTTP/1.1 101 OK\r\nNothing of the kind\r\n\r\n",
    "no status": b"HTTP/1.1 one OK\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", RESPONSES)
async def test_a_server_whose_response_is_wrong_is_found_out(name: str) -> None:
    async with serving(Naive(masked=False), RESPONSES[name]) as target:
        result = await target.play(BY_ID["request/plain"])
        again = await target.play(BY_ID["control/ping"])
    assert result.verdict == FAILED
    assert result.about.startswith("wrong ")
    assert (again.verdict, again.about) == (FAILED, "no opening handshake")


async def test_a_server_that_is_not_there_fails() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    result = await ServerTarget(f"ws://127.0.0.1:{port}/", TIMING).play(BY_ID["control/ping"])
    assert result.verdict == FAILED
    assert result.about.startswith("no TCP connection: ")


async def test_a_server_that_dies_of_a_case_is_found_out() -> None:
    """After a reset somebody else has to be served."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.close()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await ServerTarget(f"ws://127.0.0.1:{port}/", TIMING).play(BY_ID["tcp/eof-at-once"])
    assert result.verdict == FAILED
    assert result.about.startswith("no TCP connection: ")


# Comparing


@pytest.mark.parametrize(
    ("tokens", "matching", "beginning"),
    [
        ([], False, True),
        ([Token("pong", b"1")], False, True),
        ([Token("pong", b"2")], False, True),
        ([Token("pong", b"2"), Token("close", 1000)], False, True),
        ([Token("pong", b"2"), Token("close", 1001), Token("end", "eof")], True, True),
        ([Token("pong", b"1"), Token("pong", b"2"), Token("close", 1000), Token("end", "eof")], True, True),
        ([Token("pong", b"1"), Token("close", 1000)], False, False),
        ([Token("pong", b"2"), Token("close", 1002)], False, False),
        ([Token("pong", b"2"), Token("close", 1000), Token("end", "reset")], False, False),
        ([Token("text", b"2")], False, False),
    ],
)  # fmt: skip
def test_what_came_is_compared_with_what_is_wanted(
    tokens: list[Token], matching: bool, beginning: bool
) -> None:
    wanted = (maybe(got_pong(b"1")), got_pong(b"2"), closed(1000, 1001), EOF)
    assert matches(wanted, tokens) is matching
    assert begins(wanted, tokens) is beginning


def test_being_late_is_not_strict() -> None:
    case = Case("a/b", "1", "why", (), strict=((got_text("a"),),), tolerated=((got_text("b"),),))
    assert judge(case, [Token("text", b"a")]) == Result("a/b", OK, "text 'a'")
    assert judge(case, [Token("text", b"a")], late=True).verdict == NON_STRICT
    assert judge(case, [Token("text", b"b")]).verdict == NON_STRICT
    assert judge(case, [Token("text", b"c")]).verdict == FAILED
    assert judge(case, []) == Result("a/b", FAILED, "nothing")


def test_many_tokens_are_told_shortly() -> None:
    same = [Token("text", b"x")] * 30
    assert in_words(same) == "30 x text 'x'"
    different = [Token("close", code) for code in range(30)]
    assert in_words(different).count("close") == 12
    assert "... 18 more ..." in in_words(different)
    assert in_words([Token("binary", bytes(100))]) == "binary of 100 bytes"


# Reading


def test_the_reader_takes_frames_in_any_pieces() -> None:
    frames = (
        text("a", fin=False),
        ping(b"p"),
        cont("b"),
        binary(b"x" * 70_000),
        pong(b""),
        close(4000, "r"),
    )
    data = b"".join(frame.encode(masked=True) for frame in frames)
    wanted = [
        Token("text", b"ab"),
        Token("binary", b"x" * 70_000),
        Token("pong", b""),
        Token("close", 4000),
    ]
    for size in (1, 1000, len(data)):
        reader = FrameReader(masked=True)
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert [token for piece in pieces for token in reader.feed(piece)] == wanted
        assert reader.pings == [b"p"]
        assert reader.end() == []


def test_the_reader_decompresses_only_what_was_agreed_on() -> None:
    data = text(bytes.fromhex("f248cdc9c90700"), rsv=4).encode(masked=False)
    assert FrameReader(masked=False, deflate=True).feed(data * 2) == [Token("text", b"Hello")] * 2
    assert FrameReader(masked=False).feed(data)[0].kind == "wrong"
    bad = text(b"\xff\xff", rsv=4).encode(masked=False)
    assert FrameReader(masked=False, deflate=True).feed(bad)[0].kind == "wrong"


def test_a_refusal_ends_where_its_body_does() -> None:
    reader = ResponseReader()
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\n"
    assert reader.feed(head + b"ab") == [Token("http", 400)]
    assert not reader.refused
    assert reader.feed(b"c") == []
    assert (reader.refused, reader.will_close) == (True, False)
    chunked = ResponseReader()
    chunked.feed(
        b"HTTP/1.1 400 \r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    )
    assert (chunked.refused, chunked.will_close) == (False, True)
    chunked.feed(b"0\r\n\r\n")
    assert chunked.refused
    cut = ResponseReader()
    cut.feed(head[:20])
    assert cut.end() == [Token("wrong", "the end of TCP inside a response")]


def test_a_request_is_judged_by_the_headers_that_a_case_names() -> None:
    head = b"GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nB: 3"
    assert judge_request(head, ((":line", "GET / .*"), ("a", "[0-9]"), ("C", None)))[1] == []
    wanted = ((":line", "PUT .*"), ("A", "2"), ("A", None), ("B", "2"), ("C", ".*"))
    assert len(judge_request(head, wanted)[1]) == 5
    assert judge_request(b"GET / HTTP/1.1\r\nA 1", ())[1][0].kind == "wrong"


def test_a_frame_says_what_it_is_told_to_say() -> None:
    assert text("Hello").encode(masked=True) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert text("Hello").encode(masked=False) == b"\x81\x05Hello"
    assert Frame(2, b"x", wrong_mask=True).encode(masked=True) == b"\x82\x01x"
    assert Frame(9, b"", fin=False, rsv=5, form=2).encode(masked=False) == b"\x59\x7e\x00\x00"
    assert Frame(2, length=2**63).encode(masked=False) == b"\x82\x7f" + struct.pack("!Q", 2**63)


# The tool


def some_runs() -> list[Run]:
    first = [Result("control/ping", OK, "pong"), Result("framing/opcode-3", FAILED, "text 'x'")]
    second = [Result("control/ping", OK, "pong"), Result("deflate/hello", LEFT_OUT, "")]
    return [Run("one", SERVER, "1.0", first), Run("two", SERVER, "2.0", second)]


def test_the_table_counts_and_names_what_is_not_ok() -> None:
    lines = table(some_runs()[0]).splitlines()
    assert lines[1] == "server one 1.0: 2 cases"
    assert [line.split() for line in lines if line.startswith("framing ")] == [
        ["framing", "-", "-", "1", "-"]
    ]
    assert lines[-1] == "framing/opcode-3: FAILED: text 'x'"
    assert "control/ping: OK: pong" in table(some_runs()[0], verbose=True)


def test_the_page_has_a_row_for_each_target_and_for_each_difference(tmp_path: Path) -> None:
    for run in some_runs():
        save_run(run, tmp_path)
    text = page(load_runs(tmp_path), "2000-01-01")
    assert "| one 1.0 | 0 / 0 / 1 | 1 / 0 / 0 | 0 / 0 / 0 | 1 / 0 / 1 |" in text
    assert "| two 2.0 | 0 / 0 / 0 | 1 / 0 / 0 | 0 / 0 / 0, 1 out | 1 / 0 / 0, 1 out |" in text
    assert "| framing/opcode-3 | 6455 5.2 | **F** | - |" in text
    assert "control/ping" not in text


def test_the_list_has_a_line_for_each_case() -> None:
    assert len(listing().splitlines()) == len(CASES)


def test_cases_are_chosen_by_patterns() -> None:
    assert [case.id for case in selected(CLIENT, ["control/ping", "request/*"])] == ["control/ping"]
    assert len(selected(SERVER, ["utf-8/bad-f[ef]"])) == 2
    assert selected(SERVER, ["nothing"]) == []


async def test_results_come_in_the_order_of_the_cases() -> None:
    cases = [BY_ID[id] for id in ("closing/reason", "control/ping", "framing/opcode-3")]
    async with serving(Naive(masked=False)) as target:
        results = await run_cases(target, cases, 2)
    assert [result.case for result in results] == [case.id for case in cases]
    assert [result.verdict for result in results] == [OK, OK, FAILED]


async def run_tool(*arguments: str) -> int:
    """Run the tool in a thread, since it has an event loop of its own."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, check_strictness.main, arguments)


async def test_the_tool_looks_at_ours_in_processes_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_strictness, "OURS", OURS[1:])  # the pure ones, which are always there
    cases = ["--cases", "control/ping", "request/plain", "response/plain"]
    assert await run_tool(*cases, "--results", str(tmp_path), "--verbose") == 0
    printed = capsys.readouterr().out
    assert "server ws-asyncio, pure " in printed
    assert "client ws-asyncio, pure " in printed
    assert printed.count("control/ping: OK: pong 'Hello', close 1000, eof") == 2
    assert list(tmp_path.iterdir()) == []  # some cases aren't a result to be kept


async def test_the_tool_fails_where_a_target_does(capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "pass", "{uri}"]
    assert await run_tool("--client", " ".join(command), "--cases", "control/ping") == 1
    assert "control/ping: FAILED: no TCP connection" in capsys.readouterr().out


def test_the_page_in_the_docs_is_one_that_the_tool_wrote() -> None:
    text = ROOT.joinpath("docs", "strictness.md").read_text(encoding="utf-8")
    written = page([], "").split("## Results")[0]
    assert text.startswith(written)


def test_the_tool_writes_a_page_of_the_results_that_are_kept(tmp_path: Path) -> None:
    results = [Result("control/ping", NON_STRICT, "silence")]
    save_run(Run(OURS[0].name, CLIENT, "9", results), tmp_path)
    file = tmp_path / "page.md"
    assert check_strictness.main(["--results", str(tmp_path), "--table", str(file)]) == 0
    assert "| control/ping | 6455 5.5.3 | N |" in file.read_text(encoding="utf-8")
