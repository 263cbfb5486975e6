"""Commands in the documentation exist, and no block of code is of a kind that nothing looks at."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("tomllib is there from Python 3.11 on", allow_module_level=True)

import tomllib

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/*.md")]
)
every_page = pytest.mark.parametrize("page", PAGES)

# "python" is run; a "{directive}" is Sphinx's affair.
LANGUAGES = {
    *("", "console", "shell", "text"),
    *("apache", "caddyfile", "css", "haproxy", "html", "http", "ini", "js", "json", "nginx"),
    *("diff", "dockerfile", "javascript", "toml", "yaml"),
    "python",
}
FENCE = re.compile(
    r"^ *(?:[-*] +)?(?P<fence>`{3,}|~{3,}|:{3,})(?P<language>[^\n`]*)\n", re.MULTILINE
)
HATCH_RUN = re.compile(r"hatch run (?:\+\S+ )?(?P<script>[\w:-]*\w)(?!…)(?![\w:…])")


def scripts() -> set[str]:
    """What may follow ``hatch run``."""
    environments = tomllib.loads(ROOT.joinpath("hatch.toml").read_text(encoding="utf-8"))["envs"]
    names = set()
    for name, environment in environments.items():
        own = environment.get("scripts", {})
        template = environments[environment.get("template", "default")]
        inherited = {} if name == "default" else template.get("scripts", {})
        prefix = "" if name == "default" else f"{name}:"
        names |= {f"{prefix}{script}" for script in {**inherited, **own}}
    return names


SCRIPTS = scripts()
PROGRAMS = {"python", "pytest"}  # of an environment, without a script


def text_of(page: str) -> str:
    return ROOT.joinpath(page).read_text(encoding="utf-8")


def languages(text: str) -> list[str]:
    """What is said behind each fence that opens a block."""
    found = []
    inside: str | None = None
    for match in FENCE.finditer(text):
        if inside is None:
            language = match["language"].strip()
            if match["fence"][0] != ":":
                found.append(language)
                inside = match["fence"]
        elif match["fence"] == inside and not match["language"].strip():
            inside = None
    return found


@every_page
def test_each_block_has_a_language_that_is_known_here(page: str) -> None:
    unknown = [
        language
        for language in languages(text_of(page))
        if language not in LANGUAGES and not language.startswith("{")
    ]
    assert unknown == []


@every_page
def test_the_scripts_of_hatch_exist(page: str) -> None:
    named = {match["script"] for match in HATCH_RUN.finditer(text_of(page))}
    assert named - SCRIPTS - PROGRAMS == set()


@every_page
def test_the_files_that_commands_name_exist(page: str) -> None:
    lines = re.findall(r"python3? ((?:-\S+ )*(?:tools|docs|tests|packages)/\S+\.py)", text_of(page))
    files = [line.split()[-1] for line in lines]
    assert [file for file in files if not ROOT.joinpath(file).is_file()] == []


@every_page
def test_our_modules_that_commands_run_can_be_run(page: str) -> None:
    modules = set(re.findall(r"python3? -m (websockets|ws_\w+)", text_of(page)))
    assert [name for name in modules if importlib.util.find_spec(f"{name}.__main__") is None] == []


@every_page
def test_our_packages_that_commands_install_have_these_extras(page: str) -> None:
    for package, extra in re.findall(r"\b(ws-[a-z]+|websockets)\[([\w-]+)\]", text_of(page)):
        metadata = ROOT.joinpath("packages", package, "pyproject.toml").read_text("utf-8")
        assert extra in tomllib.loads(metadata)["project"]["optional-dependencies"]


def test_there_is_something_to_look_at() -> None:
    text = "".join(map(text_of, PAGES))
    assert len(HATCH_RUN.findall(text)) > 40
    assert {"test", "lint:all", "docs:build", "py:fast"} <= SCRIPTS
    assert languages("```py\n```\n\n- a\n\n  ```{tip}\n  ```\n") == ["py", "{tip}"]
