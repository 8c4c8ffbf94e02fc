"""A task's commands as stages, each with its state: what both faces show.

One stage is judged by its command's exit status and by whether the task went on behind it, never by a keyword
(reference, section 2). `connect` is split off the command that opened the connection.
"""

from __future__ import annotations

import re

from parsers.awaited import limit_of
from parsers.awaited_words import awaited
from parsers.model import Command, Result, Stage, StageRun, Status, TaskRun, Tool
from parsers.phases import connect_phase, message_phase
from parsers.ssh.transcript import WENT_ON, Phase, telling

# Ansible's own words where it could not even start ssh, or where ssh got no session (2.8-2.19).
_NOT_CONNECTED = (
    "Failed to connect to the host via ",
    "Data could not be sent to remote host",
    "Unable to execute ssh command line",
    "you must install the sshpass program",
    "Cannot write to ControlPath ",
    "Unable to create local directories",
    "Invalid/incorrect password",
    "Invalid/incorrect username/password",
    "Using a SSH password instead of a key is not possible because Host Key checking is enabled",
    "SSH Error: data could not be sent to ",  # 2.0-2.4
    "SSH encountered an unknown error during the connection",  # 2.0
)

# Ansible's words on an escalation that the managed node did not grant (2.0-2.21): it is the module that escalates.
_NOT_ESCALATED = re.compile(
    r"waiting for privilege escalation prompt|(?:^|: )(?:Incorrect|Missing) [a-z_.]{1,40} password\.?$"
    r"|Premature end of stream waiting for become success"
)

_LATE = (Stage.RESULT, Stage.CLEANUP)


def is_connect_failure(command: Command) -> bool:
    """Whether ssh got no session: rc 255 (or sshpass's own 1-6) and neither an exit status nor an answer."""
    if command.tool is Tool.LOCAL or command.rc is None:
        return False
    facts = command.transcript
    if facts.session or facts.exit_status is not None:
        return False
    spoken = connect_phase(command) is not None
    if command.rc in range(1, 7) and command.rc != 255:
        return spoken and _by_sshpass(command)
    if command.rc != 255:
        return False
    if command.stdout_bytes and command.tool is Tool.SSH:
        return False
    # Only `Connection closed` from sftp or scp: the subsystem, or a connection that went away.
    return command.tool is Tool.SSH or spoken or facts.phase is not None


def _by_sshpass(command: Command) -> bool:
    # sshpass 1.06+: 1-4 its own errors, 5 invalid password, 6 unknown host key.
    return any(
        words in line.text
        for line in command.transcript.plain
        if line.stderr
        for words in ("Permission denied", "Host key verification failed", "sshpass")
    ) or command.rc in (5, 6)


def connects(command: Command) -> bool:
    """Whether this command opened a connection of its own, as far as ssh's text shows."""
    facts = command.transcript
    return facts.mux != "client" and any(step.phase is not Phase.RESOLVE for step in facts.steps)


def stages_of(task: TaskRun, *, first_of_host: bool, last_time: float | None, live: bool) -> list[StageRun]:
    """The stages of a task, in order. `last_time` is what silence is measured up to, in seconds since the epoch."""
    stages: list[StageRun] = []
    for position, command in enumerate(task.commands):
        stages.extend(_stages_of_command(command, first=first_of_host and position == 0))
    _merge(stages)
    outcome = _outcome(task)
    if outcome in ("failed", "unreachable"):
        _unconnected(stages, _telling(task.results, outcome))
        _unescalated(stages, _telling(task.results, outcome))
    _judge(stages, outcome, last_time=last_time, live=live)
    result = _result_stage(task, stages, outcome)
    if result is not None:
        stages.append(result)
    for stage in stages:
        stage.note = stage.note or _note(stage, task)
    return stages


