"""Reverse proxies as docs/proxies.md configures them: what starts them, and what goes through."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

import pytest

import websockets

if TYPE_CHECKING:
    from tests.interop.conftest import Kit, Start

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT.joinpath("docs", "proxies.md").read_text(encoding="utf-8")
AROUND = Path(__file__).parent

SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS: dict[str, list[str]] = {name: BLOCK.findall(text) for name, text in SECTION.findall(PAGE)}


class Proxy(NamedTuple):
    """What is to know of a proxy: how it starts, and what differs from one to the next."""

    #: Its name, as in the page.
    name: str
    package: str
    program: Path
    arguments: list[str]
    #: What it says once it listens.
    ready: str
    #: What stands around the configuration of the page, in the folder beside this module.
    template: str
    #: What the page says of where to listen, and what is said here.
    listen: dict[str, str]
    #: How the lines begin that say where the server is.
    target: str
    #: How the page says that silence ends a connection after 60 s, and 2 s in the same words.
    silence: tuple[str, str] | None
    #: The status that it answers with where the server is not there.
    down: int


PROXIES = [
    Proxy(
        name="nginx",
        package="nginx",
        program=Path("/usr/sbin/nginx"),
        arguments=["-e", "stderr", "-p", "{folder}", "-c", "{config}"],
        ready="start worker process ",
        template="nginx.conf",
        listen={
            "listen 80;": "listen 127.0.0.1:@plain@;",
            "listen 443 ssl;": "listen 127.0.0.1:@tls@ ssl;",
        },
        target="proxy_pass ",
        silence=("proxy_read_timeout 60s;", "proxy_read_timeout 2s;"),
        down=502,
    ),
    Proxy(
        name="HAProxy",
        package="haproxy",
        program=Path("/usr/sbin/haproxy"),
        arguments=["-W", "-db", "-f", "{config}"],
        ready="Loading success.",
        template="haproxy.cfg",
        listen={
            "bind :80\n": "bind 127.0.0.1:@plain@\n",
            "bind :443 ": "bind 127.0.0.1:@tls@ ",
        },
        target="server ",
        silence=("timeout tunnel 60s", "timeout tunnel 2s"),
        down=503,
    ),
    Proxy(
        name="Caddy",
        package="caddy",
        program=Path("/usr/bin/caddy"),
        arguments=["run", "--adapter", "caddyfile", "--config", "{config}"],
        ready="serving initial configuration",
        template="Caddyfile",
        listen={},  # says the template
        target="reverse_proxy ",
        silence=None,
        down=502,
    ),
    Proxy(
        name="Apache",
        package="apache2",
        program=Path("/usr/sbin/apache2"),
        arguments=["-DFOREGROUND", "-f", "{config}"],
        ready="resuming normal operations",
        template="apache.conf",
        listen={"*:80>": "127.0.0.1:@plain@>", "*:443>": "127.0.0.1:@tls@>"},
        target="ProxyPass ",
        silence=("Timeout 60\n", "Timeout 2\n"),
        down=503,
    ),
]


def parameters(proxies: list[Proxy]) -> Any:
    """Parameters of a fixture, and what tells them apart."""
    return [
        pytest.param(each, id=each.name, marks=pytest.mark.interop(peer=each.name))
        for each in proxies
    ]


@pytest.fixture(params=parameters(PROXIES))
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Each of them."""
    one: Proxy = request.param
    return one


