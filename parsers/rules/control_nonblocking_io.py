"""Ansible does not start: a standard stream was handed to it in non-blocking mode.

What you see:
`ERROR: Ansible requires blocking IO on stdin/stdout/stderr. Non-blocking file handles detected: <stdout>`, and
nothing else.

Why it happens:
The program that started Ansible (Node.js, some CI runners, a terminal interface) set O_NONBLOCK on a pipe or terminal
that both share.

How to be sure:
The same command works in a plain terminal. `ansible-playbook site.yml 2>&1 </dev/null | cat` works as well: its
streams are new ones.

Fix:
Start it with pipes of its own: `ansible-playbook site.yml </dev/null 2>&1 | cat`, or switch the flag off in the
program that starts it.

Not this when:
A run that has begun and stands still is about something else.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines
from parsers.rules._said import find, proof
from parsers.rules._values import quote, shown


@rule(
    "control-nonblocking-io",
    order=40,
    title="A standard stream of the control node does not block",
    category=1,
    stages=(Stage.CONTROL,),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(control_lines(case), "Ansible requires blocking IO on stdin/stdout/stderr")
    if line is None:
        return None
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    explanation = f"Ansible did not start: {shown(line.text.strip())}"
    return Match(proof(line), explanation=explanation, fixes=(f"ansible-playbook {playbook} </dev/null 2>&1 | cat",))
