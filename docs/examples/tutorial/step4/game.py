"""
Dots and boxes: the rules, and nothing else.

Two players take turns to draw a line between two dots next to each other. Who draws the fourth
side of a box owns it, and draws again. When all lines are drawn, who owns more boxes has won.

``h12`` is the horizontal line in row 1, column 2; ``v12`` the vertical one. ``12`` is the box
that has both as its top and left sides.
"""

from __future__ import annotations

#: Boxes in a row, and in a column.
SIZE = 4

BOXES = [f"{row}{column}" for row in range(SIZE) for column in range(SIZE)]


def sides(box: str) -> list[str]:
    """Give the four lines around a box."""
    row, column = int(box[0]), int(box[1])
    return [f"h{row}{column}", f"h{row + 1}{column}", f"v{row}{column}", f"v{row}{column + 1}"]


LINES = {line for box in BOXES for line in sides(box)}


class IllegalMove(Exception):
    """The rules don't allow this."""


class Game:
    """A game between player 1 and player 2."""

    def __init__(self, first: int = 1) -> None:
        self.first = first
        #: Whose turn it is.
        self.turn = first
        #: Who has drawn each line.
        self.lines: dict[str, int] = {}
        #: Who owns each box.
        self.boxes: dict[str, int] = {}

    @property
    def over(self) -> bool:
        return len(self.lines) == len(LINES)

    def draw(self, player: int, line: object) -> None:
        """Draw a line; raises IllegalMove, with the reason."""
        if not isinstance(line, str) or line not in LINES:
            raise IllegalMove("there is no such line")
        if player != self.turn:
            raise IllegalMove("it is not your turn")
        if line in self.lines:
            raise IllegalMove("this line is drawn already")
        self.lines[line] = player
        completed = [box for box in BOXES if line in sides(box) and self.is_complete(box)]
        self.boxes.update(dict.fromkeys(completed, player))
        if not completed:
            self.turn = 3 - player

    def is_complete(self, box: str) -> bool:
        return all(side in self.lines for side in sides(box))
