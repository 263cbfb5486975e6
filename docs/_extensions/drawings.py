"""
Drawings that follow the theme: an SVG that uses its colours becomes a part of the page.

As an image of its own it could not see whether the reader has chosen light or dark. Elsewhere, as on a
page of the repository, the same file falls back to what the system says.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class Drawings(SphinxPostTransform):
    default_priority = 20
    builders = ("html",)

    def run(self, **kwargs: Any) -> None:
        for image in list(self.document.findall(nodes.image)):
            if image["uri"].endswith(".svg"):
                text = Path(self.env.srcdir, image["uri"]).read_text(encoding="utf-8")
                if "var(--color-" in text:
                    label = html.escape(image.get("alt", ""), quote=True)
                    text = text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
                    frame = f'<div class="drawing-frame">{text}</div>'
                    image.replace_self(nodes.raw("", frame, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(Drawings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
