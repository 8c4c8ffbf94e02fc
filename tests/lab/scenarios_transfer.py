"""Modules that do not arrive, or not whole."""

from __future__ import annotations

from tests.lab.model import Broken, Machine, Outcome, each, family
from tests.lab.servers import SshdOptions
from tests.lab.world import file_of, small_disk

SFTP_SERVER = "/usr/lib/openssh/sftp-server"
SWEEPING = f"""\
#!/bin/sh
# Cleans up before each transfer, as a tmpwatch does at the wrong time.
rm -rf ~/.ansible/tmp/*
exec {SFTP_SERVER}
"""
CUTTING = (
    f"#!/bin/sh\n# Loses the end of what it gets.\n{SFTP_SERVER}\ntruncate -s 20000 ~/.ansible/tmp/*/AnsiballZ_*\n"
)
GREETING = "echo Welcome to $(hostname)\n"
CLEANED = """\
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        self._make_tmp_path()
        self._transfer_file("/home/ops/.ansible/tmp/ansible-local-4201/source", self._connection._shell.tmpdir + "/x")
"""


def _subsystem(command: str) -> SshdOptions:
    return SshdOptions(sftp=False, extra=(f"Subsystem sftp {command}",))


def _by(method: str) -> str:
    return f"ansible_ssh_transfer_method={method}"


LOST, FAILED = Outcome("unreachable", "transfer"), Outcome("failed", "transfer")

TRANSFER = (
    family(
        "transfers-lost",
        "sftp alone: a server program that is not there, a greeting of .bashrc; scp, which speaks sftp; no sharing of"
        " connections",
        Broken(
            Machine("path", 41, options=_subsystem("/usr/libexec/openssh/sftp-server")),
            LOST,
            "sftp-subsystem-missing",
            _by("sftp"),
        ),
        Broken(
            Machine("greeting", 42, options=_subsystem(SFTP_SERVER), setup=file_of("deploy", ".bashrc", GREETING)),
            LOST,
            "profile-noise",
            f"{_by('sftp')} ansible_python_interpreter=/usr/bin/python3",
        ),
        Broken(Machine("scp", 43, options=SshdOptions(sftp=False)), LOST, "scp-uses-sftp", _by("scp")),
        Broken(
            Machine("unshared", 44, options=SshdOptions(sftp=False)),
            LOST,
            "sftp-subsystem-missing",
            f"{_by('sftp')} ansible_ssh_args='-o ControlMaster=no'",
        ),
        versions=("2.19",),
    ),
    family(
        "transfers-failed",
        "a read-only sftp server, one before which everything is swept away, full disks by scp and piped",
        Broken(
            Machine("readonly", 41, options=SshdOptions(sftp=False, extra=("Subsystem sftp internal-sftp -R",))),
            FAILED,
            "transfer-permission",
            _by("sftp"),
        ),
        Broken(
            Machine("swept", 42, options=_subsystem("/home/deploy/sweep"), setup=file_of("deploy", "sweep", SWEEPING)),
            FAILED,
            "transfer-permission",
            _by("sftp"),
        ),
        Broken(Machine("full-scp", 43, setup=small_disk("size=16k")), FAILED, "disk-full", _by("scp")),
        Broken(Machine("full-piped", 44, setup=small_disk("size=16k")), FAILED, "disk-full", _by("piped")),
        Broken(
            Machine("cut", 45, options=_subsystem("/home/deploy/cut"), setup=file_of("deploy", "cut", CUTTING)),
            Outcome("failed", "exec"),
            "transfer-truncated",
            _by("sftp"),
        ),
        versions=("2.16",),
    ),
    family(
        "sftp-readonly",
        "a read-only sftp server, which scp speaks to as well: the piped way works",
        Broken(
            Machine("readonly", 41, options=SshdOptions(sftp=False, extra=("Subsystem sftp internal-sftp -R",))),
            Outcome("ok"),
            None,
            allowed=("transfer-permission",),
        ),
        run_status="ok",
        versions=("2.16",),
    ),
    family(
        "transfers-local",
        "the control node's side: arguments that sftp does not know, programs that may not be executed, local files"
        " that a cleaner took",
        Broken(Machine("arguments", 41), FAILED, "sftp-bad-arguments", f"{_by('sftp')} ansible_ssh_common_args=-Y"),
        Broken(
            Machine("wrapper", 42),
            FAILED,
            "ssh-wrapper-not-executable",
            f"{_by('sftp')} ansible_sftp_executable=/home/ops/site/sftpwrapper.py",
        ),
        Broken(
            Machine("inner", 43),
            FAILED,
            "ssh-wrapper-not-executable",
            f"{_by('sftp')} ansible_sftp_executable=/home/ops/site/sftp-by-wrapper",
        ),
        Broken(Machine("cleaned", 44), Outcome("failed", "result"), "transfer-source-missing"),
        playbook=each({"cleaned": "name: Send what is gone\nsends:"}),
        files={
            "sftpwrapper.py": "#!/usr/bin/python3\n",
            "sftp-by-wrapper": "#!/bin/sh\nexec /home/ops/site/sftpwrapper.py\n",
            "action_plugins/sends.py": CLEANED,
        },
        control="chmod 755 sftp-by-wrapper\n",
        versions=("2.19",),
    ),
    family(
        "pipelined-lost",
        "pipelining with an interpreter and a temporary directory given: the first that ssh carries is the module",
        Broken(
            Machine("refused", 41, server="refuses"),
            Outcome("unreachable", "connect", "tcp"),
            "connection-refused",
        ),
        Broken(
            Machine("denied", 42, options=SshdOptions(extra=("AuthorizedKeysFile /etc/ssh/none",))),
            Outcome("unreachable", "connect", "auth"),
            "auth-publickey",
        ),
        environment={
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_REMOTE_TMP": "/var/tmp/ansible",
            "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        },
        versions=("2.16",),
    ),
)
