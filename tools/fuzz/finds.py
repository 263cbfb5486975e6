"""Inputs for which something did not hold: kept as Python literals, read again, checked again."""

from __future__ import annotations

import ast
import hashlib
import traceback
from pathlib import Path
from typing import Any

from .targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]

#: Where finds are put; the ones that were mended are kept in tests/fuzz/vectors.
FINDS = ROOT / "build" / "fuzz"


def keep(name: str, case: Any, folder: Path) -> Path:
    """Write an input into a file of its own."""
    text = repr(tuple(case)) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / name / f"{digest}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(name: str, path: Path) -> Any:
    """Read such a file; lines that begin with # say what it is."""
    return TARGETS[name].Case(*ast.literal_eval(path.read_text(encoding="utf-8")))


def fault(name: str, case: Any) -> str | None:
    """Check an input, and give the traceback if something does not hold."""
    try:
        TARGETS[name].check(case)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        return traceback.format_exc()
    return None


def report(name: str, case: Any, where: str, found: str, folder: Path) -> str:
    """Keep an input that failed, and say what happened, and how to see it again."""
    path = keep(name, case, folder)
    return (
        f"{name}: {where} fails\n{found}\n{path.read_text(encoding='utf-8')[:2000]}\n"
        f"again: hatch run fuzz {name} --replay {path}\n"
        f"once it is mended, keep it: mv {path} tests/fuzz/vectors/{name}/"
    )
