"""ssh cannot make its control socket: the path is longer than the system allows.

What you see:
UNREACHABLE, rc 255, with `ControlPath too long ('PATH' >= 108 bytes)`; other versions say `unix_listener: "PATH" too
long for Unix domain socket`.

Why it happens:
A socket has a path of at most 107 bytes (103 on macOS and the BSDs), and ssh adds 17 characters while it makes it. A
long home directory, a long `control_path_dir` or host name (a cloud's public DNS name) goes beyond it.

How to be sure:
`ssh -G HOST` shows `controlpath`; count its characters.

Fix:
A short directory and a hash: `ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/acp` and
`ANSIBLE_SSH_CONTROL_PATH=%(directory)s/%%C`.

Not this when:
ssh says `Connection refused` about the socket (controlpath-no-sockets). A path a few characters below the limit can
still be too long.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, quoted, ssh_said
from parsers.rules._values import shown


@rule(
    "controlpath-too-long",
    order=210,
    title="The control socket's path is too long",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words on the length of the socket's path."""
    line = find(ssh_said(case), "ControlPath too long", "too long for Unix domain socket")
    if line is None:
        return None
    path = quoted(line.text) or ""
    explanation = f"The path of ssh's control socket is too long for this system{f': {shown(path)}' if path else ''}."
    fixes = ("ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/acp", "ANSIBLE_SSH_CONTROL_PATH='%(directory)s/%%C'")
    return Match(proof(line), explanation=explanation, fixes=fixes)
