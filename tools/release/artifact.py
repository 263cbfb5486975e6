"""A file to install: an sdist or a wheel, and what it says of itself."""

from __future__ import annotations

import tarfile
import zipfile
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import cast

from .processes import Failure

__all__ = ["PRIVATE", "Artifact", "artifacts"]

#: The classifier that keeps a distribution from the public index, which refuses it too.
PRIVATE = "Private :: Do Not Upload"


class Artifact:
    """An sdist or a wheel."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_wheel = path.suffix == ".whl"
        #: Without the folder that all files of an sdist are in.
        self.files = self._list()

    def __str__(self) -> str:
        return self.path.name

    @cached_property
    def metadata(self) -> EmailMessage:
        """The core metadata; the body is the README."""
        if not self.is_wheel:
            return parse(self.read("PKG-INFO"))
        (name,) = [each for each in self.files if each.endswith(".dist-info/METADATA")]
        return parse(self.read(name))

    @property
    def name(self) -> str:
        return str(self.metadata["Name"])

    @property
    def version(self) -> str:
        return str(self.metadata["Version"])

    @property
    def readme(self) -> str:
        # As text: for the parser of mail it is one of ASCII.
        return cast(bytes, self.metadata.get_payload(decode=True)).decode()

    @property
    def private(self) -> bool:
        return PRIVATE in self.metadata.get_all("Classifier", [])

    def read(self, name: str) -> bytes:
        """The content of one of ``files``."""
        if self.is_wheel:
            with zipfile.ZipFile(self.path) as wheel:
                return wheel.read(name)
        with tarfile.open(self.path) as sdist:
            top = sdist.getnames()[0].partition("/")[0]
            file = sdist.extractfile(f"{top}/{name}")
            assert file is not None
            return file.read()

    def _list(self) -> list[str]:
        if self.is_wheel:
            with zipfile.ZipFile(self.path) as wheel:
                return wheel.namelist()
        with tarfile.open(self.path) as sdist:
            return [name.partition("/")[2] for name in sdist.getnames()]


def artifacts(folder: Path) -> list[Artifact]:
    """All in a folder, by name; raises Failure where there is none."""
    paths = sorted([*folder.glob("*.tar.gz"), *folder.glob("*.whl")])
    if not paths:
        raise Failure(f"there is no sdist and no wheel in {folder}")
    return [Artifact(path) for path in paths]


def parse(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)
