"""What is deprecated but names: since which release, and what to do instead.

Names are in ``__init__.py``, and paths in the modules of the package ``websockets``, each
beside what it gives. README.md has all of it as tables.
"""

from __future__ import annotations

__all__ = ["REPLACEMENTS"]

#: By what a warning calls it.
REPLACEMENTS = {
    # Conventions
    "yield from connect()": ("3.0", "use await"),
    "yield from serve()": ("3.0", "use await"),
    "passing get_header, a function,": ("6.0", "pass ws_http.Headers"),
    "passing set_header, a function,": ("6.0", "pass ws_http.Headers"),
    "process_request as a function": ("8.0", "define it with async def"),
    "process_request() as a function": ("8.0", "define it with async def"),
    # Arguments
    "legacy_recv": ("3.0", "catch ConnectionClosed"),
    "the argument klass": ("3.4", "use create_protocol"),
    "the argument timeout": ("7.0", "use close_timeout"),
    '"" in origins': ("7.0", "use None"),
    "max_queue=0": ("8.0", "use max_queue=None"),
    "giving host, port or secure": ("8.0", "leave them out"),
    "giving headers of the handshake itself": ("9.0", "leave them out"),
    "giving a header value that is no str": ("9.0", "give a str"),
    "the argument loop": ("9.0", "leave it out, and let that loop run this"),
    # Attributes and methods
    "state_name": ("4.0", "use state.name"),
    "raw_request_headers": ("6.0", "use request_headers.raw_items()"),
    "raw_response_headers": ("6.0", "use response_headers.raw_items()"),
    "host": ("8.0", "use remote_address[0] in a client, local_address[0] in a server"),
    "port": ("8.0", "use remote_address[1] in a client, local_address[1] in a server"),
    "secure": ("8.0", 'use transport.get_extra_info("ssl_object")'),
    "timeout": ("7.0", "use close_timeout"),
    "writer": ("9.0", "use transport"),
    "ensure_open()": ("9.0", "catch what recv() and send() raise"),
    "close_connection()": ("9.0", "use close(1001)"),
    "connection_open() without an opening": ("9.0", "pass ws_http.Opening"),
    "websockets, of a server,": ("9.0", "use connections"),
    # Steps of the opening handshake, of which no documentation told
    "overriding handshake() of a client": ("9.0", "pass what it changes to connect()"),
    "overriding process_extensions() of a client": ("9.0", "pass extensions to connect()"),
    "overriding process_subprotocol() of a client": ("9.0", "look at subprotocol once connected"),
    "overriding read_http_response() of a client": (
        "9.0",
        "look at response_headers once connected",
    ),
    "overriding write_http_request() of a client": ("9.0", "pass extra_headers to connect()"),
    "overriding handshake() of a server": ("9.0", "override process_request()"),
    "overriding process_extensions() of a server": ("9.0", "pass extensions to serve()"),
    "overriding process_origin() of a server": ("9.0", "pass origins to serve()"),
    "overriding process_subprotocol() of a server": ("9.0", "override select_subprotocol()"),
    "overriding read_http_request() of a server": ("9.0", "override process_request()"),
    "overriding write_http_response() of a server": ("9.0", "pass extra_headers to serve()"),
}
