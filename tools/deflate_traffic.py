"""Realistic messages to measure compression with: the same ones at every run.

Each kind of traffic is a function of a source of randomness that yields messages for
ever. Shapes repeat from message to message, as they do in the real world, and values
change, which is what a compression window feeds on.
"""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Callable

__all__ = ["TRAFFIC", "messages"]

Traffic = Callable[[random.Random], Iterator[bytes]]

# The commonest first: the n-th word is drawn about 1/n as often as the first.
WORDS = [
    "the",
    "to",
    "a",
    "i",
    "you",
    "and",
    "is",
    "of",
    "it",
    "that",
    "in",
    "for",
    "on",
    "have",
    "be",
    "not",
    "this",
    "are",
    "so",
    "with",
    "we",
    "just",
    "at",
    "my",
    "was",
    "do",
    "but",
    "what",
    "like",
    "can",
    "if",
    "me",
    "as",
    "your",
    "they",
    "or",
    "will",
    "all",
    "get",
    "know",
    "there",
    "up",
    "out",
    "no",
    "one",
    "how",
    "about",
    "when",
    "from",
    "time",
    "good",
    "think",
    "would",
    "now",
    "see",
    "some",
    "then",
    "has",
    "more",
    "here",
    "an",
    "by",
    "don't",
    "go",
    "want",
    "why",
    "make",
    "its",
    "really",
    "well",
    "people",
    "work",
    "way",
    "need",
    "could",
    "thing",
    "today",
    "should",
    "only",
    "new",
    "back",
    "sure",
    "same",
    "still",
    "thanks",
    "long",
    "over",
    "than",
    "too",
    "right",
    "after",
    "great",
    "maybe",
    "us",
    "also",
    "much",
    "where",
    "lot",
    "even",
    "day",
    "meeting",
    "tomorrow",
    "release",
    "server",
    "client",
    "ticket",
    "deploy",
    "build",
    "branch",
    "review",
    "merge",
    "test",
    "fail",
    "pass",
    "staging",
    "customer",
    "invoice",
    "order",
    "shipped",
    "morning",
    "coffee",
    "lunch",
    "weekend",
    "train",
    "late",
    "window",
    "button",
    "screen",
    "login",
    "update",
    "question",
    "answer",
    "problem",
    "idea",
    "weather",
    "music",
    "photo",
    "video",
    "movie",
    "game",
    "number",
    "address",
    "street",
    "city",
]
NAMES = ["alice", "bob", "chen", "dana", "emeka", "fatima", "goran", "hana", "ines", "jonas"]
SYMBOLS = ["BTC-USD", "ETH-USD", "SOL-USD", "EUR-USD", "GBP-USD", "AAPL", "MSFT", "NVDA"]
STATES = ["new", "paid", "packed", "shipped", "delivered", "returned"]


def dumps(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def ticks(source: random.Random) -> Iterator[bytes]:
    """Price updates in JSON, about 150 bytes each."""
    prices = {symbol: source.uniform(1, 60_000) for symbol in SYMBOLS}
    now = 1_700_000_000_000
    sequence = 0
    while True:
        symbol = source.choice(SYMBOLS)
        prices[symbol] *= 1 + source.gauss(0, 0.0004)
        now += source.randrange(1, 90)
        sequence += 1
        price = prices[symbol]
        yield dumps(
            {
                "type": "ticker",
                "sequence": sequence,
                "symbol": symbol,
                "price": f"{price:.2f}",
                "bid": f"{price * 0.9999:.2f}",
                "ask": f"{price * 1.0001:.2f}",
                "size": round(source.expovariate(2), 5),
                "side": source.choice(["buy", "sell"]),
                "time": now,
            }
        )


def books(source: random.Random) -> Iterator[bytes]:
    """Order books in JSON, about 1 KiB each."""
    price = 60_000.0
    sequence = 0

    def side(sign: int) -> list[list[float]]:
        return [
            [round(price + sign * level * 0.5, 2), round(source.expovariate(1), 5)]
            for level in range(26)
        ]

    while True:
        price += source.gauss(0, 3)
        sequence += 1
        yield dumps(
            {
                "type": "book",
                "symbol": "BTC-USD",
                "sequence": sequence,
                "bids": side(-1),
                "asks": side(1),
            }
        )


def chat(source: random.Random) -> Iterator[bytes]:
    """Chat messages in a JSON envelope, from 130 to 500 bytes each."""
    weights = [1 / rank for rank in range(1, len(WORDS) + 1)]
    now = 1_700_000_000
    while True:
        now += source.randrange(1, 60)
        text = " ".join(source.choices(WORDS, weights, k=source.randrange(3, 70)))
        yield dumps(
            {
                "event": "message",
                "room": f"room-{source.randrange(20)}",
                "id": f"{source.getrandbits(64):016x}",
                "from": {"name": source.choice(NAMES), "id": source.randrange(1000)},
                "text": text,
                "at": now,
            }
        )


def telemetry(source: random.Random) -> Iterator[bytes]:
    """Readings of sensors in a packed binary record, 256 bytes each."""
    phase = 0.0
    tick = 0
    while True:
        tick += 20
        phase += 0.02
        readings = [
            round(100 * math.sin(phase + sensor) + source.gauss(0, 0.2), 1) for sensor in range(60)
        ]
        yield struct.pack("<4sQI60f", b"TELE", 1_700_000_000_000 + tick, tick, *readings)


def documents(source: random.Random) -> Iterator[bytes]:
    """Lists of records in JSON, about 16 KiB each."""
    while True:
        yield dumps(
            [
                {
                    "id": source.randrange(10**6),
                    "customer": source.choice(NAMES),
                    "state": source.choice(STATES),
                    "total": round(source.expovariate(0.02), 2),
                    "note": " ".join(source.choices(WORDS, k=6)),
                    "created": f"2026-01-{source.randrange(1, 29):02}T{source.randrange(24):02}:00Z",
                }
                for _ in range(110)
            ]
        )


def pictures(source: random.Random) -> Iterator[bytes]:
    """Data that is compressed already, 4 KiB each."""
    while True:
        yield source.getrandbits(8 * 4096).to_bytes(4096, "little")


TRAFFIC: dict[str, Traffic] = {
    "ticks": ticks,
    "books": books,
    "chat": chat,
    "telemetry": telemetry,
    "documents": documents,
    "pictures": pictures,
}


def messages(kind: str, count: int) -> list[bytes]:
    """Give the first messages of one kind of traffic."""
    return list(islice(TRAFFIC[kind](random.Random(kind)), count))
