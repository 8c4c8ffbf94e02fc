"""What stands before Ansible's first line: shells that find no program, and tracebacks that are Ansible's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines.outset import Outset
from parsers.model import Place, RunStatus
from tests.parsers.helpers import analyse, model_of

# As bash 5.2, dash 0.5.12, coreutils 9.1 and Python 3.11 said them on a machine without Ansible.
NOT_STARTED = [
    "bash: line 1: ansible-playbook: command not found",
    "-bash: ansible: command not found",
    "sh: 1: ansible-playbook: not found",
    "env: ‘ansible-playbook’: No such file or directory",
    "/usr/bin/env: 'ansible-playbook': No such file or directory",
    "bash: line 1: bin/ansible-playbook: cannot execute: required file not found",
    "bash: /opt/a/bin/ansible-playbook: /opt/a/bin/python3.11: bad interpreter: Permission denied",
    "/usr/bin/bash: line 142: ansible-galaxy: command not found",
    "sudo: ansible-playbook: command not found",
    "zsh: command not found: ansible-playbook",
    "fish: Unknown command: ansible-playbook",
    "Command 'ansible' not found, but can be installed with:",
]
NO_MODULE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/bin/ansible", line 5, in <module>\n'
    "    from ansible.cli.playbook import main\n"
    "ModuleNotFoundError: No module named 'ansible'\n"
)
SIX = (
    "Traceback (most recent call last):\n"
    '  File "/usr/local/bin/ansible", line 62, in <module>\n'
    "    import ansible.constants as C\n"
    "ModuleNotFoundError: No module named 'ansible.module_utils.six.moves'\n"
)


@pytest.mark.parametrize("line", NOT_STARTED)
def test_a_program_that_was_not_started_is_a_run_that_never_began(line: str) -> None:
    model, found = analyse(f"{line}\n".encode())
    (run,) = model.runs
    assert run.status is RunStatus.CONTROL_ERROR
    assert [(finding.rule.id, finding.host, finding.evidence[0].place.line) for finding in found] == [
        ("control-ansible-missing", None, 1)
    ]


@pytest.mark.parametrize("text", [NO_MODULE, SIX])
def test_a_traceback_through_ansible(text: str) -> None:
    model, found = analyse(f"Starting the job\n{text}".encode())
    (run,) = model.runs
    assert (run.first.line, run.status) == (2, RunStatus.CONTROL_ERROR)
    assert [finding.rule.id for finding in found] == ["control-ansible-missing"]
    assert found[0].evidence[0].text.startswith("ModuleNotFoundError")


@pytest.mark.parametrize(
    "text",
    [
        "bash: line 1: ansibleish: command not found",
        "bash: mysql: command not found",
        "the ansible docs: where things are not found",
        NO_MODULE.replace("ansible", "django"),
        "Traceback (most recent call last):\n  File \"/srv/app.py\", line 1, in <module>\nKeyError: 'ansible'\n",
        "Traceback (most recent call last):\n",
    ],
)
def test_what_another_program_says_is_no_run(text: str) -> None:
    assert model_of(f"{text}\n".encode()).runs == []


def test_it_does_not_matter_once_there_is_a_run() -> None:
    text = "ansible-playbook [core 2.19.14]\nbash: line 1: ansible-playbook: command not found\n"
    (run,) = model_of(text.encode()).runs
    assert run.control_errors == []


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"Traceback (most recent call last):", b"  File", b""])))
def test_any_lines_are_taken(lines: list[bytes]) -> None:
    outset = Outset()
    for number, line in enumerate(lines, 1):
        error = outset.line(line, Place(0, number))
        assert error is None or (error.lines and len(error.lines) <= 40)


@pytest.mark.parametrize("line", [b"a" * 1_000_000, b" " * 1_000_000, b"ansible: " * 100_000, b"'/" * 500_000])
def test_a_huge_line_costs_no_more_than_its_beginning(line: bytes) -> None:
    assert Outset().line(line, Place(0, 1)) is None