@pytest.fixture(params=parameters([each for each in PROXIES if each.silence is not None]))
def impatient_proxy(request: pytest.FixtureRequest) -> Proxy:
    """Each of those that end a connection when nothing has passed for some time."""
    one: Proxy = request.param
    return one


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody listens, unless the test makes somebody."""
    with reserved_port() as port:
        yield port


@pytest.fixture
def nginx() -> Proxy:
    return PROXIES[0]


@pytest.fixture
def haproxy() -> Proxy:
    return PROXIES[1]


def replace(text: str, changes: dict[str, str]) -> str:
    """Replace what has to be in a text."""
    for old, new in changes.items():
        assert old in text, f"no {old!r} in {text}"
        text = text.replace(old, new)
    return text


def configuration(proxy: Proxy, tls_behind: bool) -> str:
    """What the page says, with a server behind the proxy that speaks TLS, or that doesn't."""
    usual, with_tls = SECTIONS[proxy.name]
    if not tls_behind:
        return usual
    lines = re.compile(f"^ *{proxy.target}.*\n", re.MULTILINE)
    assert lines.search(usual)
    return lines.sub(lambda _: with_tls, usual)


@contextmanager
def reserved_port() -> Iterator[int]:
    """Keep a port for somebody who will listen at it while this goes on."""
    with socket.socket() as sock:
        # Two sockets with this option can have one port, as long as only one of them listens.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


class Front:
    """A proxy that runs."""

    def __init__(self, ports: dict[str, int], certificate: Path) -> None:
        self._ports = ports
        self._tls = ssl.create_default_context(cafile=certificate)

    def connect(self, transport: str, path: str = "/", **options: Any) -> websockets.connect:
        """Connect to the server behind it."""
        scheme = {"plain": "ws", "tls": "wss"}[transport]
        uri = f"{scheme}://localhost:{self._ports[transport]}{path}"
        tls = self._tls if transport == "tls" else None
        return websockets.connect(uri, host="127.0.0.1", ssl=tls, **options)

    def url(self, transport: str, path: str = "/") -> str:
        scheme = {"plain": "http", "tls": "https"}[transport]
        return f"{scheme}://localhost:{self._ports[transport]}{path}"

    async def get(self, transport: str, path: str) -> tuple[int, bytes]:
        """Make an HTTP request; gives the status and the body."""
        url = self.url(transport, path)
        return await asyncio.get_running_loop().run_in_executor(None, self._get, url)

    def _get(self, url: str) -> tuple[int, bytes]:
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)]
        try:
            with urllib.request.build_opener(*handlers).open(url, timeout=20) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as exc:
            with exc:
                return exc.code, exc.read()


#: Start a proxy in front of a port: ``front(proxy, port, tls_behind=False, changes={...})``.
StartFront = Callable[..., Front]


@pytest.fixture
def front(
    kit: Kit,
    start: Start,
    tmp_path: Path,
    certificate: Path,
    record_property: Callable[[str, object], None],
) -> StartFront:
    def run(
        proxy: Proxy, port: int, *, tls_behind: bool = False, changes: dict[str, str] | None = None
    ) -> Front:
        kit.apt(proxy.package, proxy.program)
        record_property("version", version_of(proxy.package))
        page = replace(configuration(proxy, tls_behind), {**(changes or {}), **proxy.listen})
        page = replace(page, {"chat.example.com": "localhost"}).replace("8765", str(port))
        page = re.sub(r"/etc/ssl/chat/\w+\.pem", str(certificate), page)
        config = tmp_path / proxy.template
        template = AROUND.joinpath(proxy.template).read_text(encoding="utf-8")
        with reserved_port() as plain, reserved_port() as tls:
            ports = {"plain": plain, "tls": tls}
            values = {"@page@": page, "@plain@": str(plain), "@tls@": str(tls)}
            values.update({"@folder@": str(tmp_path)} if "@folder@" in template else {})
            config.write_text(replace(template, values), encoding="utf-8")
            arguments = [part.format(folder=tmp_path, config=config) for part in proxy.arguments]
            program = start(proxy.program, *arguments, XDG_DATA_HOME=str(tmp_path))
            program.expect(proxy.ready)
        return Front(ports, certificate)

    return run


def version_of(package: str) -> str:
    """The version of a package of Debian, without what Debian adds to it."""
    command = ["dpkg-query", "--show", "--showformat=${source:Upstream-Version}", package]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    version: str = result.stdout
    return version
