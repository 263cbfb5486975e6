"""Tokens that say who somebody is, until when, and are signed so that nobody else can make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import time

SECRET = os.environ.get("TOKEN_SECRET", "").encode()


def make_token(user: str, *, seconds: float = 60) -> str:
    """Give a token for a user. The program that knows who logged in calls this."""
    claim = f"{int(time.time() + seconds)}:{user}".encode()
    return base64.urlsafe_b64encode(signature(claim) + claim).decode()


def read_token(token: str) -> str | None:
    """Give the user of a token; None for one that is forged, damaged or too old."""
    try:
        data = base64.urlsafe_b64decode(token)
    except ValueError:
        return None
    claim = data[32:]
    if not hmac.compare_digest(data[:32], signature(claim)):
        return None
    expires, _, user = claim.decode().partition(":")
    return user if int(expires) > time.time() else None


def signature(claim: bytes) -> bytes:
    if not SECRET:
        raise RuntimeError("set TOKEN_SECRET to a secret that the web application has too")
    return hmac.digest(SECRET, claim, hashlib.sha256)