def _stages_of_command(command: Command, *, first: bool) -> list[StageRun]:
    made: list[StageRun] = []
    failed_to_connect = is_connect_failure(command)
    facts = command.transcript
    # A host's first command that is silent has not shown that it is connected.
    waiting = command.open and not facts.session and command.tool is not Tool.LOCAL and (first or bool(facts.steps))
    opened = connects(command)
    if command.tool is not Tool.LOCAL and (failed_to_connect or waiting or opened or first):
        ended = max((step.ended for step in facts.steps if step.ended is not None), default=None)
        connect = StageRun(Stage.CONNECT, Status.OK, command.opened, command.last_line, command)
        connect.started = command.started
        connect.ended = command.ended if failed_to_connect else ended if opened else None
        phase = connect_phase(command) if failed_to_connect else facts.phase
        connect.phase = phase.value if phase is not None else None
        if failed_to_connect:
            connect.rc = command.rc
            connect.status = Status.FAILED
        elif waiting:
            connect.status = Status.RUNNING
            connect.ended = None
        made.append(connect)
        if failed_to_connect or waiting:
            return made
    stage = StageRun(command.stage, _own_status(command), command.opened, command.last_line, command, command.rc)
    stage.started = command.started
    if made and made[0].ended is not None:
        stage.started = made[0].ended
    stage.ended = command.ended
    made.append(stage)
    return made


def _own_status(command: Command) -> Status:
    if command.open:
        return Status.RUNNING
    return Status.FAILED if command.rc not in (0, None) else Status.OK


def _merge(stages: list[StageRun]) -> None:
    """Folds attempts of one thing into one stage: ssh's retries, and a transfer's fallbacks."""
    for stage in stages:
        if stage.command is not None:
            stage.command.attempt = 1  # what an earlier look counted may have been another task's
    index = 1
    while index < len(stages):
        before, now = stages[index - 1], stages[index]
        same = before.command is not None and now.command is not None and before.command is not now.command
        if same and before.command is not None and now.command is not None:
            retry = before.stage is now.stage is Stage.CONNECT and before.status is Status.FAILED
            fallback = (
                before.stage is now.stage is Stage.TRANSFER
                and (before.command.has_tuple is False or before.status is Status.FAILED)
                and before.command.tool is not now.command.tool
            )
            again = before.status is Status.FAILED and before.rc == 255 and before.command.text == now.command.text
            if retry or fallback or (again and before.stage is now.stage):
                now.command.attempt = before.command.attempt + 1
                now.first = before.first
                now.started = before.started if before.started is not None else now.started
                what = f"{before.command.method} failed, then " if fallback else ""
                now.note = f"{before.note}{what}"
                del stages[index - 1]
                continue
        index += 1
    for stage in stages:
        if stage.note.endswith(", then ") and stage.command is not None:
            stage.note += f"{stage.command.method}"


def _outcome(task: TaskRun) -> str | None:
    """What Ansible made of the task: the worst word of its results, None without a result."""
    words = {result.word for result in task.results}
    for word in ("unreachable", "failed", "ok", "changed", "skipped"):
        if word in words:
            return "ok" if word == "changed" else word
    return None


def _judge(stages: list[StageRun], outcome: str | None, *, last_time: float | None, live: bool) -> None:
    if outcome in ("ok", "skipped"):
        for stage in stages:
            if stage.status is Status.FAILED:
                stage.status = Status.OK
                stage.note = stage.note or f"rc {stage.rc}, by design or handled"
            elif stage.status is Status.RUNNING:
                stage.status = Status.OK
        return
    _forgive(stages)
    if outcome is not None:
        # The task ended while a command was open: that command is what broke it (an escalation prompt, a time-out).
        broken = any(stage.status is Status.FAILED for stage in stages)
        working = [stage for stage in stages if not _late(stage)]
        for stage in stages:
            if stage.status is Status.RUNNING:
                stage.status = Status.OK
        if not broken and working and working[-1].command is not None and working[-1].command.rc is None:
            working[-1].status = Status.FAILED
        return
    for stage in stages:
        if stage.status is Status.RUNNING and stage.command is not None:
            if live and stage.command.started is None and stage.command.seen is None:
                stage.command.seen = last_time
            last = stage.command.last_output or stage.command.started or stage.command.seen
            if last is not None and last_time is not None:
                stage.silent = max(0.0, last_time - last)
            began = stage.started if stage.started is not None else stage.command.seen
            if began is not None and last_time is not None:
                stage.elapsed = max(0.0, last_time - began)
            stage.awaited = awaited(stage)
            if not live or (stage.silent is not None and stage.silent > limit_of(stage)):
                stage.status = Status.STALLED


