"""How a host's part of a task ended where no result line says it: `unshown`.

`display_ok_hosts` and `display_skipped_hosts` hide results, and many callbacks print none, or print them in a form of
their own (null, tree, json, unixy, selective). What ANSIBLE_DEBUG writes is the same with each of them: the parent
marks a host as failed unless the failure is ignored (ansible-core 2.13-2.21, `strategy/__init__.py`), and a connection
that was lost shows in the host's last command.
"""

from __future__ import annotations

from parsers.actions import tries_again, without_commands
from parsers.model import Result, Stage, Status, TaskRun, Tool
from parsers.workers.worker import Section

_NO_CONNECTION = 255


def unshown(task: TaskRun, section: Section, *, over: bool, mute: bool = False) -> Result | None:
    """A task's result for its host, of which the log has none; None where it is not known yet.

    `over`: all results of the task are in. `mute`: none comes, of whatever task, and the log is over. The task's stages
    are those that its commands make.
    """
    marked = section.marked.get(task.host)
    if marked is not None:
        return Result(marked, "failed", last_line=marked.line)
    waited = tries_again(task.action) and any(command.rc == 0 for command in task.commands)
    unreachable = not waited and (_stopped(task) or _lost(task))
    if not over and not (unreachable and (mute or any(name == task.host for name, _ in section.done))):
        return None
    well = bool(task.commands) or without_commands(task.action)
    word = "unreachable" if unreachable else "ok" if well else "skipped"
    place = max((command.closed or command.opened for command in task.commands), default=task.first)
    return Result(place, word, last_line=place.line)


def _stopped(task: TaskRun) -> bool:
    """Whether the host got no temporary directory, which is AnsibleConnectionFailure (`_make_tmp_path`, 2.0-2.21)."""
    last = task.stages[-1] if task.stages else None
    before = (Stage.CONNECT, Stage.HOME, Stage.TMPDIR)
    return last is not None and last.status is Status.FAILED and last.stage in before


def _lost(task: TaskRun) -> bool:
    """Whether a command lost its connection, and was not tried again. A transfer has other ways."""
    last = {command.text: command for command in task.commands if command.stage is not Stage.TRANSFER}
    return any(command.rc == _NO_CONNECTION and command.tool is Tool.SSH for command in last.values())
