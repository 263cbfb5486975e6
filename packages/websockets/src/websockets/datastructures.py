"""HTTP headers."""

from __future__ import annotations

from ws_http import Headers, HeadersLike, MultipleValuesError

__all__ = ["Headers", "HeadersLike", "MultipleValuesError"]
