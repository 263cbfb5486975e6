"""Incremental parsers of the heads of requests and responses (RFC 7230 §3).

They are strict where two readers of one message could come to different ends: line
ends are CRLF, a header line is not continued on the next, no white space stands
before a colon. They take time linear in what they are given, also when it comes
byte by byte, and hold no more than the limits say.
"""

from __future__ import annotations

import re
from typing import ClassVar, Generic, TypeVar

from ws_frames import BytesLike

from .exceptions import InvalidMessage, SecurityError, TargetTooLong
from .headers import Headers
from .limits import DEFAULT_LIMITS, Limits
from .messages import Request, Response

__all__ = ["HeadParser", "RequestParser", "ResponseParser"]

M = TypeVar("M", Request, Response)

# "request-line = method SP request-target SP HTTP-version CRLF"
_REQUEST_LINE = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20\x7f]+) HTTP/([0-9])\.([0-9])\r\n"
)

# "status-line = HTTP-version SP status-code SP reason-phrase CRLF"; several servers
# leave out the space where they leave out the phrase.
_STATUS_LINE = re.compile(rb"HTTP/([0-9])\.([0-9]) ([1-5][0-9][0-9])(?: ([\t -~\x80-\xff]*))?\r\n")

# "header-field = field-name ":" OWS field-value OWS"; trailing white space is stripped
# afterwards, where it takes linear time. A value begins with no white space: which of it
# would belong to what is a choice that a line which doesn't match would try in full.
_FIELD = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*((?:[!-~\x80-\xff][\t -~\x80-\xff]*)?)\r\n"
)
_FIELDS = re.compile("^" + _FIELD.pattern.decode(), re.MULTILINE)

# "absolute-form = absolute-URI", without a fragment; in linear time for the same reason
_ABSOLUTE_FORM = re.compile(r"(?:http|ws)s?://[^/?#]+((?:[/?][^#]*)?)", re.IGNORECASE)

# fmt: off
# Names that handshakes have: one str for all connections.
_TITLES = (
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection",
    "Content-Length", "Content-Type", "Cookie", "Date", "DNT", "Host", "Location", "Origin",
    "Pragma", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-WebSocket-Accept",
    "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Version", "Server", "Transfer-Encoding", "Upgrade", "User-Agent",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
)
# fmt: on
_NAMES = {name: name for title in _TITLES for name in (title, title.lower())}


class HeadParser(Generic[M]):
    """Reads the head of one message from the bytes of a connection.

    Feed it with :meth:`receive_data`, which raises InvalidMessage or SecurityError at
    the first line that is wrong, until ``message`` is there. What came behind the head
    is then in ``trailing``, where more data that is fed goes too.
    """

    start_line: ClassVar[str]
    start_pattern: ClassVar[re.Pattern[bytes]]
    skips_empty_line: ClassVar[bool] = False
    #: How other protocols begin, and what to say of them.
    others: tuple[tuple[re.Pattern[bytes], str], ...] = ()

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.message: M | None = None
        self.limits = limits
        self._buffer = bytearray()
        self._line = 0  # where the current line begins
        self._searched = 0  # where to look for its end
        self._started = False
        self._fields: list[tuple[str, str]] = []

    @property
    def trailing(self) -> bytearray:
        """The bytes behind the head; none before the head is complete."""
        return bytearray() if self.message is None else self._buffer

    def receive_data(self, data: BytesLike) -> None:
        """Take the next bytes from the connection."""
        # Behind the message, what looks like one more head is trailing too.
        first = not self._buffer and self.message is None
        self._buffer += data
        if first and isinstance(data, bytes):
            self._receive_whole(data)
        while self.message is None:
            end = self._buffer.find(b"\n", self._searched) + 1
            self._searched = end or len(self._buffer)
            # A line that is not complete is judged too: it must not grow on and on.
            if self._searched - self._line > self.limits.line + 2:
                raise self._line_too_long()
            if self._searched > self.limits.total:
                raise SecurityError(f"over {self.limits.total} bytes of headers")
            if end == 0:
                break
            start, self._line = self._line, end
            self._receive_line(start, end)

    def _receive_whole(self, data: bytes) -> None:
        """Take a head at once that is good and there as a whole, as nearly all are.

        Of another one nothing is taken: going by lines finds out what is wrong or missing.
        """
        end = data.find(b"\r\n\r\n") + 2
        match = self.start_pattern.match(data)
        # So none of its lines is too long, nor all of them.
        if match is None or not match.end() <= end <= min(self.limits.line, self.limits.total - 2):
            return
        text = data[match.end() : end].decode("iso-8859-1")
        fields = _FIELDS.findall(text)
        if not text.count("\n") == len(fields) <= self.limits.headers:
            return
        self._receive_start_line(match)
        self._fields = [(_NAMES.get(name, name), value.rstrip("\t ")) for name, value in fields]
        self._line = self._searched = end + 2
        self._complete()

    def eof_error(self) -> InvalidMessage:
        """Return the exception that says what was missing when the connection ended."""
        part = "headers" if self._started else self.start_line
        size = len(self._buffer)
        text = f"connection closed after {size} bytes, while reading the {part}"
        return InvalidMessage(text + ("" if self._started else self._hint()))

    def _line_too_long(self) -> SecurityError:
        part = "header line" if self._started else self.start_line
        return SecurityError(f"{part} over {self.limits.line} bytes")

    def _receive_line(self, start: int, end: int) -> None:
        if not self._started:
            match = self.start_pattern.fullmatch(self._buffer, start, end)
            if match is None:
                if self.skips_empty_line and start == 0 and self._buffer.startswith(b"\r\n"):
                    return
                raise self._malformed(start, end, self.start_line)
            self._receive_start_line(match)
            self._started = True
        elif end - start == 2 and self._buffer.startswith(b"\r", start):
            self._complete()
        else:
            self._receive_field(start, end)

    def _receive_field(self, start: int, end: int) -> None:
        number = len(self._fields) + 1
        if number > self.limits.headers:
            raise SecurityError(f"over {self.limits.headers} headers")
        # Among what does not match: obsolete line folding, white space before the colon.
        match = _FIELD.fullmatch(self._buffer, start, end)
        if match is None:
            raise self._malformed(start, end, f"header line {number}")
        name, value = (group.decode("iso-8859-1") for group in match.groups())
        self._fields.append((_NAMES.get(name, name), value.rstrip("\t ")))

    def _malformed(self, start: int, end: int, part: str) -> InvalidMessage:
        # "a recipient MAY recognize a single LF as a line terminator": not this one.
        hint = "" if self._started else self._hint()
        if not self._buffer.endswith(b"\r\n", start, end):
            return InvalidMessage(f"{part} ends without a carriage return{hint}")
        return InvalidMessage(f"malformed {part}{hint}")

    def _hint(self) -> str:
        """Say, behind a semicolon, what it is if it isn't HTTP/1; empty if that isn't seen."""
        for pattern, hint in self.others:
            if pattern.match(self._buffer):
                return f"; {hint}"
        return ""

    def _complete(self) -> None:
        self.message = self._build(Headers.from_checked(self._fields))
        self._started = False
        self._fields = []
        if self.message is not None:
            del self._buffer[: self._line]

    def _receive_start_line(self, match: re.Match[bytes]) -> None:
        raise NotImplementedError

    def _build(self, headers: Headers) -> M | None:
        # None if this message is to be ignored, and the next one is to be read.
        raise NotImplementedError


