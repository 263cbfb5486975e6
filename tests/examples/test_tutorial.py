"""The steps of the tutorial, in ``docs/examples/tutorial``: each runs, and can what it says."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

import tutorial_changes
import ws_asyncio
from ws_http import InvalidStatusCode, Origin

if TYPE_CHECKING:
    from tests.conftest import OpenTerminal, TakePort
    from tests.examples.conftest import Example, LoadExample, RunExample

STEPS = Path(__file__).resolve().parents[2] / "docs" / "examples" / "tutorial"

PATIENCE = 20

RunStep = Callable[[int], Awaitable["Example"]]

ADA, GRACE, LINUS = ("0" * 16, "1" * 16, "2" * 16)


@pytest.fixture
def run_step(run_example: RunExample, take_port: TakePort, tmp_path: Path) -> RunStep:
    """Run the server of a step, on a port that is free instead of 8765."""

    async def run(step: int) -> Example:
        port = take_port()
        folder = tmp_path / f"step{step}"
        shutil.copytree(STEPS / folder.name, folder)
        for path in folder.glob("*.py"):
            path.write_text(path.read_text("utf-8").replace("8765", str(port)), "utf-8")
        return await run_example(folder / "server.py", port=port, ready="ready: ")

    return run


class Player:
    """Somebody at a table."""

    def __init__(self, ws: ws_asyncio.WebSocketClientProtocol) -> None:
        self.ws = ws

    async def send(self, **command: Any) -> None:
        await self.ws.send(json.dumps(command))

    async def event(self, kind: str) -> Any:
        """Wait for the next event, which has to be of this kind."""
        event = json.loads(await asyncio.wait_for(self.ws.recv(), PATIENCE))
        assert event.pop("type") == kind
        return event

    async def state(self, **expected: Any) -> Any:
        """Wait for a state in which these things are so."""
        while True:
            state = await self.event("state")
            if all(state[key] == value for key, value in expected.items()):
                return state


SitDown = Callable[..., Awaitable[Player]]


@pytest.fixture
async def sit_down() -> AsyncIterator[SitDown]:
    """Come to a table: to that of a path, from step 4 on, and with a secret, from step 5 on."""
    async with AsyncExitStack() as stack:

        async def sit_down(server: Example, secret: str = "", *, path: str = "") -> Player:
            uri = f"ws://localhost:{server.port}/{path or 'abc' * bool(secret)}"
            player = Player(await stack.enter_async_context(ws_asyncio.connect(uri)))
            if secret:
                await player.send(secret=secret)
            return player

        yield sit_down


# The rules


@pytest.fixture
def game(load_example: LoadExample) -> Any:
    return load_example("tutorial/step2/game.py").Game()


def test_players_take_turns(game: Any) -> None:
    assert game.turn == 1
    game.draw(1, "h00")
    assert game.turn == 2
    game.draw(2, "v34")
    assert game.turn == 1
    assert game.lines == {"h00": 1, "v34": 2}


def test_who_completes_a_box_owns_it_and_draws_again(game: Any) -> None:
    for player, line in [(1, "h00"), (2, "v00"), (1, "h10"), (2, "v01")]:
        game.draw(player, line)
    assert game.boxes == {"00": 2}
    assert game.turn == 2


def test_a_line_can_complete_two_boxes(game: Any) -> None:
    for line in ["h00", "v00", "h10", "h01", "v02", "h11", "v01"]:
        game.draw(game.turn, line)
    assert game.boxes == {"00": 1, "01": 1}


@pytest.mark.parametrize(
    ("player", "line", "reason"),
    [
        (1, "h50", "no such line"),
        (1, "h04", "no such line"),
        (1, "v40", "no such line"),
        (1, ["h00"], "no such line"),
        (1, None, "no such line"),
        (2, "h00", "not your turn"),
        (0, "h00", "not your turn"),
        (1, "h11", "drawn already"),
    ],
)
def test_what_the_rules_do_not_allow_changes_nothing(
    game: Any, player: int, line: Any, reason: str
) -> None:
    game.draw(1, "h11")
    game.draw(2, "v11")
    with pytest.raises(Exception, match=reason) as info:
        game.draw(player, line)
    assert type(info.value).__name__ == "IllegalMove"
    assert (game.turn, game.lines) == (1, {"h11": 1, "v11": 2})


def test_a_game_has_40_lines_and_16_boxes(load_example: LoadExample) -> None:
    module = load_example("tutorial/step2/game.py")
    game = module.Game(first=2)
    for line in sorted(module.LINES):
        assert not game.over
        game.draw(game.turn, line)
    assert (len(game.lines), len(game.boxes), game.over) == (40, 16, True)


def test_what_a_step_does_not_change_is_the_same() -> None:
    for name, steps in [("game.py", "23456"), ("page.css", "3456"), ("page.html", "456")]:
        assert len({(STEPS / f"step{step}" / name).read_bytes() for step in steps}) == 1, name
    assert (STEPS / "step5" / "page.js").read_bytes() == (STEPS / "step6" / "page.js").read_bytes()


def test_the_pages_show_the_changes_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert tutorial_changes.main(["--check"]) == 0
    monkeypatch.setattr(tutorial_changes, "CHANGES", tmp_path / "changes")
    assert tutorial_changes.main(["--check"]) == 1
    assert "step4/page.js is out of date" in capsys.readouterr().out
    assert tutorial_changes.main([]) == 0
    assert tutorial_changes.main(["--check"]) == 0


# What the pages show is there


PAGES = sorted(STEPS.parents[1].joinpath("tutorial").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_there(page: Path) -> None:
    for match in re.finditer(
        r"```{literalinclude} (\S+)\n((?::.*\n)*)```", page.read_text("utf-8")
    ):
        text = (page.parent / match[1]).read_text("utf-8")
        options = dict(re.findall(r"(?m)^:([\w-]+): (.*)$", match[2]))
        for option in ("start-at", "end-at", "end-before"):
            assert options.get(option, "") in text, match[0]
        assert set(options) <= {"language", "pyobject", "start-at", "end-at", "end-before"}


async def test_what_the_pages_show_of_a_terminal_is_so(
    run_step: RunStep, open_terminal: OpenTerminal
) -> None:
    """Say in a terminal what stands behind ``> ``, and read what stands behind ``< ``."""
    for step, page in [(1, "greeting"), (2, "rules")]:
        server = await run_step(step)
        block = next(
            block
            for block in re.findall(
                r"```console\n(.*?)```",
                STEPS.parents[1].joinpath("tutorial", f"{page}.md").read_text("utf-8"),
                re.DOTALL,
            )
            if "\n< " in block
        )
        terminal = open_terminal("ws_asyncio", f"ws://localhost:{server.port}/")
        await terminal.expect("Connected to")
        for line in re.findall(r"(?m)^([<>] .*)$", block):
            if line.startswith("> "):
                terminal.type(line[2:] + "\r")
            else:
                await terminal.expect(line)
        terminal.type("\x04")
        assert await terminal.end() == 0
        await server.stop()


# Step 1


async def test_step_1_greets(run_step: RunStep, run_example: RunExample, tmp_path: Path) -> None:
    server = await run_step(1)
    client = await run_example(tmp_path / "step1" / "client.py", port=server.port)
    assert await client.result() == (0, "Hello, Ada!\nHello, Grace!\n", "")
    assert await server.stop() == "somebody is here\nsomebody has left\n"


# Step 2


async def test_two_play_and_others_watch(run_step: RunStep, sit_down: SitDown) -> None:
    server = await run_step(2)
    players = []
    for number, seat in enumerate([1, 2, 0, 0], 1):
        players.append(await sit_down(server))
        assert await players[-1].event("welcome") == {"you": seat}
        for player in players:
            await player.state(here=[1, 2][:number], watching=max(0, number - 2))
    ada, grace, linus, _ = players
    await ada.send(draw="h00")
    for player in players:
        assert (await player.event("state"))["lines"] == {"h00": 1}
    await ada.send(draw="h01")
    assert await ada.event("error") == {"text": "it is not your turn"}
    await linus.send(draw="h01")
    assert await linus.event("error") == {"text": "it is not your turn"}
    await grace.send(draw="h00")
    assert await grace.event("error") == {"text": "this line is drawn already"}
    await ada.ws.close()
    await grace.state(here=[2], lines={"h00": 1})
    newcomer = await sit_down(server)
    assert await newcomer.event("welcome") == {"you": 1}
    await server.stop()


async def test_a_game_can_be_played_to_its_end_and_again(
    run_step: RunStep, sit_down: SitDown, load_example: LoadExample
) -> None:
    lines = sorted(load_example("tutorial/step2/game.py").LINES)
    server = await run_step(2)
    ada, grace = await sit_down(server), await sit_down(server)
    await grace.event("welcome")
    state = await grace.state(here=[1, 2])
    await grace.send(again=True)  # which is not the time for it
    assert await grace.event("state") == state
    for line in lines:
        assert not state["over"]
        await (ada if state["turn"] == 1 else grace).send(draw=line)
        state = await grace.event("state")
        assert line in state["lines"]
    assert state["over"]
    assert len(state["boxes"]) == 16
    await grace.send(again=True)
    state = await grace.event("state")
    assert (state["lines"], state["boxes"], state["turn"]) == ({}, {}, 2)
    await server.stop()


@pytest.mark.parametrize("message", ["hello", "[]", "1", b"\xff", '"draw"'])
async def test_what_is_no_command_gets_an_explanation(
    run_step: RunStep, sit_down: SitDown, message: str | bytes
) -> None:
    server = await run_step(2)
    ada = await sit_down(server)
    await ada.event("welcome")
    await ada.event("state")
    await ada.ws.send(message)
    assert await ada.event("error") == {"text": 'send a command such as {"draw": "h00"}'}
    await ada.ws.close()
    await server.stop()


# Step 3 to 6


@pytest.mark.parametrize("step", [3, 4, 5, 6])
async def test_the_page_comes_over_the_same_port(run_step: RunStep, step: int) -> None:
    server = await run_step(step)
    head, body = await server.get("/")
    assert head.startswith("HTTP/1.1 200 ")
    assert "Content-Type: text/html" in head
    for path, content_type in [("/page.css", "text/css"), ("/page.js", "text/javascript")]:
        assert f'"{path}"' in body
        head, _ = await server.get(path)
        assert head.startswith("HTTP/1.1 200 ")
        assert f"Content-Type: {content_type}" in head
    head, _ = await server.get("/game.py")
    assert head.startswith("HTTP/1.1 404 ")
    await server.stop()


async def test_each_path_is_a_table(run_step: RunStep, sit_down: SitDown) -> None:
    server = await run_step(4)
    for table in ("one", "two"):
        player = await sit_down(server, path=table)
        assert await player.event("welcome") == {"you": 1}
        assert await player.event("state")
        await player.send(draw="h00")
        assert (await player.event("state"))["lines"] == {"h00": 1}
        await player.ws.close()
    # The last one at the table has left, so it is a new one.
    player = await sit_down(server, path="one")
    assert await player.event("welcome") == {"you": 1}
    assert (await player.event("state"))["lines"] == {}
    await server.stop()


@pytest.mark.parametrize("step", [4, 6])
@pytest.mark.parametrize("table", ["", "UPPER", "a" * 17, "a/b", "a?b"])
async def test_a_table_has_a_plain_name(
    run_step: RunStep, sit_down: SitDown, step: int, table: str
) -> None:
    server = await run_step(step)
    player = await sit_down(server, path=table)
    await player.ws.wait_closed()
    assert (player.ws.close_code, player.ws.close_reason) == (1008, "no such table")
    await server.stop()


@pytest.mark.parametrize("step", [5, 6])
async def test_who_comes_back_gets_the_same_seat(
    run_step: RunStep, sit_down: SitDown, step: int
) -> None:
    server = await run_step(step)
    ada, grace = await sit_down(server, ADA), await sit_down(server, GRACE)
    assert await grace.event("welcome") == {"you": 2}
    await grace.state(here=[1, 2])
    await ada.send(draw="h00")
    await grace.state(lines={"h00": 1})
    await ada.ws.close()
    assert (await grace.state(here=[2]))["taken"] == [1, 2]
    linus = await sit_down(server, LINUS)
    assert await linus.event("welcome") == {"you": 0}
    await grace.state(watching=1)
    ada = await sit_down(server, ADA)
    assert await ada.event("welcome") == {"you": 1}
    assert (await ada.event("state"))["lines"] == {"h00": 1}
    await grace.state(here=[1, 2])
    await server.stop()


@pytest.mark.parametrize("step", [5, 6])
async def test_a_second_window_takes_over(run_step: RunStep, sit_down: SitDown, step: int) -> None:
    server = await run_step(step)
    first = await sit_down(server, ADA)
    await first.event("welcome")
    second = await sit_down(server, ADA)
    assert await second.event("welcome") == {"you": 1}
    await first.ws.wait_closed()
    assert (first.ws.close_code, first.ws.close_reason) == (4000, "you are here from elsewhere")
    assert (await second.event("state"))["here"] == [1]
    await second.send(draw="h00")
    assert (await second.event("state"))["here"] == [1]
    await server.stop()


@pytest.mark.parametrize("step", [5, 6])
@pytest.mark.parametrize("message", ['{"secret": "short"}', '{"secret": 1}', "{}", "hello"])
async def test_who_does_not_say_who_they_are_is_sent_away(
    run_step: RunStep, sit_down: SitDown, step: int, message: str
) -> None:
    server = await run_step(step)
    player = await sit_down(server, path="t")
    await player.ws.send(message)
    await player.ws.wait_closed()
    assert (player.ws.close_code, player.ws.close_reason) == (1008, "say who you are")
    await server.stop()


class Silent:
    """A connection that nothing is sent over."""

    def push(self, message: object, *, max_backlog: int) -> bool:
        return True


async def test_seats_and_tables_are_given_up_after_a_while(
    load_example: LoadExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(STEPS / "step5")
    module = load_example("tutorial/step5/server.py")
    loop = asyncio.get_running_loop()
    timers: list[tuple[float, Any, Any]] = []
    monkeypatch.setattr(
        loop, "call_later", lambda delay, call, *args: timers.append((delay, call, args))
    )
    table = module.tables["t"] = module.Table("t")
    ada, grace = Silent(), Silent()
    assert (table.sit_down(ada, ADA), table.sit_down(grace, GRACE)) == (1, 2)
    table.leave(ada)
    table.leave(grace)
    assert module.tables == {"t": table}
    for secret, (delay, call, args) in zip([ADA, GRACE], timers):
        assert delay == module.KEEP
        assert secret in table.seats
        call(*args)
        assert secret not in table.seats
    assert module.tables == {}


# Step 6


async def test_only_its_own_page_may_connect(run_step: RunStep) -> None:
    server = await run_step(6)
    uri = f"ws://localhost:{server.port}/abc"
    own = Origin(f"http://localhost:{server.port}")
    async with ws_asyncio.connect(uri, origin=own) as ws:
        await ws.send(json.dumps({"secret": ADA}))
        assert json.loads(await ws.recv()) == {"type": "welcome", "you": 1}
    with pytest.raises(InvalidStatusCode) as info:
        await ws_asyncio.connect(uri, origin=Origin("http://evil.example"))
    assert info.value.status_code == 403
    for origin, status in [("http://evil.example", 403), (own, 400)]:
        with pytest.raises(InvalidStatusCode) as info:
            await ws_asyncio.connect(uri, extra_headers=[("Origin", origin)] * 2)
        assert info.value.status_code == status
    await server.stop()


async def test_there_are_only_so_many_tables(
    load_example: LoadExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(STEPS / "step6"))
    module: Any = load_example("tutorial/step6/server.py")
    monkeypatch.setattr(module, "MAX_TABLES", 2)
    async with ws_asyncio.serve(module.handle, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        uri = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for name in ("a", "b", "a"):  # tables are kept for those who come back
            async with ws_asyncio.connect(f"{uri}/{name}") as ws:
                await ws.send(json.dumps({"secret": ADA}))
                await ws.recv()
        async with ws_asyncio.connect(f"{uri}/c") as ws:
            await ws.send(json.dumps({"secret": ADA}))
            await ws.wait_closed()
            assert (ws.close_code, ws.close_reason) == (1013, "all tables are taken")
        for table in module.tables.values():
            for timer in table.timers.values():
                timer.cancel()


async def test_it_is_prepared_for_strangers(run_step: RunStep, sit_down: SitDown) -> None:
    server = await run_step(6)
    head, _ = await server.get("/")
    assert "Content-Security-Policy: default-src 'none'" in head
    head, body = await server.get("/health")
    assert head.startswith("HTTP/1.1 200 ")
    assert body == "OK\n"
    ada = await sit_down(server, ADA)
    await ada.event("welcome")
    await ada.event("state")
    await ada.ws.send("[" * 200)
    assert "command" in (await ada.event("error"))["text"]
    await ada.ws.send("[" * 201)
    await ada.ws.wait_closed()
    assert ada.ws.close_code == 1009
    grace = await sit_down(server, GRACE)
    await server.stop(signal.SIGTERM)
    await grace.ws.wait_closed()
    assert (grace.ws.close_code, grace.ws.close_reason) == (1012, "the server restarts")


async def test_the_environment_says_where_to_listen(
    run_example: RunExample, take_port: TakePort
) -> None:
    port = take_port()
    server = await run_example(
        "tutorial/step6/server.py", port=port, ready="ready: ", HOST="127.0.0.1", PORT=str(port)
    )
    assert server.lines == [f"The tables are ready: http://127.0.0.1:{port}/"]
    assert (await server.get("/health"))[1] == "OK\n"
    await server.stop()
