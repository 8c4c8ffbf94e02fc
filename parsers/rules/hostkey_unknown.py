"""The server's host key is not in known_hosts, and nobody was there to be asked.

What you see:
UNREACHABLE with `Host key verification failed.` and nothing else: Ansible gives ssh no terminal, so its question never
shows. With StrictHostKeyChecking=yes also `No ED25519 host key is known for HOST and you have requested strict
checking.` With a password: `Using a SSH password instead of a key is not possible because Host Key checking is
enabled`, and sshpass ends with rc 6.

Why it happens:
It is the first connection from this account of the control node to this address and port. A key for another port, for
the name instead of the address, or in root's known_hosts instead of the user's does not count. CI jobs and containers
start with an empty known_hosts every time.

How to be sure:
`ssh-keygen -F '[ADDRESS]:PORT'` (for port 22: `ssh-keygen -F ADDRESS`) finds nothing. `ssh -v` by hand asks
`Are you sure you want to continue connecting`.

Fix:
Compare the fingerprint with the server's own (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console),
then add the key with ssh-keyscan. For machines that come and go, use `-o StrictHostKeyChecking=accept-new`, or sign
the host keys with a certificate authority. Switching host key checking off gives up the protection.

Not this when:
`REMOTE HOST IDENTIFICATION HAS CHANGED!` stands above: a key was known and it is another one (hostkey-changed).
`REVOKED HOST KEY`: the key is marked as revoked. `no matching host key type found`: no key was ever shown
(no-common-hostkey).
"""

from __future__ import annotations

from dataclasses import replace

from parsers.findings import Case, Match, rule
from parsers.rules._proxy import jump
from parsers.rules._said import SSH_STAGES, better, find, find_last, message_lines, proof, ssh_said
from parsers.rules._values import quote, shown, target

_REFUSED = "Host key verification failed."
_STRICT = "and you have requested strict checking"
_BY_ANSIBLE = "Using a SSH password instead of a key is not possible because Host Key checking is enabled"
_OTHER = ("REMOTE HOST IDENTIFICATION HAS CHANGED!", "REVOKED HOST KEY")
_NO_TERMINAL = "read_passphrase: can't open /dev/tty"


@rule(
    "hostkey-unknown",
    order=450,
    title="The server's host key is not known",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a refused host key with no word of a changed one."""
    lines = ssh_said(case)
    message = find(message_lines(case), _BY_ANSIBLE)
    if better(lines, *_OTHER) or better(message_lines(case), *_OTHER):
        return None
    refused = find(lines, _REFUSED)
    strict = find(lines, _STRICT)
    mislabelled = case.command is not None and bool(case.command.transcript.keys_accepted)
    if refused is None and (message is None or mislabelled or find(lines, _NO_TERMINAL)):
        return None
    at = target(case)
    key = case.command.transcript.host_key if case.command is not None else None
    behind = find_last(lines, "UNKNOWN port 65535")
    gate = jump(case)
    shows = at
    if behind is not None:
        shows = gate or replace(at, host="JUMPHOST", port=None, user=None, options=())
        explanation = f"The host key of the jump host on the way to {at.at} is not in known_hosts."
    else:
        explanation = f"The host key of {at.at} is not in the known_hosts of the account that runs Ansible"
        explanation += f"; the server showed {shown(key)}." if key else "."
    if message is not None:
        explanation += " A password login cannot answer ssh's question about it."
    accept = "StrictHostKeyChecking=accept-new"
    scan = f"ssh-keyscan {f'-p {shows.port} ' if shows.port else ''}{quote(shows.host, 'HOST')}"
    if behind is None and gate is not None:
        # The host answers nobody but the jump host.
        scan = gate.ssh(scan)
    fixes = (
        f"{scan} | ssh-keygen -lf -",
        f"{scan} >> ~/.ssh/known_hosts",
        # What Ansible gives ssh does not go to the jump host's.
        shows.ssh("true", "-o", accept) if behind is not None else at.common_args(f"-o {accept}"),
    )
    return Match(proof(refused, strict, message, behind), explanation=explanation, fixes=fixes, phase="hostkey")
