"""The login user cannot make its temporary directory on the managed node.

What you see:
UNREACHABLE with `Failed to create temporary directory. In some cases …`, although ssh logged in: the command
`umask 77 && mkdir -p …` ended with rc 1 and `mkdir: cannot create directory '…/.ansible…': Permission denied` (or
`No such file or directory`, `Not a directory`).

Why it happens:
`~/.ansible` or `~/.ansible/tmp` belongs to root, left by an earlier run as root or by a `become` of another tool; the
home directory is not the user's; `remote_tmp` points where the user may not write; or a file stands in the way.

How to be sure:
`ssh USER@HOST 'ls -ld ~ ~/.ansible ~/.ansible/tmp; id'`: one of them is not the user's, or not writable. With right
owners and modes, look at SELinux (`ausearch -m avc -ts recent`) and at the mount (`findmnt -T ~`).

Fix:
Give the directory back: `chown -R USER: ~USER/.ansible` as root. Where it is not there and the user may not make it,
make it: `install -d -o USER -m 700 DIRECTORY`. A file in its place has to go. Or use another place for this host:
`ansible_remote_tmp=/var/tmp/.ansible-USER`.

Not this when:
The reason is `No space left on device` or `Disk quota exceeded` (disk-full), `Read-only file system`
(filesystem-readonly), or the home directory itself does not exist (home-missing). `This account is currently not
available` is the login shell. A module that cannot write its file is that module's failure.
"""

from __future__ import annotations

from parsers.declined import looked_for, ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import find, is_module_json, message_lines, proof, said
from parsers.rules._tmpdir import denied_directory, no_home
from parsers.rules._values import quote, shown, target

_REASONS = (
    "Permission denied",
    "No such file or directory",
    "Not a directory",
    "File exists",
    "Operation not permitted",
)
_LOOK = "ls -ld ~ ~/.ansible ~/.ansible/tmp; id"
_UNSAID = ", exited with result 1"
"""The end of Ansible's message where it has nothing that the command said."""


@rule(
    "tmpdir-permission",
    order=680,
    title="The login user cannot create its temporary directory",
    category=3,
    stages=(Stage.HOME, Stage.TMPDIR),
)
def check(case: Case) -> Match | None:
    """Looks for mkdir's refusal in the command that makes the directory."""
    if case.command is not None and case.command.rc == 0:
        return None
    lines = [line for line in said(case) if not is_module_json(line)]
    line = next((line for line in lines if "mkdir: " in line.text and line.text.rstrip().endswith(_REASONS)), None)
    looked_for(("mkdir: ", *_REASONS[:2]), line)
    if line is None:
        return _unsaid(case)
    if (missing := no_home(lines)) is not None:
        ruled_out("The home directory itself is missing, and mkdir failed at it.", missing)
        return None
    at = target(case)
    path = denied_directory(line)
    reason = line.text.rstrip().rpartition(": ")[2].rpartition("; ")[2]
    user = shown(at.user) if at.user else "the login user"
    explanation = f"{user} cannot create {shown(path) or 'its temporary directory'} on {at.at}: {shown(reason)}."
    name = quote(at.user or "", "USER")
    look, repair = _repair(path, reason, name)
    fixes = (at.ssh(look), repair, f"ansible_remote_tmp=/var/tmp/.ansible-{name}")
    return Match(proof(line, find(lines, "Could not chdir to home directory")), explanation=explanation, fixes=fixes)


def _unsaid(case: Case) -> Match | None:
    """Below -vvv only Ansible's own words are there, without mkdir's: what it is most often."""
    line = next((row for row in message_lines(case) if row.text.rstrip().endswith(_UNSAID)), None)
    if case.command is not None or line is None:
        return None
    at = target(case)
    explanation = (
        f"The temporary directory could not be made at {at.at}, most often as the login user may not write there. "
        "mkdir's own words, which tell a full or read-only disk or a refusing shell from that, are in a log of -vvv."
    )
    name = quote(at.user or "", "USER")
    fixes = (
        at.ssh("ls -ld ~ ~/.ansible ~/.ansible/tmp; df -h ~; id"),
        f"ansible_remote_tmp=/var/tmp/.ansible-{name}",
        f"ansible-playbook -vvv {quote(case.run.playbook or '', 'PLAYBOOK')}",
    )
    return Match(proof(line), Confidence.POSSIBLE, explanation, fixes)


def _repair(path: str, reason: str, user: str) -> tuple[str, str]:
    """What to look at on the node, and what to run there as root: mkdir names the first directory it cannot make."""
    above = path.rstrip("/").rpartition("/")[0] or "/"
    head, inside, _ = path.partition("/.ansible/")
    usual = not path or bool(inside) or path.endswith("/.ansible")
    look = _LOOK if usual else f"ls -ld {quote(above, 'DIRECTORY')} {quote(path, 'DIRECTORY')}; id"
    if path and reason == "Not a directory" and "/ansible-tmp-" in path:
        return look, f"mv {quote(above, 'FILE')} {quote(f'{above}.old', 'FILE.old')}"
    # `mkdir -p` (GNU and busybox) names the very file that stands in the way.
    if path and reason in ("File exists", "Not a directory"):
        return look, f"mv {quote(path, 'FILE')} {quote(f'{path}.old', 'FILE.old')}"
    if inside:
        return look, f"chown -R {user}: {quote(f'{head}/.ansible', 'DIRECTORY')}"
    return look, f"install -d -o {user} -m 700 {quote(path, 'DIRECTORY')}"
