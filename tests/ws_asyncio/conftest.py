"""Fixtures for the tests of ws_asyncio: a peer and a clock in the hands of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Callable, TypeVar

import pytest

from tests.ws_asyncio.clients import Client, Server, echo
from tests.ws_asyncio.clocks import Clock
from tests.ws_asyncio.peers import SIDES, FakeTransport, Peer
from ws_asyncio.handlers import Handler2
from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_frames import Extension, Role
from ws_http import Headers, Opening

T = TypeVar("T")

Attach = Callable[[WebSocketCommonProtocol], "Peer"]
Establish = Callable[..., "Peer"]
Accept = Callable[..., Client]


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    """A clock for the event loop of the test, under the test's control."""
    clock = Clock()
    with clock.run(asyncio.get_running_loop()):
        yield clock


@pytest.fixture
async def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def attach(clock: Clock) -> Attach:
    """Give a connection a transport; gives its peer."""

    def attach(protocol: WebSocketCommonProtocol) -> Peer:
        transport = FakeTransport()
        transport.protocol = protocol
        protocol.connection_made(transport)
        return Peer(protocol, transport)

    return attach


@pytest.fixture
def establish(attach: Attach) -> Establish:
    """Make an open connection, without keepalive; gives its peer."""

    def establish(
        role: Role = Role.SERVER,
        *,
        trailing: bytes = b"",
        lost: bool = False,
        extensions: tuple[Extension, ...] = (),
        **options: Any,
    ) -> Peer:
        peer = attach(SIDES[role](**{"ping_interval": None, **options}))
        if lost:
            peer.transport.lose()
        opening = Opening("/", Headers(), Headers(), None, extensions, trailing)
        peer.protocol.connection_open(opening)
        return peer

    return establish


@pytest.fixture
def accept(attach: Attach) -> Accept:
    """Accept a TCP connection; gives the client."""

    def accept(
        handler: Handler2[Any] = echo,
        *,
        make: Callable[..., WebSocketServerProtocol] = WebSocketServerProtocol,
        closing: bool = False,
        **options: Any,
    ) -> Client:
        server = Server()
        server.closing = closing
        protocol = make(handler, server, **{"ping_interval": None, **options})
        return Client(attach(protocol), server)

    return accept


@pytest.fixture(params=list(Role), ids=lambda role: role.value)
def role(request: pytest.FixtureRequest) -> Role:
    """Which end of the connection is under test."""
    role: Role = request.param
    return role


@pytest.fixture(autouse=True)
def nothing_but_expected_errors(loop_errors: list[str]) -> None:
    """Have every test look at what event loops complain about."""
