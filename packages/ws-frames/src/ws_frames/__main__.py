"""``python -m ws_frames``: the version, and whether the C speedups are in use."""

from __future__ import annotations

from importlib.metadata import version

from .speedups import IMPLEMENTATION, REASON


def main() -> None:
    release = version("ws-frames")
    if IMPLEMENTATION == "c":
        print(f"ws-frames {release}, with C speedups")
    else:
        print(f"ws-frames {release}, pure Python: C speedups {REASON}")


if __name__ == "__main__":
    main()
