"""
Let atheris change the bytes of inputs, so that they reach code that none before did.

``python -m fuzz.guided TARGET FINDS [OPTION …]`` runs in a process of its own, with the options of
libFuzzer; ``tools/run_guided.py`` starts it, and reads what it prints.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

# Where types are checked it is not there, or only stubs that leave most of it out.
atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["ws_frames", "ws_http", "ws_deflate"]):
    from .finds import fault, report
    from .targets import TARGETS


def main(name: str, finds: str, *options: str) -> None:
    """Fuzz a target; end the process with 1 at the first input that fails."""

    def check(data: bytes) -> None:
        case = TARGETS[name].read(data)
        found = fault(name, case)
        if found is not None:
            print(report(name, case, "what atheris made", found, Path(finds)), flush=True)
            os._exit(1)  # libFuzzer would go on about it, and keep the bytes too

    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
