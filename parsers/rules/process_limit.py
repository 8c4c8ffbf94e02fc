"""A shell on the managed node could make no further process.

What you see:
`/bin/sh: 1: Cannot fork` with rc 2 (dash), `fork: retry: Resource temporarily unavailable` several times and rc 254
after 15 s (bash), `can't fork` (busybox), `sudo: unable to fork`, or `BlockingIOError: [Errno 11] Resource temporarily
unavailable` where Python forks. Ansible speaks of something else: `Failed to create temporary directory. In some
cases, you may have been able to authenticate …` and UNREACHABLE, or `No start of json char found`.

Why it happens:
The user has as many processes and threads as it may (`nproc` in /etc/security/limits.d, `TasksMax` of its systemd slice
or of the container, `ulimit -u` in a start-up file), most often because something piles up: hung cron jobs, a service
that runs as the same user. `Cannot allocate memory` in the same place: the node is out of memory.

How to be sure:
On the managed node, as root: `ps --no-headers -Lu USER | wc -l` beside `ulimit -u` as that user; `systemctl status
user-UID.slice` shows `Tasks: N (limit: N)`.

Fix:
End what has piled up (`ps -u USER -o pid,etime,cmd --sort=start_time` shows what is old), or raise the limit: `USER -
nproc 4096` in a file of /etc/security/limits.d, `TasksMax` of the slice. It holds from the next login on: end the
shared connection (`ssh -O exit`).

Not this when:
sshd itself could not fork: the command never ran (exec-refused). A module that was killed: module-killed. The same
words in an error of the run without a host are the control node's own.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import find, is_module_json, proof, said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_WORDS = (
    ": Cannot fork",  # dash
    ": fork: retry: ",  # bash
    ": fork: Resource temporarily unavailable",
    ": fork: Cannot allocate memory",
    "can't fork: ",  # busybox
    ": cannot fork",  # ksh, su
    ": fork failed: ",  # zsh
    "sudo: unable to fork",
    "sudo: unable to create pipe",
)
_PYTHON = ("BlockingIOError: [Errno 11] Resource temporarily unavailable", "RuntimeError: can't start new thread")
_MEMORY = "Cannot allocate memory"


@rule(
    "process-limit",
    order=745,
    title="The managed node could start no further process",
    category=3,
    stages=(
        Stage.HOME,
        Stage.TMPDIR,
        Stage.DISCOVERY,
        Stage.PROBE,
        Stage.TRANSFER,
        Stage.CHMOD,
        Stage.EXEC,
        Stage.RESULT,
    ),
)
def check(case: Case) -> Match | None:
    """Looks for a shell's words on a fork that failed: in the command, in what a module ran, in Ansible's message."""
    command = case.command
    if command is not None and command.rc == 0:
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = find(rows, *_WORDS) or _in_result(case)
    if line is None and any("fork" in row.text for row in rows):
        line = find(rows, *_PYTHON)
    if line is None:
        return None
    at = target(case)
    words = line.text.strip()
    # Below -vvv, and as a temporary directory's failure, the message quotes them behind its own.
    words = words.rpartition("stderr output: ")[2]
    user = quote(at.user or "", "USER")
    if command is not None and command.become:
        explanation = f"A process of the user that the task becomes could not be made at {at.at}: {shown(words)}."
        user = "USER"
    else:
        explanation = f"At {at.at}, {shown(at.user) if at.user else 'the user'} could start no further process: "
        explanation += f"{shown(words)}."
    if _MEMORY in line.text:
        explanation += " The node is out of memory."
        asked = (at.ssh("free -m"), "dmesg -T | grep -i -E 'oom|killed process'")
        return Match(proof(line), Confidence.LIKELY, explanation, asked)
    explanation += " It has as many processes and threads as its limit allows, or the node is out of memory."
    fixes = (
        f"ps --no-headers -Lu {user} | wc -l",
        f"ps -u {user} -o pid,etime,cmd --sort=start_time | head",
        f"systemctl status user-$(id -u {user}).slice | grep Tasks",
        f"{user} - nproc 4096",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _in_result(case: Case) -> Line | None:
    """The same of a shell that the task's own module ran, as its result quotes it."""
    for result in case.task.results if case.task is not None else ():
        for text, place, stderr in () if result.ignored else result.said:
            row = next((row for row in text.split("\n") if any(word in row for word in _WORDS)), None)
            if stderr and row is not None:
                return Line(place.offset, place.line, row[:400], stderr)
    return None
