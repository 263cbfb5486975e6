"""How Sphinx makes the documentation site: `hatch run docs:build`."""

from __future__ import annotations

import re
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "WebSocket stack"
author = "the authors"
version = release = installed_version("websockets")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
]

exclude_patterns = ["examples", "bench"]

# Markdown: directives between colons, headings as anchors, definition lists.
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

# A name in a signature or a docstring that leads nowhere is an error, but for these.
nitpicky = True
nitpick_ignore: list[tuple[str, str]] = []

html_theme = "furo"
html_title = f"WebSocket stack {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Pages in Markdown that are no part of the site, such as the README of a package.
OUTSIDE = re.compile(r"\]\((?P<path>(?:\.\./)+(?:packages/[^)#]*|[A-Z]+)\.md)(?:#[^)]*)?\)")


def link_files_outside(app: Sphinx, name: str, source: list[str]) -> None:
    """Give such a page as a file; in a checkout the same link leads to it as well."""
    source[0] = OUTSIDE.sub(r"](<path:\g<path>>)", source[0])


def setup(app: Sphinx) -> None:
    app.connect("source-read", link_files_outside)
    for language in ("haproxy", "mermaid"):  # which Pygments does not know
        app.add_lexer(language, TextLexer)
