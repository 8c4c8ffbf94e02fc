"""Nothing listens on the port: the TCP connection was answered with a refusal.

What you see:
UNREACHABLE within milliseconds, and `ssh: connect to host ADDRESS port PORT: Connection refused`. With ssh's debug
text, `debug1: connect to address ADDRESS port PORT: Connection refused` for every address of the name.

Why it happens:
The packet arrived somewhere and a TCP reset came back. sshd is not running (stopped, crashed on a bad sshd_config, or
the machine is still booting), it listens on another port or only on another address, the address is another
machine's by now, or a firewall rule rejects with a reset.

How to be sure:
From the control node: `nc -vz ADDRESS PORT`. On the managed node's console: `ss -ltnp 'sport = :22'` shows whether
and where sshd listens, `sshd -t` whether its configuration is valid, `journalctl -u ssh -u sshd -n 50` why it ended.

Fix:
Start sshd (`systemctl restart ssh` or `sshd`), or set `ansible_port` (and `ansible_host`) to where it listens. After
a reboot or a fresh machine, wait with `wait_for_connection`.

Not this when:
The line is about a `Control socket connect(…)`: a Unix socket of the control node, not TCP (controlpath-no-sockets).
A name with several addresses may refuse on IPv6 and then connect on IPv4: then no `ssh: connect to host` line follows.
`channel 0: open failed: connect failed: Connection refused` is the jump host's word about the target
(jump-target-refused). A packet that is dropped ends in a timeout instead (connection-timeout).
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Match, rule
from parsers.rules._proxy import gate
from parsers.rules._said import SSH_STAGES, connect_error, foreign, proof, ssh_said, through_jump
from parsers.rules._values import endpoint, quote, shown, target


@rule(
    "connection-refused",
    order=340,
    title="The connection was refused: nothing listens on that port",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's last word on the TCP connection."""
    error = connect_error(ssh_said(case))
    if error is None or foreign(case, error.host):
        return None
    if error.reason != "Connection refused":
        ruled_out(f"ssh's last word on the TCP connection is another: {shown(error.reason)}.", error.line)
        return None
    at = own = target(case, host=error.host, port=error.port)
    if through_jump(case, error.host):
        # By the way of the host itself it would be asked through itself.
        at = gate(case, error.host, port=error.port)
        hop = endpoint(error.host, error.port)
        explanation = f"The jump host {hop} refused the TCP connection; the host itself was never tried."
    else:
        explanation = (
            f"{at.at} refused the TCP connection: the machine or a firewall answers, and nothing listens on that port."
        )
    fixes = [
        f"nc -vz {quote(at.host, 'HOST')} {at.port or 22}",
        at.ssh("true", "-v"),
        f"ansible-inventory --host {quote(own.name, 'HOST')}",
    ]
    return Match(proof(error.line), explanation=explanation, fixes=tuple(fixes), phase="tcp")
