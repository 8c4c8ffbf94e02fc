"""sshd drops new connections, because too many stand before their login.

What you see:
On the control node `kex_exchange_identification: read: Connection reset by peer` or `Connection closed by remote
host` on some hosts, and not always on the same. In sshd's log `beginning MaxStartups throttling` and `drop connection
#10 from [ADDRESS]:PORT on [ADDRESS]:22 past MaxStartups`.

Why it happens:
`MaxStartups 10:30:100`, the default, drops 30 % of new connections from ten on that have not logged in yet, and all
of them from a hundred on. Ansible opens as many as it has forks, all from one address (`PerSourceMaxStartups`), and a
slow login (DNS, PAM) keeps each of them there for longer.

How to be sure:
The line in sshd's log; on the node `sshd -T | grep -i maxstartups` and `ss -tn state established '( sport = :22 )'`.

Fix:
Fewer at once: `forks = 10` in ansible.cfg, `serial` in the play. Or more room in sshd_config: `MaxStartups 50:30:200`,
and reload sshd. `UseDNS no` makes logins quicker.

Not this when:
The line ends with `penalty: …` (sshd-penalty). Connections of somebody else fill the same places: look at the
addresses.
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.rules._server import LOGIN, proof
from parsers.sshd.case import ServerCase

_DROPPED = ("past MaxStartups", "past Maxstartups", "PerSourceMaxStartups", "past PerSource")
_BEGINS = ("MaxStartups throttling",)


@server_rule(
    "sshd-startups",
    order=391,
    title="sshd drops connections that have not logged in (MaxStartups)",
    category=2,
    stages=LOGIN,
)
def check(case: ServerCase) -> Match | None:
    """Looks for drops in what the listening process says."""
    if case.connection is not None:
        return None
    dropped = [line for line in case.all_said(*_DROPPED) if "drop connection" in line.text]
    begins = case.said(*_BEGINS)
    if not dropped and begins is None:
        return None
    words = f"at least {len(dropped)} new connections" if len(dropped) > 1 else "a new connection"
    explanation = f"sshd dropped {words}, because too many others had not logged in yet; the client sees a reset."
    fixes = ("forks = 10", "MaxStartups 50:30:200", "sshd -T | grep -i maxstartups")
    return Match(proof(*dropped[:3], begins), explanation=explanation, fixes=fixes, phase="banner")
