"""ssh's control socket lies on a file system that has no sockets.

What you see:
UNREACHABLE with `Control socket connect(PATH): Connection refused` and `Failed to connect to new control master`.

Why it happens:
The home directory, or `control_path_dir`, is on a file system without Unix sockets: /mnt/c of WSL 1, a shared folder
of VirtualBox, sshfs, some NFS.

How to be sure:
`findmnt -T ~/.ansible/cp` on the control node shows the file system. `ssh -S none` works.

Fix:
Put the sockets on a local file system: `ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/ansible-cp`.

Not this when:
`connect to host … port …: Connection refused` is about the network (connection-refused): here the socket refuses,
which is no TCP. `session request failed: Session open refused by peer` above it: the server refused the session
(sshd-open-refused).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, better, find, proof, ssh_said
from parsers.rules._values import quote, shown


@rule(
    "controlpath-no-sockets",
    order=220,
    title="The control socket cannot be used where it lies",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words on its new master."""
    lines = ssh_said(case)
    line = find(lines, "Failed to connect to new control master")
    if line is None or better(lines, "session request failed: "):
        return None
    socket = find(lines, "Control socket connect(")
    path = socket.text.partition("connect(")[2].partition(")")[0] if socket is not None else ""
    where = f" at {shown(path)}" if path else ""
    explanation = f"ssh made its control socket{where} and could not connect to it: that file system has no sockets."
    fixes = (
        f"findmnt -T {quote(path.rpartition('/')[0], '~/.ansible/cp')}",
        "ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/ansible-cp",
    )
    return Match(proof(line, socket), explanation=explanation, fixes=fixes)
