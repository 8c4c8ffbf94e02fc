"""The tests mirror the program, file by file; a module without a file of its own stands in a table, with where to look.

And what may not be imported, seen from outside: what a fresh interpreter holds once it has imported a part.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from parsers.findings import rules

REPOSITORY = Path(__file__).resolve().parents[1]

ELSEWHERE = {
    "parsers/awaited_words.py": ("tests/parsers/test_awaited.py", "each wait with its words"),
    "parsers/ends/meet.py": ("tests/parsers/ends/test_lineup.py", "whose log is whose, where commands are lined up"),
    "parsers/ends/side.py": ("tests/parsers/ends/test_lineup.py", "how far each command came"),
    "parsers/building/printed.py": ("tests/parsers/building/test_builder.py", "results as whole logs have them"),
    "parsers/workers/ready.py": ("tests/parsers/workers/test_binding.py", "what the binding asks of a worker"),
    "parsers/building/run_builder.py": ("tests/parsers/building/test_builder.py", "the builder's other half"),
    "parsers/building/statuses.py": ("tests/parsers/building/test_settle.py", "what all is settled for"),
    "parsers/sshd/routing.py": ("tests/parsers/sshd/test_builder.py", "whose line is whose, from lines to connections"),
    "parsers/attribution/states.py": ("tests/parsers/attribution/test_beam.py", "the states of its search"),
    "parsers/attribution/events.py": ("tests/parsers/attribution/test_lanes.py", "what goes to another process"),
    "parsers/attribution/window.py": ("tests/parsers/attribution/test_beam.py", "logs as the search is told them"),
    "parsers/workers/announcer.py": ("tests/parsers/workers/test_binding.py", "logs with workers' process ids"),
    "parsers/workers/lent.py": ("tests/parsers/attribution/test_search.py", "a real log, looked at in between"),
    "parsers/workers/nameless.py": ("tests/parsers/workers/test_commands.py", "commands whose chunks name nobody"),
    "parsers/workers/worker.py": ("tests/parsers/workers/test_binding.py", "what the binding fills in"),
    "tui/demo/server.py": ("tests/tui/demo/test_demo.py", "each fault of it, by a real ssh"),
    "tui/exits.py": ("tests/tui/test_cli.py", "each code, where it is returned"),
    "tui/report/collect.py": ("tests/tui/report/test_document.py", "one document in three steps"),
    "tui/report/grouping.py": ("tests/tui/report/test_textform.py", "what both texts share"),
    "tui/report/jsonform.py": ("tests/tui/report/test_document.py", "one document in three steps"),
    "tui/report/run.py": ("tests/tui/report/test_document.py", "one document in three steps"),
    "tui/report/schema.py": ("tests/tui/report/test_document.py", "real reports held against it"),
    "tui/screens/paned.py": ("tests/tui/screens/test_main.py", "panes, tabs and zoom of the main screen"),
    "tui/sources/base.py": ("tests/tui/sources/test_files.py", "what all sources share"),
    "tui/sources/content.py": ("tests/tui/sources/test_files.py", "what a file is found to be"),
    "tui/sources/opening.py": ("tests/tui/sources/test_files.py", "from a name to a source, or to a sentence"),
    "tui/sources/private.py": ("tests/tui/sources/test_launch.py", "modes and places of recordings"),
    "tui/sources/processes.py": ("tests/tui/sources/test_launch.py", "real processes that end or stay"),
    "tui/sources/unpack.py": ("tests/tui/sources/test_files.py", "packed, cut and damaged files"),
    "tui/styles/themes.py": ("tests/tui/test_snapshots.py", "colours are looked at"),
    "tui/widgets/channelhint.py": ("tests/tui/screens/test_channels.py", "its words, where they are shown"),
    "tui/widgets/channeltree.py": ("tests/tui/screens/test_channels.py", "its rows, where they are shown"),
    "tui/widgets/filterbar.py": ("tests/tui/screens/test_arranged.py", "the filter as it is typed"),
    "tui/widgets/rowsource.py": ("tests/tui/widgets/test_rows.py", "an interface, and its first user"),
}
"""Module: the file that tests it, and why there."""


def modules() -> list[str]:
    """Every module of the program but the rules, which are tested by what they find."""
    found = (path.relative_to(REPOSITORY) for top in ("parsers", "tui") for path in (REPOSITORY / top).rglob("*.py"))
    return sorted(
        path.as_posix() for path in found if not path.name.startswith("__") and path.parent != Path("parsers/rules")
    )


def mirrored(module: str) -> Path:
    """Where the test of a module stands."""
    path = Path(module)
    return REPOSITORY / "tests" / path.parent / f"test_{path.name}"


@pytest.mark.parametrize("module", [name for name in modules() if name not in ELSEWHERE])
def test_a_module_has_a_test_file_at_its_place(module: str) -> None:
    assert mirrored(module).exists(), f"{mirrored(module).relative_to(REPOSITORY)} is missing; or name it in ELSEWHERE"


def test_the_table_holds_only_what_it_must() -> None:
    assert not [name for name in ELSEWHERE if name not in modules()], "modules that are gone"
    assert not [name for name in ELSEWHERE if mirrored(name).exists()], "modules that have a file of their own by now"
    assert not [name for name, (where, _) in ELSEWHERE.items() if not (REPOSITORY / where).exists()]


def test_a_rule_is_named_by_some_test_of_the_rules() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests" / "parsers" / "rules").glob("*.py")]
    assert not [name for name in rules() if not any(f'"{name}"' in text for text in texts)]


PROBE = """
import importlib, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
held = sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1].split(",")))
print(",".join(held))
"""


def held(forbidden: str, *names: str) -> str:
    """Which packages of `forbidden` a fresh interpreter holds after importing `names`."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, forbidden, *names],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def dotted(module: str) -> str:
    """A path as Python imports it."""
    return module.removesuffix(".py").replace("/", ".")


def test_the_core_imports_no_screen() -> None:
    core = [dotted(name) for name in modules() if name.startswith("parsers/")]
    core += [f"parsers.rules.{path.stem}" for path in (REPOSITORY / "parsers" / "rules").glob("[!_]*.py")]
    assert held("textual,rich,tui,asyncssh,ansible,msgspec", *core) == ""


def test_sources_and_report_import_no_screen() -> None:
    face = [dotted(name) for name in modules() if name.startswith(("tui/sources/", "tui/report/"))]
    assert held("textual,rich,asyncssh,ansible", "tui.cli", "tui.explain", "tui.prose", "tui.stamp", *face) == ""


def test_the_probe_sees_what_it_forbids() -> None:
    assert held("textual,rich", "tui.app") == "rich,textual"
