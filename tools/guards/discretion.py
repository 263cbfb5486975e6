"""What keeps secrets, and the reader of a log."""

from __future__ import annotations

from .guard import Guard
from .tests import AUTH, CREDENTIALS, HANDSHAKES, LOGS, PROCESSES

__all__ = ["DISCRETION"]

DISCRETION = [
    Guard(
        "credentials may be any bytes",
        "ws_http/credentials",
        "with suppress(binascii.Error, UnicodeDecodeError):",
        "with suppress(binascii.Error):",
        [
            f"{CREDENTIALS}::test_credentials_that_are_none_are_refused_and_not_shown",
            f"{AUTH}::test_other_credentials_are_refused",
        ],
    ),
    Guard(
        "an unknown user is told at once",
        "ws_http/credentials",
        "digests.get(user, unknown)",
        "digests.get(user, [])",
        [f"{CREDENTIALS}::test_as_many_passwords_are_compared_whoever_asks"],
    ),
    Guard(
        "headers go to another origin",
        "ws_http/redirects",
        "if item[0].lower() in kept]",
        "]",
        [f"{HANDSHAKES}::test_credentials_do_not_follow_to_another_origin"],
    ),
    Guard(
        "user and password go to another origin",
        "ws_http/redirects",
        "return target._replace(user_info=None)",
        "return target._replace(user_info=uri.user_info)",
        [f"{HANDSHAKES}::test_credentials_do_not_follow_to_another_origin"],
    ),
    Guard(
        "a redirect may leave TLS",
        "ws_http/redirects",
        "if uri.secure and not target.secure:",
        "if False:",
        [f"{HANDSHAKES}::test_a_redirect_from_tls_to_plain_text_is_refused"],
    ),
    Guard(
        "credentials are shown",
        "ws_http/display",
        '"***" if name.lower() in SECRET_HEADERS else display(value)',
        "display(value)",
        [f"{LOGS}::test_debug_shows_no_credentials_and_escapes_control_characters"],
    ),
    Guard(
        "control characters are shown",
        "ws_http/display",
        "if len(text) <= MAX_DISPLAYED and text.isprintable():",
        "if True:",
        [
            f"{LOGS}::test_debug_shows_no_credentials_and_escapes_control_characters",
            f"{LOGS}::test_a_wrong_request_is_one_line",
        ],
    ),
    Guard(
        "a wrong request is an error of the program",
        "ws_asyncio/server_protocol",
        "self._refuse(exc, reason=self._unavailable)",
        "self._note_handshake_failure(exc)",
        [f"{LOGS}::test_a_wrong_request_is_one_line"],
    ),
    Guard(
        "a wrong frame is logged with a traceback",
        "ws_asyncio/pump",
        'self.logger.info("failing the connection: %s", event.error)',
        'self.logger.info("failing the connection: %s", event.error, exc_info=event.error)',
        [f"{LOGS}::test_a_wrong_frame_is_one_line"],
    ),
    Guard(
        "the end of a connection is an error of its handler",
        "ws_asyncio/server_protocol",
        "if tells_of_the_end(exc) and not self.open:",
        "if False:",
        [f"{LOGS}::test_a_peer_that_resets_tcp_leaves_no_traceback"],
    ),
    Guard(
        "masks are no secret",
        "ws_frames/pure/masks",
        "drawn = os.urandom(POOL_SIZE)",
        "drawn = bytes(POOL_SIZE)",
        [f"{PROCESSES}::test_masks_can_not_be_predicted"],
    ),
    Guard(
        "a forked child has the masks of its parent",
        "ws_frames/pure/masks",
        "    pool.clear()",
        "    pass",
        [f"{PROCESSES}::test_a_forked_child_masks_with_other_keys"],
    ),
]
