"""The control node (or a jump host on the way) cannot turn the host's name into an address.

What you see:
UNREACHABLE at once, without a pause, and `ssh: Could not resolve hostname NAME: Name or service not known`
(glibc), `Temporary failure in name resolution` (no DNS server answers), `nodename nor servname provided` (macOS) or
`Name does not resolve` (musl). ssh ends with rc 255 before any packet is sent.

Why it happens:
ssh was given a name that neither /etc/hosts nor DNS knows on the machine where Ansible runs. Most often it is an
inventory alias without `ansible_host`, a typing error, an `ansible_host` that is empty or has a port in it, a search
domain that a container or a CI runner lacks, or a VPN that is down. `Temporary failure` means that the DNS server
itself was not reached.

How to be sure:
On the control node: `getent hosts NAME` prints nothing. `ansible-inventory --host ALIAS` shows whether
`ansible_host` is set, and `ssh -G NAME | grep -i ^hostname` what ssh's own configuration makes of the name.
In a container or a CI job, run both inside it: its /etc/resolv.conf is not the host's.

Fix:
Set `ansible_host` to an address or to a name that resolves, or add the name to DNS or /etc/hosts of the control node.
With `Temporary failure in name resolution`, repair /etc/resolv.conf or the VPN first.

Not this when:
The text is `channel 0: open failed: connect failed: Name or service not known`: then the jump host was reached and it
is the jump host that cannot resolve the target (jump-target-refused). A module's own output that quotes such a line
is that module's failure.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find_last, foreign, proof, ssh_said, through_jump
from parsers.rules._values import quote, shown

_START = "ssh: Could not resolve hostname "


@rule(
    "name-resolution",
    order=330,
    title="The host's name cannot be resolved",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own word on a name that has no address."""
    lines = [line for line in ssh_said(case) if line.text.startswith(_START)]
    line = find_last(lines, _START)
    if line is None:
        return None
    name, _, reason = line.text.removeprefix(_START).partition(": ")
    if foreign(case, name):
        return None
    reason = shown(reason.strip())
    at_jump = through_jump(case, name)
    if at_jump:
        explanation = f"The jump host's name {shown(name)} cannot be resolved on the control node ({reason})."
    else:
        explanation = f"The control node cannot resolve the name {shown(name)} ({reason}), so no connection was tried."
        if case.host is not None and case.host.name == name:
            explanation += " It is the inventory's own name for the host: ansible_host is not set."
    if reason.startswith("Temporary failure"):
        explanation += " No DNS server answered, so any other name would fail too."
    shape = None if at_jump else _shape(name)
    if shape is not None:
        # No look-up tells more about what can be no name.
        explanation = f"{shape[0]}, so no connection was tried."
        own = quote(case.host.name if case.host is not None else "", "HOST")
        fixes = [f"ansible-inventory --host {own}", *shape[1]]
        return Match(proof(line), explanation=explanation, fixes=tuple(fixes), phase="resolve")
    fixes = [f"getent hosts {quote(name, 'NAME')}"]
    if case.host is not None:
        fixes.append(f"ansible-inventory --host {quote(case.host.name, 'HOST')}")
    fixes.append("ansible_ssh_common_args='-o ProxyJump=USER@BASTION'" if at_jump else "ansible_host=ADDRESS")
    return Match(proof(line), explanation=explanation, fixes=tuple(fixes), phase="resolve")


def _shape(name: str) -> tuple[str, tuple[str, ...]] | None:
    """What a value is instead of a host's name, in words, and the settings to give it; None of what can be a name."""
    if not name:
        return "ansible_host is empty", ("ansible_host=ADDRESS",)
    host, _, port = name.rpartition(":")
    if host and ":" not in host and port.isdecimal():
        settings = (f"ansible_host={quote(host, 'ADDRESS')}", f"ansible_port={port[:5]}")
        return f"{shown(name)} is a name with a port, which ssh takes for the name", settings
    if "/" in name:
        return f"{shown(name)} is a network or a path and no host", ("ansible_host=ADDRESS",)
    if any(character.isspace() for character in name):
        return f"{shown(quote(name))} has a blank in it", (f"ansible_host={quote(name.strip(), 'ADDRESS')}",)
    return None
