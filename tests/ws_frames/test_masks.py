"""Keys that mask what a client sends, RFC 6455 §5.3 and §10.3, by both twins."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

import pytest


@pytest.fixture(autouse=True)
def fresh_pool(twin: ModuleType) -> Iterator[None]:
    """Leave no key behind that a test made up."""
    twin.forget_masks()
    yield
    twin.forget_masks()


def test_a_mask_has_four_bytes(twin: ModuleType) -> None:
    mask = twin.new_mask()
    assert type(mask) is bytes
    assert len(mask) == 4


def test_masks_do_not_repeat(twin: ModuleType) -> None:
    drawn = [twin.new_mask() for _ in range(5000)]
    # Of 5,000 out of 2**32, more than two pairs alike come once in 10**8 runs.
    assert len(set(drawn)) >= 4998


def test_each_byte_of_a_mask_takes_every_value(twin: ModuleType) -> None:
    drawn = [twin.new_mask() for _ in range(8192)]
    for place in range(4):
        counts = Counter(mask[place] for mask in drawn)
        assert len(counts) == 256
        assert max(counts.values()) < 100


def test_masks_come_from_the_operating_system(
    twin: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bytes] = []

    def spied(size: int, urandom: object = os.urandom) -> bytes:
        assert callable(urandom)
        data: bytes = urandom(size)
        drawn.append(data)
        return data

    monkeypatch.setattr(os, "urandom", spied)
    masks = {twin.new_mask() for _ in range(2000)}
    pool = {data[i : i + 4] for data in drawn for i in range(0, len(data), 4)}
    assert masks <= pool
    # One call for many masks: a system call for each would be slow.
    assert 2 <= len(drawn) <= 20


def test_no_part_of_what_was_drawn_is_used_twice(
    twin: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = iter(range(10**6))

    def counted(size: int) -> bytes:
        return b"".join(next(count).to_bytes(4, "big") for _ in range(size // 4))

    monkeypatch.setattr(os, "urandom", counted)
    masks = [twin.new_mask() for _ in range(3000)]
    frames = [twin.encode_frame(0x81, "", True)[2:] for _ in range(3000)]
    assert len({*masks, *frames}) == 6000


@pytest.mark.parametrize("size", [0, 3, 5000])
def test_another_amount_of_randomness_than_asked_for_is_refused(
    twin: ModuleType, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(os, "urandom", lambda _: bytes(size))
    with pytest.raises(ValueError, match=f"^os.urandom gave {size} bytes, not 4096$"):
        twin.new_mask()


def test_a_lack_of_randomness_is_told(twin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(size: int) -> bytes:
        raise NotImplementedError("no source of randomness")

    monkeypatch.setattr(os, "urandom", fail)
    with pytest.raises(NotImplementedError, match="no source of randomness"):
        twin.new_mask()
    with pytest.raises(NotImplementedError, match="no source of randomness"):
        twin.encode_frame(0x81, "", True)


def test_forgetting_draws_anew(twin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda size: b"abcd" * (size // 4))
    assert twin.new_mask() == b"abcd"
    monkeypatch.setattr(os, "urandom", lambda size: b"efgh" * (size // 4))
    assert twin.new_mask() == b"abcd"
    twin.forget_masks()
    assert twin.new_mask() == b"efgh"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_draws_other_masks_than_its_parent(twin: ModuleType) -> None:
    from ws_frames import speedups

    if twin.new_mask is not speedups.new_mask:
        pytest.skip("only the twin in use is told about forks")
    twin.new_mask()  # fills the pool
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            os.write(writing, b"".join(twin.new_mask() for _ in range(500)))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        drawn = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    assert len(drawn) == 2000
    children = {drawn[i : i + 4] for i in range(0, 2000, 4)}
    ours = {twin.new_mask() for _ in range(2000)}
    assert len(children & ours) <= 2
