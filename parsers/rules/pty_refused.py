"""The managed node gave no terminal to a command that asks for one.

What you see:
`PTY allocation request failed on channel 0` as ssh's last word and rc 255, so that Ansible calls the host UNREACHABLE,
although the stages before worked. Over a shared connection (ControlMaster, the default) the same line is harmless:
ssh goes on without a terminal.

Why it happens:
Ansible asks for a terminal (`-tt`) where it sends nothing over standard input. sshd refuses it: `PermitTTY no`, the key
option `no-pty` (or `restrict`), no pseudo-terminal left, or /dev/pts that is not mounted in a container.

How to be sure:
`ssh -tt USER@HOST true` prints the same line and ends with 255. On the managed node `sshd -T -C user=USER | grep -i
permittty`, `grep -nE 'no-pty|restrict' ~USER/.ssh/authorized_keys`, `mount | grep devpts`, and
`sysctl kernel.pty.nr kernel.pty.max`.

Fix:
Allow terminals for this user (`PermitTTY yes`, the key without `no-pty`), or do without them: pipelining
(`ansible_pipelining=true`), or `ansible_ssh_use_tty=false`.

Not this when:
The command has an exit status of its own: then it ran, without a terminal.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Tool
from parsers.rules._said import SSH_STAGES, exit_status, find, proof
from parsers.rules._values import quote, target

_WORDS = "PTY allocation request failed on channel "


@rule(
    "pty-refused",
    order=562,
    title="The managed node gave the command no terminal",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words in a command that ended with them."""
    command = case.command
    if command is None or command.tool is not Tool.SSH or command.rc != 255 or exit_status(command) is not None:
        return None
    line = find([row for row in command.transcript.plain if row.stderr], _WORDS)
    if line is None:
        return None
    at = target(case)
    user = quote(at.user or "", "USER")
    explanation = f"sshd at {at.at} gave no terminal, which this command asked for (`-tt`), so ssh gave it up."
    fixes = (
        at.ssh("true", "-tt"),
        "ansible_pipelining=true",
        "ansible_ssh_use_tty=false",
        f"sshd -T -C user={user} | grep -i permittty",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes)
