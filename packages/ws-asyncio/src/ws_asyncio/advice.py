"""What to do about errors of the network, said by the errors themselves."""

from __future__ import annotations

import errno
import socket
import ssl

__all__ = ["advise_client", "advise_server"]

# What OpenSSL calls an answer that isn't TLS, before and from 3.2 on.
NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")

# Its codes for a certificate of another host name, and of another address.
MISMATCHES = (62, 64)


def advise_client(exc: OSError, host: object) -> None:
    """Add to an error of connecting to ``host`` what may help."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        if getattr(exc, "verify_code", None) in MISMATCHES:
            add(
                exc, "the name in the URI isn't in it; server_hostname= says which name to look for"
            )
        else:
            add(exc, "trust it by ssl=, a context of ssl.create_default_context(cafile=...)")
    elif isinstance(exc, ssl.SSLError):
        if exc.reason in NO_TLS:
            add(exc, "if the server speaks no TLS there, use a ws:// URI")
    elif isinstance(exc, socket.gaierror):
        add(exc, f"check the host, which is {host!r}")
    elif exc.errno == errno.ECONNREFUSED:
        add(exc, "nothing listens there: check that the server runs, the host and the port")


def advise_server(exc: OSError, host: object) -> None:
    """Add to an error of listening on ``host`` what may help."""
    if isinstance(exc, socket.gaierror):
        add(exc, f"check the host, which is {host!r}")
    elif exc.errno == errno.EADDRINUSE:
        add(exc, "stop what listens there, or take another port: 0 is any that is free")
    elif exc.errno == errno.EACCES:
        add(exc, "ports below 1024 are for privileged users, take another one")


def add(exc: OSError, advice: str) -> None:
    # It stays the same object: of its type, and with all else that it knows.
    exc.strerror = f"{exc.strerror}; {advice}"
