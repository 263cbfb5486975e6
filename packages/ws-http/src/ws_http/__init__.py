"""The opening handshake of WebSocket (RFC 6455 §4), both sides, sans-I/O."""

from __future__ import annotations

from .challenges import Challenge, build_basic_challenge, build_challenges, parse_challenges
from .client import ClientHandshake
from .credentials import (
    Credentials,
    build_basic_auth,
    credentials_checker,
    parse_basic_auth,
)
from .dates import http_date
from .display import SECRET_HEADERS, display, display_header, hide_credentials
from .exceptions import (
    AbortHandshake,
    DuplicateParameter,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidOrigin,
    InvalidParameterName,
    InvalidParameterValue,
    InvalidStatusCode,
    InvalidUpgrade,
    InvalidURI,
    NegotiationError,
    RedirectHandshake,
    SecurityError,
    TargetTooLong,
    UnsupportedMethod,
)
from .extensions import ClientExtensionFactory, ServerExtensionFactory
from .fields import (
    build_extension,
    build_host,
    build_subprotocol,
    parse_connection,
    parse_extension,
    parse_subprotocol,
    parse_upgrade,
    validate_subprotocols,
)
from .headers import Headers, HeadersLike, MultipleValuesError
from .key import accept_key, generate_key
from .limits import DEFAULT_LIMITS, Limits
from .messages import Request, Response
from .negotiation import (
    SelectSubprotocol,
    choose_extensions,
    choose_subprotocol,
    confirm_extensions,
    confirm_subprotocol,
    select_subprotocol,
)
from .opening import Opening
from .parser import RequestParser, ResponseParser
from .redirects import (
    MAX_REDIRECTS,
    follow_redirect,
    redirect_uri,
    redirected_headers,
    same_origin,
)
from .refusals import build_refusal, refusal_of
from .server import ServerHandshake
from .typing import (
    ConnectionOption,
    ExtensionHeader,
    ExtensionName,
    ExtensionParameter,
    Origin,
    Subprotocol,
    UpgradeProtocol,
)
from .upgrade import (
    OWN_HEADERS,
    build_request,
    build_response,
    check_origin,
    check_request,
    check_response,
)
from .uri import WebSocketURI, build_uri, parse_uri

__all__ = [
    "DEFAULT_LIMITS",
    "MAX_REDIRECTS",
    "OWN_HEADERS",
    "SECRET_HEADERS",
    "AbortHandshake",
    "Challenge",
    "ClientExtensionFactory",
    "ClientHandshake",
    "ConnectionOption",
    "Credentials",
    "DuplicateParameter",
    "ExtensionHeader",
    "ExtensionName",
    "ExtensionParameter",
    "Headers",
    "HeadersLike",
    "InvalidHandshake",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "InvalidMessage",
    "InvalidOrigin",
    "InvalidParameterName",
    "InvalidParameterValue",
    "InvalidStatusCode",
    "InvalidURI",
    "InvalidUpgrade",
    "Limits",
    "MultipleValuesError",
    "NegotiationError",
    "Opening",
    "Origin",
    "RedirectHandshake",
    "Request",
    "RequestParser",
    "Response",
    "ResponseParser",
    "SecurityError",
    "SelectSubprotocol",
    "ServerExtensionFactory",
    "ServerHandshake",
    "Subprotocol",
    "TargetTooLong",
    "UnsupportedMethod",
    "UpgradeProtocol",
    "WebSocketURI",
    "accept_key",
    "build_basic_auth",
    "build_basic_challenge",
    "build_challenges",
    "build_extension",
    "build_host",
    "build_refusal",
    "build_request",
    "build_response",
    "build_subprotocol",
    "build_uri",
    "check_origin",
    "check_request",
    "check_response",
    "choose_extensions",
    "choose_subprotocol",
    "confirm_extensions",
    "confirm_subprotocol",
    "credentials_checker",
    "display",
    "display_header",
    "follow_redirect",
    "generate_key",
    "hide_credentials",
    "http_date",
    "parse_basic_auth",
    "parse_challenges",
    "parse_connection",
    "parse_extension",
    "parse_subprotocol",
    "parse_upgrade",
    "parse_uri",
    "redirect_uri",
    "redirected_headers",
    "refusal_of",
    "same_origin",
    "select_subprotocol",
    "validate_subprotocols",
]
