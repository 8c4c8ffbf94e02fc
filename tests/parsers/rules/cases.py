"""Cases made by hand: what a rule is asked, from the exact lines of real output."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.findings import Asked, Case, Finding, Match, rules
from parsers.model import Command, ControlError, HostRun, Place, Result, Run, Stage, StageRun, Status, TaskRun, Tool
from parsers.ssh.transcript import Line, Phase, PhaseStep, Transcript

BANNER = "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026"


def lines(text: str, *, stderr: bool, start: int = 10) -> list[Line]:
    """The plain lines of `text`, as the transcript holds them."""
    return [Line(number * 100, number, row, stderr) for number, row in enumerate(text.splitlines(), start)]


def transcript(
    err: str = "",
    out: str = "",
    *,
    phase: Phase | None = None,
    session: bool = False,
    exit_status: int | None = None,
    auth_tried: Iterable[str] = (),
    keys_offered: Iterable[str] = (),
    keys_accepted: Iterable[str] = (),
) -> Transcript:
    """A transcript of plain lines; `phase` says that ssh's debug text was there and how far it came."""
    made = Transcript(plain=[*lines(out, stderr=False), *lines(err, stderr=True, start=50)])
    if phase is not None:
        for number, step in enumerate(Phase, 1):
            made.steps.append(PhaseStep(step, number, done=step is not phase))
            if step is phase:
                break
        made.last_debug = Line(0, 1, "debug1: Connecting to 192.0.2.7 [192.0.2.7] port 22.", True)
    made.session = session
    made.exit_status = exit_status
    made.auth_tried = list(auth_tried)
    made.keys_offered = list(keys_offered)
    made.keys_accepted = list(keys_accepted)
    return made


def command(
    stage: Stage,
    rc: int | None,
    said: Transcript | None = None,
    *,
    index: int = 0,
    tool: Tool = Tool.SSH,
    address: str = "192.0.2.7",
    port: int | None = 22,
    user: str | None = "deploy",
    text: str = "",
    become: bool = False,
    remote_path: str | None = None,
) -> Command:
    """One command of the host, with its end in the log."""
    out = sum(len(line.text) + 1 for line in said.plain if not line.stderr) if said is not None else 0
    return Command(
        index=index,
        stage=stage,
        tool=tool,
        opened=Place(1, 1),
        closed=Place(9000, 90),
        address=address,
        port=port,
        user=user,
        text=text,
        become=become,
        remote_path=remote_path,
        rc=rc,
        has_tuple=rc is not None,
        stdout_bytes=out if rc is not None else None,
        status=Status.OK if rc == 0 else Status.FAILED,
        transcript=said or Transcript(),
    )


def case(
    stage: Stage,
    rc: int | None,
    err: str = "",
    out: str = "",
    *,
    earlier: Iterable[Command] = (),
    name: str = "db1",
    address: str = "192.0.2.7",
    port: int | None = 22,
    user: str | None = "deploy",
    action: str = "ping",
    message: str = "",
    word: str = "",
    text: str = "",
    tool: Tool = Tool.SSH,
    become: bool = False,
    warnings: Iterable[str] = (),
    said: Transcript | None = None,
    phase: Phase | None = None,
    session: bool = False,
    exit_status: int | None = None,
    auth_tried: Iterable[str] = (),
    keys_offered: Iterable[str] = (),
    keys_accepted: Iterable[str] = (),
) -> Case:
    """A failed stage of host `name`: its command ended with `rc`, and ssh and the remote side said `err` and `out`."""
    made = said or transcript(
        err,
        out,
        phase=phase,
        session=session,
        exit_status=exit_status,
        auth_tried=auth_tried,
        keys_offered=keys_offered,
        keys_accepted=keys_accepted,
    )
    commands = list(earlier)
    for index, item in enumerate(commands):
        item.index = index
    failed = command(
        Stage.HOME if stage is Stage.CONNECT else stage,
        rc,
        made,
        index=len(commands),
        tool=tool,
        address=address,
        port=port,
        user=user,
        text=text,
        become=become,
        remote_path="/home/deploy/.ansible/tmp/x" if stage is Stage.TRANSFER else None,
    )
    place = Place(9500, 95)
    result = Result(place, word or ("unreachable" if rc in (255, None) else "failed"), message=message)
    task = TaskRun("ping", Place(0, 1), action=action, commands=[*commands, failed], results=[result])
    for item in task.commands:
        item.task = task
    task.status = Status.FAILED
    run = Run(0, Place(0, 1), playbook="site.yml", warnings=[(Place(8000, 80), warning) for warning in warnings])
    host = HostRun(name, address=address, port=port, user=user, tasks=[task], status=Status.FAILED, failed_task=task)
    run.hosts[name] = host
    bad = StageRun(stage, Status.FAILED, Place(1, 1), 90, command=failed, rc=rc)
    task.stages = [bad]
    return Case(run, host, task, bad, failed)


