"""What ``import ws_frames`` offers."""

from __future__ import annotations

import types

import ws_frames


def test_all_names_what_the_module_hands_on() -> None:
    offered = {
        name
        for name, value in vars(ws_frames).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and name != "annotations"
    }
    assert set(ws_frames.__all__) == offered


def test_each_name_is_named_once() -> None:
    assert len(set(ws_frames.__all__)) == len(ws_frames.__all__)
