"""The interactive client, for those who hand it on."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["interactive_client"]


def interactive_client(
    arguments: Sequence[str] | None = None, *, package: str = "ws_asyncio"
) -> int:
    """Run the interactive client: what ``python -m ws_asyncio`` does.

    Args:
        arguments: those of the command line; None for those of the process.
        package: what the program is called in its own texts: ``python -m package``.

    Returns the exit status. Raises SystemExit for arguments that make no sense.
    """
    # Not before: few of those who import the package want it.
    from .interactive import main

    return main(arguments, package=package)
