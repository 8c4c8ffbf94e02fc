"""What a log does not show is told, and nothing is made of it that it does not say: callbacks below ANSIBLE_DEBUG."""

from __future__ import annotations

import pytest

from parsers.log_model import LogModel
from parsers.model import RunStatus, Status
from tests.parsers.helpers import analyse, sample

NULL = "no task and no result is shown"
BARE = "no task is announced"


def ran(address: str, command: str, rc: int, err: str = "") -> str:
    """A command as -vvv shows it (ansible-core 2.16-2.21)."""
    words = f"/bin/sh -c '\"'\"'{command} && sleep 0'\"'\"'"
    return (
        f"<{address}> ESTABLISH SSH CONNECTION FOR USER: deploy\n"
        f"<{address}> SSH: EXEC ssh -C -o Port=22 -o 'User=\"deploy\"' {address} '{words}'\n"
        f"<{address}> ({rc}, b'', b'{err}')\n"
    )


TMP = '( umask 77 && mkdir -p "` echo /home/deploy/.ansible/tmp `" )'
BEGIN = "ansible-playbook [core 2.19.14]\n"
GOOD = ran("192.0.2.1", "echo ~deploy", 0) + ran("192.0.2.1", "/usr/bin/python3 x.py", 0)
BAD = ran("192.0.2.2", "echo ~deploy", 0) + ran("192.0.2.2", TMP, 1, "mkdir: cannot create directory")


def model(text: str) -> LogModel:
    """The settled model of a log."""
    return analyse(text.encode())[0]


def notes(text: str) -> list[str]:
    """What is noted of it."""
    return [words for _, words in model(text).notes]


def test_a_log_without_any_result_says_so() -> None:
    (note,) = notes(BEGIN + GOOD)
    assert note.startswith(NULL)
    assert "ANSIBLE_STDOUT_CALLBACK=default" in note


def test_what_had_no_temporary_directory_was_not_reached() -> None:
    """AnsibleConnectionFailure, be it shown or not; of a module that ended nothing is known."""
    run = model(BEGIN + GOOD + BAD).runs[0]
    assert {name: host.status for name, host in run.hosts.items()} == {
        "192.0.2.1": Status.RUNNING,
        "192.0.2.2": Status.UNREACHABLE,
    }
    assert run.status is RunStatus.INCOMPLETE


@pytest.mark.parametrize(
    "shown",
    [
        "\nTASK [Ping] ****\n" + GOOD,
        GOOD + 'ok: [web1] => {"ping": "pong"}\n',
        GOOD + "web1 | SUCCESS => {\n}\n",
        GOOD + "\nPLAY RECAP ****\nweb1 : ok=1 changed=0 unreachable=0 failed=0\n",
    ],
)
def test_a_log_that_shows_something_has_no_such_note(shown: str) -> None:
    assert not [note for note in notes(BEGIN + shown) if note.startswith(NULL)]


TWO_TASKS = (
    f"{BEGIN}{GOOD}web1 | SUCCESS => {{\n}}\n"
    f"{ran('192.0.2.1', '/usr/bin/python3 y.py', 1)}web1 | FAILED | rc=1 >>\nout\nnon-zero return code\n"
)


def test_a_second_result_of_a_host_is_another_tasks() -> None:
    """With the commands before it, behind the first one's result; none of them makes a host of its own."""
    run = model(TWO_TASKS).runs[0]
    assert list(run.hosts) == ["web1"]
    first, second = run.hosts["web1"].tasks
    assert [len(task.commands) for task in (first, second)] == [2, 1]
    assert (first.status, second.status) == (Status.OK, Status.FAILED)
    assert second.first < second.results[0].place
    (note,) = notes(TWO_TASKS)
    assert note.startswith(BARE)


def test_one_task_needs_no_such_note() -> None:
    assert notes(f"{BEGIN}{GOOD}web1 | SUCCESS => {{\n}}\n") == []


def test_what_the_callback_minimal_prints_of_a_failure() -> None:
    result = model(TWO_TASKS).runs[0].hosts["web1"].tasks[1].results[0]
    assert (result.rc, result.message, result.module_stdout) == (1, "non-zero return code", "out\n")
    assert result.message_place is not None
    assert result.stdout_place is not None
    assert result.message_place.line == result.stdout_place.line + 1 == result.place.line + 2


def test_ansibles_own_error_below_is_not_the_hosts() -> None:
    text = f"{BEGIN}{GOOD}web1 | FAILED | rc=2 >>\nmine\n[ERROR]: Task failed: x\nOrigin: /site.yml:5:7\n"
    result = model(text).runs[0].hosts["web1"].tasks[0].results[0]
    assert (result.rc, result.message, result.module_stdout) == (2, "mine", "")


def test_what_the_callback_oneline_prints_of_a_failure() -> None:
    text = f"{BEGIN}{GOOD}web1 | FAILED | rc=3 | (stdout) one\\ntwo (stderr) three\n"
    result = model(text).runs[0].hosts["web1"].tasks[0].results[0]
    assert (result.rc, result.module_stdout, result.module_stderr) == (3, "one\ntwo", "three")


STARTED = "  4201 1795878605.55608: starting run\n"
TORN = "what -v says and the debug lines came over two streams"


def test_a_version_before_the_first_debug_line_is_of_the_same_run() -> None:
    """ANSIBLE_VERBOSE_TO_STDERR, both streams into one file, of which Python holds stdout back."""
    found = model(f"{BEGIN}  config file = None\n{STARTED}{GOOD}")
    assert [(run.ansible_version, run.debug) for run in found.runs] == [("2.19.14", True)]
    assert [words for _, words in found.notes if words.startswith(TORN)]
    assert "PYTHONUNBUFFERED=1 keeps the order" in found.notes[0][1]


def test_in_the_usual_order_nothing_is_torn() -> None:
    found = model(f"{STARTED}{BEGIN}{GOOD}")
    assert [run.ansible_version for run in found.runs] == ["2.19.14"]
    assert not [words for _, words in found.notes if words.startswith(TORN)]


def test_a_run_that_never_began_is_no_part_of_the_next() -> None:
    found = model(f"{BEGIN}ERROR! the playbook: x.yml could not be found\n{STARTED}{GOOD}")
    assert len(found.runs) == 2


def test_a_real_log_in_lost_order_is_one_run() -> None:
    found = analyse(sample("verbose-stderr-2.19.log.gz"))[0]
    assert [run.ansible_version for run in found.runs] == ["2.19.14"]
    assert [words for _, words in found.notes if words.startswith(TORN)]
