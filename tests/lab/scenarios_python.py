"""Interpreters of the managed node."""

from __future__ import annotations

from tests.lab.model import Broken, Machine, Outcome, each, family
from tests.lab.servers import SshdOptions
from tests.lab.world import file_of, hide

EXEC = Outcome("failed", "exec")
SITE = ".local/lib/python3.11/site-packages/usercustomize.py"
SHIM = """\
#!/usr/bin/env bash
# As pyenv's: found by command -v, and of no version that is set.
echo "pyenv: python3.11: command not found" >&2
echo >&2
echo "The \\`python3.11' command exists in these Python versions:" >&2
echo "  3.11.9" >&2
exit 127
"""
SHIMS = hide("python3*") + "cat > /usr/bin/python3.11 <<'END'\n" + SHIM + "END\nchmod 755 /usr/bin/python3.11\n"
OLD = "import sys\nsys.version_info = (3, 4, 10, 'final', 0)\nsys.version = '3.4.10 (default)'\n"
NO_DIGEST = (
    "import sys\nfor name in '_md5', '_sha1', '_sha256', '_sha512', '_blake2', '_sha3', '_hashlib':\n"
    "    sys.modules[name] = None\n"
)
NO_TMP = (
    "chmod 755 /tmp /var/tmp\nmkdir -p /home/deploy/.ansible/tmp\nchown -R deploy:deploy /home/deploy/.ansible\n"
    "chown root:root /home/deploy\n"
)
GIVEN, BARRED = "ansible_python_interpreter=", "python-not-executable"
BASH = "ansible_shell_executable=/bin/bash"
PLAIN = file_of("deploy", "py", "#!/bin/sh\necho hi", "644")
PRIVATE = "mount -t tmpfs none /opt\nmkdir -p -m 700 /opt/app\nmkdir /opt/app/bin\ncp /bin/true /opt/app/bin/python3\n"
DOS = (
    "printf '#!/bin/bash\\r\\necho hi\\r\\n' > /home/deploy/crlf.sh\n"
    "printf '#!/usr/bin/env bash\\r\\necho hi\\r\\n' > /home/deploy/crlf-env.sh\n"
    "chmod 755 /home/deploy/*.sh\n"
)
DROPS_AT_DISCOVERY = """\
#!/bin/bash
case "$SSH_ORIGINAL_COMMAND" in
*FOUND*) test -e ~/dropped || { touch ~/dropped; kill -9 $(ps -o ppid= -p $PPID) $PPID; sleep 5; };;
esac
exec /bin/bash -c "$SSH_ORIGINAL_COMMAND"
"""
PYTHON = (
    family(
        "pythons-broken",
        "a shim of no version, a Python that says it is 3.4, one without digests, one without room for temporary"
        " files, an interpreter given with an argument, one that is a folder",
        Broken(Machine("shim", 41, setup=SHIMS), EXEC, "python-shim"),
        Broken(Machine("old", 42, setup=file_of("deploy", SITE, OLD, "644")), EXEC, "python-too-old"),
        Broken(Machine("digests", 43, setup=file_of("deploy", SITE, NO_DIGEST, "644")), EXEC, "python-broken"),
        Broken(Machine("tmp", 44, setup=NO_TMP), EXEC, "target-tmp-not-writable"),
        Broken(
            Machine("venv", 45), EXEC, "python-wrong-path", "ansible_python_interpreter=/home/ops/site/venv/bin/python"
        ),
        Broken(Machine("folder", 46), EXEC, "python-not-executable", "ansible_python_interpreter=/usr/lib"),
        versions=("2.16",),
    ),
    family(
        "interpreters-barred",
        "interpreters that the shell may not execute: a file without execute permission as the login user and as root,"
        " with pipelining, a folder and what should be one in bash's words, a folder that only root may enter",
        Broken(Machine("mode", 41, setup=PLAIN), EXEC, BARRED, f"{GIVEN}/home/deploy/py"),
        Broken(Machine("root", 42, setup=PLAIN), EXEC, BARRED, f"{GIVEN}/home/deploy/py ansible_become=true"),
        Broken(Machine("piped", 43, setup=PLAIN), EXEC, BARRED, f"{GIVEN}/home/deploy/py ansible_pipelining=true"),
        Broken(Machine("folder", 44), EXEC, BARRED, f"{GIVEN}/usr/lib {BASH}"),
        Broken(Machine("below", 45, setup=PLAIN), EXEC, BARRED, f"{GIVEN}/home/deploy/py/bin/python3 {BASH}"),
        Broken(Machine("private", 46, setup=PRIVATE), EXEC, BARRED, f"{GIVEN}/opt/app/bin/python3"),
        versions=("2.19",),
    ),
    family(
        "scripts-crlf",
        "scripts whose lines end in CR LF, run by script, command and raw, and one whose interpreter is not there",
        Broken(Machine("script", 41), EXEC, "script-interpreter"),
        Broken(Machine("env", 42), EXEC, "script-interpreter"),
        Broken(Machine("command", 43, setup=DOS), EXEC, "script-interpreter"),
        Broken(Machine("raw", 44, setup=DOS), EXEC, "script-interpreter"),
        Broken(Machine("absent", 45), EXEC, "script-interpreter"),
        playbook=each(
            {
                "script": "name: Run it\nansible.builtin.script: crlf.sh",
                "env": "name: Run it\nansible.builtin.script: crlf-env.sh",
                "command": "name: Run it\nansible.builtin.command: /home/deploy/crlf-env.sh",
                "raw": "name: Run it\nansible.builtin.raw: /home/deploy/crlf.sh",
                "absent": "name: Run it\nansible.builtin.script: fish.sh",
            }
        ),
        control=DOS.replace("/home/deploy", ".") + "printf '#!/usr/bin/fish\\necho hi\\n' > fish.sh\n",
        versions=("2.16",),
    ),
    family(
        "python-libraries",
        "a module whose Python library is not there",
        Broken(Machine("dnf", 41), EXEC, "python-library-missing"),
        playbook=each({"dnf": "name: Install\nansible.builtin.dnf:\n  name: htop\n  use_backend: dnf4"}),
        versions=("2.19",),
    ),
    family(
        "discovery-dropped",
        "the connection is lost while Python is looked for; what is guessed then is not there",
        Broken(
            Machine(
                "drops",
                41,
                options=SshdOptions(force_command="/home/deploy/drops"),
                setup=file_of("deploy", "drops", DROPS_AT_DISCOVERY) + hide("python3"),
            ),
            EXEC,
            "discovery-on-broken-connection",
            "ansible_ssh_transfer_method=piped",
        ),
        versions=("2.16",),
    ),
)
