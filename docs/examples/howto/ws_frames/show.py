"""Show the frames of one direction of a connection, from a file of its bytes behind the handshake."""

from __future__ import annotations

import sys
from pathlib import Path

from ws_frames import Frame, Parser

parser = Parser(masked=sys.argv[1] == "client", all_frames=True)
for item in parser.feed(Path(sys.argv[2]).read_bytes()):
    assert isinstance(item, Frame)
    print(item)
if parser.error is not None:
    print(f"then: {parser.error}, which closes with {parser.error.close_code}")
