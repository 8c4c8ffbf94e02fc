"""sshd runs one fixed command in place of what Ansible sends.

What you see:
Every stage ends with rc 0 and the same constant output, whatever was asked: the home directory, the temporary
directory, the interpreter. At the end, `No start of json char found` with rc 0, since the module never ran.

Why it happens:
`ForceCommand` in the node's sshd_config (often in a Match block), or `command="…"` before the key in authorized_keys:
a key for backups, git or tunnels. A menu as the login shell does the same.

How to be sure:
`ssh USER@HOST 'echo one'` and `ssh USER@HOST 'echo two'` print the same. On the managed node:
`grep -n command= ~USER/.ssh/authorized_keys` and `sshd -T -C user=USER | grep -i forcecommand`.

Fix:
Log in with another key or user, or take the restriction from this key. A wrapper that should let Ansible through has
to run `$SSH_ORIGINAL_COMMAND` with /bin/sh.

Not this when:
Only lines before the module's JSON are strange: a banner or a start-up file prints them, and Ansible skips them
(result-noise). The constant text with rc 1 is a login shell that refuses (login-shell).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.model import Command, Stage, Tool
from parsers.rules import _server
from parsers.rules._said import before, proof
from parsers.rules._values import quote, shown, target
from parsers.sshd.case import ServerCase
from parsers.transcript import Line

_MARKED = {Stage.TMPDIR: "ansible-tmp-", Stage.DISCOVERY: "FOUND"}
"""What an honest shell prints in answer to these stages."""


@rule(
    "forced-command",
    order=630,
    title="sshd runs a fixed command in place of Ansible's",
    category=3,
    stages=(Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY, Stage.PROBE, Stage.TRANSFER, Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for stages that answer rc 0 with the same text where each should print its own marker."""
    commands = [command for command in before(case) if _answered(command)]
    if case.command is not None and _answered(case.command) and case.command not in commands:
        commands.append(case.command)
    wrong = [command for command in commands if command.stage in _MARKED and not _has_marker(command)]
    if not wrong:
        return None
    answer = _answer(wrong[0])
    if not answer:
        return None
    same = [command for command in commands if _texts(command) == _texts(wrong[0])]
    if len(same) < 2:
        return None
    at = target(case)
    explanation = (
        f"{len(same)} different commands at {at.at} all ended with rc 0 and the same answer, "
        f"{shown(answer[0].text, 80)!r}: sshd or the key's entry in authorized_keys runs a fixed command."
    )
    user = quote(at.user or "", "USER")
    fixes = (
        at.ssh("echo one"),
        f"grep -n command= ~{user}/.ssh/authorized_keys",
        f"sshd -T -C user={user} | grep -i forcecommand",
    )
    confidence = Confidence.CERTAIN if len(same) > 2 else Confidence.LIKELY
    return Match(proof(*(_answer(command)[0] for command in [wrong[0], *same][:4])), confidence, explanation, fixes)


def _answered(command: Command) -> bool:
    return command.tool is Tool.SSH and command.rc == 0 and bool(_answer(command))


def _answer(command: Command) -> list[Line]:
    """What came back on stdout."""
    return [line for line in command.transcript.plain if not line.stderr and line.text.strip()]


def _texts(command: Command) -> list[str]:
    return [line.text for line in _answer(command)]


def _has_marker(command: Command) -> bool:
    return any(_MARKED[command.stage] in line.text for line in command.transcript.plain)


_PASSES_ON = ("SSH_ORIGINAL_COMMAND", "internal-sftp")


@seen_from_server("forced-command")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sessions that run a forced command."""
    one = case.connection
    forced = [channel for channel in case.channels if channel.forced is not None]
    if one is None or not forced:
        return None
    channel = forced[0]
    where = "sshd_config's ForceCommand" if channel.forced_by == "config" else 'command="…" of the key'
    command = shown(channel.forced or "", 200)
    explanation = (
        f"sshd ran {command!r} for {_server.who(one)} in place of what was asked for, in {len(forced)} of "
        f"{len(case.channels)} sessions: {where} says so."
    )
    fixes = ("sshd -T | grep -i forcecommand", "grep -n command= ~/.ssh/authorized_keys")
    evidence = _server.kept(*(_server.at(c.run_place, f"forced-command '{c.forced}'") for c in forced))
    confidence = Confidence.CERTAIN if len(forced) == len(case.channels) else Confidence.LIKELY
    passes = any(word in (channel.forced or "") for word in _PASSES_ON)
    return Match(evidence[:4], confidence, explanation, fixes, channel=channel, mild=passes)
