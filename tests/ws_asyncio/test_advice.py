"""What errors of the network say may help. tests/ws_asyncio/test_beginners.py has real ones."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Callable

import pytest

from ws_asyncio.advice import advise_client, advise_server


def tls_error(reason: str) -> ssl.SSLError:
    exc = ssl.SSLError(1, f"[SSL: {reason}] it failed")
    exc.reason = reason
    return exc


REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")
UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def mismatch(code: int) -> ssl.SSLCertVerificationError:
    exc = ssl.SSLCertVerificationError(1, "certificate verify failed")
    exc.verify_code = code
    return exc


CERTIFICATE = ssl.SSLCertVerificationError(1, "certificate verify failed")
MISMATCH = "the name in the URI isn't in it; server_hostname= says which name to look for"


@pytest.mark.parametrize(
    ("exc", "advice"),
    [
        (REFUSED, "nothing listens there: check that the server runs, the host and the port"),
        (UNKNOWN, "check the host, which is 'example'"),
        (tls_error("WRONG_VERSION_NUMBER"), "if the server speaks no TLS there, use a ws:// URI"),
        (tls_error("RECORD_LAYER_FAILURE"), "if the server speaks no TLS there, use a ws:// URI"),
        (CERTIFICATE, "trust it by ssl=, a context of ssl.create_default_context(cafile=...)"),
        (mismatch(62), MISMATCH),
        (mismatch(64), MISMATCH),
    ],
)
def test_a_client_is_told_what_may_help(exc: OSError, advice: str) -> None:
    before, kind, number = str(exc), type(exc), exc.errno
    advise_client(exc, "example")
    assert str(exc) == f"{before}; {advice}"
    assert (type(exc), exc.errno) == (kind, number)


@pytest.mark.parametrize(
    ("exc", "advice"),
    [
        (
            OSError(errno.EADDRINUSE, "address already in use"),
            "stop what listens there, or take another port: 0 is any that is free",
        ),
        (
            PermissionError(errno.EACCES, "permission denied"),
            "ports below 1024 are for privileged users, take another one",
        ),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "check the host, which is 'example'",
        ),
    ],
)
def test_a_server_is_told_what_may_help(exc: OSError, advice: str) -> None:
    before = str(exc)
    advise_server(exc, "example")
    assert str(exc) == f"{before}; {advice}"


@pytest.mark.parametrize("advise", [advise_client, advise_server])
@pytest.mark.parametrize(
    "exc",
    [
        OSError(errno.ENETUNREACH, "Network is unreachable"),
        OSError("Multiple exceptions: one, another"),
        TimeoutError("connecting took more than 10 s"),
        tls_error("SSLV3_ALERT_HANDSHAKE_FAILURE"),
    ],
    ids=str,
)
def test_other_errors_stay_as_they_are(
    advise: Callable[[OSError, object], None], exc: OSError
) -> None:
    before = str(exc)
    advise(exc, "example")
    assert str(exc) == before
