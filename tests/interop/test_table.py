"""The table of what talked to what."""

from __future__ import annotations

from interop.table import Table

CLIENT = {"peer": "undici", "role": "client", "transport": "tls", "compression": "deflate"}


def lines(table: Table) -> list[str]:
    return [line for line in table.render("about").splitlines() if line.startswith("| ")]


def test_a_cell_counts_the_tests_that_passed() -> None:
    table = Table()
    table.add("passed", {**CLIENT, "version": "7.1", "without": "pings"})
    table.add("passed", CLIENT)
    assert lines(table)[2:] == ["| undici | 7.1 | client | - | - | - | 2 | pings |"]


def test_one_failure_is_what_is_told_of_a_cell() -> None:
    table = Table()
    table.add("passed", CLIENT)
    table.add("failed", CLIENT)
    assert lines(table)[2:] == ["| undici |  | client | - | - | - | **1 failed** |  |"]


def test_a_cell_that_was_skipped_is_left_out() -> None:
    table = Table()
    table.add("skipped", CLIENT, "no Node.js")
    assert lines(table)[2:] == ["| undici |  | client | - | - | - | left out |  |"]


def test_rows_are_in_the_order_of_names_whatever_their_case() -> None:
    table = Table()
    for peer in ("ws", "Java", "aiohttp"):
        table.add("passed", {"peer": peer, "role": "server"})
        table.add("passed", {"peer": peer, "role": "client"})
    names = [line.split(" | ")[0:3:2] for line in lines(table)[2:]]
    assert names == [
        [f"| {peer}", role] for peer in ("aiohttp", "Java", "ws") for role in ("client", "server")
    ]


def test_what_was_left_out_is_told_once_for_each_reason() -> None:
    table = Table()
    table.add("skipped", {}, "no Node.js")
    table.add("skipped", CLIENT, "no Node.js")
    table.add("skipped", {}, "no browser")
    assert table.left_out() == ["left out: no Node.js (2 tests)", "left out: no browser (1 test)"]
    assert "- left out: no browser (1 test)\n" in table.render("about")


def test_a_test_without_a_peer_has_no_row() -> None:
    table = Table()
    table.add("passed", {})
    assert len(lines(table)) == 2
    assert "- Nothing was left out.\n" in table.render("about")
