"""What a terminal shows, whichever way lines are typed into it."""

from __future__ import annotations

from ws_asyncio.interactive.display import Style
from ws_asyncio.interactive.screen import SHOWN_BYTES, ScreenConsole


class Screen(ScreenConsole):
    def __init__(self, style: Style) -> None:
        super().__init__(style)
        self.shown: list[str] = []

    def _show(self, text: str) -> None:
        self.shown.append(text)


def test_what_a_message_holds_is_made_safe() -> None:
    screen = Screen(Style(False))
    screen.message("a\x1b[2J")
    (shown,) = screen.shown
    assert "\x1b" not in shown
    assert shown.startswith("< a")


def test_no_more_of_a_binary_message_is_shown_than_fits() -> None:
    screen = Screen(Style(False))
    screen.message(b"\xaa" * SHOWN_BYTES)
    screen.message(b"\xaa" * (SHOWN_BYTES + 1))
    assert [text.count("aa") for text in screen.shown] == [SHOWN_BYTES, SHOWN_BYTES]
    assert screen.shown[0] != screen.shown[1]


def test_messages_notices_and_problems_can_be_told_apart() -> None:
    screen = Screen(Style(True))
    for show in (screen.message, screen.notice, screen.problem):
        show("the same")
    assert len(set(screen.shown)) == 3
    assert all("the same" in text for text in screen.shown)
