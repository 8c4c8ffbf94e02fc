"""A password is set for ssh, and sshpass is not installed on the control node.

What you see:
FAILED with `to use the 'ssh' connection type with passwords, you must install the sshpass program` (2.12 to 2.18: `with
passwords or pkcs11_provider`; 2.19 on: `to use the password_mechanism=sshpass`). No ssh was started.

Why it happens:
ssh takes no password from another program by itself. Up to 2.18 Ansible needs sshpass for it; from 2.19 on it has a way
of its own, unless `password_mechanism=sshpass` is set.

How to be sure:
`command -v sshpass` on the control node finds nothing.

Fix:
Install it (`apt-get install sshpass`, `dnf install sshpass`), use a key, or ansible-core 2.19 or later.

Not this when:
sshpass ran and ended with rc 5 (auth-password) or 6 (hostkey-unknown).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof


@rule(
    "sshpass-missing",
    order=170,
    title="sshpass is not installed on the control node",
    category=1,
    stages=(Stage.CONTROL, *SSH_STAGES),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(host_or_control_lines(case), "you must install the sshpass program")
    if line is None:
        return None
    name = f" for {case.host.name}" if case.host is not None and len(case.host.name) < 100 else ""
    explanation = f"A password is set{name}, and the control node has no sshpass to give it to ssh."
    fixes: tuple[str, ...] = ("command -v sshpass", "apt-get install sshpass")
    if "password_mechanism" in line.text:
        fixes += ("ANSIBLE_SSH_PASSWORD_MECHANISM=ssh_askpass",)
    return Match(proof(line), explanation=explanation, fixes=fixes)
