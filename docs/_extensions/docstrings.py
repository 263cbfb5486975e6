"""
What autodoc leaves to do: names are documented where users import them from.

A package hands on names that its modules define. So an annotation speaks of ``ws_frames.states.Role``
where the reference has ``ws_frames.Role``, and what a comment says of a constant stands in another file
than the one autodoc reads.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any

from docutils.nodes import document
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms.post_transforms import SphinxPostTransform

#: From the top down: a name in several of them is looked up in the first below the one that says it.
PACKAGES = ["ws_compat", "ws_asyncio", "ws_deflate", "ws_http", "ws_frames"]


@cache
def exceptions() -> dict[str, str]:
    """Where each exception is documented."""
    found = {}
    for package in PACKAGES:
        for name in importlib.import_module(package).__all__:
            value = getattr(importlib.import_module(package), name)
            if inspect.isclass(value) and issubclass(value, BaseException):
                found[name] = f"{package}.{name}"
    return found


@cache
def comments(package: str) -> dict[str, list[str]]:
    """What ``#:`` comments say of the constants of a package."""
    found: dict[str, list[str]] = {}
    module = importlib.import_module(package)
    for info in pkgutil.iter_modules(module.__path__, f"{package}."):
        if info.name.endswith(("__main__", "_speedups")):
            continue
        docs = ModuleAnalyzer.for_module(info.name).find_attr_docs()
        found |= {name: lines for (owner, name), lines in docs.items() if not owner}
    return found


# Napoleon takes what is before a colon for the type of an attribute.
ATTRIBUTES = ("attribute", "data", "property")
kept: dict[str, list[str]] = {}


def keep(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Remember the text of an attribute as it was."""
    if what in ATTRIBUTES:
        kept[name] = list(lines)


def complete(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Take what a comment says of a constant; make links of the exceptions in a text."""
    package, _, rest = name.partition(".")
    if what in ATTRIBUTES:
        lines[:] = kept.pop(name)
    if what == "data" and rest in comments(package):
        lines[:] = comments(package)[rest]
    words = re.compile(rf"(?<![`\w.:])({'|'.join(exceptions())})(?![`\w])")
    own = rest.partition(".")[0]
    lines[:] = [words.sub(lambda match: link(match[0], own), line) for line in lines]


def link(exception: str, own: str) -> str:
    """A link to an exception, but not in its own description."""
    return exception if exception == own else f":exc:`~{exceptions()[exception]}`"


class Written(str):
    """A default, shown as it is written."""

    def __repr__(self) -> str:
        return str(self)


def show_defaults(app: Sphinx, obj: Any, bound: bool) -> None:
    """Have the defaults of a class that is called as a function, such as ``connect``, as written."""
    if not inspect.isclass(obj):
        return
    functions = [vars(owner).get("__init__") for owner in obj.__mro__]
    written: dict[str, Written] = {}
    for function in filter(inspect.isfunction, functions):
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        assert isinstance(tree, ast.FunctionDef)
        for argument, default in zip(tree.args.kwonlyargs, tree.args.kw_defaults):
            if default is not None:
                written.setdefault(argument.arg, Written(ast.unparse(default)))
    if inspect.isfunction(functions[0]):
        signature = inspect.signature(functions[0])
        parameters = [
            parameter.replace(default=written.get(name, parameter.default))
            for name, parameter in signature.parameters.items()
        ]
        vars(functions[0])["__signature__"] = signature.replace(parameters=parameters)


def give_no_none(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returns: str | None
) -> tuple[str, str | None]:
    """Leave out what the ``__init__`` of such a class returns."""
    return signature, None if inspect.isclass(obj) else returns


class PublicNames(SphinxPostTransform):
    """Lead a reference to the public name of what it names, before Sphinx looks for it."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        objects = self.env.domains.python_domain.objects
        for node in self.document.findall(pending_xref):
            if node.get("refdomain") == "py" and node["reftarget"] not in objects:
                own = node.get("py:module")
                name = next(
                    (name for name in public(node["reftarget"], own) if name in objects), None
                )
                if name is not None:
                    node["reftarget"] = name


def public(target: str, own: str | None) -> Iterator[str]:
    """What may be meant by a name, with or without the module that defines it."""
    package, *parts = target.split(".")
    if package not in PACKAGES:
        package, parts = own or PACKAGES[0], [package, *parts]
    below = PACKAGES[PACKAGES.index(package) :] if package in PACKAGES else PACKAGES
    for start in range(len(parts)):
        for place in below:
            yield ".".join([place, *parts[start:]])


BACK = re.compile(r'(?P<start><a class="viewcode-back" href="[^"#]*#)(?P<name>[^"]*)')


def lead_back(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: document | None
) -> None:
    """Mend links from a source to the reference, which may have its names at two import paths.

    The extension that shows sources goes by the path of the first one for all of them.
    """
    if page.startswith("_modules/") and page != "_modules/index":
        objects = app.env.domains.python_domain.objects
        module = page[len("_modules/") :].replace("/", ".")

        def mended(match: re.Match[str]) -> str:
            name = match["name"]
            own = f"{module}.{name.partition('.')[2]}"
            return match["start"] + (name if name in objects else own)

        context["body"] = BACK.sub(mended, context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", keep, priority=400)  # before Napoleon's
    app.connect("autodoc-process-docstring", complete, priority=600)
    app.connect("autodoc-before-process-signature", show_defaults)
    app.connect("autodoc-process-signature", give_no_none)
    app.connect("html-page-context", lead_back)
    app.add_post_transform(PublicNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
