"""A command is open and silent, or was still open when the log ended, and no other rule knows why.

What you see:
The command was started (`SSH: EXEC`, or `executing:`), and its result, `<X> (rc, …)`, never came. The log stops, or
goes on with other hosts only.

Why it happens:
The run was stopped, or it hung: the host, the network, ssh or the module did not answer. Or the log was cut.

How to be sure:
Look at the command's last chunk, at ssh's last word, and at how long it had been silent. Run the same ssh command by
hand from the control node, and look at the managed node for the process (`ps -ef`) and at sshd's log for that time.

Fix:
Run again on that host alone, with all debug output and unbuffered: `PYTHONUNBUFFERED=1 ANSIBLE_DEBUG=1
ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv --limit HOST PLAYBOOK 2>&1 | tee ansible.log`. On the managed node:
`journalctl -u ssh -u sshd --since '10 minutes ago'`.

Not this when:
The module is meant to run for long, or the log was copied while the run went on.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Evidence, Match, Severity, rule
from parsers.model import Place, Stage, Status
from parsers.rules._rerun import rerun


@rule(
    "open-at-end",
    order=1220,
    title="A command was started and has not ended",
    category=2,
    stages=tuple(Stage),
    severity=Severity.WARNING,
    asked=(Asked.UNEXPLAINED,),
)
def check(case: Case) -> Match | None:
    """The command stands still: what it is, how long it was silent, and ssh's last word."""
    stage, command = case.stage, case.command
    if stage is None or case.host is None or stage.status is not Status.STALLED:
        return None
    words = command.text[:400] if command is not None and command.text else str(stage.stage)
    evidence = [Evidence(stage.first, words)]
    if command is not None and command.transcript.last_debug is not None:
        line = command.transcript.last_debug
        evidence.append(Evidence(Place(line.offset, line.line), line.text))
    silent = f", silent for {stage.silence:.1f} s" if stage.silence is not None else ""
    waits = f" It {stage.awaited.sentence}." if stage.awaited is not None else ""
    told = f" ssh's last word: {evidence[1].text}." if len(evidence) > 1 else ""
    return Match(
        tuple(evidence),
        explanation=f"The {stage.stage} command of {case.host.name} has not ended{silent}.{waits}{told}",
        fixes=(rerun(case.run, [case.host.name]),),
    )