def _unconnected(stages: list[StageRun], result: Result) -> None:
    """Where Ansible says that there was no connection, the last command without an end got none.

    Up to 2.18 a command into which input was sent, and one that could not be started, has no tuple.
    """
    last = next((stage for stage in reversed(stages) if not _late(stage)), None)
    command = last.command if last is not None else None
    if last is None or command is None or command.rc is not None:
        return
    if last.stage is Stage.TRANSFER:
        return  # its own way of failing over a connection that stands logs no tuple either
    facts = command.transcript
    said = any(words in result.message for words in _NOT_CONNECTED)
    if not said or facts.session or facts.exit_status is not None or command.stdout_bytes:
        return
    connect = next((stage for stage in stages if stage.command is command and stage.stage is Stage.CONNECT), None)
    if connect is None:
        connect = StageRun(Stage.CONNECT, Status.FAILED, command.opened, command.last_line, command)
        connect.started = command.started
        stages.insert(stages.index(last), connect)
    connect.status = Status.FAILED
    connect.ended = command.ended
    phase = connect_phase(command) or message_phase(result.message)
    connect.phase = phase.value if phase is not None else None
    if last is not connect:
        stages.remove(last)


def _unescalated(stages: list[StageRun], result: Result) -> None:
    """Where Ansible says that an escalation was not granted, the command without an end that escalates had its
    connection, whatever the log lost of it."""
    last = next((stage for stage in reversed(stages) if not _late(stage)), None)
    command = last.command if last is not None else None
    if last is None or command is None or last.stage is not Stage.CONNECT or command.rc is not None:
        return
    if not command.become or command.transcript.steps or _NOT_ESCALATED.search(result.message[:2000]) is None:
        return
    own = StageRun(command.stage, Status.FAILED, command.opened, command.last_line, command)
    own.started, own.ended = command.started, command.ended
    stages[stages.index(last)] = own


def _late(stage: StageRun) -> bool:
    """Whether a stage comes after the task's work; so does the connection that a cleanup opens anew."""
    return stage.stage in _LATE or (stage.command is not None and stage.command.stage in _LATE)


def _forgive(stages: list[StageRun]) -> None:
    """A failing command behind which the same round went on was meant to be able to fail (setfacl, chown, …).

    Not `home`: Ansible goes on with the answer that it did not get, and breaks at `tmpdir`.
    """
    progress = False
    for stage in reversed(stages):
        if _late(stage):
            continue
        if stage.status is Status.OK:
            progress = True
        elif stage.status is Status.FAILED and progress and stage.stage is not Stage.HOME:
            stage.status = Status.OK
            stage.note = stage.note or f"rc {stage.rc}, the task went on"
        if stage.stage is Stage.HOME:
            progress = False  # a loop's item before this one is a round of its own


def _result_stage(task: TaskRun, stages: list[StageRun], outcome: str | None) -> StageRun | None:
    if not task.results or outcome is None:
        return None
    result = _telling(task.results, outcome)
    broken = any(stage.status.bad for stage in stages)
    status = Status.OK
    if outcome == "skipped":
        status = Status.SKIPPED
    elif outcome in ("failed", "unreachable"):
        status = Status.FAILED
    kind = Stage.RESULT
    if status is Status.FAILED and not task.commands and not broken:
        kind = _untold_stage(result)
    stage = StageRun(kind, status, result.place, result.last_line, rc=result.rc)
    if kind is Stage.CONNECT:
        phase = message_phase(result.message)
        stage.phase = phase.value if phase is not None else None
    stage.note = (result.headline[:120] if status is Status.FAILED else "") or result.word
    return stage


