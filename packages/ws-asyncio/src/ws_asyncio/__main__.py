"""``python -m ws_asyncio ws://...``: the interactive client."""

from __future__ import annotations

import sys

from .command_line import interactive_client

if __name__ == "__main__":
    sys.exit(interactive_client(package="ws_asyncio"))
