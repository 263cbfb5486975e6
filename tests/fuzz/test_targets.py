"""The targets of fuzzing: a short run of each, and whether it would see a fault."""

from __future__ import annotations

import ast
import inspect
import random
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

import pytest

from fuzz import finds, grammar, handshake, twins
from fuzz.invariant import Broken
from fuzz.targets import TARGETS, about, cases, words
from ws_deflate.inflater import Inflater
from ws_frames import Connection, InvalidUTF8, pure
from ws_http import ClientHandshake, Headers, InvalidURI, ServerHandshake

VECTORS = sorted(Path(__file__).with_name("vectors").glob("*/*.txt"))

#: Inputs of each kind that are enough to see the faults below.
ENOUGH = 2000

every_target = pytest.mark.parametrize("name", TARGETS)


def first_fault(name: str, count: int = ENOUGH, seed: str = "1") -> str:
    """Say what the first input is that fails, empty if none of so many does."""
    made = islice(cases(name, random.Random(f"{name} {seed}")), count)
    return next(filter(None, (finds.fault(name, case) for case in made)), "")


@every_target
def test_some_inputs_pass(name: str) -> None:
    assert first_fault(name, 1000, "tests") == ""


@every_target
def test_the_seeds_pass_and_no_two_are_the_same_input(name: str) -> None:
    target = TARGETS[name]
    made = [target.read(seed) for seed in target.SEEDS]
    assert [finds.fault(name, case) for case in made] == [None] * len(made)
    assert len(set(map(repr, made))) == len(made) >= 6


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_was_found_once_passes(path: Path) -> None:
    name = path.parent.name
    assert finds.fault(name, finds.load(name, path)) is None


@every_target
def test_a_seed_makes_the_same_inputs_again(name: str) -> None:
    one, other = (islice(cases(name, random.Random(5)), 20) for _ in range(2))
    assert list(one) == list(other)


@every_target
def test_an_input_is_made_of_literals(name: str) -> None:
    target = TARGETS[name]
    made = [target.read(bytes(range(256))), *islice(cases(name, random.Random(3)), 20)]
    for case in made:
        assert target.Case(*ast.literal_eval(repr(tuple(case)))) == case


@every_target
def test_any_bytes_are_an_input(name: str) -> None:
    rng = random.Random(name)
    target = TARGETS[name]
    for _ in range(300):
        data = rng.randbytes(rng.randrange(60))
        assert finds.fault(name, target.read(data)) is None


@every_target
def test_a_target_says_what_must_hold(name: str) -> None:
    assert len(about(name)) > 40
    assert b"" not in words(name)
    assert list(inspect.signature(TARGETS[name].check).parameters) == ["case"]


class Sloppy(pure.Parser):
    """Find nothing wrong with text that is not UTF-8."""

    def feed(self, data: Any, /) -> Any:
        events = super().feed(data)
        if isinstance(self.error, InvalidUTF8):
            self.error = None
        return events


class Hasty(pure.Parser):
    """Lose an empty frame that ends with the bytes at hand."""

    def feed(self, data: Any, /) -> Any:
        return [event for event in super().feed(data) if event != "" or len(data) > 2]


def other_order(head: int, payload: Any, mask: Any = False, /) -> bytes:
    frame = pure.encode_frame(head, payload, mask)
    return frame[:-2] + frame[:-3:-1] if len(frame) > 300 else frame


def with_fault(**names: Any) -> Any:
    return SimpleNamespace(**{**vars(pure), **names})


@pytest.mark.parametrize(
    ("fault", "name", "differs"),
    [
        (with_fault(Parser=Sloppy), "parser", "how C and Python end differs"),
        (with_fault(Parser=Hasty), "parser", "what C and Python parse differs"),
        (with_fault(Parser=Sloppy), "differential", "how C and Python end differs"),
        (with_fault(Parser=Hasty), "differential", "what C and Python parse differs"),
        (with_fault(encode_frame=other_order), "serializer", "what C and Python write differs"),
        (with_fault(Parser=Sloppy), "connection", "what happens in C and in Python differs"),
        (with_fault(encode_frame=other_order), "connection", "what happens in C and in Python"),
    ],
)
def test_twins_that_differ_are_seen(
    monkeypatch: pytest.MonkeyPatch, fault: Any, name: str, differs: str
) -> None:
    monkeypatch.setattr(twins, "TWINS", [twins.TWINS[0], fault])
    assert differs in first_fault(name)