def _untold_stage(result: Result) -> Stage:
    """The stage of a failure whose commands the log does not show (below -vvv), or that needed none."""
    message = result.message
    if any(words in message for words in _NOT_CONNECTED):
        return Stage.CONNECT
    if "Failed to create temporary directory" in message or "Authentication or permission failure" in message:
        return Stage.TMPDIR
    if "the output has been hidden due to the fact that 'no_log: true'" in message:
        return Stage.RESULT  # what it was is not told
    if result.word == "unreachable" and message.removeprefix("Task failed: ").startswith("mkdir: "):
        return Stage.TMPDIR  # of a full disk Ansible shows no more than that
    if "failed to transfer file to " in message:
        return Stage.TRANSFER
    if "Failed to set permissions on the temporary files Ansible needs to create" in message:
        return Stage.CHMOD
    if _NOT_ESCALATED.search(message[:2000]) is not None:
        return Stage.EXEC
    if result.word == "unreachable":
        return Stage.CONNECT  # whatever the reason, it is the way to the host
    if result.rc is not None or result.module_stdout or result.module_stderr:
        return Stage.EXEC  # a module ran and answered
    return Stage.CONTROL  # nothing was sent: templating, a lookup, an action's own check


def _telling(results: list[Result], outcome: str) -> Result:
    wanted = ("ok", "changed") if outcome == "ok" else (outcome,)
    return next((result for result in reversed(results) if result.word in wanted), results[-1])


def _telling_part(text: str) -> str:
    """What a line says but for sftp's own prompt, for that of sudo, which Ansible has answered, and for ssh's word that
    it takes another connection."""
    if text.startswith(("sftp> ", *WENT_ON)):
        return ""
    return text.partition("] password:")[2].strip() if text.startswith("[sudo via ansible, key=") else text


def _note(stage: StageRun, task: TaskRun) -> str:
    command = stage.command
    if command is None:
        return ""
    facts = command.transcript
    if stage.stage is Stage.CONNECT:
        words = [step.phase.value for step in facts.steps]
        if facts.auth_method and "auth" in words:
            words[words.index("auth")] = f"auth {facts.auth_method}"
        if stage.status.bad:
            told = telling([line.text for line in facts.plain if line.stderr])
            return told or f"rc {command.rc}"
        return " · ".join(words)
    if stage.status is Status.FAILED:
        told = next((text for line in facts.plain if (text := _telling_part(line.text))), "")
        if told.startswith("{"):
            # The module answered: its own message reads better than its JSON.
            told = next((result.headline for result in reversed(task.results) if result.message.strip()), told)
        return f"rc {command.rc}  {told}".strip() if command.rc is not None else told
    if stage.stage is Stage.HOME:
        # Ansible takes the last line (2.0-2.21): start-up files may have printed before it.
        return next((line.text for line in reversed(facts.plain) if not line.stderr and line.text.strip()), "")
    if stage.stage is Stage.TRANSFER:
        if facts.sftp is not None:
            total = f" of {facts.sftp.total:,}" if facts.sftp.total is not None else ""
            return f"{command.method}  {facts.sftp.acknowledged:,}{total} bytes acknowledged"
        return command.method or ""
    if stage.stage is Stage.DISCOVERY:
        found = [line.text for line in facts.plain if not line.stderr and "/" in line.text]
        return found[0] if found else ""
    if stage.stage is Stage.EXEC and task.action and command.tmp is None and command.text and not command.sent_bytes:
        return command.text[:80]
    return ""
