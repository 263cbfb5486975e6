"""What Django does in the example: two accounts, a page, and a view that takes posts."""

from __future__ import annotations

from collections import deque
from typing import Any

from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

USERS = {"ada": "analytical", "grace": "nanosecond"}

MAX_TEXT = 500  # characters

Event = dict[str, object]

#: What was posted last.
posts: deque[Event] = deque(maxlen=20)

#: Where the page finds the WebSocket, and what is called with each post.
live: dict[str, Any] = {}


def wall(request: HttpRequest) -> HttpResponse:
    return render(request, "wall.html", {"posts": posts, "uri": live["uri"], "max": MAX_TEXT})


def post(request: HttpRequest) -> HttpResponse:
    """Take what somebody posts, and tell those who are connected."""
    text = request.POST.get("text", "").strip()[:MAX_TEXT]
    if text:
        posts.append({"name": request.user.get_username(), "text": text})
        live["post"]({"post": posts[-1]})
    return redirect("wall")


urlpatterns = [
    path("", login_required(wall), name="wall"),
    path("post/", require_POST(login_required(post)), name="post"),
    path("login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]


def find_user(session_key: str) -> str | None:
    """Tell whose session it is; None for one that has ended, or never was."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    try:
        user = get_user(request)
        return str(user.get_username()) if user.is_authenticated else None
    finally:
        connection.close()


def make_accounts() -> None:
    """Make the database, and two accounts in it."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    for name, password in USERS.items():
        get_user_model().objects.create_user(name, password=password)
    connection.close()


def make_server(host: str, port: int) -> Any:
    """Make the server of Django that runserver has too; for development, not for more."""
    server = ThreadedWSGIServer((host, port), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    return server
