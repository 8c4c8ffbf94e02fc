"""The server shows another host key than the one in known_hosts.

What you see:
`WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!`, `Offending ED25519 key in FILE:LINE`, and
`Host key verification failed.` With StrictHostKeyChecking=no the login goes on, but `Password authentication is
disabled to avoid man-in-the-middle attacks.`, so a login by password ends in `Permission denied`.

Why it happens:
The machine was installed again, its address was given to another one (cloud, DHCP, a rebuilt test machine), a load
balancer spreads the address over several nodes, or a port forward leads elsewhere by now. Rarely, somebody is in
between.

How to be sure:
On the server's console: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`, and compare with the fingerprint in
ssh's text. Equal: the machine changed its key and known_hosts is old. Not equal: you do not talk to this machine.

Fix:
When the fingerprints agree: remove the old key with `ssh-keygen -R` (the file and line stand in ssh's text) and add
the new one. Keep the host keys when machines are rebuilt, or sign them.

Not this when:
`Host key verification failed.` alone: no key was known (hostkey-unknown). With StrictHostKeyChecking=no and a login by
key the banner is a warning, and a later failure has another cause.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_CHANGED = "REMOTE HOST IDENTIFICATION HAS CHANGED!"
_REFUSED = "Host key verification failed."
_SWITCHED_OFF = "authentication is disabled to avoid man-in-the-middle attacks"


@rule(
    "hostkey-changed",
    order=440,
    title="The server's host key is another one than known_hosts has",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the banner, and for what ssh made of it."""
    lines = ssh_said(case)
    changed = find(lines, _CHANGED)
    refused = find(lines, _REFUSED, "has changed and you have requested strict checking")
    disabled = find(lines, f"Password {_SWITCHED_OFF}", f"Keyboard-interactive {_SWITCHED_OFF}")
    denied = find(lines, ": Permission denied (")
    # The end of it may have been cut off: what ssh made of the key comes behind the banner.
    cut = changed is not None and denied is None and case.command is None
    if changed is None or (refused is None and (disabled is None or denied is None) and not cut):
        return None
    at = target(case)
    offending = next((line for line in lines if line.text.startswith("Offending ") and " key in " in line.text), None)
    file = _file(offending)
    if refused is not None:
        explanation = (
            f"{at.at} shows another host key than the one in {shown(file or 'known_hosts')}, and ssh refused it."
        )
        confidence = Confidence.CERTAIN
    elif denied is None:
        explanation = (
            f"{at.at} shows another host key than the one in {shown(file or 'known_hosts')}. What ssh made of it is "
            "not in the log."
        )
        confidence = Confidence.LIKELY
    else:
        explanation = (
            f"{at.at} shows another host key than the one in {shown(file or 'known_hosts')}. ssh went on, but without "
            "password login, and no key let it in."
        )
        confidence = Confidence.LIKELY
    scan = f"ssh-keyscan {f'-p {at.port} ' if at.port else ''}{quote(at.host, 'HOST')}"
    option = f" -f {quote(file)}" if file else ""
    fixes = (
        f"{scan} | ssh-keygen -lf -",
        f"ssh-keygen{option} -R {quote(at.known_as, 'HOST')}",
        f"{scan} >> {quote(file) if file else '~/.ssh/known_hosts'}",
    )
    phase = "auth" if refused is None and denied is not None else "hostkey"
    return Match(proof(changed, offending, refused, disabled), confidence, explanation, fixes, phase)


def _file(line: Line | None) -> str | None:
    """FILE of `Offending ED25519 key in FILE:LINE`."""
    if line is None:
        return None
    file, _, number = line.text.partition(" key in ")[2].strip().rpartition(":")
    return file if number.isdigit() and file else None
