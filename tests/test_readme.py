"""README says what the program does now: keys, commands, codes, files and links."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.pages import README, REPOSITORY, with_keys
from scripts.picture import PICTURE, SAMPLE
from tui.cli import _COMMANDS, _parser
from tui.exits import Exit

TEXT = README.read_text(encoding="utf-8")


def test_the_table_of_keys_is_the_programs() -> None:
    assert with_keys(TEXT) == TEXT, "make docs renews it"


def test_a_readme_without_its_place_for_keys_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no"):
        with_keys("# sshdebug-tui\n")


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_has_an_example(command: str) -> None:
    assert re.search(rf"^    (?:.* \| )?sshdebug-tui {command}\b", TEXT, re.MULTILINE)


def test_every_example_is_understood() -> None:
    examples = re.findall(r"^    (?:[^|\n]* \| )?sshdebug-tui ([^|\n]+?)(?: \|.*)?$", TEXT, re.MULTILINE)
    assert len(examples) > 8
    for example in examples:
        words = example.split()
        if words[0] != "--":
            assert _parser().parse_args(words).command == words[0]


def test_the_two_commands_and_the_others_are_targets() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_links_and_the_sample_of_the_picture_are_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in link]
    assert links
    for link in [*links, f"sample_logs/{SAMPLE}"]:
        assert (REPOSITORY / link).exists(), link
    assert f"sample_logs/{SAMPLE}" in TEXT


def test_the_picture_is_of_that_sample_and_fetches_nothing() -> None:
    picture = PICTURE.read_text(encoding="utf-8")
    assert SAMPLE in picture
    assert set(re.findall(r"https?://[\w.-]+", picture)) <= {"http://www.w3.org", "https://www.textualize.io"}


def test_exit_codes_are_the_programs() -> None:
    for code in (Exit.OK, Exit.HOSTS, Exit.USAGE, Exit.INTERNAL, Exit.NOT_EXECUTABLE, Exit.NOT_FOUND):
        assert re.search(rf"\b{int(code)}\b", TEXT.partition("## Exit codes")[2].partition("\n## ")[0])


def test_versions_named_as_sampled_have_samples() -> None:
    named = re.search(r"sample logs.*? are of ansible-core ([0-9., and\n]+)\.", TEXT)
    assert named is not None
    versions = set(re.findall(r"2\.\d+", named[1]))
    logs = (REPOSITORY / "sample_logs").glob("*.log*")
    assert versions == {found[1] for path in logs if (found := re.search(r"-(2\.\d+)\.", path.name))}


def test_the_changelog_has_the_version_and_its_date() -> None:
    from tomllib import loads

    version = loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)


def test_help_of_make_names_the_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=30)
    assert "make demo" in done.stdout
    assert "make test" in done.stdout


def test_the_committed_files_name_no_place_of_somebodys_machine() -> None:
    mine = re.compile(r"/(?:work|root)/|" + re.escape(str(Path(sys.prefix))))
    for path in (README, REPOSITORY / "CHANGELOG.md", REPOSITORY / ".ci" / "run", *REPOSITORY.glob("scripts/*.py")):
        assert not mine.search(path.read_text(encoding="utf-8")), path
