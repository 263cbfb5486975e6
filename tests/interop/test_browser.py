"""Browsers and a terminal meet in the demo: the whole stack, with Chromium at the other end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.conftest import OpenTerminal
    from tests.interop.conftest import Browser, Page

pytestmark = pytest.mark.interop(peer="Chromium", role="client", compression="deflate")

MEMBERS = "[...document.querySelectorAll('#members .name')].map((each) => each.textContent)"
LOG = "document.querySelector('#log').innerText"

LOOKS = [
    pytest.param(width, dark, id=f"{name}-{'dark' if dark else 'light'}")
    for name, width in [("wide", 1100), ("narrow", 360)]
    for dark in (False, True)
]

# What sticks out of the window, or is cut off: at most 1 pixel, from rounding.
STICKS_OUT = """
[document.documentElement, ...document.querySelectorAll('header > *, main > *, #say > :not(.hidden)')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1
    || each.getBoundingClientRect().right > innerWidth + 1
    || each.getBoundingClientRect().bottom > innerHeight + 1)
  .map((each) => each.id || each.tagName)
"""


async def enter(browser: Browser, url: str, name: str) -> Page:
    """Open the page of the room, and answer its question for a name."""
    page = await browser.new_page()
    await page.open(url)
    await page.until("document.querySelector('#naming').open")
    await page.type(name)
    await page.until(f"{MEMBERS}.includes('{name} (you)')")
    return page


async def reads(page: Page, text: str) -> None:
    await page.until(f"{LOG}.includes({text!r})")


async def test_two_pages_and_a_terminal_talk_to_each_other(
    browser: Browser, room: str, open_terminal: OpenTerminal
) -> None:
    ada = await enter(browser, room, "Ada")
    grace = await enter(browser, room, "Grace")
    await ada.until(f"{MEMBERS}.includes('Grace')")
    terminal = open_terminal("websockets", room.replace("http", "ws") + "?name=Linus")
    await terminal.expect("here: Ada, Grace, Linus")
    for page in (ada, grace):
        await page.until(f"{MEMBERS}.includes('Linus')")

    await ada.type("Good morning!")
    await reads(grace, "Good morning!")
    await terminal.expect("< Ada: Good morning!")
    await grace.type("<b>Hello</b> 👩\u200d💻")
    await reads(ada, "<b>Hello</b> 👩\u200d💻")
    await terminal.expect("< Grace: <b>Hello</b> 👩\u200d💻")
    terminal.type("Greetings from a terminal\r")
    for page in (ada, grace):
        await reads(page, "Greetings from a terminal")

    terminal.type("\x04")
    await terminal.expect("Connection closed: code = 1000 (OK), no reason.")
    assert await terminal.end() == 0
    for page in (ada, grace):
        await reads(page, "Linus left")
        await page.until(f"!{MEMBERS}.includes('Linus')")


class Relay:
    """A connection between a browser and the room, which can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, far_writer]
        for source, sink in [(reader, far_writer), (far_reader, writer)]:
            self._tasks.append(asyncio.create_task(self._pump(source, sink)))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                sink.write(data)
        sink.close()

    def cut(self) -> None:
        """Reset all connections that there are."""
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        self.cut()
        await asyncio.wait(self._tasks)


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[tuple[str, Relay]]:
    """Stand between the room and its visitors; gives the URL for them."""
    address = urlsplit(url)
    assert address.hostname is not None
    assert address.port is not None
    relay = Relay(address.hostname, address.port)
    async with await asyncio.start_server(relay.accept, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", relay
        # From Python 3.12 on, the end of the server waits for that of its connections.
        await relay.close()


async def test_a_page_comes_back_by_itself(browser: Browser, room: str) -> None:
    async with relay(room) as (url, line):
        ada = await enter(browser, url, "Ada")
        grace = await enter(browser, room, "Grace")
        # What the page shows changes twice, and in between it must not be missed.
        seen = asyncio.ensure_future(
            ada.evaluate(
                "new Promise((resolve) => { const seen = []; new MutationObserver(() => {"
                " seen.push(document.querySelector('#status').textContent);"
                " if (seen.includes('Reconnecting') && seen.at(-1) === 'Connected')"
                " resolve(true); }).observe(document.querySelector('#status'),"
                " { childList: true }); })"
            )
        )
        await ada.evaluate("document.querySelector('#text').value = 'half typed'")
        line.cut()
        await reads(grace, "Ada left")
        await grace.type("Where are you?")
        assert await seen
        await reads(ada, "Where are you?")
        assert await ada.evaluate("document.querySelector('#text').value") == "half typed"
        await ada.type(", and sent")
        await reads(grace, "half typed, and sent")


async def test_a_name_is_kept_and_can_be_changed(browser: Browser, room: str) -> None:
    ada = await enter(browser, room, "Ada")
    await ada.open(room)
    await ada.until(f"{MEMBERS}.includes('Ada (you)')")
    await ada.evaluate("document.querySelector('#you').click()")
    await ada.type("Countess")
    await ada.until(f"{MEMBERS}.includes('Countess (you)')")
    assert await ada.evaluate("document.querySelector('#you').textContent") == "Countess"


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_the_page_fits_into_its_window(
    browser: Browser, room: str, tmp_path: Path, width: int, dark: bool
) -> None:
    ada = await enter(browser, room, "Ada")
    grace = await enter(browser, room, "Grace with a long name")
    await grace.type("https://example.com/" + "averylongaddress" * 10)
    await ada.type("Read it and weep.")
    await reads(ada, "averylongaddress")
    await reads(ada, "Read it and weep.")
    # A picture of it, for those who want to see what it looks like.
    await ada.screenshot(tmp_path / "room.png", width=width, height=640, dark=dark)
    assert await ada.evaluate(STICKS_OUT) == []
    scheme = "dark" if dark else "light"
    assert await ada.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
    text, back = await ada.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        ".map((each) => parseInt(each.slice(4)))"
    )
    assert (text > 200 > back) if dark else (text < 60 < back)
