"""
See whether the tests of ws_compat notice when anything of it is gone.

python tools/mutate_compat.py            take away one thing after the other, and run the tests each time
python tools/mutate_compat.py klass      only what has this in its name
python tools/mutate_compat.py --list     say what there is

Each mutant is a copy of the package in which one method is removed, one warning is silent, or one
line of a behaviour is another. The tests have to fail for it. It takes minutes, so it is no step
of the gate.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from mutants import Mutant, copy_with, passes, run
from ws_compat.replacements import REPLACEMENTS

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "packages" / "ws-compat" / "src"

# Those that fail first come first.
TESTS = ["tests/ws_compat", "tests/websockets/releases", "tests/websockets/programs"]

#: What each behaviour is called, its module, and what to change there into what.
BEHAVIOURS = [
    ("argument by its old name is left out", "arguments", "arguments.setdefault(new, value)", "..."),
    ("old name wins", "arguments", "arguments.setdefault(new, value)", "arguments[new] = value"),
    ("legacy_recv is ignored", "arguments", "return legacy_recv", "return False"),
    ("create_protocol is ignored", "arguments", 'arguments.pop("create_protocol", None) or ', ""),
    ("legacy_recv makes no difference", "arguments", "create = with_legacy_recv(create)", "..."),
    ("another loop is taken", "arguments", "raise RuntimeError(", "RuntimeError("),
    ("max_queue=0 is taken as it is", "arguments", 'arguments["max_queue"] = None', "..."),
    ('"" in origins is taken as it is', "arguments", 'None if origin == "" else origin', "origin"),
    ("functools.partial is a plain function", "arguments", '"func" if is_partial else "__wrapped__"', '"__wrapped__"'),
    ("a wrapped function is another", "arguments", '"func" if is_partial else "__wrapped__"', '"func"'),
    ("a generator is a plain function", "arguments", "or inspect.isgeneratorfunction(layer)", ""),
    ("a function's result is awaited", "arguments", "if inspect.isawaitable(result) else result", ""),
    ("an awaitable is a result", "arguments", "await result if inspect", "result if inspect"),
    ("the signature shows old arguments", "arguments", 'functools.update_wrapper(wrapper, function, assigned=["__doc__"], updated=[])', "..."),
    ("connect() takes any loop", "client", "check_loop(self._given_loop)", "..."),
    ("connect() takes no old argument", "client", "modernize(kwargs, WebSocketClientProtocol)", "None"),
    ("unix_connect() ignores its path", "client", "Connect(uri, path=path, **kwds)", "Connect(uri, **kwds)"),
    ("serve() takes any loop", "server", "check_loop(self._given_loop)", "..."),
    ("serve() takes no old argument", "server", "modernize(kwargs, WebSocketServerProtocol)", "None"),
    ("unix_serve() ignores its path", "server", "path=path, unix=True", "unix=True"),
    ("a connection takes any loop", "protocol", "check_loop(self._given_loop)", "..."),
    ("a connection ignores legacy_recv", "protocol", "use_legacy_recv(self)", "..."),
    ("a connection's host is another", "protocol", "if self._host is None else self._host", ""),
    ("a connection's port is another", "protocol", "if self._port is None else self._port", ""),
    ("a recv() of a program's own is passed by", "protocol", "return Messages(recv)", "return super().__aiter__()"),
    ("a header has any value", "extra_headers", "value if is_text(value) else str(value)", "value"),
    ("headers of the handshake are given", "extra_headers", "not in OWN_HEADERS", "not in ()"),
    ("a setting has no effect", "settings", "self._apply(instance)", "..."),
    ("a client calls itself what it always did", "paths", "return vars(sys.modules[module])[name]", "..."),
    ("recv() raises", "legacy_recv", "return None\n        return message", "raise\n        return message"),
    ("a class with legacy_recv is made twice", "legacy_recv", 'if not getattr(cls, "legacy_recv", False):', "if True:"),
    ("an instance of ours is none of theirs", "counterparts", "counterpart is not None and", "False and"),
    ("a frame without a mask is taken", "framing", "is not bool(mask)", "is None"),
    ("a frame of any size is read", "framing", "size > max_size", "False"),
    ("extensions do not decode", "framing", "in reversed(extensions or ())", "in ()"),
    ("extensions do not encode", "framing", "in extensions or ()", "in ()"),
    ("get_header is no function", "handshake", "if callable(headers):\n        warn_of_function(\"get", "if False:\n        warn_of_function(\"get"),
    ("set_header is no function", "handshake", "if callable(headers):\n            headers(name", "if False:\n            headers(name"),
    ("read_request() takes any method", "http", 'if method != "GET":', "if False:"),
    ("an end of the stream is no error", "http", "raise EOFError(str(parser.eof_error()))", "return"),
    ("a module of others is taken", "paths", "raise ImportError(", "ImportError("),
    ("import * warns", "paths", "return not is_star_import(frame) or self.all_deprecated", "return True"),
    ("looking for a name warns", "paths", 'if package_of(frame) == "importlib":', "if False:"),
    ("a mix of files is not told", "installation", "if found:", "if False:"),
    ("a mix of metadata is not told", "installation", "if len(found) > 1 else []", "if False else []"),
    ("a warning is at a line of ours", "deprecation", "in BETWEEN", "in ()"),
]  # fmt: skip

SILENT = """
_warn_deprecated = warn_deprecated

def warn_deprecated(what, *instead):
    if what != {what!r}:
        _warn_deprecated(what, *instead)
"""


def read(module: str) -> str:
    return SOURCE.joinpath("ws_compat", f"{module}.py").read_text(encoding="utf-8")


def all_mutants() -> list[Mutant]:
    return [*behaviours(), *silent(), *removed()]


def behaviours() -> Iterator[Mutant]:
    for name, module, old, new in BEHAVIOURS:
        source = read(module)
        if old not in source:
            raise LookupError(f"{module}.py has no {old!r}: {name}")
        yield Mutant(name, module, source.replace(old, new, 1))


def silent() -> Iterator[Mutant]:
    """Each thing that is deprecated, without its warning."""
    for what in REPLACEMENTS:
        source = read("deprecation") + SILENT.format(what=what)
        yield Mutant(f"no warning of {what}", "deprecation", source)


def removed() -> Iterator[Mutant]:
    """Each method, taken away: what it overrides takes its place, or nothing."""
    for path in sorted(SOURCE.joinpath("ws_compat").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        for cls in ast.parse(source).body:
            # A typing.Protocol has no behaviour.
            if isinstance(cls, ast.ClassDef) and "Protocol" not in map(ast.unparse, cls.bases):
                for node in cls.body:
                    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        name = f"without {path.stem}.{cls.name}.{label_of(node)}"
                        yield Mutant(name, path.stem, without(source, node))


def label_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    setter = f"{node.name}.setter"  # which has the name of what it sets
    return setter if setter in map(ast.unparse, node.decorator_list) else node.name


def without(source: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    lines = source.splitlines()
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    lines[first - 1 : node.end_lineno] = [" " * node.col_offset + "pass"]
    return "\n".join(lines) + "\n"


def survives(mutant: Mutant) -> bool:
    """Whether all tests pass in spite of it."""
    with copy_with(mutant, SOURCE, "ws_compat") as copy:
        # One after the other, since most of them are noticed by the module's own.
        own = f"tests/ws_compat/test_{mutant.module}.py"
        return all(passes(tests, copy) for tests in (own, *TESTS))


def main(arguments: list[str] | None = None) -> int:
    return run(__doc__, all_mutants(), survives, read, arguments)


if __name__ == "__main__":
    sys.exit(main())
