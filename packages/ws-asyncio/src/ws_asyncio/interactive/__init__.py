"""The command line: an interactive client, which also works in a pipe.

``program`` connects and says how it ended, ``session`` is what goes on in between.
A console is where lines are typed and messages shown: ``editor`` with prompt_toolkit,
``plain`` without it, ``pipe`` where input or output is no terminal.
"""

from __future__ import annotations

from .program import main

__all__ = ["main"]
