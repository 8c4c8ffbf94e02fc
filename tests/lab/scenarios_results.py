"""Modules that run and whose result does not come back, or comes back in a way that cannot be read."""

from __future__ import annotations

from tests.lab.model import WEB1, WEB1_LINE, Broken, Machine, Outcome, Scenario, each, family, inventory, play
from tests.lab.servers import SshdOptions
from tests.lab.world import ANSIBLE_FOLDER_OF_ROOT, file_of

EXEC, RESULT = Outcome("failed", "exec"), Outcome("failed", "result")


def _module(body: str) -> str:
    return f"#!/usr/bin/python3\n# A module of the project.\n{body}\n"


KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIG{0})"
MODULES = {
    "library/term.py": _module(KILLED.format("TERM")),
    "library/segv.py": _module(KILLED.format("SEGV")),
    "library/bytes8.py": _module('import sys\nsys.stdout.buffer.write(b\'{"changed": false, "name": "caf\\xe9"}\')'),
    "library/prose.py": _module("print('The index was rebuilt.')"),
    "library/mute.py": _module("pass"),
    "library/raises.py": _module("raise ValueError('the index is locked')"),
    "library/imports.py": _module("import psycopg2\nprint('{}')"),
    "library/half.py": _module('print(\'{"changed": false, "name": "web\')'),
    "library/limit.py": _module(
        "import resource, os\nresource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "with open(os.path.expanduser('~/x'), 'wb', buffering=0) as out:\n    out.write(b'x' * 10)\n"
        "    out.write(b'x' * 10)"
    ),
    "library/shellkill.sh": "#!/bin/sh\n# WANT_JSON\nsh -c 'kill -9 $$'\nexit 137\n",
}
FIRST = ("term", "segv", "bytes8", "prose", "mute")
SECOND = ("raises", "imports", "half", "limit", "shellkill")


def _each(names: tuple[str, ...]) -> str:
    return each({name: f"name: Rebuild the index\n{name}:" for name in names})


NOISY = """\
#!/bin/bash
# A wrapper that says goodbye after what it ran.
/bin/bash -c "$SSH_ORIGINAL_COMMAND"
rc=$?
case "$SSH_ORIGINAL_COMMAND" in *AnsiballZ_ping.py*sleep*) echo "GOODBYE";; esac
exit $rc
"""
BRACES = """\
#!/bin/bash
case "$SSH_ORIGINAL_COMMAND" in *AnsiballZ_ping.py*sleep*) echo "{ session started";; esac
/bin/bash -c "$SSH_ORIGINAL_COMMAND"
"""

DIES = """\
import os
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        os.kill(os.getpid(), 9)
"""


def _quiet(name: str, about: str, environment: dict[str, str], versions: tuple[str, ...]) -> Scenario:
    """Three hosts that fail in their own ways, and a callback that does not say so."""
    return family(
        name,
        f"{about}: a closed port, a ~/.ansible of root's, a module that raises; others skip its task",
        Broken(Machine("closed", 41, server="refuses"), Outcome("unreachable", "connect", "tcp"), "connection-refused"),
        Broken(
            Machine("denied", 42, setup=ANSIBLE_FOLDER_OF_ROOT), Outcome("unreachable", "tmpdir"), "tmpdir-permission"
        ),
        Broken(Machine("raises", 43), EXEC, "module-traceback"),
        playbook=each({"raises": "name: Rebuild the index\nraises:"}),
        files=MODULES,
        environment=environment,
        versions=versions,
    )


