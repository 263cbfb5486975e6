"""The pages of ``docs/examples``, played with in Chromium: each server runs as it stands there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Callable

import pytest

if TYPE_CHECKING:
    from tests.conftest import TakePort
    from tests.interop.conftest import Browser, Page, Program, Start

pytestmark = pytest.mark.interop(peer="Chromium", role="client", compression="deflate")

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

LOOKS = [
    pytest.param(width, dark, id=f"{name}-{'dark' if dark else 'light'}")
    for name, width in [("wide", 1400), ("narrow", 390)]
    for dark in (False, True)
]

# What sticks out of the window: at most 1 pixel, from rounding.
STICKS_OUT = """
[document.documentElement, ...document.querySelectorAll('body *')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
    || each.getBoundingClientRect().left < -1)
  .map((each) => each.id || each.className || each.tagName)
"""

# Fields and buttons that nobody can tell the purpose of without seeing them.
NAMELESS = """
[...document.querySelectorAll('input:not([type=hidden]), button, a')]
  .filter((each) => !each.labels?.length && !each.ariaLabel && !each.textContent.trim())
  .map((each) => each.outerHTML)
"""

CONNECTED = "document.body.classList.contains('connected')"
STATUS = "document.querySelector('#status').textContent"

Serve = Callable[..., "Server"]


class Server:
    """The server of an example, which can be ended and started again."""

    def __init__(self, run: Callable[[], Program], url: str, ready: str) -> None:
        self._run = run
        self._ready = ready
        self.url = url
        self.start()

    def start(self) -> None:
        self.program = self._run()
        self.program.expect(self._ready)

    def end(self) -> None:
        self.program.end()
        assert "Traceback" not in "\n".join(self.program.lines)


@pytest.fixture
def serve(start: Start, take_port: TakePort, tmp_path: Path) -> Serve:
    """Run the server of an example on ports that are free instead of 8765 and 8000.

    ``page`` says which of these the page is on.
    """

    def serve(example: str, *, ready: str, page: str = "8765") -> Server:
        ports = {"8765": str(take_port()), "8000": str(take_port())}
        folder = tmp_path / "example"
        folder.mkdir()
        for path in (EXAMPLES / example).iterdir():
            if path.is_file():
                text = re.sub("8765|8000", lambda match: ports[match[0]], path.read_text("utf-8"))
                (folder / path.name).write_text(text, "utf-8")

        def run() -> Program:
            script = folder / "server.py"
            # Other people's packages have warnings of their own.
            warnings = "default" if example == "django" else "error"
            return start(sys.executable, "-W", warnings, script, PYTHONUNBUFFERED="1")

        return Server(run, f"http://localhost:{ports[page]}/", ready)

    return serve


async def visit(browser: Browser, url: str) -> Page:
    page = await browser.new_page()
    await page.open(url)
    await page.until(CONNECTED)
    return page


async def look(page: Page, path: Path, width: int, dark: bool) -> None:
    """Take a picture of a page, for those who want to see it, and check what can be checked."""
    await page.screenshot(path, width=width, height=800, dark=dark)
    assert await page.evaluate(STICKS_OUT) == []
    assert await page.evaluate(NAMELESS) == []
    scheme = "dark" if dark else "light"
    assert await page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
    text, back = await page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        ".map((each) => parseInt(each.slice(4)))"
    )
    assert (text > 200 > back) if dark else (text < 60 < back)


# The counter

NUMBER = "document.querySelector('#number').textContent"
VISITORS = "document.querySelector('#visitors').textContent"


async def test_two_pages_count_together(browser: Browser, serve: Serve) -> None:
    server = serve("counter", ready="is open")
    ada, grace = await visit(browser, server.url), await visit(browser, server.url)
    for page in (ada, grace):
        await page.until(f"{VISITORS} === '2 of you are here.'")
        assert await page.evaluate(NUMBER) == "0"
    await ada.evaluate("document.querySelector('[data-step=up]').click()")
    for page in (ada, grace):
        await page.until(f"{NUMBER} === '1'")
    await grace.evaluate("document.querySelector('[data-step=down]').click()")
    for page in (ada, grace):
        await page.until(f"{NUMBER} === '0'")


async def test_the_counter_comes_back(browser: Browser, serve: Serve) -> None:
    server = serve("counter", ready="is open")
    page = await visit(browser, server.url)
    server.end()
    await page.until(f"!{CONNECTED} && {STATUS}.includes('trying again')")
    assert await page.evaluate("document.querySelector('button').disabled") is True
    server.start()
    await page.until(CONNECTED)
    assert await page.evaluate("document.querySelector('button').disabled") is False


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_the_counter_fits(
    browser: Browser, serve: Serve, tmp_path: Path, width: int, dark: bool
) -> None:
    page = await visit(browser, serve("counter", ready="is open").url)
    await page.until(f"{NUMBER} === '0'")
    await look(page, tmp_path / "counter.png", width, dark)


# The chat

LOG = "document.querySelector('#log').innerText"


async def enter(browser: Browser, server: Server, room: str, name: str) -> Page:
    """Open the page of the chat, and fill in its form."""
    page = await visit(browser, f"{server.url}#{room}")
    await page.evaluate(f"document.querySelector('#name').value = {json.dumps(name)}")
    await page.evaluate("document.querySelector('#where').requestSubmit()")
    await page.until(f"{LOG}.includes({json.dumps(f'* {name} came into {room}')})")
    return page


async def test_two_pages_talk_in_a_room(browser: Browser, serve: Serve) -> None:
    server = serve("chat", ready="is open")
    ada = await enter(browser, server, "tea", "Ada")
    grace = await enter(browser, server, "tea", "Grace")
    linus = await enter(browser, server, "coffee", "Linus")
    await ada.type("<b>Milk?</b>")
    for page in (ada, grace):
        await page.until(f"{LOG}.includes('Ada: <b>Milk?</b>')")
    await linus.type("Black.")
    await linus.until(f"{LOG}.includes('Linus: Black.')")
    await grace.type("Lemon.")
    await ada.until(f"{LOG}.includes('Grace: Lemon.')")
    assert "Black" not in await ada.evaluate(LOG)
    assert "Milk" not in await linus.evaluate(LOG)


async def test_an_address_that_can_not_be_decoded_is_a_room_too(
    browser: Browser, serve: Serve
) -> None:
    page = await visit(browser, f"{serve('chat', ready='is open').url}#100%")
    await page.until(f"{LOG}.includes('came into 100%')")


async def test_the_chat_comes_back(browser: Browser, serve: Serve) -> None:
    server = serve("chat", ready="is open")
    ada = await enter(browser, server, "tea", "Ada")
    server.end()
    await ada.until(f"!{CONNECTED} && {STATUS}.includes('trying again')")
    server.start()
    await ada.until(CONNECTED)
    await ada.type("Here I am")
    await ada.until(f"{LOG}.includes('Ada: Here I am')")


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_the_chat_fits(
    browser: Browser, serve: Serve, tmp_path: Path, width: int, dark: bool
) -> None:
    page = await enter(browser, serve("chat", ready="is open"), "tea", "Ada")
    await page.type("https://example.com/" + "averylongaddress" * 10)
    await page.until(f"{LOG}.includes('averylong')")
    await look(page, tmp_path / "chat.png", width, dark)


# The wall with Django

POSTS = "document.querySelector('#posts').innerText"
MEMBERS = "document.querySelector('#members').textContent"


async def sign_in(browser: Browser, server: Server, name: str, password: str) -> Page:
    page = await browser.new_page()
    await page.open(server.url)
    for field, text in [("username", name), ("password", password)]:
        await page.evaluate(f"document.querySelector('[name={field}]').value = {json.dumps(text)}")
    loaded = page.event("Page.loadEventFired")
    await page.evaluate("document.querySelector('form').requestSubmit()")
    await loaded
    await page.until(f"{CONNECTED} && {MEMBERS}.includes({json.dumps(name)})")
    return page


async def test_who_has_signed_in_sees_what_others_post(browser: Browser, serve: Serve) -> None:
    pytest.importorskip("django", reason="there is no Django: pip install django")
    server = serve("django", ready="is open", page="8000")
    ada = await sign_in(browser, server, "ada", "analytical")
    grace = await sign_in(browser, server, "grace", "nanosecond")
    await ada.until(f"{MEMBERS} === 'ada, grace'")
    await grace.evaluate("document.querySelector('[name=text]').focus()")
    await grace.type("<b>hello</b>")
    for page in (ada, grace):
        await page.until(f"{POSTS}.includes('grace <b>hello</b>')")


async def test_the_wall_fits(browser: Browser, serve: Serve, tmp_path: Path) -> None:
    pytest.importorskip("django", reason="there is no Django: pip install django")
    server = serve("django", ready="is open", page="8000")
    visitor = await browser.new_page()
    await visitor.open(server.url)
    page = await sign_in(browser, server, "ada", "analytical")
    await page.evaluate("document.querySelector('[name=text]').focus()")
    await page.type("https://example.com/" + "averylongaddress" * 10)
    await page.until(f"{POSTS}.includes('averylong')")
    for width, dark in [(1400, False), (1400, True), (390, False), (390, True)]:
        await look(visitor, tmp_path / f"login-{width}-{dark}.png", width, dark)
        await look(page, tmp_path / f"wall-{width}-{dark}.png", width, dark)


# The tutorial

NEWS = "document.querySelector('#news').textContent"
FREE = "[...document.querySelectorAll('.side:enabled')].map((each) => each.id)"


def score(player: int) -> str:
    return f"document.querySelector('#player{player} dd').textContent"


def name(player: int) -> str:
    return f"document.querySelector('#player{player} dt').textContent"


async def draw(page: Page, line: str) -> None:
    await page.until(f"document.querySelector('#{line}:enabled')")
    await page.evaluate(f"document.querySelector('#{line}').click()")
    await page.until(f"document.querySelector('#{line}.one, #{line}.two')")


async def meet(browser: Browser, serve: Serve, step: int) -> tuple[Server, Page, Page]:
    """Let two sit down at a table."""
    server = serve(f"tutorial/step{step}", ready="ready: ")
    ada = await visit(browser, server.url)
    grace = await visit(browser, await ada.evaluate("location.href"))
    for page, other in [(ada, 2), (grace, 1)]:
        await page.until(f"{name(other)}.includes('Player {other}')")
    return server, ada, grace


@pytest.mark.parametrize("step", [3, 6])
async def test_two_pages_play_a_game_to_its_end_and_again(
    browser: Browser, serve: Serve, step: int
) -> None:
    _, ada, grace = await meet(browser, serve, step)
    pages = {1: ada, 2: grace}
    await ada.until(f"{NEWS} === 'Your turn: draw a line'")
    await grace.until(f"{NEWS} === 'It is the turn of player 1'")
    assert await grace.evaluate(FREE) == []
    turn = 1
    for left in range(40, 0, -1):
        free = await pages[turn].evaluate(FREE)
        assert len(free) == left
        boxes = [await pages[turn].evaluate(score(player)) for player in (1, 2)]
        await draw(pages[turn], free[0])
        await pages[3 - turn].until(f"document.querySelector('#{free[0]}.last')")
        if boxes == [await pages[turn].evaluate(score(player)) for player in (1, 2)]:
            turn = 3 - turn
    scores = [int(await ada.evaluate(score(player))) for player in (1, 2)]
    assert sum(scores) == 16
    if scores[0] == scores[1]:
        assert await ada.evaluate(NEWS) == await grace.evaluate(NEWS) == "A draw!"
    else:
        winner = 1 if scores[0] > scores[1] else 2
        assert await pages[winner].evaluate(NEWS) == "You have won!"
        assert await pages[3 - winner].evaluate(NEWS) == f"Player {winner} has won"
    await ada.evaluate("document.querySelector('#again').click()")
    for page in (ada, grace):
        await page.until(f"{score(1)} === '0' && document.querySelector('#again').hidden")
    await draw(grace, "h00")
    await ada.until("document.querySelector('#h00.two')")


@pytest.mark.parametrize("step", [4, 5, 6])
async def test_somebody_watches(browser: Browser, serve: Serve, step: int) -> None:
    _, ada, grace = await meet(browser, serve, step)
    await draw(ada, "h00")
    linus = await visit(browser, await ada.evaluate("location.href"))
    await linus.until("document.querySelector('#h00.one')")
    for page in (ada, grace, linus):
        await page.until("document.querySelector('#watching').textContent === 'Watching: 1'")
    await draw(grace, "v22")
    await linus.until("document.querySelector('#v22.two')")
    assert await linus.evaluate(FREE) == []


@pytest.mark.parametrize("step", [3, 4])
async def test_a_lost_connection_is_shown(browser: Browser, serve: Serve, step: int) -> None:
    server, ada, _ = await meet(browser, serve, step)
    server.end()
    await ada.until(f"!{CONNECTED} && {STATUS} === 'Connection lost: reload the page'")


@pytest.mark.parametrize("step", [5, 6])
async def test_a_player_who_reloads_the_page_plays_on(
    browser: Browser, serve: Serve, step: int
) -> None:
    server, ada, grace = await meet(browser, serve, step)
    await draw(ada, "h00")
    link = await ada.evaluate("location.href")
    # Chromium may keep a page that was left, and its connection, for a while.
    await ada.evaluate("socket.onclose = null; socket.close()")
    await ada.open("about:blank")
    await grace.until(f"{name(1)}.includes('away')")
    await ada.open(link)
    await ada.until(CONNECTED)
    await ada.until("document.querySelector('#h00.one')")
    await ada.until(f"{name(1)}.includes('You')")
    await draw(grace, "h01")
    await draw(ada, "h02")
    await grace.until("document.querySelector('#h02.one')")
    # The server forgets the game when it ends, but the page comes back to a new one.
    server.end()
    await ada.until(f"!{CONNECTED} && {STATUS}.includes('trying again')")
    assert await ada.evaluate(FREE) == []
    server.start()
    await ada.until(CONNECTED)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
@pytest.mark.parametrize("step", [3, 6])
async def test_the_game_fits(
    browser: Browser, serve: Serve, tmp_path: Path, step: int, width: int, dark: bool
) -> None:
    _, ada, grace = await meet(browser, serve, step)
    for page, line in [
        *[(ada, "h00"), (grace, "v00"), (ada, "h10"), (grace, "v01"), (grace, "v12")],
        *[(ada, "h31"), (grace, "h43"), (ada, "v33"), (grace, "v34"), (ada, "h33")],
    ]:
        await draw(page, line)
    await ada.until(f"{score(1)} === '1' && {score(2)} === '1'")
    await look(ada, tmp_path / "game.png", width, dark)
