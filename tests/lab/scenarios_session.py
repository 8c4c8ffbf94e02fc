"""Managed nodes that let ssh in and then do not give what Ansible needs: shells, homes, temporary directories."""

from __future__ import annotations

from tests.lab.model import Broken, Machine, Outcome, each, family
from tests.lab.servers import SshdOptions
from tests.lab.world import account, file_of

AUDIT_SHELL = """\
#!/bin/bash
# A login shell that records what is run, and says so.
echo "$2"
exec /bin/bash "$@"
"""
# Some processes of deploy's, so that a limit below their number leaves none to make.
BUSY = (
    "setpriv --reuid 2002 --regid 2002 --clear-groups sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 300 & done;"
    " sleep 300' > /dev/null 2>&1 &\nsleep 0.5\n"
)
LIMITED = f"printf 'ulimit -u 9\\n' > /home/deploy/.bashrc\nchown deploy:deploy /home/deploy/.bashrc\n{BUSY}"
SSHD_LIMITED = f"{BUSY}prlimit --nproc=9:9 --pid $$\n"
TMP_FULL = "umount /tmp\nmount -t tmpfs -o size=8k,mode=1777 none /tmp\n"
NO_PATH = file_of("deploy", ".bashrc", "export PATH=/opt/app/bin", "644")
READ_ONLY_HOME = "mount --bind /home/deploy /home/deploy\nmount -o remount,ro,bind /home/deploy\n"
PAM = """\
mkdir -p $LAB/pam
cat > $LAB/pam/sshd <<'END'
auth required pam_deny.so
account required pam_nologin.so
account required pam_unix.so
session required pam_limits.so conf=/etc/security/lab.conf
session required pam_unix.so
password required pam_unix.so
END
mount --bind $LAB/pam /etc/pam.d
mkdir -p $LAB/security
mount --bind $LAB/security /etc/security
touch /etc/security/lab.conf
"""
WITH_PAM = SshdOptions(extra=("UsePAM yes",))
BOOTING = (
    "mkdir -p $LAB/run\necho 'System is booting up. Unprivileged users are not permitted to log in yet. Please come "
    "back later. For technical details, see pam_nologin(8).' > $LAB/nologin\ntouch $LAB/empty\n"
)


def _instead(command: str) -> str:
    """Makes something else of deploy's ~/.ansible."""
    return f"{command} /home/deploy/.ansible\nchown -h deploy:deploy /home/deploy/.ansible\n"


def _starts(text: str) -> str:
    return file_of("deploy", ".bashrc", text, "644")


def _forced(command: str) -> SshdOptions:
    return SshdOptions(force_command=command)


def _unreachable(stage: str, phase: str | None = None) -> Outcome:
    return Outcome("unreachable", stage, phase)


