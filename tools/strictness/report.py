"""What came of runs, as text and as a page of the documentation."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence

from .case import CLIENT, SERVER
from .cases import AREAS, CASES, of_role
from .peers import OURS, PEERS
from .suite import Run
from .verdict import FAILED, LEFT_OUT, NON_STRICT, OK, VERDICTS

__all__ = ["listing", "page", "table"]

PAGE = """\
# Strictness

A black-box test suite for WebSocket servers and clients, of this project's own. It speaks raw TCP: a case is
bytes that go in and what must come out, with the section of the RFC and the reason. There are {cases} cases,
{server} for servers and {client} for clients, in `tools/strictness/cases/`, one file an area. The tool needs
nothing but Python's standard library, and knows no implementation.

A verdict is one of

- **OK**: what came out is what the RFC asks for. Where it leaves a choice, the case says so and takes both.
- **NON-STRICT**: wrong in a way that harms nobody: a failure without a close frame or with another code, what
  could have been refused earlier, an echo that got lost since something bad came right behind it, TCP that is reset
  instead of ended, something malformed in a handshake that is let through.
- **FAILED**: anything else, such as a frame that a peer must not accept and that is answered, a connection that goes
  on where it should have been failed, a hang.
- left out: the target doesn't offer what the case is about, such as permessage-deflate.

*Lost* means: the framework fails the connection before the echo program has had its turn; the program can't help it.
Since that, and whether TCP is reset, is a matter of timing, figures differ by a few from run to run.

## Run it

| to | run |
| --- | --- |
| run it on the packages of this repository, with the C and without | `hatch run strictness` |
| run it on others | `hatch run strictness:peers` |
| see all cases, with their sections and reasons | `hatch run strictness --list` |
| run it on any server that echoes | `python tools/check_strictness.py --server ws://127.0.0.1:8000/` |
| run it on any client that echoes | `python tools/check_strictness.py --client 'node client.js {{uri}}'` |
| run some cases, and see what came out of each | add `--cases 'utf-8/*' 'closing/code-*' --verbose` |
| write this page | `hatch run strictness`, `hatch run strictness:peers`, `hatch run strictness --table docs/strictness.md` |

A server has to send back each message as it came, with a limit on messages of 256 KiB or more. A client, which is
started anew for each case, does the same with what it receives, and ends with its connection. Either may close when a
text message such as `/close 4000 bye` asks for it; with `--no-commands` the cases about that are left out.
The exit status is 0 if all is OK, 1 if not. `tests/compliance/test_strictness.py` runs all cases in the gate,
each of them a test, with and without the C.

## Results

Newest versions on {date}, {python}, {machine}. Each cell has OK / NON-STRICT / FAILED, then what was left out.
*websockets* is the project of that name on PyPI.

{results}

{notes}

## Where they differ

Each case in which at least one of the above is not OK: **N** is NON-STRICT, **F** FAILED, a dash left out.

{differences}
"""

MARKS = {OK: "", NON_STRICT: "N", FAILED: "**F**", LEFT_OUT: "-"}
HEADINGS = {SERVER: "Servers", CLIENT: "Clients"}


def counts(counter: Counter[str]) -> str:
    words = " / ".join(f"{counter[verdict]}" for verdict in (OK, NON_STRICT, FAILED))
    return words + (f", {counter[LEFT_OUT]} out" if counter[LEFT_OUT] else "")


# As text


def table(run: Run, *, verbose: bool = False) -> str:
    lines = [f"\n{run.role} {run.title}: {len(run.results)} cases"]
    lines.append(" ".join([f"{'area':12}", *(f"{verdict:>10}" for verdict in VERDICTS)]))
    for area, counter in run.areas().items():
        lines.append(
            " ".join([f"{area:12}", *(f"{counter[verdict] or '-':>10}" for verdict in VERDICTS)])
        )
    for result in run.results if verbose else run.bad:
        lines.append(f"{result.case}: {result.verdict}: {result.about}")
    return "\n".join(lines)


def listing() -> str:
    lines = []
    for case in CASES:
        roles = " and ".join(case.roles)
        lines.append(f"{case.id} ({roles}, RFC {case.rfc}): {case.why}")
    return "\n".join(lines)


# As a page


def page(runs: Sequence[Run], date: str) -> str:
    return PAGE.format(
        cases=len(CASES),
        server=len(of_role(SERVER)),
        client=len(of_role(CLIENT)),
        date=date,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        machine=f"{platform.system()} {platform.machine()}",
        results="\n\n".join(results(role, runs) for role in HEADINGS),
        notes="\n".join(notes(runs)),
        differences="\n\n".join(differences(role, runs) for role in HEADINGS),
    )


def notes(runs: Sequence[Run]) -> list[str]:
    names = {run.name for run in runs}
    known = (program for program in (*OURS, *PEERS) if program.note and program.name in names)
    return [f"- {program.name}: {program.note}" for program in known]


def results(role: str, runs: Sequence[Run]) -> str:
    chosen = [run for run in runs if run.role == role]
    areas = [area for area in AREAS if any(area in run.areas() for run in chosen)]
    numbers = Counter(case.area for case in of_role(role))
    heads = [f"{area} ({numbers[area]})" for area in areas]
    lines = [
        f"### {HEADINGS[role]}",
        "",
        row([role, *heads, "all"]),
        row(["---"] * (len(areas) + 2)),
    ]
    for run in chosen:
        total = Counter(result.verdict for result in run.results)
        cells = [counts(run.areas().get(area, Counter())) for area in areas]
        lines.append(row([run.title, *cells, counts(total)]))
    return "\n".join(lines)


def differences(role: str, runs: Sequence[Run]) -> str:
    chosen = [run for run in runs if run.role == role]
    verdicts = [{result.case: result.verdict for result in run.results} for run in chosen]
    lines = [f"### {HEADINGS[role]}", "", row(["case", "RFC", *(run.name for run in chosen)])]
    lines.append(row(["---"] * (len(chosen) + 2)))
    for case in of_role(role):
        found = [verdict.get(case.id, LEFT_OUT) for verdict in verdicts]
        if NON_STRICT in found or FAILED in found:
            lines.append(row([f"{case.id}", case.rfc, *(MARKS[each] for each in found)]))
    return "\n".join(lines)


def row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
