"""ssh waits for a master that is there and does not answer.

What you see:
ssh's debug text ends at `auto-mux: Trying existing master` (no `mux_client_hello_exchange: master version 4`
follows), and the command stands still.

Why it happens:
The master lives and is stuck: its TCP connection died without a word (sleep, a VPN that went down, NAT), or the
process is stopped.

How to be sure:
`ssh -S PATH -O check HOST` hangs as well; `ps` shows the master.

Fix:
End it: `ssh -O exit -o ControlPath=PATH HOST`, with the ControlPath of the EXEC line, or `rm ~/.ansible/cp/*` and kill
the process; in a playbook `meta: reset_connection`. `-o ServerAliveInterval=15` lets a dead master notice.

Not this when:
The master answered, and the command itself is slow. A master that is gone has other words (mux-broken-pipe).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._open import silence
from parsers.rules._said import SSH_STAGES, proof
from parsers.rules._values import target


@rule(
    "mux-stale",
    order=580,
    title="The shared connection does not answer",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for an open command whose ssh fell silent at the master's door."""
    command = case.command
    if command is None or command.rc is not None or command.transcript.session:
        return None
    last = command.transcript.last_debug
    if last is None or "auto-mux: Trying existing master" not in last.text:
        return None
    at = target(case)
    explanation = f"ssh asked the existing master of {at.at} for a session and got no answer{silence(case)}."
    fixes = (at.end_master(), "rm ~/.ansible/cp/*", at.common_args("-o ServerAliveInterval=15"))
    return Match(proof(last), Confidence.LIKELY, explanation, fixes)
