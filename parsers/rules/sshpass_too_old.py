"""sshpass on the control node is too old for `sshpass_prompt`.

What you see:
FAILED with `sshpass error: Installed sshpass version does not support customized password prompts. Upgrade sshpass to
use sshpass_prompt, or otherwise switch to ssh keys.`

Why it happens:
`ansible_sshpass_prompt` is set, which needs sshpass 1.06 or later (its option `-P`).

How to be sure:
`sshpass -V` shows the version; `sshpass -h` does not list `-P`.

Fix:
Install a newer sshpass, or take `ansible_sshpass_prompt` away, or use a key.

Not this when:
sshpass is not there at all (sshpass-missing), or ended with rc 5 (auth-password).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof


@rule(
    "sshpass-too-old",
    order=190,
    title="sshpass is too old for a prompt of its own",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(host_or_control_lines(case), "sshpass version does not support customized password prompts")
    if line is None:
        return None
    explanation = "sshpass on the control node is older than 1.06 and knows no prompt but its own."
    return Match(proof(line), explanation=explanation, fixes=("sshpass -V", "apt-get install sshpass"))
