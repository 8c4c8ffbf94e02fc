"""Analysed logs made by hand: every field filled, or hostile, without a log of a real run."""

from __future__ import annotations

from parsers.findings import Confidence, Evidence, Finding, Rule, Severity, Words
from parsers.log_model import LogModel
from parsers.model import (
    Attribution,
    Command,
    HostRun,
    Place,
    Result,
    Run,
    RunStatus,
    SourceKind,
    Stage,
    StageRun,
    Status,
    Stream,
    TaskRun,
    Tool,
)
from tui.report.collect import AnalysedLog

RULE = Rule(
    id="tmpdir-permission",
    order=680,
    title="The login user cannot create its temporary directory",
    category=3,
    stages=(Stage.TMPDIR,),
    check=lambda _case: None,
    words=Words("see", "why it is\nso", "sure", "do this,\nthen that", "not"),
)


def failed_host(name: str = "db1", *, task: str = "Ping", text: str = "mkdir: Permission denied") -> HostRun:
    """A host that broke in `tmpdir`."""
    host = HostRun(name, address="192.0.2.7", port=2222, user="deploy", status=Status.FAILED)
    run = TaskRun(task, Place(100, 10), action="ping", status=Status.FAILED, last_line=40)
    command = Command(0, Stage.TMPDIR, Tool.SSH, Place(120, 12), text="/bin/sh -c 'mkdir'", rc=1, task=run)
    command.stdout_bytes, command.stderr_bytes = 0, len(text)
    run.commands.append(command)
    run.stages = [
        StageRun(Stage.CONNECT, Status.OK, Place(110, 11), 12, started=1000.0, ended=1000.41, phase="channel"),
        StageRun(Stage.TMPDIR, Status.FAILED, Place(120, 12), 20, command=command, rc=1, note=text),
    ]
    run.results.append(Result(Place(200, 20), "failed", message=text, module_stderr=f"{text}\n{text}\nmore"))
    host.tasks.append(run)
    host.failed_stage, host.failed_task = Stage.TMPDIR, run
    return host


def finding(
    host: str | None = "db1", *, text: str = "mkdir: Permission denied", severity: Severity = Severity.ERROR
) -> Finding:
    """A finding on it."""
    return Finding(
        rule=RULE,
        severity=severity,
        confidence=Confidence.CERTAIN,
        run=0,
        host=host,
        task="Ping",
        stage=Stage.TMPDIR,
        phase=None,
        explanation=f"The directory cannot be made: {text}.",
        fixes=("chown -R deploy: /home/deploy/.ansible",),
        evidence=(Evidence(Place(130, 13), text),),
    )


def analysed(
    *hosts: HostRun, findings: list[Finding] | None = None, name: str = "old.log", status: RunStatus = RunStatus.FAILED
) -> AnalysedLog:
    """A log with one run of `hosts`, and a chunk for each command, and one of nobody's."""
    run = Run(0, Place(0, 1), 60, "2.19.14", 4, "ping.yml", debug=True, ssh_debug=True, status=status)
    run.started, run.last_time = 1000.0, 1012.3
    run.hosts = {host.name: host for host in hosts}
    model = LogModel(SourceKind.DEBUG, [run], bytes=6000, lines=60, complete=True)
    for host in hosts:
        for task in host.tasks:
            for command in task.commands:
                command.index = len(model.chunks.commands)
                model.chunks.commands.append(command)
                chunk = model.chunks.append(Place(121, 13), 125, 140, 1000.5, 7, Stream.STDERR, 2)
                model.chunks.attribute(chunk, command, Attribution.EXACT)
    model.chunks.append(Place(150, 15), 155, 160, 1000.6, 7, Stream.STDOUT, 3)
    return AnalysedLog(name, model, findings or [])


def ok_host(name: str) -> HostRun:
    """A host that ended well."""
    host = HostRun(name, address="192.0.2.1", status=Status.OK)
    host.tasks.append(TaskRun("Ping", Place(50, 5), action="ping", status=Status.OK, last_line=9))
    return host
