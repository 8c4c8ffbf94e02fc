"""The login works, and the user's shell lets nobody in.

What you see:
UNREACHABLE with `Failed to create temporary directory. In some cases …` although ssh logged in. The first commands end
with rc 1 and `This account is currently not available.` on stdout (nologin), or with rc 1 and no output at all
(/bin/false), or with `/bin/zsh: No such file or directory` from sshd itself (a shell that is not installed, or not
within its ChrootDirectory). Or rc 127 and the same words of the shell that `ansible_shell_executable` asks for.

Why it happens:
The login shell in /etc/passwd (or in the directory service) is /usr/sbin/nologin or /bin/false, as service accounts
have it. sshd runs every command through that shell, so not even `echo ~` works. A start-up file that ends the shell
(`exit 3` in ~/.bashrc) looks like /bin/false, with its own rc.

How to be sure:
On the managed node: `getent passwd USER` ends in `nologin` or `false`. From the control node, `ssh USER@HOST true`
prints the same line. sftp works all the same, which misleads.

Fix:
On the node, as root: `usermod -s /bin/sh USER`. Or log in as a user that has a shell and become the service account:
`become_user: USER`.

Where the task uses become with su, it is the become_user's shell that refuses, as su starts it: become_method sudo,
or `become_flags` with `-s /bin/sh`, goes round it.

Not this when:
The line stands inside a module's JSON: then a command of the playbook's own said it. Another text as the answer to
every command is a forced command (forced-command); `ForceCommand /bin/false` says nothing either, and only sshd's log
tells it from a shell.
"""

from __future__ import annotations

from parsers.declined import looked_for, ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Command, Stage
from parsers.rules._answers import alike, alike_rc, answer
from parsers.rules._said import ending, is_module_json, message_lines, missing_program, proof, said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_SAYS = "This account is currently not available"
_ANSWER = f"stdout output: {_SAYS}"
_ABSENT = ": No such file or directory"


@rule(
    "login-shell",
    order=620,
    title="The user's login shell refuses every command",
    category=3,
    stages=(Stage.CONNECT, Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY, Stage.PROBE, Stage.EXEC),
)
def check(case: Case) -> Match | None:
    """Looks for nologin's own words as the whole answer of a command, or for commands that all fail without a word."""
    command = case.command
    line = next((line for line in said(case) if _SAYS in line.text and not is_module_json(line)), None)
    if line is None and command is None:
        line = _quoted(case)
    looked_for((_SAYS,), line)
    if command is not None and command.rc == 0:
        if line is not None:
            ruled_out("The command ended well.", line)
        return None
    if line is None:
        return _ansibles_shell(case) or _every_command(case)
    if not line.text.strip().startswith(_SAYS) and _ANSWER not in line.text:
        return None
    at = target(case)
    if command is not None and command.become:
        explanation = (
            f"The login at {at.at} works. The shell of the user that the task becomes is nologin, which answers every "
            "command with this."
        )
        fixes = (at.ssh("getent passwd"), "ansible_become_method=sudo", "ansible_become_flags='-s /bin/sh'")
        return Match(proof(line), explanation=explanation, fixes=fixes)
    user = shown(at.user) if at.user else "the login user"
    explanation = (
        f"ssh logged in at {at.at}, and the login shell of {user} is nologin: it answers every command with this."
    )
    return Match(proof(line), explanation=explanation, fixes=_fixes(case))


def _quoted(case: Case) -> Line | None:
    """Ansible's own message, which quotes the answer: all that a log below -vvv has."""
    return next((line for line in message_lines(case) if _ANSWER in line.text), None)


def _fixes(case: Case) -> tuple[str, ...]:
    at = target(case)
    name = quote(at.user or "", "USER")
    return at.ssh("true"), f"getent passwd {name}", f"usermod -s /bin/sh {name}"


def ansibles_shell(command: Command) -> str:
    """The shell that Ansible runs the command with (`/bin/sh -c '…'`); empty where the text is none of that."""
    shell, found, _ = command.text.partition(" -c ")
    return shell if found and shell.startswith("/") and " " not in shell else ""


def _ansibles_shell(case: Case) -> Match | None:
    """The login works, and the shell that Ansible asks for instead of /bin/sh is not there."""
    command = case.command
    shell = ansibles_shell(command) if command is not None and command.rc in (126, 127) else ""
    if command is None or not shell or shell == "/bin/sh":
        return None
    line = next((row for row in command.transcript.plain if missing_program(row.text) == shell), None)
    if line is None:
        return None
    at = target(case)
    explanation = (
        f"The login at {at.at} works. {shown(shell, 80)} is not there, the shell that ansible_shell_executable (or "
        "`executable` in ansible.cfg) asks for."
    )
    name = quote(case.host.name if case.host is not None else "", "HOST")
    fixes = ("ansible_shell_executable=/bin/sh", f"ansible-inventory --host {name}", at.ssh(f"ls -l {quote(shell)}"))
    return Match(proof(line), Confidence.CERTAIN, explanation, fixes)


def _every_command(case: Case) -> Match | None:
    """A shell that ends each command without a word, or that sshd could not start."""
    commands = alike(case)
    rc = alike_rc(commands)
    if rc is None or rc == 0:
        return None
    at = target(case)
    user = shown(at.user) if at.user else "the login user"
    words = answer(commands[0])
    ends = tuple(ending(command) for command in commands[:4])
    if not words:
        explanation = (
            f"ssh logged in at {at.at}, and {len(commands)} different commands ended with rc {rc} and without a word, "
            f"as they do where the login shell of {user} is /bin/false (or a forced command that says nothing)."
        )
        if rc == 1:
            return Match(ends, Confidence.LIKELY, explanation, _fixes(case))
        # /bin/false and nologin end with 1.
        explanation = explanation.partition("as they do")[0] + (
            f"as they do where a start-up file of {user} (~/.bashrc, with bash) ends the shell: `exit {rc}`."
        )
        fixes = (
            at.ssh("true"),
            f"grep -n exit ~{user if at.user else 'USER'}/.bashrc /etc/bash.bashrc",
            *_fixes(case)[1:2],
        )
        return Match(ends, Confidence.LIKELY, explanation, fixes)
    if rc != 1 or len(words) != 1 or not _is_absent(words[0]):
        return None
    shell = words[0].text.strip().removesuffix(_ABSENT)
    explanation = (
        f"ssh logged in at {at.at}, and sshd could not start {shown(shell, 80)}, the login shell of {user}: it is not "
        "there, or not within sshd's ChrootDirectory."
    )
    return Match((*proof(words[0]), *ends[1:3]), Confidence.LIKELY, explanation, _fixes(case))


def _is_absent(line: Line) -> bool:
    """Whether it is sshd's own word on a shell (`/bin/zsh: No such file or directory`)."""
    text = line.text.strip()
    return line.stderr and text.startswith("/") and text.endswith(_ABSENT) and text.count(": ") == 1
