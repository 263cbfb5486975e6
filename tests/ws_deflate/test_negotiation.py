"""Both sides together, through the header (RFC 7692 §7.1.3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest

from ws_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from ws_frames import Connection, Role
from ws_http import (
    ClientExtensionFactory,
    Headers,
    NegotiationError,
    build_extension,
    choose_extensions,
    confirm_extensions,
)

HEADER = "Sec-WebSocket-Extensions"
Client = ClientPerMessageDeflateFactory
Server = ServerPerMessageDeflateFactory

# RFC 7692 §7.1.3: offers, and what can be answered.
EXAMPLES = [
    ("permessage-deflate", Server(), "permessage-deflate"),
    (
        "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
        Server(),
        "permessage-deflate; server_max_window_bits=10",
    ),
    (
        (
            "permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
            "permessage-deflate; client_max_window_bits"
        ),
        Server(),
        "permessage-deflate; server_max_window_bits=10",
    ),
    # What the first offer asks for can't be done, the second is a way out.
    (
        "permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits",
        Server(client_max_window_bits=12),
        "permessage-deflate; client_max_window_bits=12",
    ),
    (
        "permessage-deflate; unknown, x-other; client_max_window_bits, permessage-deflate",
        Server(),
        "permessage-deflate",
    ),
    ("permessage-deflate; server_max_window_bits=8", Server(), None),
    ("permessage-deflate", Server(server_max_window_bits=8), None),
    ("x-other, permessage-bzip2", Server(), None),
    # Browsers.
    (
        "permessage-deflate; client_max_window_bits",
        Server(server_max_window_bits=12, client_max_window_bits=12),
        "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
    ),
    (
        "permessage-deflate",
        Server(True, True),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ),
]


def build_offer(factories: Sequence[ClientExtensionFactory]) -> str:
    return build_extension([(factory.name, factory.get_request_params()) for factory in factories])


def negotiate(
    client: Sequence[ClientExtensionFactory], server: Server
) -> tuple[PerMessageDeflate, PerMessageDeflate] | None:
    """Let both sides agree; return the extension of each, None if the server declines."""
    answer, chosen = choose_extensions(Headers({HEADER: build_offer(client)}), [server])
    if answer is None:
        assert not chosen
        return None
    confirmed = confirm_extensions(Headers({HEADER: answer}), client)
    (ours,), (theirs,) = confirmed, chosen
    assert isinstance(ours, PerMessageDeflate)
    assert isinstance(theirs, PerMessageDeflate)
    return ours, theirs


@pytest.mark.parametrize(("offer", "server", "answer"), EXAMPLES)
def test_offers_are_answered(offer: str, server: Server, answer: str | None) -> None:
    assert choose_extensions(Headers({HEADER: offer}), [server])[0] == answer


def test_several_factories_make_several_offers() -> None:
    factories = [Client(server_max_window_bits=8), Client(server_max_window_bits=10), Client()]
    assert build_offer(factories) == (
        "permessage-deflate; server_max_window_bits=8; client_max_window_bits, "
        "permessage-deflate; server_max_window_bits=10; client_max_window_bits, "
        "permessage-deflate; client_max_window_bits"
    )
    agreed = negotiate(factories, Server())
    assert agreed is not None
    assert agreed[0].remote_max_window_bits == 10


def test_whatever_both_sides_want_they_understand_each_other() -> None:
    flags = [(False, False), (True, False), (False, True), (True, True)]
    sizes = [None, 8, 9, 12, 15]
    clients = [Client(*f, *s) for f, s in product(flags, product(sizes, [*sizes, True]))]
    servers = [Server(*f, *s) for f, s in product(flags, product(sizes, sizes))]
    for client, server in product(clients, servers):
        # A client that says it won't use more than 8 bits can't keep to it.
        if client.client_max_window_bits == 8:
            continue
        # Nor can one from which the server demands it.
        demanded = client.client_max_window_bits and server.client_max_window_bits == 8
        try:
            agreed = negotiate([client], server)
        except NegotiationError:
            assert demanded
            continue
        if agreed is None:
            assert 8 in (client.server_max_window_bits, server.server_max_window_bits)
            continue
        ours, theirs = agreed
        assert ours.remote_no_context_takeover is theirs.local_no_context_takeover
        assert theirs.remote_no_context_takeover is ours.local_no_context_takeover
        assert ours.remote_max_window_bits == theirs.local_max_window_bits
        assert theirs.remote_max_window_bits == ours.local_max_window_bits


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (Client(), Server()),
        (Client(True, True, 9, 9), Server()),
        (Client(False, False, 10, 15), Server(True, True)),
        (Client(window_bits=9), Server(server_max_window_bits=12, client_max_window_bits=12)),
    ],
)
def test_two_connections_talk(client: Client, server: Server) -> None:
    agreed = negotiate([client], server)
    assert agreed is not None
    ends = [
        Connection(Role.CLIENT, extensions=[agreed[0]]),
        Connection(Role.SERVER, extensions=[agreed[1]]),
    ]
    text = "a message that is worth it " * 200
    for sender, receiver in (ends, ends[::-1]):
        for _ in range(3):
            data = sender.send_message(text)
            assert len(data) < len(text) / 10
            receiver.receive_data(data)
            receiver.receive_data(sender.send_fragment(b"in ", fin=False))
            receiver.receive_data(sender.send_ping()[1])
            receiver.receive_data(sender.send_fragment(b"parts", fin=True))
            events = iter(receiver.next_event, None)
            assert [event for event in events if isinstance(event, (str, bytes))] == [
                text,
                b"in parts",
            ]
            receiver.data_to_send()
            plain = sender.send_message(text, compress=False)
            assert len(plain) > len(text)
            receiver.receive_data(plain)
            assert receiver.next_event() == text
