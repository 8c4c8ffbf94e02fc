"""The control socket was there, and the ssh behind it was not: the master ended just then.

What you see:
`mux_client_hello_exchange: write packet: Broken pipe`, rc 255, then `RETRYING BECAUSE OF CONTROLPERSIST BROKEN PIPE`;
where the retries do not help either, `Data could not be sent because of ControlPersist broken pipe.`

Why it happens:
The master's time (ControlPersist, 60 s) was over between two tasks, somebody deleted the sockets, or the master was
killed.

How to be sure:
`ls -l ~/.ansible/cp` during the run: sockets that come and go. `ps -ef | grep "ssh:.*mux"` shows the masters.

Fix:
A longer time: `ANSIBLE_SSH_ARGS='-C -o ControlMaster=auto -o ControlPersist=600s'`; remove dead sockets with `rm
~/.ansible/cp/*`.

Not this when:
`mux_client_read_packet: read header failed: Broken pipe` is the normal end of each command (see its note in
connection-lost).
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, message_lines, proof, said
from parsers.rules._values import target

_WORDS = (
    "mux_client_hello_exchange: write packet: Broken pipe",
    "Data could not be sent because of ControlPersist broken pipe",
)


@rule(
    "mux-broken-pipe",
    order=570,
    title="The shared connection was gone when it was needed",
    category=2,
    stages=SSH_STAGES,
    asked=(Asked.BROKEN, Asked.WORKED),
)
def check(case: Case) -> Match | None:
    """Looks for words on a master that was gone, in a failed command or in one that was tried again."""
    rows = list(said(case)) if case.command is None or case.command.rc != 0 else []
    if case.command is not None and case.task is not None and case.command.attempt > 1:
        rows += [
            line
            for command in case.task.commands
            if command.index < case.command.index and command.rc == 255 and command.stage is case.command.stage
            for line in command.transcript.plain
        ]
    line = find((row for row in rows if row.stderr), *_WORDS) or (
        find(message_lines(case), _WORDS[1]) if case.command is None or case.command.rc != 0 else None
    )
    if line is None:
        return None
    at = target(case)
    explanation = f"The shared connection to {at.at} ended just as the next command was to use it."
    if case.command is not None and case.command.rc == 0:
        explanation += f" Attempt {case.command.attempt} worked."
    fixes = ("ANSIBLE_SSH_ARGS='-C -o ControlMaster=auto -o ControlPersist=600s'", "rm ~/.ansible/cp/*")
    return Match(proof(line), explanation=explanation, fixes=fixes)
