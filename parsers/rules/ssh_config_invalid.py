"""ssh ends before it connects: an option or its configuration file is wrong.

What you see:
UNREACHABLE, rc 255, with `command-line: line 0: Bad configuration option: x`, `~/.ssh/config: line N: Bad
configuration option: x`, `terminating, N bad configuration options`, or `Bad owner or permissions on PATH`. No debug
text, not even the line of the version. As well: `Bad port '99999'.`, `unknown option -- Z` and ssh's usage; or
Ansible's own `No closing quotation`, before it starts ssh.

Why it happens:
An option of a newer ssh (or a typing error) in ~/.ssh/config, in /etc/ssh/ssh_config.d, in `ansible_ssh_common_args`
or `ANSIBLE_SSH_ARGS`; or a configuration file that others may write to.

How to be sure:
`ssh -G HOST` with the same options prints the same words.

Fix:
Take the option away, or put `IgnoreUnknown NAME` above it; `chmod 600 ~/.ssh/config` for the owner and permissions.

Not this when:
A key's permissions have their own words (key-permissions).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Tool
from parsers.rules._said import SSH_STAGES, find, message_lines, proof, ssh_said
from parsers.rules._values import quote, shown, target

_WORDS = (
    "Bad configuration option: ",
    "Bad owner or permissions on ",
    "bad configuration options",
    'unsupported option "',
    "keyword controlpersist missing argument",
    'no argument after keyword "',
    "Bad port '",
)
_OPTIONS = ("unknown option -- ", "illegal option -- ")
"""Of ssh; what sftp and scp are given as well has sftp-bad-arguments."""
_CLOSING = "Task failed: No closing quotation"
"""shlex's words, of ssh's options where the task has sent nothing yet (2.19 and later: with its own words before)."""


@rule(
    "ssh-config-invalid",
    order=230,
    title="ssh does not accept its own configuration",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words on its options."""
    lines = ssh_said(case)
    own = case.command is not None and case.command.tool is Tool.SSH
    line = find(lines, *_WORDS, *(_OPTIONS if own else ()))
    if line is None:
        return _unquoted(case)
    at = target(case)
    explanation = f"ssh ended before it connected to {at.at}: {shown(line.text.strip().rstrip('.'))}."
    file = line.text.partition("Bad owner or permissions on ")[2].strip()
    repair = f"chmod 600 {quote(file)}" if file else "grep -rn -i ssh_args ansible.cfg ~/.ansible.cfg"
    fixes = (at.ssh("", "-G"), repair)
    ended = find(lines, " bad configuration option")
    return Match(proof(line, ended), explanation=explanation, fixes=fixes)


def _unquoted(case: Case) -> Match | None:
    """Ansible could not even cut the options into words."""
    if case.host is None or case.command is not None or (case.task is not None and case.task.commands):
        return None
    line = next((row for row in message_lines(case) if row.text.strip() in (_CLOSING, "No closing quotation")), None)
    if line is None:
        return None
    name = quote(case.host.name, "HOST")
    explanation = (
        f"A quote is not closed in the options that Ansible gives ssh for {case.host.name} (ansible_ssh_common_args, "
        "ansible_ssh_extra_args, ssh_args), or in an argument of the task."
    )
    fixes = (f"ansible-inventory --host {name} | grep -i args", "ansible-config dump --only-changed | grep -i ssh")
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)
