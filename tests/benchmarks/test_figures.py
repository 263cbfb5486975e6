"""Arithmetic of figures, verdicts, and how they are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.curve import Curve, short
from bench.figure import CPU, RATE, Figures, Measure, ratio, spread
from bench.inventory import BEYOND, BYTES, NUMBER, OBJECTS, OUTSIDE, RESIDENT, Inventory, told
from bench.load import LoadFailed
from bench.page import page, renewed, shown
from bench.plot import color_of, draw, file_name
from bench.row import Row, attempt, in_turns
from bench.table import figures_table, markdown, number, verdicts_table
from bench.verdict import Aim, Goal, Limit, Straight, judge

MEMORY = Measure("KiB")


def test_a_spread_is_a_part_of_the_median() -> None:
    assert spread([90, 100, 130]) == pytest.approx(0.4)
    assert spread([5]) == 0
    assert spread([0, 0]) == 0


def test_of_a_rate_more_is_better() -> None:
    assert ratio(RATE, [200.0], [100.0]) == 2


def test_of_anything_else_less_is_better() -> None:
    assert ratio(CPU, [5.0], [10.0]) == 2
    assert ratio(MEMORY, [0.0], [10.0]) == float("inf")


def test_a_ratio_is_the_median_of_those_of_the_rounds() -> None:
    """The machine is twice as slow in the second round, and ten times in the third."""
    ours, theirs = [200.0, 100.0, 20.0], [100.0, 50.0, 10.0]
    assert ratio(RATE, ours, theirs) == 2
    assert ratio(RATE, [200.0, 90.0, 40.0], [100.0, 100.0, 10.0]) == 2


def test_targets_take_turns() -> None:
    done: list[str] = []
    in_turns(3, [lambda: done.append("A"), lambda: done.append("B")])
    assert "".join(done) == "ABABAB"


def test_a_run_gives_a_rate_and_the_cpu_of_a_message() -> None:
    figures = Figures()
    figures.add_run("work", "ours", {"messages": 100, "seconds": 0.5, "cpu": 0.002})
    assert figures.of("work", "ours", RATE) == [200]
    assert figures.of("work", "ours", CPU) == [pytest.approx(20)]
    assert figures.works() == ["work"]
    assert figures.targets("work") == ["ours"]
    assert figures.measures("work") == [RATE, CPU]
    assert figures.of("work", "theirs", RATE) == []


def figures_of(**rates: float) -> Figures:
    figures = Figures()
    for name, rate in rates.items():
        figures.add("work", f"{name}, asyncio", RATE, rate)
    return figures


GOAL = Goal("work", "ours, asyncio", ("a, asyncio", "b, asyncio"), 1.5)


@pytest.mark.parametrize(("ours", "met"), [(150.0, True), (149.9, False)])
def test_a_goal_is_to_beat_the_best_of_the_others(ours: float, met: bool) -> None:
    (verdict,) = judge([GOAL], figures_of(ours=ours, a=50, b=100))
    assert verdict.met == met
    assert verdict.against == "b, asyncio"
    assert verdict.found == pytest.approx(ours / 100)


def test_a_goal_has_a_verdict_by_the_cpu_of_its_own() -> None:
    figures = figures_of(ours=300, a=100)
    figures.add("work", "ours, asyncio", CPU, 10)
    figures.add("work", "a, asyncio", CPU, 12)
    (verdict,) = judge([GOAL], figures)
    assert verdict.met
    assert verdict.beside == pytest.approx(1.2)
    assert verdict.met_beside is False


@pytest.mark.parametrize(("value", "met"), [(8.0, True), (8.1, False)])
def test_a_limit_is_the_most_that_a_median_may_be(value: float, met: bool) -> None:
    figures = Figures()
    for each in (1.0, value, 100.0):
        figures.add("work", "ours", MEMORY, each)
    (verdict,) = judge([Limit("work", "ours", MEMORY, 8)], figures)
    assert (verdict.found, verdict.met) == (value, met)


def test_there_is_no_verdict_of_what_was_not_measured() -> None:
    assert judge([GOAL, Limit("work", "ours", MEMORY, 8)], Figures()) == []
    assert judge([GOAL], figures_of(ours=100)) == []


def test_who_cannot_do_the_work_is_beaten() -> None:
    figures = figures_of(ours=100)
    figures.failures["work", "a, asyncio"] = "closed with 1009"
    (verdict,) = judge([GOAL], figures)
    assert verdict.met
    assert verdict.against == "a, asyncio"
    assert verdict.found == float("inf")


def test_to_fail_is_not_to_meet_a_target() -> None:
    figures = figures_of(a=100)
    figures.failures["work", "ours, asyncio"] = "closed with 1009"
    (verdict,) = judge([GOAL], figures)
    assert not verdict.met


def test_a_failure_is_noted_and_not_tried_again() -> None:
    figures = Figures()
    tried = []

    def run() -> None:
        tried.append(1)
        raise LoadFailed("first line\nlast line")

    for _ in range(2):
        attempt("work", "a", figures, run)
    assert figures.failures == {("work", "a"): "last line"}
    assert tried == [1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.8, "1,234,568"), (99.96, "100"), (12.345, "12.3"), (0.1234, "0.123")],
)
def test_a_number_has_three_figures(value: float, text: str) -> None:
    assert number(value) == text


def test_a_table_has_columns_as_wide_as_their_cells() -> None:
    assert markdown(["a", "b", "count"], [["one", "", "1"]]).splitlines() == [
        "| a   | b   | count |",
        "| --- | --- | ----: |",
        "| one |     |     1 |",
    ]


def test_a_column_without_a_heading_is_a_column() -> None:
    """An empty cell of the second line would make a paragraph of the table."""
    _, second, _ = markdown(["a", "", ""], [["", "", ""]], left=2).splitlines()
    assert second == "| --- | --- | --: |"


def test_figures_are_told_beside_those_of_ours_on_the_same_loop() -> None:
    figures = figures_of(ours=300, a=100)
    figures.add("work", "ours, uvloop", RATE, 500)
    figures.add("work", "a, uvloop", RATE, 1000)
    figures.failures["work", "b, asyncio"] = "closed with 1009"
    lines = figures_table(figures, "work").splitlines()
    head = [cell.strip() for cell in lines[0].strip("|").split("|")]
    assert head == ["work", "", "a second", "±", "ours is"]
    (slower,) = [line for line in lines if line.startswith("| a, asyncio ")]
    (faster,) = [line for line in lines if line.startswith("| a, uvloop ")]
    assert "3.00 x" in slower
    assert "0.50 x" in faster
    assert lines[-1] == "b, asyncio could not: closed with 1009"


def test_verdicts_are_told_with_what_was_wanted_and_found() -> None:
    figures = figures_of(ours=120, a=100)
    table = verdicts_table(judge([GOAL], figures)).splitlines()
    cells = [cell.strip() for cell in table[-1].strip("|").split("|")]
    assert cells == ["work", "ours, asyncio", "a, asyncio", "≥ 1.5 x", "1.2 x", "NOT MET", "", ""]


def test_a_plot_has_the_name_of_its_work() -> None:
    assert file_name("server, 256 B, 64 in flight") == "server-256-b-64-in-flight"


def test_a_plot_tells_ours_from_peers_and_from_limits() -> None:
    colors = [color_of(name) for name in ("ours, uvloop", "websockets, uvloop", "bare, uvloop")]
    assert len(set(colors)) == 3
    assert color_of("ours, fast, asyncio") == color_of("C") == colors[0]


def test_a_plot_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is in the environment of benchmarks only")
    figures = figures_of(ours=300, a=100, bare=400)
    (path,) = draw(figures, ["work"], tmp_path / "plots")
    text = path.read_text(encoding="utf-8")
    for word in ("ours, asyncio", "bare, asyncio", "a second (more is better)"):
        assert word in text


def test_the_page_has_each_row_with_its_tables_plots_and_verdicts() -> None:
    figures = Figures()
    for target, values in (("ours, asyncio", [200.0]), ("other, asyncio", [100.0])):
        figures.add("echo", target, RATE, values[0])
    goal = Goal("echo", "ours, asyncio", ("other, asyncio",), 1.5)
    rows = [
        Row("one", "servers that echo", lambda effort, figures: None, [goal], note="A note."),
        Row(
            "two",
            "what was not measured",
            lambda effort, figures: None,
            [Goal("x", "a", ("b",), 1)],
        ),
    ]
    about = {"command": "`hatch run bench:all`", "CPU": "a fast one"}
    text = page(about, figures, rows, "bench")
    assert "- command: `hatch run bench:all`\n- CPU: a fast one\n" in text
    assert "\n## Servers that echo\n\nA note.\n" in text
    assert "\n![echo](bench/echo.svg)\n" in text
    assert figures_table(figures, "echo") in text
    assert verdicts_table(judge([goal], figures)) in text
    assert "what was not measured" not in text.lower()
    assert shown(rows, figures) == ["echo"]


def echo_row(name: str, *, faster: float) -> tuple[Row, Figures]:
    """A row in which ours is so many times faster than another."""
    figures = Figures()
    figures.add(name, "ours, asyncio", RATE, 100 * faster)
    figures.add(name, "other, asyncio", RATE, 100)
    goal = Goal(name, "ours, asyncio", ("other, asyncio",), 1.5)
    return Row(name, f"{name} by servers", lambda effort, figures: None, [goal]), figures


ABOUT = {
    "command": "`hatch run bench:row echo`",
    "date": "2020-02-02",
    "CPU": "a fast one",
    "load average before": "0.1",
    "load average after": "0.9",
}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_was_measured_again_takes_its_place_on_the_page(place: int) -> None:
    measured = [echo_row(name, faster=1) for name in ("a", "b", "c")]
    merged = Figures()
    for _, figures in measured:
        merged.values.update(figures.values)
    before = page(ABOUT, merged, [row for row, _ in measured], "bench")
    row, figures = echo_row("abc"[place], faster=2)
    after = renewed(before, ABOUT, figures, [row], "bench")
    assert (before.count("NOT MET"), after.count("NOT MET")) == (3, 2)
    assert f"## {'ABC'[place]} by servers\n\nMeasured again by itself: `hatch run" in after
    assert re.findall("^## .*", after, re.MULTILINE) == re.findall("^## .*", before, re.MULTILINE)
    assert renewed(after, ABOUT, figures, [row], "bench") == after


def test_a_row_that_could_not_be_measured_again_stays_on_the_page() -> None:
    row, figures = echo_row("a", faster=1)
    before = page(ABOUT, figures, [row], "bench")
    assert renewed(before, ABOUT, Figures(), [row], "bench") == before


def test_what_the_page_has_not_cannot_be_renewed() -> None:
    row, figures = echo_row("a", faster=1)
    other, others = echo_row("b", faster=1)
    with pytest.raises(ValueError, match="no section '## B by servers'"):
        renewed(page(ABOUT, figures, [row], "bench"), ABOUT, others, [other], "bench")


CURVE = Curve("echoes", "size", (1024, 4096, 16384), (CPU, RATE), in_bytes=True)


def figures_of_curve(*costs: float) -> Figures:
    figures = Figures()
    for point, cost in zip(CURVE.points, costs):
        for value in (0.9 * cost, cost, 1.1 * cost):
            figures.add(CURVE.work(point), "ours, asyncio", CPU, value)
    return figures


def straight(most: float) -> Straight:
    return Straight(CURVE.name, tuple(CURVE.works()), "ours, asyncio", CPU, most)


@pytest.mark.parametrize(("most", "met"), [(2.0, True), (1.9, False)])
def test_a_line_is_as_straight_as_its_worst_step(most: float, met: bool) -> None:
    (verdict,) = judge([straight(most)], figures_of_curve(10, 5, 10))
    assert verdict.met == met
    assert verdict.found == pytest.approx(2)
    assert verdict.against == "from 4 KiB to 16 KiB"
    assert "2 x" in verdicts_table([verdict])


def test_a_line_has_no_verdict_before_there_are_two_points() -> None:
    assert judge([straight(2)], figures_of_curve(10)) == []


def test_a_line_that_ends_early_is_not_straight() -> None:
    figures = figures_of_curve(10, 10)
    figures.failures[CURVE.work(16384), "ours, asyncio"] = "closed with 1009"
    (verdict,) = judge([straight(2)], figures)
    assert not verdict.met
    assert verdict.work == "echoes, size: 16 KiB"


def test_a_curve_has_a_row_for_each_point() -> None:
    figures = figures_of_curve(10, 20)
    figures.failures[CURVE.work(16384), "other, asyncio"] = "closed with 1009"
    table, rates, failure = CURVE.text(figures).split("\n\n")
    _, _, first, second = table.splitlines()
    assert [cell.strip() for cell in first.split("|")[1:-1]] == ["1 KiB", "10 ± 20%"]
    assert second.startswith("| 4 KiB")
    assert len(rates.splitlines()) == 2
    assert failure == "other, asyncio could not at 16 KiB: closed with 1009"


@pytest.mark.parametrize(
    ("size", "text"), [(16, "16 B"), (1536, "1536 B"), (65_536, "64 KiB"), (2**26, "64 MiB")]
)
def test_bytes_are_told_in_whole_units(size: int, text: str) -> None:
    assert short(size) == text


def test_a_plot_has_a_line_for_each_target(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is in the environment of benchmarks only")
    figures = figures_of_curve(10, 20, 40)
    figures.add(CURVE.work(1024), "bare, uvloop", RATE, 1e6)
    figures.add(CURVE.work(4096), "bare, uvloop", RATE, 3e5)
    text = CURVE.draw(figures, tmp_path).read_text(encoding="utf-8")
    for word in ("echoes", "CPU µs each", "a second", ">ours<", ">uvloop<", ">16 KiB<"):
        assert word in text


INVENTORY = Inventory("memory", {"idle": "at first", "used": "later"})


def figures_of_memory() -> Figures:
    figures = Figures()
    for work, size in (("idle", 100.0), ("used", 300.0)):
        figures.add(work, "bytearray", NUMBER, 1)
        figures.add(work, "bytearray", BYTES, size)
        for part, rest in ((OBJECTS, 0), (BEYOND, 20), (OUTSIDE, 30), (RESIDENT, 50)):
            figures.add(work, part, BYTES, rest if rest in (20, 30) else size + rest)
    figures.add("used", "list", NUMBER, 0.5)
    figures.add("used", "list", BYTES, 400)
    figures.notes["used", "bytearray"] = told(["ws.a", "ws.b", "ws.c", "ws.d"])
    return figures


def test_an_inventory_has_the_largest_first_and_what_all_are_together() -> None:
    lines = INVENTORY.text(figures_of_memory()).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert rows[0] == ["type", "where", "at first: objects", "bytes", "later: objects", "bytes"]
    assert rows[2] == ["`list`", "", "", "0", "0.5", "400"]
    assert rows[3] == ["`bytearray`", "`ws.a`, `ws.b`, `ws.c` and 1 more", "1", "100", "1", "300"]
    assert [row[0].strip("*") for row in rows[4:]] == [OBJECTS, BEYOND, OUTSIDE, RESIDENT]
    assert rows[-1][3] == "150"


def test_an_inventory_is_drawn_as_its_parts(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is in the environment of benchmarks only")
    text = INVENTORY.draw(figures_of_memory(), tmp_path).read_text(encoding="utf-8")
    for word in ("at first", "later", OBJECTS, "KiB/connection"):
        assert word in text


def test_what_a_row_shows_together_is_on_the_page_instead_of_each_by_itself() -> None:
    figures = figures_of_curve(10, 10, 10)
    goals: list[Aim] = [straight(2), Limit(CURVE.work(1024), "ours, asyncio", CPU, 20)]
    row = Row("one", "sizes", lambda effort, figures: None, goals, displays=[CURVE])
    text = page({}, figures, [row], "bench")
    assert f"\n![echoes](bench/echoes.svg)\n\n{CURVE.text(figures)}\n" in text
    assert text.count("![") == 1
    assert shown([row], figures) == []
