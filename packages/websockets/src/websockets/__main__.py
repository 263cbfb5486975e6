"""``python -m websockets ws://...``: the interactive client."""

from __future__ import annotations

import sys

from ws_asyncio import interactive_client

if __name__ == "__main__":
    sys.exit(interactive_client(package="websockets"))
