"""A terminal was asked for while the program is sent over standard input: the remote Python waits for its end for ever.

What you see:
The run stands still at the probe or at the module. The `SSH: EXEC` line has `-tt` (or `RequestTTY`) among the options
that were set by hand, and its command is a bare interpreter: `'/bin/sh -c '…python3 && sleep 0'`; behind it, `Sent
initial data (N bytes)`.

Why it happens:
With pipelining, and up to 2.18 for the interpreter probe, Ansible sends the program over ssh's standard input and
closes it. Through a terminal the end of input does not arrive, and the terminal echoes and changes what is sent.
Ansible itself asks for a terminal only where it sends nothing; `-tt` in `ssh_args`, `ssh_common_args` or
`ssh_extra_args`, or `RequestTTY` in ssh's configuration, does it always. From 2.19 on Ansible sees the option and does
without pipelining.

How to be sure:
`ssh -G HOST | grep -i requesttty` shows `force` or `yes`; `ansible-config dump --only-changed` shows the options that
were set.

Fix:
Take `-tt` and RequestTTY away. Where sudo wants a terminal (`requiretty`), switch pipelining off instead:
`ansible_pipelining=false`, and Ansible asks for the terminal by itself.

Not this when:
No terminal was asked for: then the module or the network is slow (exec-held-open, connection-lost).
"""

from __future__ import annotations

from parsers.declined import required, ruled_out
from parsers.findings import Case, Confidence, Evidence, Match, rule
from parsers.lines.addressed import purpose
from parsers.model import Stage
from parsers.rules._said import ending_line
from parsers.rules._values import quote, target

_USUAL = 150
"""Bytes that an sftp batch has; a program has more."""


@rule(
    "exec-tty-pipelining",
    order=1120,
    title="A terminal was forced on a command that gets its program over standard input",
    category=1,
    stages=(Stage.DISCOVERY, Stage.PROBE, Stage.EXEC),
)
def check(case: Case) -> Match | None:
    """Looks for a command with a terminal and with input, that has not ended."""
    command = case.command
    if command is None:
        return None
    if not command.tty:
        required("ssh was not told to ask for a terminal: no -t, -tt or RequestTTY.", ending_line(command))
        return None
    fed = (command.sent_bytes or 0) > _USUAL or purpose(command.tool, command.text).stdin_python
    if not fed:
        required("The command was sent no program over its standard input.", ending_line(command))
        return None
    if not command.open:
        ruled_out("The command ended.", ending_line(command))
        return None
    at = target(case)
    sent = f" ({command.sent_bytes:,} bytes)" if command.sent_bytes else ""
    explanation = (
        f"ssh to {at.at} was told to ask for a terminal (-tt or RequestTTY), and the program{sent} goes over its "
        "standard input: through a terminal the remote Python never sees where it ends."
    )
    host = quote(at.name, "HOST")
    fixes = (
        f"ansible-inventory --host {host} | grep -E 'ssh_(common|extra)?_?args|pipelining'",
        f"{at.ssh('', '-G')} | grep -i requesttty",
        f"ansible-playbook -e ansible_pipelining=false --limit {host} {quote(case.run.playbook or '', 'PLAYBOOK')}",
    )
    confidence = Confidence.CERTAIN if command.sent_bytes else Confidence.LIKELY
    return Match((Evidence(command.opened, command.text[:400]),), confidence, explanation, fixes)
