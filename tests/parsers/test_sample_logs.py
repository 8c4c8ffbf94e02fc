"""Every sample log is found to say what really happened in it."""

from __future__ import annotations

import re
from functools import cache

import pytest

from parsers.findings import Finding, Severity
from parsers.log_model import LogModel
from parsers.model import Attribution, Status
from tests.parsers.helpers import analyse, expected, sample

LOGS = sorted(expected())

_FRAMING = re.compile(rb"(\x1b\[[0-9;]*m|\d{4}-\d\d-\d\dT[\d:.]+Z )?")
"""What can stand before `<<<` on its line and is no text: a colour of Ansible's, a CI's time."""


@cache
def read(name: str) -> tuple[LogModel, list[Finding]]:
    """The settled model and the findings of a sample log."""
    return analyse(sample(name))


@pytest.mark.parametrize("name", LOGS)
def test_kind_runs_and_status(name: str) -> None:
    model, want = read(name)[0], expected()[name]
    assert (model.kind, len(model.runs)) == (want["kind"], want["runs"])
    for run in model.runs:
        assert run.status == want["run_status"]
        assert run.ansible_version is None or run.ansible_version.startswith(want["ansible"])
        told = run.recap is not None and want["kind"] != "ansible-log"
        assert not told or run.verbosity == want["verbosity"]


@pytest.mark.parametrize("name", LOGS)
def test_hosts(name: str) -> None:
    want = {
        host: (facts["status"], facts["failed_stage"], facts["phase"])
        for host, facts in expected()[name]["hosts"].items()
    }
    for run in read(name)[0].runs:
        got = {host.name: (host.status, host.failed_stage, host.phase) for host in run.hosts.values()}
        assert {host: tuple(str(part) if part else None for part in parts) for host, parts in got.items()} == want


@pytest.mark.parametrize("name", LOGS)
def test_a_host_and_its_cause_name_the_same_phase(name: str) -> None:
    model, findings = read(name)
    phases = {(run.index, host.name): host.phase for run in model.runs for host in run.hosts.values() if host.phase}
    told = [
        (finding.host, finding.phase, phases[finding.run, finding.host])
        for finding in findings
        if finding.severity is Severity.ERROR and finding.host and (finding.run, finding.host) in phases
    ]
    assert [(host, phase) for host, phase, _ in told] == [(host, own) for host, _, own in told]


@pytest.mark.parametrize("name", LOGS)
def test_a_sound_host_has_no_error(name: str) -> None:
    hosts = expected()[name]["hosts"]
    errors = [finding for finding in read(name)[1] if finding.severity is Severity.ERROR]
    assert [finding.rule.id for finding in errors if finding.host and hosts[finding.host]["status"] == "ok"] == []


@pytest.mark.parametrize("name", LOGS)
def test_everything_has_its_place_in_the_file(name: str) -> None:
    model, findings = read(name)
    data = sample(name)
    assert (model.bytes, model.complete) == (len(data), True)
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    for chunk in model.chunks:
        counted = data.count(b"\n", chunk.start, chunk.end)
        last = data[data.rfind(b"\n", chunk.start, chunk.end) + 1 : chunk.end] if counted else b""
        lines = counted + (_FRAMING.fullmatch(last) is None) if counted else chunk.end > chunk.start
        assert list(model.chunks.lines([chunk.index])) == [lines]
    for finding in findings:
        assert finding.evidence
        for place in (evidence.place for evidence in finding.evidence):
            assert starts[place.line - 1] <= place.offset < starts[place.line]
    for command in model.chunks.commands:
        assert starts[command.opened.line - 1] == command.opened.offset
        assert command.opened.line <= command.last_line <= model.lines
    for run in model.runs:
        for host in run.hosts.values():
            for task in host.tasks:
                assert starts[task.first.line - 1] == task.first.offset
                for stage in task.stages:
                    assert stage.seconds is None or stage.seconds >= 0


@pytest.mark.parametrize("name", [name for name in LOGS if expected()[name]["kind"] == "ansible-debug"])
def test_each_chunk_is_framed(name: str) -> None:
    model, data = read(name)[0], sample(name)
    assert len(model.chunks) > 0 or not any(command.has_tuple for command in model.chunks.commands)
    for chunk in model.chunks:
        assert data[chunk.start - 3 : chunk.start] == b">>>"
        assert data[chunk.end : chunk.end + 3] == b"<<<" or "cut" in name or "open" in name
        assert chunk.command is not None or chunk.attribution is Attribution.UNKNOWN


_WORKERS = [name for name in LOGS if expected()[name]["ansible"] in ("2.13", "2.16") and "coloured" not in name]


@pytest.mark.parametrize("name", _WORKERS)
def test_what_a_command_said_is_as_long_as_its_chunks(name: str) -> None:
    """Up to 2.16, where each chunk is surely its command's, they add up to its tuple."""
    model = read(name)[0]
    told = [
        command
        for command in model.chunks.commands
        # Ansible takes BECOME-SUCCESS out of what a command said.
        if command.chunks and command.stdout_bytes is not None and not command.become
    ]
    for command in told:
        chunks = [model.chunks[index] for index in command.chunks]
        sizes = {stream: sum(c.end - c.start for c in chunks if c.stream == stream) for stream in ("stdout", "stderr")}
        assert (sizes["stdout"], sizes["stderr"]) == (command.stdout_bytes, command.stderr_bytes)


@pytest.mark.parametrize("name", LOGS)
def test_healthy_runs_have_no_bad_task(name: str) -> None:
    for run in read(name)[0].runs:
        for host in run.hosts.values():
            bad = [task for task in host.tasks if task.status in (Status.STALLED, Status.UNREACHABLE)]
            assert host.status is not Status.OK or bad == []


@pytest.mark.parametrize("name", ["ping-ok-2.16.log", "vvv-broken-2.19.log", "log-file-2.16.log", "crlf-2.18.log"])
def test_a_whole_log_needs_no_note(name: str) -> None:
    assert read(name)[0].notes == []
