"""The guide to reverse proxies says what docs/proxies.md does, which tests/interop/proxies tries."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

PROXIES = Path(__file__).resolve().parents[3] / "docs" / "proxies.md"
INCLUDED = re.compile(
    r"^```\{literalinclude\} (?P<file>\S+)\n(?::language: .*\n)"
    r':start-after: "(?P<start>.*)"\n:end-before: "(?P<end>.*)"\n```$',
    re.MULTILINE,
)


def test_each_block_is_one_of_the_tested_page(guide: Guide) -> None:
    text = PROXIES.read_text(encoding="utf-8")
    begins = {}
    for match in INCLUDED.finditer(guide.page):
        assert (guide.name, match["file"]) == ("reverse_proxies", "../proxies.md")
        block = text.partition(f"{match['start']}\n")[2].partition(match["end"])[0]
        begins[match["start"]] = block.splitlines()[0]
    assert begins == {
        "```nginx": "map $http_upgrade $connection_upgrade {",
        "```haproxy": "defaults",
        "```caddyfile": "chat.example.com {",
        "```apache": "<VirtualHost *:80>",
    }


@pytest.mark.parametrize("proxy", ["nginx", "HAProxy", "Caddy", "Apache"])
def test_a_unix_socket_is_written_as_on_the_tested_page(guide: Guide, proxy: str) -> None:
    line = re.search(
        rf"^- {proxy}: `(.*)` instead of `(.*)`$", PROXIES.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert line is not None
    written = line[1].replace("|", r"\|")
    assert f"| {proxy} | `{line[2]}` | `{written}` |" in guide.page
