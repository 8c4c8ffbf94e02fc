"""What the four rules on algorithms share: ssh's line on what both sides have not in common."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.findings import Case, Match
from parsers.rules import _server
from parsers.rules._said import find, number, proof, ssh_said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line
from parsers.sshd.case import ServerCase

_EXTRAS = ("kex-strict-", "ext-info-")
"""Names in an offer that are signals of the protocol, not algorithms."""


@dataclass(slots=True, frozen=True)
class Kind:
    """One thing that is negotiated."""

    words: str
    """As ssh's line has it."""
    option: str
    """ssh's option that adds one."""
    name: str
    """For a sentence."""
    preferred: tuple[str, ...]
    """Old ones that ssh still knows, the best first."""
    also: str = ""
    """An option that has to change along."""


KEX = Kind(
    "key exchange method",
    "KexAlgorithms",
    "key exchange method",
    (
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group14-sha256",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
        "diffie-hellman-group1-sha1",
    ),
)
HOST_KEY = Kind(
    "host key type",
    "HostKeyAlgorithms",
    "host key algorithm",
    ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", "ssh-dss"),
    also="PubkeyAcceptedAlgorithms",
)
CIPHER = Kind(
    "cipher",
    "Ciphers",
    "cipher",
    ("aes256-ctr", "aes128-ctr", "aes256-cbc", "aes128-cbc", "3des-cbc"),
)
MAC = Kind(
    "MAC",
    "MACs",
    "MAC",
    ("hmac-sha2-512", "hmac-sha2-256", "hmac-sha1", "hmac-sha1-96", "hmac-md5"),
)


def negotiate(case: Case, kind: Kind) -> Match | None:
    """A match where ssh's own line says that no `kind` is in common."""
    line = find(ssh_said(case), f"no matching {kind.words} found")
    if line is None:
        return None
    host, port = _peer(line)
    offers = [
        name
        for name in line.text.partition("Their offer: ")[2].strip().split(",")
        if name and not name.startswith(_EXTRAS)
    ]
    at = target(case, port=port)
    peer = f"{at.at} ({shown(host)})" if host and host != at.host else at.at
    if offers:
        explanation = (
            f"ssh and {peer} have no {kind.name} in common; the server offers only {shown(', '.join(offers))}."
        )
    else:
        explanation = f"ssh and {peer} have no {kind.name} in common."
    chosen = next((name for name in kind.preferred if name in offers), offers[0] if offers else "")
    added = f"+{chosen}" if chosen else "+ALGORITHM"
    option = f"-o {quote(f'{kind.option}={added}', f'{kind.option}=+ALGORITHM')}"
    arguments = option
    if kind.also and chosen == "ssh-rsa":
        arguments = f"{option} -o {kind.also}={added}"
    fixes = (
        at.ssh("true", arguments),
        at.common_args(arguments),
        f"ssh -Q {kind.option}",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes, phase="kex")


def _peer(line: Line) -> tuple[str, int | None]:
    head = line.text.partition("Unable to negotiate with ")[2].partition(": no matching ")[0]
    host, _, port = head.rpartition(" port ")
    # Behind a proxy ssh knows no address: `UNKNOWN port 65535`.
    return ("", None) if host == "UNKNOWN" else (host, number(port))


def negotiate_server(case: ServerCase, kind: Kind) -> Match | None:
    """The match on sshd's line `Unable to negotiate with ADDRESS port N: no matching KIND found. Their offer: …`.

    Up to OpenSSH 6.9: `no matching cipher found: client … server …`, `Unable to negotiate a key exchange method`, `no
    hostkey alg` (kex.c).
    """
    one = case.connection
    old = {"key exchange method": "Unable to negotiate a key exchange method", "host key type": "no hostkey alg"}
    old_mac = "no matching mac found" if kind is MAC else f"no matching {kind.words} found"
    line = case.said(f"no matching {kind.words} found", old_mac, old.get(kind.words, f"no matching {kind.words} found"))
    if one is None or line is None:
        return None
    offer = line.text.partition("Their offer: ")[2]
    theirs = ",".join(name for name in offer.split(",") if not name.startswith(_EXTRAS))
    explanation = f"sshd and {_server.who(one)} have no {kind.name} in common."
    if theirs:
        explanation += f" The client offered {shown(theirs, 300)}."
    fixes = (f"sshd -T | grep -i ^{kind.option.lower()}", f"ansible_ssh_common_args='-o {kind.option}=+…'")
    return Match(_server.proof(line), explanation=explanation, fixes=fixes, phase="kex")
