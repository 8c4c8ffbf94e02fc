"""sshd's sftp program is not where sshd_config says.

What you see:
On the control node the same as without any sftp: `Connection closed`. In sshd's log `subsystem request for sftp by
user NAME`, and at LogLevel DEBUG1 `subsystem: cannot stat /usr/lib/ssh/sftp-server: No such file or directory`. The
request is granted all the same (SSH_MSG_CHANNEL_SUCCESS), and the session ends at once.

Why it happens:
The path of `Subsystem sftp …` is another distribution's: it is `/usr/libexec/openssh/sftp-server` on EL and Fedora,
`/usr/lib/openssh/sftp-server` on Debian and Ubuntu, `/usr/lib/ssh/sftp-server` on SUSE and Arch. Or its package
(openssh-sftp-server) is not installed.

How to be sure:
On the node `sshd -T | grep -i subsystem`, and `ls -l` of the path that it prints.

Fix:
`Subsystem sftp internal-sftp` in sshd_config needs no program at all; then reload sshd. Or the right path. Until then
`ansible_ssh_transfer_method=piped`.

Not this when:
The line says `failed, subsystem not found`: then sshd_config has none (sftp-subsystem-missing).
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.model import Stage
from parsers.rules._server import at, kept, who
from parsers.rules._values import quote
from parsers.rules.sftp_subsystem_missing import piped_later
from parsers.sshd.case import ServerCase

_WORDS = "subsystem: cannot stat "


@server_rule(
    "sftp-server-path-wrong",
    order=750,
    title="sshd's sftp program is not where sshd_config says",
    category=3,
    stages=(Stage.TRANSFER,),
)
def check(case: ServerCase) -> Match | None:
    """Looks for sshd's line on the program's path."""
    one = case.connection
    line = case.said(_WORDS)
    if one is None or line is None:
        return None
    path = quote(line.text.partition(_WORDS)[2].rpartition(": ")[0], "PATH")
    channel = next((c for c in case.channels if c.opened.line <= line.place.line <= c.last_line), None)
    explanation = f"sshd could not start {path} for {who(one)}: there is no such file."
    piped = channel is not None and piped_later(case, channel)
    if piped:
        explanation += " The files were sent through the shell after that."
    fixes = ("Subsystem sftp internal-sftp", f"ls -l {path}", "ansible_ssh_transfer_method=piped")
    evidence = kept(at(line.place, line.text), at(channel.run_place, "subsystem sftp") if channel is not None else None)
    return Match(evidence, explanation=explanation, fixes=fixes, channel=channel, mild=piped)