@pytest.mark.parametrize("name", ["parser", "differential"])
def test_a_parser_that_depends_on_the_pieces_is_seen(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    hasty = with_fault(Parser=Hasty)
    monkeypatch.setattr(twins, "TWINS", [hasty, hasty])
    assert "what the whole and its pieces give differs" in first_fault(name, 4000)


def test_a_connection_that_loses_a_message_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    take = Connection.next_event
    monkeypatch.setattr(
        Connection,
        "next_event",
        lambda connection: take(connection) if (event := take(connection)) == "" else event,
    )
    assert "what was sent and received differs" in first_fault("connection")


def fail(*args: object, **options: object) -> None:
    raise KeyError("fault")


#: What to break, and the target that shows it.
BREAKABLE = [
    (Connection, "next_event", "connection"),
    (ServerHandshake, "accept", "requests"),
    (ServerHandshake, "receive_eof", "requests"),
    (ClientHandshake, "result", "responses"),
    (ClientHandshake, "receive_data", "responses"),
    (TARGETS["uri"], "parse_uri", "uri"),
    (TARGETS["uri"], "build_uri", "uri"),
    (TARGETS["uri"], "follow_redirect", "uri"),
    (Headers, "serialize", "grammar"),
    (Inflater, "decompress", "deflate"),
]


@pytest.mark.parametrize(("owner", "attribute", "name"), BREAKABLE)
def test_an_exception_that_is_not_documented_is_seen(
    monkeypatch: pytest.MonkeyPatch, owner: Any, attribute: str, name: str
) -> None:
    monkeypatch.setattr(owner, attribute, fail)
    assert "KeyError: 'fault'" in first_fault(name)


@pytest.mark.parametrize("number", range(len(grammar.PAIRS)))
@pytest.mark.parametrize("side", [0, 1])
def test_each_parser_and_each_builder_is_tried(
    monkeypatch: pytest.MonkeyPatch, number: int, side: int
) -> None:
    pair: list[Callable[..., Any]] = list(grammar.PAIRS[number])
    pair[side] = fail
    monkeypatch.setattr(grammar, "PAIRS", [tuple(pair)])
    assert "KeyError: 'fault'" in first_fault("grammar")


def test_a_server_that_depends_on_the_pieces_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    receive = ServerHandshake.receive_data

    def forget_line_feeds(handshake: ServerHandshake, data: bytes) -> None:
        receive(handshake, b"" if data == b"\n" else data)

    monkeypatch.setattr(ServerHandshake, "receive_data", forget_line_feeds)
    assert "in pieces" in first_fault("requests")


def test_a_client_that_depends_on_the_pieces_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    receive = ClientHandshake.receive_data

    def forget_line_feeds(handshake: ClientHandshake, data: bytes) -> None:
        receive(handshake, b"" if data == b"\n" else data)

    monkeypatch.setattr(ClientHandshake, "receive_data", forget_line_feeds)
    assert "in pieces" in first_fault("responses")


def test_a_password_that_is_shown_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InvalidURI, "__str__", lambda exc: handshake.PASSWORD)
    assert "an exception shows a password" in first_fault("uri")


def test_a_limit_that_does_not_hold_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    decompress = Inflater.decompress
    monkeypatch.setattr(
        Inflater, "decompress", lambda self, data, fin, limit: decompress(self, data, fin, None)
    )
    assert "more comes out than the limit" in first_fault("deflate")


def test_data_that_is_lost_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    decompress = Inflater.decompress
    monkeypatch.setattr(
        Inflater, "decompress", lambda self, *arguments: decompress(self, *arguments)[:500]
    )
    assert "what was sent and received differs" in first_fault("deflate")


def test_fragments_that_are_decompressed_to_something_else_are_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decompress = Inflater.decompress

    def forget_ends(self: Inflater, data: bytes, fin: bool, limit: int | None) -> bytes:
        made = decompress(self, data, fin, limit)
        return made if fin else made[:-1]

    monkeypatch.setattr(Inflater, "decompress", forget_ends)
    made = list(islice(cases("deflate", random.Random(1)), ENOUGH))
    faults = [finds.fault("deflate", case._replace(sent=None)) for case in made]
    assert "what the whole and its fragments give differs" in "".join(filter(None, faults))


def test_what_goes_on_the_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(case: Sequence[object]) -> None:
        raise Broken("so it is")

    monkeypatch.setattr(TARGETS["uri"], "check", check)
    assert "so it is" in (finds.fault("uri", ("a",)) or "")