SESSION = (
    family(
        "shells-broken",
        "login shells that are none: nologin, rbash, one that prints what it runs, one that gives back nothing",
        Broken(Machine("nologin", 41, setup=account(7, "/usr/sbin/nologin")), _unreachable("home"), "login-shell"),
        Broken(Machine("rbash", 42, setup=account(7, "/bin/rbash")), _unreachable("home"), "restricted-shell"),
        Broken(
            Machine("audited", 43, setup=file_of("deploy", "audit", AUDIT_SHELL) + account(7, "/home/deploy/audit")),
            Outcome("failed", "transfer"),
            "audit-shell-noise",
        ),
        Broken(Machine("mute", 44, options=_forced("/bin/true")), Outcome("failed", "result"), "tmpdir-unresolved"),
        Broken(
            Machine("gone", 45, setup=account(7, "/opt/app/shell")), _unreachable("connect", "auth"), "auth-publickey"
        ),
        versions=("2.16",),
    ),
    family(
        "homes-broken",
        "a read-only home, a home that is missing, a remote_tmp below a folder of root's",
        Broken(Machine("readonly", 41, setup=READ_ONLY_HOME), _unreachable("tmpdir"), "filesystem-readonly"),
        Broken(Machine("homeless", 42, setup="rmdir /home/deploy"), _unreachable("tmpdir"), "home-missing"),
        Broken(Machine("elsewhere", 43, setup=account(6, "/nonexistent")), _unreachable("tmpdir"), "home-missing"),
        Broken(
            Machine("remote-tmp", 44),
            _unreachable("tmpdir"),
            "tmpdir-permission",
            "ansible_remote_tmp=/usr/lib/ansible",
        ),
        versions=("2.19",),
    ),
    family(
        "homes-occupied",
        "a file in place of ~/.ansible, a symbolic link there that leads nowhere, a file in place of the home; a"
        " start-up file that sets PATH anew, read by dash and by bash",
        Broken(Machine("file", 41, setup=_instead("echo x >")), _unreachable("tmpdir"), "tmpdir-permission"),
        Broken(Machine("link", 42, setup=_instead("ln -s /mnt/none")), _unreachable("tmpdir"), "tmpdir-permission"),
        Broken(
            Machine("home", 43, setup="rmdir /home/deploy\ntouch /home/deploy\n"),
            _unreachable("tmpdir"),
            "home-missing",
        ),
        Broken(Machine("path", 44, setup=NO_PATH), _unreachable("home"), "path-broken"),
        Broken(
            Machine("path-bash", 45, setup=NO_PATH),
            _unreachable("home"),
            "path-broken",
            "ansible_shell_executable=/bin/bash",
        ),
        versions=("2.19",),
    ),
    family(
        "start-ups-broken",
        "start-up files that kill the shell, limit its memory, mislead Python; a home that its user may not enter; a"
        " program for become that is not there",
        Broken(Machine("killed", 41, setup=_starts("kill -9 $$")), _unreachable("home"), "sshd-exit-signal"),
        Broken(Machine("memory", 42, setup=_starts("ulimit -v 20000")), Outcome("failed", "exec"), "module-traceback"),
        Broken(
            Machine("pythonhome", 43, setup=_starts("export PYTHONHOME=/opt/app")),
            Outcome("failed", "exec"),
            "python-broken",
        ),
        Broken(Machine("closed", 44, setup="chmod 000 /home/deploy\n"), _unreachable("tmpdir"), "home-missing"),
        Broken(
            Machine("become", 45),
            Outcome("failed", "exec"),
            "become-program-missing",
            "ansible_become=true ansible_become_exe=/opt/app/sudo",
        ),
        versions=("2.19",),
    ),
    family(
        "tmp-full",
        "a full /tmp: where modules are unpacked, with and without pipelining, and where remote_tmp is; and one that is"
        " mounted with noexec",
        Broken(Machine("unpacks", 41, setup=TMP_FULL), Outcome("failed", "exec"), "disk-full"),
        Broken(Machine("piped", 42, setup=TMP_FULL), Outcome("failed", "exec"), "disk-full", "ansible_pipelining=true"),
        Broken(
            Machine("remote-tmp", 43, setup=TMP_FULL),
            Outcome("failed", "transfer"),
            "disk-full",
            "ansible_remote_tmp=/tmp/.ansible",
        ),
        Broken(
            Machine("noexec", 44, setup="mount -o remount,noexec /tmp\n"),
            Outcome("failed", "exec"),
            "noexec-mount",
            "ansible_remote_tmp=/tmp",
        ),
        playbook=each({"noexec": "name: Run it\nansible.builtin.script: run.sh"}),
        files={"run.sh": "#!/bin/sh\necho hi\n"},
        versions=("2.16",),
    ),
    family(
        "processes-limited",
        "a user with as many processes as it may have: in dash, in bash, with pipelining, and sshd itself, which cannot"
        " start the command, with and without ControlMaster",
        Broken(Machine("dash", 41, setup=LIMITED), _unreachable("home"), "process-limit"),
        Broken(
            Machine("bash", 42, setup=LIMITED),
            _unreachable("tmpdir"),
            "process-limit",
            "ansible_shell_executable=/bin/bash",
        ),
        Broken(
            Machine("piped", 43, setup=LIMITED),
            Outcome("failed", "discovery"),
            "process-limit",
            "ansible_pipelining=true",
        ),
        Broken(Machine("sshd", 44, setup=SSHD_LIMITED), _unreachable("home"), "exec-refused"),
        Broken(
            Machine("alone", 45, setup=SSHD_LIMITED),
            _unreachable("home"),
            "exec-refused",
            "ansible_ssh_args='-o ControlMaster=no'",
        ),
        versions=("2.19",),
    ),
    family(
        "accounts-refused",
        "PAM lets nobody in: an expired account, an expired password, too many logins, a system that is booting",
        Broken(
            Machine("expired", 41, options=WITH_PAM, setup=PAM + account(8, "19000", "shadow")),
            _unreachable("connect", "auth"),
            "account-refused",
        ),
        Broken(
            Machine("password", 42, options=WITH_PAM, setup=PAM + account(3, "0", "shadow")),
            _unreachable("home"),
            "account-refused",
        ),
        Broken(
            Machine(
                "maxlogins",
                43,
                options=WITH_PAM,
                setup=PAM + "echo 'deploy - maxlogins 0' > /etc/security/lab.conf\n",
            ),
            _unreachable("home"),
            "account-refused",
        ),
        Broken(
            Machine(
                "booting",
                44,
                options=WITH_PAM,
                setup=PAM + BOOTING + "sed -i 's#nologin.so#nologin.so file='$LAB'/nologin#' /etc/pam.d/sshd\n",
            ),
            _unreachable("connect", "auth"),
            "account-refused",
        ),
        versions=("2.16",),
    ),
)
