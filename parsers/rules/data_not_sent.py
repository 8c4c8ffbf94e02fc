"""ssh ended, most often while Ansible was sending it data, and left no words.

What you see:
UNREACHABLE with `Data could not be sent to remote host "HOST". Make sure this host can be reached over ssh:` and
nothing behind the colon; up to 2.4 `SSH Error: data could not be sent to remote host "HOST"`, which never has more. Or
`Failed to connect to the host via ssh:` and no more than that; in 2.0
`SSH encountered an unknown error during the connection`.

Why it happens:
Any end of ssh with rc 255 during pipelining, a probe or a transfer: a login that was refused, a shared connection
that was gone, a host that went away. ssh ran without -v, is told to be quiet (`-q`, `LogLevel QUIET`), or its words
got lost with ControlPersist. Ansible 2.1 and 2.2 show none of them below -vvv.

How to be sure:
Run again with `ANSIBLE_SSH_VERBOSITY=3` and `-vvvv`, and look at the last lines of ssh that are no debug text.

Fix:
What the run with more output shows; `ssh USER@HOST true` by hand, `rm ~/.ansible/cp/*` for dead sockets,
`ANSIBLE_SSH_RETRIES=3`.

Not this when:
Words stand behind the colon: these say the cause, and another rule knows them.
"""

from __future__ import annotations

import re

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, has_ssh_debug, proof, worked_before
from parsers.rules._values import quote, target
from parsers.ssh.transcript import Line

_START = "Data could not be sent to remote host"
_OLD = "SSH Error: data could not be sent to "
"""2.0-2.4: ssh's words are never behind it."""
_END = "Make sure this host can be reached over ssh:"
_SILENT = re.compile(
    r"(?:Task failed: )?Failed to connect to the host via (?:ssh|sftp|scp|piped)[:.]?"
    r"|(?:ERROR! )?SSH encountered an unknown error during the connection[^\n]{0,200}"
)
_FAREWELL = ("Shared connection to ", "Connection to ", "Executing: ")


@rule(
    "data-not-sent",
    order=820,
    title="ssh ended, and did not say why",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's sentence with nothing behind its colon."""
    result = (
        next((item for item in reversed(case.task.results) if item.message), None) if case.task is not None else None
    )
    if result is None or result.ignored or not (_is_bare(result.message) or _is_silent(case, result.message)):
        return None
    if case.command is not None and any(
        row.stderr and not row.text.startswith(_FAREWELL) for row in case.command.transcript.plain
    ):
        return None
    place = result.message_place or result.place
    at = target(case)
    explanation = f"ssh to {at.at} ended while data was sent to it, and its words are not in the log."
    if worked_before(case):
        explanation = (
            f"Commands worked at {at.at} before, and this one ended while data was sent, without a word: the program "
            "that took the data was killed (a limit such as ulimit -f, the out-of-memory killer), or the connection "
            "broke."
        )
    elif _SILENT.fullmatch(result.message.strip()) is not None:
        explanation = f"ssh to {at.at} ended with an error, and its words are not in the log."
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    fixes = (
        at.ssh("true", "-v"),
        f"ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv {playbook}",
        "ANSIBLE_SSH_RETRIES=3",
    )
    line = Line(place.offset, place.line, result.message.strip()[:400].splitlines()[0], True)
    return Match(proof(line), Confidence.POSSIBLE, explanation, fixes)


def _is_silent(case: Case, message: str) -> bool:
    """Whether nothing at all was said: ssh's debug text would tell how far it came."""
    return len(message) < 400 and _SILENT.fullmatch(message.strip()) is not None and not has_ssh_debug(case)


def _is_bare(message: str) -> bool:
    if _OLD in message:
        return True
    _, found, rest = message.partition(_END)
    rest = rest.strip()
    # At -vvvv ssh's version is the first thing that it says.
    return _START in message and bool(found) and (not rest or (rest.startswith("OpenSSH_") and "\n" not in rest))
