"""
Draw the life of a connection from the table in ws_frames.phases.

python tools/draw_phases.py            bring docs/phases.svg up to date
python tools/draw_phases.py --check    exit 1 if it is not

Which arrows there are, and what is written at them, is in the table. Where they run is stated here: a
transition that is not is an error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ws_frames.phases import TRANSITIONS, Phase, Step

DRAWING = Path(__file__).resolve().parent.parent / "docs" / "phases.svg"

#: Where the middle of each phase is.
PLACES = {
    Phase.OPEN: (110, 150),
    Phase.CLOSE_SENT: (400, 150),
    Phase.CLOSE_EXCHANGED: (690, 150),
    Phase.FAILED: (255, 320),
    Phase.CLOSED: (545, 320),
}
WIDTH, HEIGHT = 150, 48


@dataclass(frozen=True)
class Arrow:
    """The path of an arrow; where its text is, and which end of the text that is."""

    path: str
    x: int
    y: int
    anchor: str = "middle"


ARROWS = {
    (Phase.OPEN, Phase.OPEN): Arrow("M70,126 C50,70 110,70 98,124", 20, 72, "start"),
    (Phase.OPEN, Phase.CLOSE_SENT): Arrow("M185,150 H323", 254, 142),
    (Phase.OPEN, Phase.CLOSE_EXCHANGED): Arrow("M150,126 Q400,-50 650,124", 400, 30),
    (Phase.OPEN, Phase.FAILED): Arrow("M140,174 L214,294", 170, 240, "end"),
    (Phase.OPEN, Phase.CLOSED): Arrow("M85,174 C90,440 430,440 515,346", 345, 384),
    (Phase.CLOSE_SENT, Phase.CLOSE_SENT): Arrow("M375,126 C362,78 438,78 426,124", 400, 82),
    (Phase.CLOSE_SENT, Phase.CLOSE_EXCHANGED): Arrow("M475,150 H613", 544, 142),
    (Phase.CLOSE_SENT, Phase.FAILED): Arrow("M370,174 L296,294", 326, 240, "end"),
    (Phase.CLOSE_SENT, Phase.CLOSED): Arrow("M430,174 L504,294", 476, 240, "start"),
    (Phase.CLOSE_EXCHANGED, Phase.CLOSED): Arrow("M660,174 L586,294", 634, 240, "start"),
    (Phase.FAILED, Phase.CLOSED): Arrow("M330,320 H468", 399, 312),
}

HEAD = """\
<svg class="drawing" viewBox="0 0 790 420" xmlns="http://www.w3.org/2000/svg">
<!-- Made by tools/draw_phases.py from the table in ws_frames.phases. -->
<style>
.drawing { --ink: #222; --paper: #f4f5f7; --mark: #0a4bff;
  max-width: 100%; height: auto; font: 14px sans-serif; }
@media (prefers-color-scheme: dark) {
  .drawing { --ink: #ddd; --paper: #1c1d20; --mark: #3d94ff; }
}
.drawing text { fill: var(--color-foreground-primary, var(--ink)); }
.drawing rect { fill: var(--color-background-secondary, var(--paper));
  stroke: var(--color-brand-primary, var(--mark)); stroke-width: 1.5; }
.drawing .arrow { fill: none; stroke: var(--color-foreground-secondary, var(--ink));
  stroke-width: 1.3; marker-end: url(#phases-tip); }
.drawing .tip { fill: var(--color-foreground-secondary, var(--ink)); }
.drawing .name { font-weight: bold; text-anchor: middle; }
</style>
<defs><marker id="phases-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"
 markerHeight="8" orient="auto"><path class="tip" d="M0,0 L8,4 L0,8 z"/></marker></defs>
"""


def drawing() -> str:
    """The table as a picture; steps that lead from a phase to the same one together."""
    steps: dict[tuple[Phase, Phase], list[Step]] = {}
    for (phase, step), after in TRANSITIONS.items():
        steps.setdefault((phase, after), []).append(step)
    parts = [HEAD]
    for ends, taken in steps.items():
        arrow = ARROWS[ends]
        words = ", ".join(step.value for step in taken)
        parts.append(f'<path class="arrow" d="{arrow.path}"/>\n')
        place = f'x="{arrow.x}" y="{arrow.y}" text-anchor="{arrow.anchor}"'
        parts.append(f"<text {place}>{words}</text>\n")
    for phase in Phase:
        x, y = PLACES[phase]
        box = f'x="{x - WIDTH // 2}" y="{y - HEIGHT // 2}" width="{WIDTH}" height="{HEIGHT}" rx="8"'
        parts.append(
            f'<rect {box}/>\n<text class="name" x="{x}" y="{y + 5}">{phase.value}</text>\n'
        )
    return "".join([*parts, "</svg>\n"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    wanted = drawing()
    if not options.check:
        DRAWING.write_text(wanted, encoding="utf-8")
    elif DRAWING.read_text(encoding="utf-8") != wanted:
        print(f"{DRAWING.name} does not show the table: run tools/draw_phases.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
