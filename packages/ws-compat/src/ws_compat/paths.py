"""Names that a module hands on without having them: looked up when asked for (PEP 562).

So importing ``websockets`` costs next to nothing, and each use of a deprecated path can
warn at its own line. Type checkers see imports that stand beside the call.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Collection, Mapping
from importlib import import_module
from types import FrameType
from typing import Any, Callable

from .deprecation import caller, package_of, warn_deprecated
from .installation import REPAIR

__all__ = ["assigned", "hand_on"]

Names = Mapping[str, Collection[str]]


def hand_on(
    module: str,
    names: Names | None = None,
    *,
    deprecated: Names | None = None,
    modules: Collection[str] = (),
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and the ``__dir__`` of a module.

    Args:
        module: its ``__name__``.
        names: what it hands on, by the module that has it; ``.client`` is one beside it.
        deprecated: what it hands on with a warning, in the same form. What to write
            instead is the path there; or what that module itself says, if the name is
            deprecated there; or the values, if the names are the keys of a mapping.
        modules: the modules in it that can be used without being imported.

    Raises ImportError if the package that the module is in is of another distribution.
    """
    package = module.partition(".")[0]
    if package != module and package not in _paths:
        folder = import_module(package).__path__[0]
        raise ImportError(f"{module} is no part of what else is in {folder}; {REPAIR}", name=module)
    paths = _paths[module] = Paths(module, names or {}, deprecated or {}, modules)
    return paths.take, paths.list


def assigned(name: str, default: Any) -> Any:
    """Give what a program assigned to a deprecated name, at any of its paths; or the default."""
    for module, paths in _paths.items():
        if name in paths.deprecated and name in vars(sys.modules[module]):
            return vars(sys.modules[module])[name]
    return default


class Paths:
    """What one module hands on."""

    def __init__(
        self, module: str, names: Names, deprecated: Names, modules: Collection[str]
    ) -> None:
        self.module = module
        self.names = names_to_sources(names)
        self.deprecated = names_to_sources(deprecated)
        self.sources = {**self.names, **self.deprecated}
        self.instead: dict[str, str] = {}
        for group in deprecated.values():
            if isinstance(group, Mapping):
                self.instead.update(group)
        self.modules = modules

    def take(self, name: str) -> Any:
        """Give what has a name, or a module; raise AttributeError if nothing has it."""
        if name in self.names:
            # From now on it is found without asking here.
            value = vars(import_module(self.module))[name] = self.find(name)
            return value
        if name in self.deprecated:
            value = self.find(name)
            if self.is_use(caller()):
                warn_deprecated(f"{self.module}.{name}", f"use {self.replacement(name)}")
            return value
        if name in self.modules:
            return import_module(f"{self.module}.{name}")
        raise AttributeError(f"module {self.module!r} has no attribute {name!r}")

    def find(self, name: str) -> Any:
        """Give what has a name, without a warning."""
        module = import_module(self.sources[name], self.module)
        paths = _paths.get(module.__name__)
        if paths is None or name in vars(module):
            return getattr(module, name)
        return paths.find(name)

    def is_use(self, frame: FrameType) -> bool:
        """Whether a frame that takes a name is going to use it.

        ``from package import name`` looks whether there is such a name before it takes it.
        ``import *`` takes what nobody may ever use, unless all that the module has is old.
        """
        if package_of(frame) == "importlib":
            return False
        return not is_star_import(frame) or self.all_deprecated

    @property
    def all_deprecated(self) -> bool:
        return all(name in self.deprecated for name in import_module(self.module).__all__)

    def replacement(self, name: str) -> str:
        """Say what to write instead of a deprecated name."""
        if name in self.instead:
            return self.instead[name]
        source = self.deprecated[name]
        paths = _paths.get(source)
        if paths is not None and name in paths.deprecated:
            return paths.replacement(name)
        return f"{source}.{name}"

    def list(self) -> list[str]:
        """Give all names, for ``dir()``."""
        own = vars(import_module(self.module))
        return sorted({*own, *self.sources, *self.modules})


_paths: dict[str, Paths] = {}


def names_to_sources(names: Names) -> dict[str, str]:
    return {name: source for source, group in names.items() for name in group}


def is_star_import(frame: FrameType) -> bool:
    """Whether the instruction that a frame is at belongs to ``from ... import *``."""
    if frame.f_code.co_name != "<module>":
        return False  # soon told: it may be a line that many frames on the wire pass by
    return any(
        instruction.offset == frame.f_lasti
        and "IMPORT_STAR" in f"{instruction.opname} {instruction.argrepr}"
        for instruction in dis.get_instructions(frame.f_code)
    )