def message_case(
    message: str, *, word: str = "unreachable", stage: Stage = Stage.CONNECT, name: str = "db1", action: str = "ping"
) -> Case:
    """A host whose log holds no command at all, only Ansible's result (no -vvv)."""
    place = Place(9500, 95)
    task = TaskRun("ping", Place(0, 1), action=action, results=[Result(place, word, message=message)])
    host = HostRun(name, address=None, tasks=[task], status=Status.UNREACHABLE, failed_task=task)
    run = Run(0, Place(0, 1))
    run.hosts[name] = host
    return Case(run, host, task, StageRun(stage, Status.FAILED, Place(1, 1), 90), None)


def control(text: str, *, playbook: str | None = "site.yml") -> Case:
    """An error of the control node."""
    run = Run(0, Place(0, 1), playbook=playbook)
    rows = [(Place(number * 100, number), row) for number, row in enumerate(text.splitlines(), 1)]
    error = ControlError(Place(100, 1), rows)
    run.control_errors.append(error)
    return Case(run, control=error)


def scope(asked: Case) -> Asked:
    """What `conclude` would ask this case as."""
    if asked.stage is None:
        return Asked.BROKEN if asked.control is not None else Asked.RUN
    return Asked.WORKED if asked.stage.status is Status.OK else Asked.BROKEN


def matches(asked: Case) -> dict[str, Match]:
    """Every rule that matches the case, by id, as `conclude` would ask them."""
    found = {}
    for name, rule in rules().items():
        if scope(asked) in rule.asked and (asked.stage is None or asked.stage.stage in rule.stages):
            match = rule.check(asked)
            if match is not None:
                found[name] = match
    return found


def ids(asked: Case) -> list[str]:
    """The ids of the rules that match."""
    return list(matches(asked))


def only(asked: Case, rule_id: str) -> Match:
    """The match of `rule_id`, which has to be the only one."""
    found = matches(asked)
    assert list(found) == [rule_id], f"{rule_id} was expected alone, not {list(found)}"
    return found[rule_id]


def errors(found: Iterable[Finding]) -> set[tuple[str | None, str]]:
    """(host, id) of the error findings."""
    return {(finding.host, finding.rule.id) for finding in found if finding.severity == "error"}


def well(asked: Case) -> Case:
    """The same case, of a stage that ended well."""
    assert asked.stage is not None
    assert asked.task is not None
    assert asked.host is not None
    asked.stage.status = asked.task.status = asked.host.status = Status.OK
    asked.host.failed_task = None
    asked.task.results = [Result(Place(9500, 95), "ok")]
    return asked


def run_case(*warnings: str, hosts: bool = False) -> Case:
    """A run that is over, with its warnings."""
    run = Run(0, Place(0, 1), playbook="site.yml", recap=Place(9900, 99))
    run.warnings = [(Place(number * 100, number), text) for number, text in enumerate(warnings, 5)]
    if hosts:
        run.hosts["web1"] = HostRun("web1", status=Status.OK)
    return Case(run)


def worked() -> list[Command]:
    """Commands of the host that ended well before."""
    return [
        command(Stage.HOME, 0, transcript(BANNER, "/home/deploy")),
        command(Stage.TMPDIR, 0, transcript(BANNER, "ansible-tmp-1=/home/deploy/.ansible/tmp/ansible-tmp-1")),
    ]
