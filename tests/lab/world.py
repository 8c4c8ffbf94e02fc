"""The small world of a run: its own users, homes and host names, in namespaces, so that a log names nothing of ours.

Needs root on Linux (unshare, mount). The machine's own files stay as they are: accounts, sudo rules and homes are
written to the lab's folder and mounted over the real ones inside the namespace only.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.lab.model import USERS, Machine
from tests.lab.servers import make_key

PASSWORD = "lab-password"
CONTROL = "control1"
UNSHARE = ("unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c")
# Without this, overlapping children of a fresh pid namespace get pids of one digit.
FIRST_PID = 4200

_MOUNTED = ("passwd", "group", "shadow", "hosts", "hostname", "resolv.conf", "nsswitch.conf", "machine-id")


def missing() -> str | None:
    """Why no hermetic run can be made here, or None."""
    if sys.platform != "linux":
        return "namespaces need Linux"
    if os.geteuid() != 0:
        return "mounting in a namespace needs root"
    for program in ("unshare", "setpriv", "mount", "ssh", "ssh-keygen", "sshd"):
        if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            return f"{program} is not installed"
    return None


class World:
    """Folders and accounts of one run, below `root` (whose path shows in sshd's own log: keep it neutral)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o755)
        self.key = make_key(root / "keys" / "id_ed25519", comment="ops@control1")
        self.authorized_keys = root / "keys" / "authorized_keys"
        shutil.copyfile(self.key.with_suffix(".pub"), self.authorized_keys)
        self.password_hash = subprocess.run(
            ["openssl", "passwd", "-6", "-salt", "lab", PASSWORD], check=True, capture_output=True, text=True
        ).stdout.strip()

    def etc(self, name: str, machines: Sequence[Machine], sudo: str = "nopasswd") -> Path:
        """The files of /etc that a machine called `name` shows."""
        etc = self.root / name / "etc"
        etc.mkdir(parents=True, exist_ok=True)
        people = "".join(f"{u}:x:{n}:{n}:{u}:/home/{u}:/bin/bash\n" for u, n in USERS.items())
        hashes = "".join(f"{u}:{self.password_hash}:20000:0:99999:7:::\n" for u in USERS)
        addresses = "".join(f"{m.address} {m.name}\n" for m in machines)
        files = {
            "passwd": "root:x:0:0:root:/root:/bin/bash\nsshd:x:102:65534::/run/sshd:/usr/sbin/nologin\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n" + people,
            "group": "root:x:0:\nshadow:x:42:\nnogroup:x:65534:\n" + "".join(f"{u}:x:{n}:\n" for u, n in USERS.items()),
            "shadow": "root:*:20000:0:99999:7:::\nsshd:*:20000:0:99999:7:::\nnobody:*:20000:0:99999:7:::\n" + hashes,
            "hosts": f"127.0.0.1 localhost\n127.0.1.1 {name}\n{addresses}",
            "hostname": f"{name}\n",
            # Names resolve from /etc/hosts alone: no outside resolver decides how a run goes.
            "resolv.conf": "nameserver 127.0.0.53\n",
            "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
            "machine-id": "0" * 31 + "1\n",
        }
        for file, text in files.items():
            (etc / file).write_text(text, encoding="utf-8")
        (etc / "shadow").chmod(0o600)
        rules = etc / "sudoers.d"
        rules.mkdir(exist_ok=True)
        how = "NOPASSWD: ALL" if sudo == "nopasswd" else "ALL"
        (rules / "lab").write_text(f"deploy ALL=(ALL:ALL) {how}\n", encoding="utf-8")
        (rules / "lab").chmod(0o440)
        return etc

    def homes(self, name: str) -> Path:
        homes = self.root / name / "home"
        for user, number in USERS.items():
            home = homes / user
            home.mkdir(parents=True, exist_ok=True)
            os.chown(home, number, number)
        return homes

    def wrapper(self, name: str, etc: Path, homes: Path, setup: str = "") -> list[str]:
        """The command line prefix that runs a command as root on the machine `name`."""
        work = self.root / name
        lines = [f"hostname {name}"]
        for file in _MOUNTED:
            target = Path("/etc") / file
            if target.exists():
                lines.append(f"mount --bind {shlex.quote(str(etc / file))} {target}")
        if Path("/etc/sudoers.d").is_dir():
            lines.append(f"mount --bind {shlex.quote(str(etc / 'sudoers.d'))} /etc/sudoers.d")
        lines += [
            f"mount --bind {shlex.quote(str(homes))} /home",
            "mount -t tmpfs -o mode=700 none /root",
            "mount -t tmpfs -o mode=1777 none /tmp",
            "mount -t tmpfs -o mode=1777 none /var/tmp",
            f"LAB={shlex.quote(str(work))}",
            setup,
            f"echo {FIRST_PID} > /proc/sys/kernel/ns_last_pid",
            # Not exec: a program that is pid 1 would have to reap orphans, and its pid would show in the log.
            '"$@"',
            "exit $?",
        ]
        return [*UNSHARE, "set -e\n" + "\n".join(lines), "lab"]

    def machine(self, machine: Machine, machines: Sequence[Machine]) -> list[str]:
        name = machine.name
        return self.wrapper(name, self.etc(name, machines, machine.sudo), self.homes(name), machine.setup)

    def control(
        self, machines: Sequence[Machine], environment: Sequence[str], command: Sequence[str], setup: str = ""
    ) -> list[str]:
        """The whole command line of a run: as ops, in ops's project folder, with no variable of ours."""
        number = str(USERS["ops"])
        return [
            *self.wrapper(CONTROL, self.etc(CONTROL, machines), self.homes(CONTROL), f"cd /home/ops/site\n{setup}"),
            *("setpriv", "--reuid", number, "--regid", number, "--clear-groups"),
            *("env", "-i", *environment, *command),
        ]

    @property
    def site(self) -> Path:
        """ops's project folder, as it is seen from outside."""
        return self.root / CONTROL / "home" / "ops" / "site"


def hide(*programs: str) -> str:
    """Takes programs out of /usr/bin, by name or pattern.

    An overlay, so that they are truly absent: a file mounted over one would still be found by command -v.
    """
    return f"""\
mkdir -p $LAB/upper $LAB/work
mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=$LAB/upper,workdir=$LAB/work /usr/bin
rm -f {" ".join(f"/usr/bin/{program}" for program in programs)}
"""


HIDE_PYTHON = hide("python*", "pypy*")
ANSIBLE_FOLDER_OF_ROOT = "mkdir -p /home/deploy/.ansible; chown root:root /home/deploy/.ansible\n"


def small_disk(options: str) -> str:
    """deploy's ~/.ansible on a file system of its own, of the given size."""
    number = USERS["deploy"]
    return (
        f"mkdir -p /home/deploy/.ansible\nmount -t tmpfs -o mode=755,uid={number},gid={number},{options}"
        " none /home/deploy/.ansible\n"
    )


def account(field: int, value: str, file: str = "passwd") -> str:
    """Sets one field (from 1) of deploy's line in /etc/passwd or /etc/shadow."""
    # Written through, since the file is mounted by itself and cannot be replaced.
    return (
        f'awk -F: -v OFS=: \'$1 == "deploy" {{ ${field} = "{value}" }} {{ print }}\' $LAB/etc/{file} > $LAB/{file}\n'
        f"cat $LAB/{file} > $LAB/etc/{file}\n"
    )


def file_of(user: str, path: str, text: str, mode: str = "755") -> str:
    """Writes a file below that user's home."""
    target = f"/home/{user}/{path}"
    return (
        f"mkdir -p {Path(target).parent}\ncat > {target} <<'END_OF_FILE'\n{text.rstrip()}\nEND_OF_FILE\n"
        f"chmod {mode} {target}\nchown -R {user}:{user} /home/{user}\n"
    )
