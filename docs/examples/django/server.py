"""
Django and WebSockets beside each other: Django knows who somebody is, the WebSocket is live.

    pip install django
    python docs/examples/django/server.py [PORT [PORT_FOR_WEBSOCKETS]]

Then open http://localhost:8000/ and sign in as ada or grace, in two windows that share no
cookies. The names of those who are there are live, and so is what they post.

Django has the pages, the accounts and the sessions, over HTTP as always: settings.py and
pages.py are an ordinary Django project. The WebSockets have a port of their own. A browser
sends the cookie of the session there too, since cookies don't care for ports, and the server
asks Django whose session that is. Behind a reverse proxy both have the same address: /ws/
leads here.

Both run in one process here, so that one command starts them. With Django in processes of
its own, nothing changes but the way from a view to the WebSockets: take Redis, as ../redis does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
from http.cookies import CookieError, SimpleCookie

import django
from django.conf import settings

from ws_asyncio import WebSocketServerProtocol, broadcast, serve
from ws_http import Headers, Origin

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

import pages


class Wall:
    """Those who look at the wall, and what they are shown."""

    def __init__(self) -> None:
        self.members: dict[WebSocketServerProtocol, str] = {}

    async def handle(self, ws: WebSocketServerProtocol) -> None:
        """Serve a connection whose request check() has let through."""
        # The session may have ended since, so who it is is asked for again.
        name = await user_of(ws.request_headers)
        if name is None:
            await ws.close(1008, "sign in first")
            return
        self.members[ws] = name
        self.show_members()
        try:
            async for _ in ws:
                await ws.close(1003, "what you post goes to Django")
        finally:
            del self.members[ws]
            self.show_members()

    def show_members(self) -> None:
        self.show({"members": sorted(set(self.members.values()))})

    def show(self, event: dict[str, object]) -> None:
        """Tell everybody."""
        broadcast(self.members, json.dumps(event))


async def user_of(headers: Headers) -> str | None:
    """Ask Django who sends a request."""
    try:
        cookie = SimpleCookie("; ".join(headers.get_all("Cookie"))).get(
            settings.SESSION_COOKIE_NAME
        )
    except CookieError:
        return None
    if cookie is None:
        return None
    # In a thread, since Django waits for the database.
    return await asyncio.to_thread(pages.find_user, cookie.value)


async def check(path: str, headers: Headers) -> tuple[int, dict[str, str], bytes] | None:
    """Let nobody in who isn't signed in."""
    if await user_of(headers) is None:
        return 403, {}, b"Sign in first.\n"
    return None


async def main(port: str = "8000", ws_port: str = "8765") -> None:
    wall = Wall()
    loop = asyncio.get_running_loop()

    def post(event: dict[str, object]) -> None:
        # Django's views run in other threads; only this way leads from there to the event loop.
        loop.call_soon_threadsafe(wall.show, event)

    pages.live.update(uri=f"ws://localhost:{ws_port}/ws/", post=post)
    await asyncio.to_thread(pages.make_accounts)
    http = pages.make_server("localhost", int(port))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        # With cookies, the origin has to be checked: else the pages of other sites could
        # connect in the name of whoever looks at them.
        async with serve(
            wall.handle,
            "localhost",
            int(ws_port),
            process_request=check,
            origins=[Origin(f"http://localhost:{port}")],
            max_size=64,
        ) as server:
            print(f"http://localhost:{port}/ is open; ^C closes it", flush=True)
            await server.serve_forever()
    finally:
        http.shutdown()
        http.server_close()


if __name__ == "__main__":
    with settings.FOLDER, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