RESULTS = (
    _quiet(
        "results-hidden",
        "results that are ok or skipped are not shown, nor the banners of tasks that have no others",
        {"ANSIBLE_DISPLAY_OK_HOSTS": "no", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "no"},
        ("2.13", "2.17", "2.19"),
    ),
    _quiet(
        "results-unshown",
        "a callback that shows no results, no banners and no recap",
        {"ANSIBLE_STDOUT_CALLBACK": "tree"},
        ("2.16", "2.18", "2.19"),
    ),
    family(
        "results-broken",
        "modules of the project that are ended by TERM and SEGV, print other bytes than UTF-8, prose, nothing",
        Broken(Machine("term", 41), EXEC, "module-killed"),
        Broken(Machine("segv", 42), EXEC, "module-killed"),
        Broken(Machine("bytes8", 43), RESULT, "result-not-utf8"),
        Broken(Machine("prose", 44), RESULT, "result-not-json"),
        Broken(Machine("mute", 45), RESULT, "result-not-json"),
        playbook=_each(FIRST),
        files=MODULES,
        versions=("2.19",),
    ),
    family(
        "modules-raise",
        "modules of the project that raise, miss a library, print half a result, write beyond a limit, lose a child",
        Broken(Machine("raises", 41), EXEC, "module-traceback"),
        Broken(Machine("imports", 42), EXEC, "module-traceback"),
        Broken(Machine("half", 43), RESULT, "result-not-json"),
        Broken(Machine("limit", 44), EXEC, "module-killed"),
        Broken(Machine("shellkill", 45), EXEC, "module-killed"),
        playbook=_each(SECOND),
        files=MODULES,
        versions=("2.17",),
    ),
    family(
        "results-noisy",
        "a wrapper that prints after the result, one that prints a brace before it, a script that is not executable",
        Broken(
            Machine(
                "after",
                41,
                options=SshdOptions(force_command="/home/deploy/noisy"),
                setup=file_of("deploy", "noisy", NOISY),
            ),
            Outcome("ok"),
            None,
            "ansible_ssh_transfer_method=piped",
            ("result-noise",),
        ),
        Broken(
            Machine(
                "before",
                42,
                options=SshdOptions(force_command="/home/deploy/braces"),
                setup=file_of("deploy", "braces", BRACES),
            ),
            RESULT,
            "result-noise",
            "ansible_ssh_transfer_method=piped",
        ),
        versions=("2.17",),
    ),
    family(
        "commands-broken",
        "raw that ends with 255, a script in a folder mounted noexec, a task that takes longer than its timeout",
        Broken(Machine("rc255", 41), Outcome("unreachable", "exec"), "remote-rc-255"),
        Broken(
            Machine(
                "noexec",
                42,
                setup="mkdir /home/deploy/.ansible\nmount -t tmpfs -o noexec,mode=755,uid=2002,gid=2002 none"
                " /home/deploy/.ansible\n",
            ),
            EXEC,
            "noexec-mount",
        ),
        Broken(Machine("slow", 43), EXEC, "task-timeout"),
        Broken(Machine("async", 44), RESULT, "task-timeout"),
        Broken(
            Machine("locked", 45),
            Outcome("ok"),
            None,
            "",
            ("cleanup-failed",),
        ),
        playbook=each(
            {
                "rc255": "name: Ask the appliance\nansible.builtin.raw: echo the appliance says no; exit 255",
                "noexec": "name: Run a script of ours\nansible.builtin.script: report.sh",
                "slow": "name: Sleep\nansible.builtin.command: sleep 30\ntimeout: 2",
                "async": "name: Sleep\nansible.builtin.command: sleep 30\nasync: 2\npoll: 1",
                "locked": "name: Lock the folder\nlocks:",
            }
        ),
        files={
            "report.sh": "#!/bin/sh\necho report\n",
            "library/locks.py": _module(
                "import os, sys\nos.chmod(os.path.dirname(os.path.abspath(sys.argv[0])), 0o500)\nprint('{}')"
            ),
        },
        versions=("2.19",),
    ),
    Scenario(
        "worker-killed",
        "an action plugin of the project kills its own worker: the run ends, and its host has no result",
        (WEB1,),
        inventory(WEB1_LINE),
        (("site.yml", play("all", "name: Ping\nansible.builtin.ping:", "name: Die\ndies:")),),
        {"web1": Outcome("failed", "result")},
        ((None, "worker-died"),),
        run_status="control-error",
        files={"action_plugins/dies.py": DIES},
        versions=("2.19",),
    ),
)
