"""Browsers and a terminal meet in the demo: the whole stack, with Chromium at the other end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import OpenTerminal
    from tests.interop.conftest import Browser, Page

pytestmark = pytest.mark.interop

MEMBERS = "[...document.querySelectorAll('#members .name')].map((each) => each.textContent)"
LOG = "document.querySelector('#log').innerText"

LOOKS = [
    pytest.param(width, height, dark, id=f"{name}-{'dark' if dark else 'light'}")
    for name, width, height in [("wide", 1100, 700), ("narrow", 380, 700)]
    for dark in (False, True)
]


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
