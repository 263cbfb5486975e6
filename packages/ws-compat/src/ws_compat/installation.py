"""Whether the folder of a package holds what another distribution of its name left there.

An installer replaces one distribution by another of the same name. But one that was told to
ignore what is installed, or to install into a folder, lays the files of the second over those
of the first; and modules of both are found under one name from then on.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection
from contextlib import suppress

__all__ = ["REPAIR", "check_installation"]

REPAIR = (
    "uninstall it as often as it is found, remove what is left of that folder, and install it again"
)

# How many names a warning gives.
SHOWN = 4

# What the folder of any package may hold.
USUAL = frozenset({"__init__.py", "__main__.py", "__pycache__", "py.typed"})


def check_installation(name: str, folder: str, modules: Collection[str]) -> None:
    """Warn, at the line that imports a package, if it is not alone in its folder.

    To be called by the ``__init__.py`` of the package. It reads two folders and no file:
    importing the package has to stay cheap.

    Args:
        name: the name of the package, and of its distribution.
        folder: where the package is.
        modules: the modules that it has.
    """
    found = [*foreign_modules(folder, modules), *several_metadata(name, os.path.dirname(folder))]
    if found:
        shown = ", ".join([*found[:SHOWN], *(["..."] if len(found) > SHOWN else [])])
        warnings.warn(
            f"{folder} is shared with another distribution called {name} ({shown}); {REPAIR}",
            RuntimeWarning,
            stacklevel=3,
        )


def foreign_modules(folder: str, modules: Collection[str]) -> list[str]:
    """Give the modules in a folder that the package doesn't have."""
    ours = {*USUAL, *modules, *(f"{module}.py" for module in modules)}
    return sorted(entry for entry in modules_in(folder) if entry not in ours)


def modules_in(folder: str) -> list[str]:
    """Give what can be imported: editors and file systems leave other things behind."""
    with suppress(OSError), os.scandir(folder) as entries:
        return [
            entry.name
            for entry in entries
            if entry.name.partition(".")[0].isidentifier()
            and (entry.name.endswith((".py", ".so", ".pyd")) or entry.is_dir())
        ]
    return []  # it is in an archive, into which nothing is installed


def several_metadata(name: str, folder: str) -> list[str]:
    """Give the metadata of the distributions of that name, if there are several."""
    with suppress(OSError):
        found = [entry for entry in os.listdir(folder) if is_metadata(entry, name)]
        return sorted(found) if len(found) > 1 else []
    return []


def is_metadata(entry: str, name: str) -> bool:
    return entry.startswith(f"{name}-") and entry.endswith((".dist-info", ".egg-info"))
