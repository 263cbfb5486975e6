"""Build hook: compile ``ws_frames._speedups``, or carry on without it.

As a script, ``python hatch_build.py`` brings the library next to the sources up to
date for the running interpreter; an editable install imports that one.

``WS_FRAMES_SPEEDUPS`` decides: ``auto`` (compile, or say why not), ``require`` (a failure
is fatal) or ``never`` (leave the C out).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Base = BuildHookInterface[Any]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Base
    except ImportError:  # run as a script where hatchling is not installed
        Base = object

MODULE = "ws_frames._speedups"
VARIABLE = "WS_FRAMES_SPEEDUPS"
MODES = ("auto", "require", "never")
# Where the package keeps the reason why it has no library; ws_frames.speedups reads it.
REASON_FILE = "_speedups.txt"
FLAGS = ["-std=c11", "-O3", "-fvisibility=hidden", "-Wall", "-Wextra"]
FLAGS_MSVC = ["/std:c11", "/O2", "/W4"]


def chosen_mode() -> str:
    mode = os.environ.get(VARIABLE, "").strip().lower() or "auto"
    if mode not in MODES:
        raise ValueError(f"{VARIABLE} is {mode!r}, must be one of {', '.join(MODES)}")
    return mode


def flags(root: str) -> list[str]:
    if sys.platform == "win32":
        return FLAGS_MSVC
    # Where it is built goes into what debuggers read, and so would make each build another one.
    return [*FLAGS, f"-fdebug-prefix-map={os.path.realpath(root)}=."]


def files(root: str, pattern: str) -> list[str]:
    """Paths below root, relative to it, in an order that does not depend on the disk."""
    return sorted(path.relative_to(root).as_posix() for path in Path(root).glob(pattern))


def compile_extension(root: str, destination: str | None = None, *, force: bool = True) -> Path:
    """Compile into ``destination``, or next to the sources when it is None."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    extension = Extension(
        MODULE,
        files(root, "speedups/*.c"),
        depends=files(root, "speedups/*.h"),
        extra_compile_args=flags(root),
    )
    distribution = Distribution(
        {"ext_modules": [extension], "packages": ["ws_frames"], "package_dir": {"": "src"}}
    )
    command = build_ext(distribution)
    before = os.getcwd()
    os.chdir(root)  # keeps the paths recorded in the objects relative
    try:
        with tempfile.TemporaryDirectory(prefix="ws-frames-") as scratch:
            command.build_temp = scratch
            command.build_lib = destination or scratch
            command.inplace = destination is None
            command.force = force
            command.ensure_finalized()
            built = Path(root, command.get_ext_fullpath(MODULE))
            try:
                command.run()
            except BaseException:
                built.unlink(missing_ok=True)  # do not leave an older one behind
                raise
            return built
    finally:
        os.chdir(before)


def why_not(error: Exception) -> str:
    return f"not compiled ({type(error).__name__}: {error})"


def note_in_sources(root: str, reason: str) -> None:
    """Keep or, where there is a library, drop the reason next to the sources."""
    note = Path(root, "src", "ws_frames", REASON_FILE)
    if reason:
        note.write_text(reason + "\n", encoding="utf-8")
    else:
        note.unlink(missing_ok=True)


class SpeedupsBuildHook(Base):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.scratch = tempfile.TemporaryDirectory(prefix="ws-frames-lib-")
        editable = version == "editable"
        mode = chosen_mode()
        if mode == "never":
            self.go_without(build_data, editable, f"left out on request ({VARIABLE}=never)")
            return
        try:
            built = compile_extension(self.root, None if editable else self.scratch.name)
        except Exception as exc:
            if mode == "require":
                raise
            self.go_without(build_data, editable, why_not(exc))
            return
        build_data["pure_python"] = False
        if editable:
            note_in_sources(self.root, "")
        else:
            build_data["infer_tag"] = True
            build_data["force_include"][str(built)] = f"ws_frames/{built.name}"

    def go_without(self, build_data: dict[str, Any], editable: bool, reason: str) -> None:
        self.app.display_warning(
            f"ws-frames: C speedups {reason}; the slower pure-Python code will be used.\n"
            "To have them, install a C compiler and the Python headers, then reinstall with "
            f"--no-cache-dir. {VARIABLE}=require makes this an error."
        )
        # pip hides the warning: leave the reason where the program can show it.
        if editable:
            note_in_sources(self.root, reason)
            return
        note = Path(self.scratch.name, REASON_FILE)
        note.write_text(reason + "\n", encoding="utf-8")
        build_data["force_include"][str(note)] = f"ws_frames/{REASON_FILE}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self.scratch.cleanup()


def main() -> int:
    mode = chosen_mode()
    if mode == "never":
        print(f"ws-frames: C speedups left out on request ({VARIABLE}=never)")
        return 0
    root = str(Path(__file__).resolve().parent)
    try:
        print(compile_extension(root, force="--force" in sys.argv[1:]))
    except Exception as exc:
        if mode == "require":
            raise
        note_in_sources(root, why_not(exc))
        print(f"ws-frames: C speedups {why_not(exc)}", file=sys.stderr)
    else:
        note_in_sources(root, "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
