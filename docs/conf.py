"""How Sphinx makes the documentation site: `hatch run docs:build`."""

from __future__ import annotations

import builtins
import os
import re
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

# The Python twins are documented: they are the specification of the C.
os.environ["WS_FRAMES_SPEEDUPS"] = "never"

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
    "docstrings",
    "drawings",
    "import_paths",
]

exclude_patterns = ["bench"]

# Markdown: directives between colons, headings as anchors, definition lists.
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
add_module_names = False
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

# A name in a signature or a docstring that leads nowhere is an error, but for these.
nitpicky = True
nitpick_ignore_regex = [
    # The standard library: its inventory would have to be fetched.
    (r"py:.*", rf"(?:{'|'.join(sorted(sys.stdlib_module_names))})(?:\..*)?"),
    (r"py:.*", rf"(?:{'|'.join(dir(builtins))})"),
    # Types that have a name only to be short, where the text says what they are.
    (r"py:class", r"Handler|ExtraHeadersOption|ProcessRequest|_Parameter|_Version"),
    (r"py:class", r"(?:ws_asyncio\.handlers\.)?ConnectionT"),
    (r"py:class", r"(?:ws_asyncio\.server_protocol\.)?Registry|(?:ws_compat\.framing\.)?Stream"),
    (r"py:class", r"list\[ExtensionParameter\]"),
]

# Blocks without a language are messages, and no Python.
highlight_language = "text"

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"WebSocket stack {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

DOCS = Path(__file__).parent
ROOT = DOCS.parent

# Files in Markdown that stand elsewhere in the checkout, and are pages of the site as well: those of
# these names hold a comment only.
ELSEWHERE = {
    "project/readme": ROOT / "README.md",
    "project/contributing": ROOT / "CONTRIBUTING.md",
    "project/security": ROOT / "SECURITY.md",
    "project/changelog": ROOT / "packages" / "websockets" / "CHANGELOG.md",
    **{f"project/{path.parent.name}": path for path in ROOT.glob("packages/*/README.md")},
}
LINK = re.compile(r"\]\((?P<path>[^)#:]+)(?P<heading>#[^)]*)?\)")


def read_elsewhere(app: Sphinx, name: str, source: list[str]) -> None:
    """Put the text of such a file in its page, and lead the links of all pages to such pages."""
    file = ELSEWHERE.get(name, DOCS / name)
    if name in ELSEWHERE:
        app.env.note_dependency(str(file))
        source[0] = file.read_text(encoding="utf-8")
    source[0] = LINK.sub(lambda match: led(match, file.parent, name), source[0])


def led(link: re.Match[str], folder: Path, name: str) -> str:
    """Give a link as it has to be on the page of this name."""
    target = (folder / link["path"]).resolve()
    pages = {path: page for page, path in ELSEWHERE.items()}
    page = pages.get(target) or pages.get(target / "README.md")
    if page is not None:
        return f"](/{page}.md{link['heading'] or ''})"
    if name not in ELSEWHERE or not target.exists():
        return link[0]
    if target.suffix == ".md" and DOCS in target.parents:
        return f"](/{target.relative_to(DOCS).as_posix()}{link['heading'] or ''})"
    return f"](<path:{os.path.relpath(target, (DOCS / name).parent)}>)"


def setup(app: Sphinx) -> None:
    app.connect("source-read", read_elsewhere)
    app.add_lexer("haproxy", TextLexer)  # which Pygments does not know
