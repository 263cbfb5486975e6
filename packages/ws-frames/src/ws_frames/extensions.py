"""The interface between a connection and its extensions (RFC 6455 §9)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from .frames import Frame

__all__ = ["Extension", "taking_messages"]


class Extension:
    """Base class of extensions: each data frame that is received or sent passes through it.

    One instance serves one connection, so it may keep state from frame to frame.
    Subclass it, set ``name`` to the registered token, and negotiate it with a pair
    of factories.
    """

    __slots__ = ()

    name: str

    #: The reserved bits that it uses, for example ``RSV1``. None where it does not
    #: say: then any bit is passed to :meth:`decode`, which must clear those it knows.
    rsv: int | None = None

    #: Whether :meth:`decode` needs only those messages that have one of its bits set
    #: in their first frame; others then take the faster path around it.
    only_marked: bool = False

    #: Whether it compresses, so that a message may pass it by, if the application says so.
    compresses: bool = False

    @property
    def takes_messages(self) -> bool:
        """Whether it has :meth:`encode_message` and :meth:`decode_message` too.

        They are called for messages in one frame, where the extension is the only one. It is
        asked for once a connection, and only of an extension whose class has it: what hands
        on to another one whatever it doesn't have itself goes on seeing frames.
        """
        return False

    @property
    def encoding_key(self) -> Hashable | None:
        """Equal for extensions that make the same of a message once they :meth:`forget`.

        It is asked for once a connection. None for one whose frames are for its own
        connection only.
        """
        return None

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Turn a data frame from the wire into what the application sent.

        ``max_size`` is how many bytes of payload the frame may have afterwards, what
        is left of the message's limit; 0 means none and None means no limit.

        Raises PayloadTooBig over that limit, ProtocolError for data that is not valid.
        """
        raise NotImplementedError

    def encode(self, frame: Frame) -> Frame:
        """Turn a data frame from the application into what goes on the wire."""
        raise NotImplementedError

    def decode_message(self, data: bytes, max_size: int | None) -> bytes:
        """Do what :meth:`decode` does, for a message in one frame that has all bits of ``rsv``."""
        raise NotImplementedError

    def encode_message(self, data: bytes) -> bytes | None:
        """Do what :meth:`encode` does, for a message in one frame, which is to have these bits.

        None leaves it without them, and as it is.
        """
        raise NotImplementedError

    def forget(self) -> None:
        """Encode what follows without looking back at what was encoded before.

        Called before and after a message is encoded that goes to other connections too.
        """


def taking_messages(extensions: Sequence[Extension]) -> Extension | None:
    """Give the one among the extensions of a connection that takes messages as a whole."""
    if len(extensions) != 1 or not hasattr(type(extensions[0]), "takes_messages"):
        return None
    (extension,) = extensions
    return extension if extension.takes_messages and extension.rsv is not None else None
