"""The load generator: it measures right echoes, and takes no wrong one for right."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from bench.load import LoadFailed, build, command, load

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="it asks Linux for events and CPU time"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler"),
]

ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)
CLOSED = b"\x88\x02\x03\xe8"

Answer = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def fast_port() -> Iterator[int]:
    """The port of the generator's own server."""
    with subprocess.Popen(
        command("serve"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


@contextlib.contextmanager
def server(answer: Answer, response: bytes = ACCEPTED + b"\r\n") -> Iterator[int]:
    """The port of a server that upgrades one connection, and then does as it is told."""

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            while b"\r\n\r\n" not in connection.recv(4096):
                pass
            connection.sendall(response)
            with contextlib.suppress(OSError):
                answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join(10)


def read_frame(connection: socket.socket) -> bytes:
    """The payload of a masked frame of less than 126 bytes."""
    head = connection.recv(6, socket.MSG_WAITALL)
    payload = connection.recv(head[1] & 0x7F, socket.MSG_WAITALL)
    return bytes(byte ^ head[2 + i % 4] for i, byte in enumerate(payload))


def frames_file(path: Path, *payloads: bytes) -> Path:
    """What ``--file`` takes: unmasked with a key of zeros, behind the length of each frame."""
    frames = [b"\x81" + bytes([0x80 | len(each), 0, 0, 0, 0]) + each for each in payloads]
    path.write_bytes(b"".join(struct.pack("<I", len(frame)) + frame for frame in frames))
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"size": 1},
        {"size": 125, "text": True},
        {"size": 126, "burst": 64},
        {"size": 65_536, "burst": 3, "sliding": True},
        {"size": 300, "connections": 7, "burst": 2},
        {"size": 2**20},
    ],
    ids=str,
)
def test_echoes_are_counted(fast_port: int, options: dict[str, int]) -> None:
    report = load("echo", port=fast_port, seconds=0.05, **options)
    assert report["messages"] >= options.get("burst", 1)
    assert report["bytes"] == report["messages"] * options["size"]
    assert report["seconds"] >= 0.05


def test_a_number_of_messages_can_be_asked_for(fast_port: int) -> None:
    assert load("echo", port=fast_port, size=10, messages=7)["messages"] == 7


def test_bytes_are_echoed_without_a_handshake() -> None:
    with subprocess.Popen(
        command("serve", raw=True), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = int(process.stdout.readline())
        assert load("echo", port=port, raw=True, messages=3)["messages"] == 3
        process.stdin.close()


def test_handshakes_are_counted(fast_port: int) -> None:
    report = load("handshakes", port=fast_port, connections=3, messages=20)
    assert report["messages"] == 20


def test_the_cpu_time_is_that_of_another_process(fast_port: int) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as idle:
        report = load("echo", port=fast_port, seconds=0.05, pid=idle.pid)
        idle.communicate(b"\n")
    assert report["load_cpu"] > 0
    assert report["cpu"] >= 0


def test_the_cpu_time_is_that_of_all_processes_that_are_named(fast_port: int) -> None:
    me = os.getpid()
    assert load("echo", port=fast_port, messages=1, pid=f"{me},{me}")["cpu"] >= 0
    with pytest.raises(LoadFailed, match="no process 0"):
        load("echo", port=fast_port, messages=1, pid=f"{me},x")


def test_an_echo_in_turn_is_looked_at() -> None:
    with server(echo_wrongly(lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]))) as port:
        done = subprocess.run(
            command("turns", port=port, size=100), capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert "a wrong echo in message 0" in done.stderr


def echo_wrongly(change: Callable[[bytes], bytes]) -> Answer:
    def answer(connection: socket.socket) -> None:
        payload = read_frame(connection)
        frame = b"\x82" + bytes([len(payload)]) + payload
        connection.sendall(change(frame))
        connection.recv(1)

    return answer


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame[:-1] + bytes([frame[-1] ^ 1]),
        lambda frame: b"\x81" + frame[1:],
        lambda frame: b"\x02" + frame[1:],
        lambda frame: frame[:1] + b"\x63" + frame[2:-1],
    ],
    ids=["a bit of the payload", "text for binary", "a fragment", "a byte less"],
)
def test_a_wrong_echo_is_found(change: Callable[[bytes], bytes]) -> None:
    with (
        server(echo_wrongly(change)) as port,
        pytest.raises(LoadFailed, match="load: a wrong echo in message 0"),
    ):
        load("echo", port=port, size=100, messages=1)


