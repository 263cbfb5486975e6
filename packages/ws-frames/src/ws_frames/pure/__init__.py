"""The pure-Python twins of ``ws_frames._speedups``: the specification of what the C does."""

from __future__ import annotations

from .inbox import Inbox
from .masking import apply_mask
from .masks import forget_masks, new_mask
from .outbox import Outbox
from .parser import Parser
from .serializer import encode_frame
from .stepper import Stepper
from .waiter import Waiter

__all__ = [
    "Inbox",
    "Outbox",
    "Parser",
    "Stepper",
    "Waiter",
    "apply_mask",
    "encode_frame",
    "forget_masks",
    "new_mask",
]
