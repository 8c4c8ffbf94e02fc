"""sshd runs one fixed command in place of what Ansible sends.

What you see:
Every stage ends with rc 0 and the same constant output, whatever was asked: the home directory, the temporary
directory, the interpreter. At the end, `No start of json char found` with rc 0, since the module never ran. Or every
stage fails alike, with words that have nothing to do with what was asked: `This service allows sftp connections only.`,
`Please login as the user "ubuntu" rather than the user "root".`, or a program that is not there.

Why it happens:
`ForceCommand` in the node's sshd_config (often in a Match block), or `command="…"` before the key in authorized_keys:
a key for backups, git or tunnels. Cloud images give root's keys such a command, which names the user to log in as. A
menu as the login shell does the same, or a start-up file of the shell that ends it.

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

import re

from parsers.declined import looked_for
from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.model import Command, Stage, Tool
from parsers.rules import _server
from parsers.rules._answers import alike, alike_rc, answer
from parsers.rules._said import before, find, is_module_json, proof, said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line
from parsers.sshd.case import ServerCase

_MARKED = {Stage.TMPDIR: "ansible-tmp-", Stage.DISCOVERY: "FOUND"}
"""What an honest shell prints in answer to these stages."""
_SFTP_ONLY = "This service allows sftp connections only"
"""sshd's own word (session.c, internal-sftp with a command)."""
_CLOUD_SAYS = "Please login as the user "
_CLOUD = re.compile(r'Please login as the user "([^"\s]{1,64})" rather than the user "')
"""cloud-init's `disable_root_opts`."""


@rule(
    "forced-command",
    order=630,
    title="sshd runs a fixed command in place of Ansible's",
    category=3,
    stages=(Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY, Stage.PROBE, Stage.TRANSFER, Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for stages that answer the same where each should print its own marker, or that all fail alike."""
    return _cloud_user(case) or _constant(case) or _refusal(case)


def _constant(case: Case) -> Match | None:
    """One text and rc 0 in answer to everything."""
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
    confidence = Confidence.CERTAIN if len(same) > 2 else Confidence.LIKELY
    evidence = proof(*(_answer(command)[0] for command in [wrong[0], *same][:4]))
    return Match(evidence, confidence, explanation, _fixes(case))


def _fixes(case: Case) -> tuple[str, ...]:
    at = target(case)
    user = quote(at.user or "", "USER")
    return (
        at.ssh("echo one"),
        f"grep -n command= ~{user}/.ssh/authorized_keys",
        f"sshd -T -C user={user} | grep -i forcecommand",
    )


def _cloud_user(case: Case) -> Match | None:
    """What cloud-init puts before root's keys."""
    words = _CLOUD.search(line.text) if (line := find(said(case), _CLOUD_SAYS)) is not None else None
    if line is None or words is None or is_module_json(line):
        return None
    at = target(case)
    name = words.group(1)
    explanation = (
        f"The key of {shown(at.user or 'this user')} at {at.at} runs nothing but this sentence, as cloud images have "
        f"it for root: log in as {shown(name)} and become root."
    )
    fixes = (f"ansible_user={quote(name)}", "ansible_become=true", *_fixes(case)[1:2])
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _refusal(case: Case) -> Match | None:
    """The same words and the same failure in answer to everything; or the words of sshd's own sftp."""
    at = target(case)
    line = next((row for row in said(case) if row.text.strip().startswith(_SFTP_ONLY) and not row.stderr), None)
    looked_for((_SFTP_ONLY,), line)
    if line is not None and case.command is not None and case.command.rc not in (0, None):
        explanation = (
            f"sshd at {at.at} lets {shown(at.user or 'this user')} use sftp alone (`ForceCommand internal-sftp`), so "
            "none of Ansible's commands runs."
        )
        return Match(proof(line), explanation=explanation, fixes=_fixes(case))
    commands = alike(case)
    words = answer(commands[0]) if commands else []
    if alike_rc(commands) in (None, 0) or not words or any(_of_a_shell(row) for row in words):
        return None
    explanation = (
        f"{len(commands)} different commands at {at.at} all ended with rc {commands[0].rc} and the same answer, "
        f"{shown(words[0].text.strip(), 80)!r}: sshd, the key's entry in authorized_keys or a start-up file of the "
        "shell runs something else in their place."
    )
    return Match(proof(*(answer(command)[0] for command in commands[:4])), Confidence.LIKELY, explanation, _fixes(case))


def _of_a_shell(line: Line) -> bool:
    """Whether the words are a login shell's on Ansible's own command: that rule is another."""
    return "/bin/sh" in line.text or line.text.startswith("/")


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