def test_an_echo_of_another_message_is_wrong() -> None:
    def answer(connection: socket.socket) -> None:
        first = read_frame(connection)
        for _ in range(2):
            connection.sendall(b"\x82" + bytes([len(first)]) + first)
        read_frame(connection)
        connection.recv(1)

    with server(answer) as port, pytest.raises(LoadFailed, match="a wrong echo in message 1"):
        load("echo", port=port, size=100, messages=2)


def test_a_close_is_told_with_its_code() -> None:
    def answer(connection: socket.socket) -> None:
        read_frame(connection)
        connection.sendall(b"\x88\x02\x03\xf1")
        connection.recv(4096)

    with (
        server(answer) as port,
        pytest.raises(LoadFailed, match="the server closed the connection with 1009"),
    ):
        load("echo", port=port, size=100, messages=1)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "no right response to the handshake"),
        (ACCEPTED.replace(b"s3pP", b"S3pP") + b"\r\n", "no right response to the handshake"),
        (ACCEPTED + b"\r\n" + b"\x81\x00", "the server speaks first"),
        (b"HTTP/1.1 101 Switching", "the server ended the connection during the handshake"),
    ],
)
def test_a_wrong_response_is_found(response: bytes, error: str) -> None:
    def answer(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4096)

    with server(answer, response) as port, pytest.raises(LoadFailed, match=error):
        load("echo", port=port, messages=1)


def test_a_connection_that_is_lost_instead_of_closed_is_found() -> None:
    with (
        server(lambda connection: connection.shutdown(socket.SHUT_WR)) as port,
        pytest.raises(LoadFailed, match="the connection was lost in the closing handshake"),
    ):
        load("handshakes", port=port, connections=1, messages=1)


def test_compressed_answers_are_written_down(tmp_path: Path) -> None:
    deflate = zlib.compressobj(wbits=-15)
    sent = []

    def answer(connection: socket.socket) -> None:
        for _ in range(2):
            payload = deflate.compress(read_frame(connection))
            payload = (payload + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
            sent.append(payload)
            connection.sendall(b"\xc1" + bytes([len(payload)]) + payload)
        read_frame(connection)
        connection.sendall(CLOSED)

    response = ACCEPTED + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    with server(answer, response) as port:
        report = load(
            "replay",
            port=port,
            file=frames_file(tmp_path / "frames", b"one", b"two"),
            record=tmp_path / "answers",
        )
    assert report["messages"] == 2
    assert report["bytes"] == sum(map(len, sent))
    expected = b"".join(struct.pack("<IB", len(each), 0xC1) + each for each in sent)
    assert (tmp_path / "answers").read_bytes() == expected


def test_compression_that_is_not_agreed_is_found(tmp_path: Path) -> None:
    file = frames_file(tmp_path / "frames", b"one")
    with (
        server(lambda connection: None) as port,
        pytest.raises(LoadFailed, match="the server has not agreed to permessage-deflate"),
    ):
        load("replay", port=port, file=file)


def test_a_broadcast_is_over_when_all_have_it() -> None:
    """The server tells both connections, the second one late."""
    told: list[socket.socket] = []

    def run() -> None:
        connections = [listener.accept()[0] for _ in range(2)]
        for connection in connections:
            connection.recv(4096)
            connection.sendall(ACCEPTED + b"\r\n")
        payload = read_frame(connections[0])
        for connection in connections:
            assert process.poll() is None
            told.append(connection)
            connection.sendall(b"\x82" + bytes([len(payload)]) + payload)
        for connection in connections:
            connection.recv(1)
            connection.close()

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        subprocess.Popen(
            command("sink", port=listener.getsockname()[1], connections=2, size=100),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process,
    ):
        listener.settimeout(10)
        thread = threading.Thread(target=run)
        thread.start()
        output, _ = process.communicate(b"1\n", timeout=10)
        thread.join(10)
    opened, report = map(json.loads, output.splitlines())
    assert opened == {"open": 2}
    assert report["messages"] == len(told) == 2


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["shout"], "no mode; there are echo, replay, handshakes, sink, turns, hold and serve"),
        ([], "no mode"),
        (["echo", "--speed", "3"], "no option --speed"),
        (["echo", "--port"], "no value for --port"),
        (["echo", "--burst", "0"], "take a number from 1"),
    ],
)
def test_a_wrong_command_line_is_refused(words: list[str], error: str) -> None:
    done = subprocess.run([build(), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert error in done.stderr


def test_a_source_that_does_not_compile_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "/nonexistent/cc")
    with pytest.raises(LoadFailed, match="the load generator cannot be compiled"):
        build.__wrapped__()
