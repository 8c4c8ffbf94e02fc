"""Becoming another user."""

from __future__ import annotations

from tests.lab.model import Broken, Machine, Outcome, family, play
from tests.lab.servers import SshdOptions
from tests.lab.world import hide

SLOW_PAM = """\
mkdir -p $LAB/pam
cat > $LAB/pam/sudo <<'END'
auth optional pam_exec.so /bin/sleep 15
auth required pam_unix.so
account required pam_permit.so
END
mount --bind $LAB/pam /etc/pam.d
"""
EXEC, CHMOD = Outcome("failed", "exec"), Outcome("failed", "chmod")
WHO = play("all", "name: Who am I\nansible.builtin.command: whoami", become="true")


def sudoers(*lines: str) -> str:
    """Other sudo rules for deploy."""
    text = "\n".join(lines)
    return f"cat > /etc/sudoers.d/lab <<'END'\n{text}\nEND\n"


BECOME = (
    family(
        "sudo-refused",
        "sudo: a wrong password, one command only, no rule at all, no sudo; no su",
        Broken(Machine("wrong", 41, sudo="password"), EXEC, "become-password-wrong", "ansible_become_password=not-it"),
        Broken(
            Machine("one", 42, setup=sudoers("deploy ALL=(ALL:ALL) NOPASSWD: /usr/bin/whoami")),
            EXEC,
            "become-not-allowed",
            "ansible_become_password=lab-password",
        ),
        Broken(
            Machine("none", 43, setup=sudoers("# nothing")),
            EXEC,
            "become-not-allowed",
            "ansible_become_password=lab-password",
        ),
        Broken(Machine("sudo", 44, setup=hide("sudo")), EXEC, "become-program-missing"),
        Broken(Machine("su", 45, setup=hide("su")), EXEC, "become-program-missing", "ansible_become_method=su"),
        playbook=WHO,
        versions=("2.19",),
    ),
    family(
        "sudo-asks",
        "sudo takes longer than Ansible waits, wants a terminal or a password with pipelining, su refuses",
        Broken(
            Machine("slow", 41, setup=sudoers("deploy ALL=(ALL:ALL) ALL") + SLOW_PAM),
            Outcome("unreachable", "exec"),
            "become-timeout",
            "ansible_become_password=lab-password",
        ),
        Broken(
            Machine("tty", 42, setup=sudoers("Defaults requiretty", "deploy ALL=(ALL:ALL) NOPASSWD: ALL")),
            EXEC,
            "become-needs-tty",
            "ansible_pipelining=true",
        ),
        Broken(Machine("askpass", 43, sudo="password"), EXEC, "become-password-missing", "ansible_pipelining=true"),
        Broken(
            Machine("su", 44),
            EXEC,
            "become-password-wrong",
            "ansible_become_method=su ansible_become_password=not-it",
        ),
        playbook=WHO,
        versions=("2.19",),
    ),
    family(
        "become-app",
        "becoming an unprivileged user: no setfacl, a file system without ACLs, a home whose .ansible is root's",
        Broken(Machine("acl", 41, setup=hide("setfacl")), CHMOD, "acl-missing"),
        Broken(
            Machine(
                "ramfs",
                42,
                setup="umount /var/tmp\nmount -t ramfs none /var/tmp\nchmod 1777 /var/tmp\n",
            ),
            CHMOD,
            "acl-unsupported",
        ),
        Broken(
            Machine("home", 43, setup="mkdir -p /home/app/.ansible/tmp\nchown -R root:root /home/app/.ansible\n"),
            EXEC,
            "module-tmpdir-permission",
            "ansible_pipelining=true",
        ),
        Broken(Machine("user", 44), CHMOD, "become-user-missing", "ansible_become_user=nobody-knows"),
        playbook=play(
            "all",
            "name: Note it\nansible.builtin.lineinfile:\n  path: /var/tmp/app.conf\n  line: a\n  create: true",
            become="true",
            become_user="app",
        ),
        versions=("2.16",),
    ),
    family(
        "sudo-broken",
        "a sudo without its setuid bit, and a terminal that sshd refuses to an ssh without ControlMaster",
        Broken(
            Machine(
                "setuid",
                41,
                setup="cp /usr/bin/sudo $LAB/sudo\nchmod 0755 $LAB/sudo\nmount --bind $LAB/sudo /usr/bin/sudo\n",
            ),
            EXEC,
            "become-program-broken",
        ),
        Broken(
            Machine("notty", 42, options=SshdOptions(extra=("PermitTTY no",))),
            Outcome("unreachable", "exec"),
            "pty-refused",
            "ansible_ssh_args='-o ControlMaster=no'",
        ),
        playbook=WHO,
        versions=("2.19",),
    ),
    family(
        "chmod-missing",
        "a managed node without chmod",
        Broken(Machine("chmod", 41, setup=hide("chmod")), CHMOD, "chmod-failed"),
        versions=("2.19",),
    ),
)
