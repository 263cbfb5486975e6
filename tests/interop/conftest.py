"""Peers of other makes: what starts them, and what drives them."""

from __future__ import annotations

import asyncio
import base64
import functools
import itertools
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Callable, TypeVar

import pytest

import websockets
from interop.install import Missing, apt, compile_c, environment, npm

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATE = ROOT / "tests" / "ws_asyncio" / "localhost.pem"
ROOM = ROOT / "docs" / "examples" / "room" / "server.py"

#: Seconds that nothing here takes unless something is wrong.
PATIENCE = 20

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_OPTIONS = [
    "--headless",
    "--no-sandbox",  # root has to; and it sees nothing but our own page
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
]

# Resolves with what an expression gives, as soon as that is something, whenever the page changes.
UNTIL = """
new Promise((resolve) => {
  const check = () => {
    const value = (EXPRESSION);
    if (value) {
      observer.disconnect();
      resolve(value);
    }
  };
  const observer = new MutationObserver(check);
  observer.observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
  check();
})
"""


async def patiently(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, PATIENCE)


class Program:
    """A program of which a line of output says that it is ready."""

    def __init__(self, *command: str | Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        #: All lines that it wrote until now.
        self.lines: list[str] = []
        self._new: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._new.put(self.lines[-1])
        self._new.put("")

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pytest.fail("\n".join(["ended before it was told:", *self.lines]))

    def expect(self, words: str) -> str:
        """Wait for a line that holds these words; gives what is behind them."""
        while True:
            line = self._new.get(timeout=PATIENCE)
            if words in line:
                return line.partition(words)[2].strip()
            if not line and self.process.poll() is not None:
                pytest.fail("\n".join(["ended before it was ready:", *self.lines]))

    def end(self) -> int:
        """Ask it to end, wait until it has; gives its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self._reader.join(PATIENCE)
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            with suppress(BrokenPipeError):
                self.process.stdin.close()
            self.process.stdout.close()


Start = Callable[..., Program]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start programs; those that have not ended by the end of the test are made to."""
    programs: list[Program] = []

    def start(*command: str | Path, **environment: str) -> Program:
        programs.append(Program(*command, **environment))
        return programs[-1]

    yield start
    for program in programs:
        program.end()


@pytest.fixture
def room() -> Iterator[str]:
    """The demo, in a process of its own; gives the URL of its page."""
    program = Program(sys.executable, "-W", "error", ROOM, "--host", "127.0.0.1", "--port", "0")
    url = program.expect("in a browser:")
    yield url
    assert program.end() == 0
    assert "Traceback" not in "".join(program.lines)


class Page:
    """A page in the browser, as its user has it."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    async def call(self, method: str, **params: Any) -> Any:
        return await self._browser.call(method, self._session, **params)

    async def open(self, url: str) -> None:
        """Go to a URL, and wait until the page has loaded."""
        await self.call("Page.enable")
        loaded = self.event("Page.loadEventFired")
        await self.call("Page.navigate", url=url)
        await loaded

    def event(self, method: str) -> Awaitable[Any]:
        """Give what waits for the next event of that kind, from now on."""
        return patiently(self._browser.event(self._session, method))

    async def evaluate(self, expression: str) -> Any:
        """Give the value of an expression in JavaScript; of a promise, once it is there."""
        answer = await self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Wait until an expression gives something, and give that."""
        return await self.evaluate(UNTIL.replace("EXPRESSION", expression))

    async def type(self, text: str) -> None:
        """Type into what has the focus, and press Enter."""
        await self.call("Input.insertText", text=text)
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text="\r", **key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    async def screenshot(self, path: Path, *, width: int, height: int, dark: bool) -> None:
        """Take a picture of the page in a window of that size."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        picture = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(picture["data"]))


class Browser:
    """Chromium, driven through its DevTools, which are a WebSocket server too.

    So each use of it shows as well that our client gets on with that server.
    """

    def __init__(self, ws: websockets.WebSocketClientProtocol) -> None:
        self._ws = ws
        self._ids = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._events: dict[tuple[str, str], asyncio.Future[Any]] = {}
        self._contexts: list[str] = []

    async def receive(self) -> None:
        async for text in self._ws:
            message = json.loads(text)
            if "id" in message:
                self._calls.pop(message["id"]).set_result(message)
                continue
            waiting = self._events.pop((message.get("sessionId", ""), message["method"]), None)
            if waiting is not None:
                waiting.set_result(message)

    async def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self._calls[number] = asyncio.get_running_loop().create_future()
        await self._ws.send(json.dumps(message))
        answer = await patiently(self._calls[number])
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def event(self, session: str, method: str) -> asyncio.Future[Any]:
        """Give a future of the next event of that kind."""
        future = asyncio.get_running_loop().create_future()
        self._events[session, method] = future
        return future

    async def new_page(self) -> Page:
        """Open a page for somebody who has nothing in common with the others."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        self._contexts.append(context)
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        return Page(self, attached["sessionId"])

    async def close_pages(self) -> None:
        """Close all pages: one that connects again and again would do so to later tests."""
        while self._contexts:
            await self.call("Target.disposeBrowserContext", browserContextId=self._contexts.pop())


@asynccontextmanager
async def drive(uri: str) -> AsyncIterator[Browser]:
    async with websockets.connect(uri, max_size=None) as ws:
        browser = Browser(ws)
        receiving = asyncio.create_task(browser.receive())
        try:
            yield browser
        finally:
            await browser.close_pages()
            receiving.cancel()


@pytest.fixture(scope="session")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a browser's DevTools."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
    profile = tmp_path_factory.mktemp("chromium")
    program = Program(CHROMIUM, *CHROMIUM_OPTIONS, f"--user-data-dir={profile}")
    yield program.expect("DevTools listening on")
    program.end()


@pytest.fixture
async def browser(devtools: str) -> AsyncIterator[Browser]:
    async with drive(devtools) as browser:
        yield browser


# What puts the peers on the machine.


class Kit:
    """Gets hold of programs; skips the test, with the reason, where that fails."""

    def __init__(self, config: pytest.Config) -> None:
        assert config.cache is not None
        self._cache = config.cache
        self._install: bool = config.getoption("--install-peers")

    def apt(self, package: str, there: str | Path) -> None:
        """See to it that a package of Debian is there, with this program or file in it."""
        self._or_skip(functools.partial(apt, package, there, install=self._install))

    def npm(self, package: str) -> Path:
        """Give the folder from which a package of npm, such as ``ws@8``, can be required."""
        folder = self.folder("npm-" + package.replace("@", "-"))
        return self._or_skip(lambda: npm(folder, package))

    def environment(self, name: str, requirements: Sequence[str]) -> Path:
        """Give the Python of an environment that has these distributions, and not ours."""
        folder = self.folder(f"{name}-{sys.implementation.cache_tag}")
        return self._or_skip(lambda: environment(folder, requirements, install=self._install))

    def compile(self, source: Path, *flags: str) -> Path:
        """Give the program that a file in C makes."""
        return self._or_skip(lambda: compile_c(source, self.folder("compiled"), *flags))

    def start(self, *command: str | Path, **environment: str) -> Program:
        """Start a program; who does has to end it."""
        return Program(*command, **environment)

    def folder(self, name: str) -> Path:
        """Give a folder of that name which is kept from one run to the next."""
        return self._cache.mkdir(name)

    @staticmethod
    def _or_skip(install: Callable[[], T]) -> T:
        try:
            return install()
        except Missing as exc:
            pytest.skip(str(exc))


@pytest.fixture(scope="session")
def kit(request: pytest.FixtureRequest) -> Kit:
    return Kit(request.config)


@pytest.fixture(scope="session")
def certificate() -> Path:
    """A certificate for localhost and 127.0.0.1 that signs itself, behind its private key."""
    return CERTIFICATE


Node = Callable[..., Program]


@pytest.fixture(scope="session")
def node(kit: Kit) -> Node:
    """Run a script with npm's ``ws`` in reach, which is installed on first use."""
    modules = kit.npm("ws@8")

    def run(script: Path, *arguments: str) -> Program:
        return Program("node", script, *arguments, NODE_PATH=str(modules))

    return run
