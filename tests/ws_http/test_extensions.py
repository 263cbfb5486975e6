"""The interfaces through which extensions are negotiated."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ws_frames import Extension
from ws_http import (
    ClientExtensionFactory,
    ExtensionName,
    ExtensionParameter,
    Headers,
    ServerExtensionFactory,
    choose_extensions,
)


class Complete(ServerExtensionFactory):
    name = ExtensionName("x-complete")

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], Extension]:
        return list(params), Extension()


def test_a_factory_may_be_a_subclass() -> None:
    factory: ServerExtensionFactory = Complete()
    headers = Headers({"Sec-WebSocket-Extensions": "x-complete; a=1"})
    assert choose_extensions(headers, [factory])[0] == "x-complete; a=1"


@pytest.mark.parametrize("base", [ClientExtensionFactory, ServerExtensionFactory])
def test_a_subclass_must_have_all_methods(base: type) -> None:
    incomplete = type("Incomplete", (base,), {})
    with pytest.raises(TypeError, match="abstract"):
        incomplete()