class RequestParser(HeadParser[Request]):
    """Reads the head of a request.

    A target in absolute form becomes its path and query (RFC 7230 §5.3.2); one that
    is neither in that nor in origin form is left as it is.
    """

    start_line = "request line"
    start_pattern = _REQUEST_LINE
    # "a server that is expecting to receive and parse a request-line SHOULD ignore at least
    #  one empty line (CRLF) received prior to the request-line" (RFC 7230 §3.5): one.
    skips_empty_line = True
    others = ((re.compile(rb"\x16\x03"), "it is TLS that arrives, as from a wss:// URI"),)

    def _receive_start_line(self, match: re.Match[bytes]) -> None:
        method, target, major, minor = match.groups()
        self._version = _parse_version(major, minor)
        self._method = method.decode("ascii")
        self._target = _origin_form(target.decode("iso-8859-1"))

    def _line_too_long(self) -> SecurityError:
        error = super()._line_too_long()
        return error if self._started else TargetTooLong(*error.args)

    def _build(self, headers: Headers) -> Request:
        return Request(self._method, self._target, headers, self._version)


class ResponseParser(HeadParser[Response]):
    """Reads the head of a response; interim responses before it are skipped.

    ``secure`` says that it comes over TLS, so that no error advises to use that.
    """

    start_line = "status line"
    start_pattern = _STATUS_LINE
    others: tuple[tuple[re.Pattern[bytes], str], ...] = (
        # "The server connection preface consists of a potentially empty SETTINGS frame"
        # (RFC 9113 §3.4).
        (re.compile(rb"\0..\x04", re.DOTALL), "the server speaks HTTP/2 only there"),
    )
    others_in_plain_text: ClassVar[tuple[tuple[re.Pattern[bytes], str], ...]] = (
        *others,
        (re.compile(rb"\Z"), "if the server expects TLS, use a wss:// URI"),
        # "struct { ContentType type; ProtocolVersion legacy_record_version; …" of an alert
        # (RFC 8446 §5.1).
        (re.compile(rb"\x15\x03"), "the server speaks TLS there, use a wss:// URI"),
    )

    def __init__(self, limits: Limits = DEFAULT_LIMITS, *, secure: bool = False) -> None:
        super().__init__(limits)
        if not secure:
            self.others = self.others_in_plain_text

    def _receive_start_line(self, match: re.Match[bytes]) -> None:
        major, minor, status, reason = match.groups(b"")
        self._version = _parse_version(major, minor)
        self._status = int(status)
        self._reason = reason.decode("iso-8859-1")

    def _build(self, headers: Headers) -> Response | None:
        # "A client MUST be able to parse one or more 1xx responses received prior to a
        #  final response" (RFC 7231 §6.2). All of them count for the total limit.
        if self._status < 200 and self._status != 101:
            return None
        return Response(self._status, self._reason, headers, b"", self._version)


def _parse_version(major: bytes, minor: bytes) -> tuple[int, int]:
    version = int(major), int(minor)
    if version[0] != 1:
        raise InvalidMessage(f"unsupported HTTP version: {version[0]}.{version[1]}")
    return version


def _origin_form(target: str) -> str:
    match = None if target.startswith("/") else _ABSOLUTE_FORM.fullmatch(target)
    if match is None:
        return target
    return match[1] if match[1].startswith("/") else f"/{match[1]}"
