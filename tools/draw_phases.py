"""
Draw the life of a connection from the table in ws_frames.phases.

python tools/draw_phases.py            bring the diagram in docs/phases.md up to date
python tools/draw_phases.py --check    exit 1 if it is not
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from ws_frames.phases import TRANSITIONS, Phase, Step

PAGE = Path(__file__).resolve().parent.parent / "docs" / "phases.md"
DIAGRAM = re.compile(r"(?<=^```mermaid\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def diagram() -> str:
    """The table as a state diagram of Mermaid; steps that lead from a phase to itself together."""
    arrows: dict[tuple[Phase, Phase], list[Step]] = {}
    for (phase, step), after in TRANSITIONS.items():
        arrows.setdefault((phase, after), []).append(step)
    lines = ["stateDiagram-v2", "    [*] --> OPEN"]
    lines += [f'    state "{phase.value}" as {phase.name}' for phase in Phase]
    lines += [
        f"    {phase.name} --> {after.name}: {', '.join(step.value for step in steps)}"
        for (phase, after), steps in arrows.items()
    ]
    lines.append("    CLOSED --> [*]")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    text = PAGE.read_text(encoding="utf-8")
    wanted = DIAGRAM.sub(lambda _: diagram(), text, count=1)
    if text == wanted:
        return 0
    if options.check:
        print(f"{PAGE.name} does not show the table: run tools/draw_phases.py", file=sys.stderr)
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
