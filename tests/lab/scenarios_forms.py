"""Other kinds and shapes of a log, and runs that were killed while a command was open."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.model import (
    DB1,
    DB1_LINE,
    DB2,
    DB2_LINE,
    PING,
    THREE,
    WEB1,
    WEB1_LINE,
    WEB2,
    WEB2_LINE,
    Outcome,
    Scenario,
    each,
    inventory,
    ok,
    play,
)
from tests.lab.scenarios_broken import FOUR
from tests.lab.servers import SshdOptions
from tests.lab.world import ANSIBLE_FOLDER_OF_ROOT

INVENTORY = inventory(WEB1_LINE, WEB2_LINE, DB1_LINE)
REFUSED = (WEB1, WEB2, replace(DB1, server="refuses"))
REFUSED_EXPECTED = {**ok("web1", "web2"), "db1": Outcome("unreachable", "connect", "tcp")}
REFUSED_FINDINGS = (("db1", "connection-refused"),)
TWO_RUNS = (
    ("ping.yml", PING),
    ("uptime.yml", play("all", "name: Up since\nansible.builtin.command: uptime -s")),
)
COMMAND_FAILED = play(
    "all",
    "name: Read the release\nansible.builtin.command: cat /home/deploy/release.txt\nwhen: inventory_hostname != 'db1'",
    "name: Look at the load\nansible.builtin.command: echo 97 percent\nregister: load\n"
    "failed_when: inventory_hostname == 'db1' and '97' in load.stdout",
)
# As community.general's null, which no ansible-core brings.
SILENT = """\
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "null"
"""
SLEEP = play(
    "all",
    "name: Vacuum\nansible.builtin.command: sleep {{ 900 if inventory_hostname == 'db1' else 0 }}",
)
# Where standard output is a file, ansible-core 2.14 and later leave the flushing to Python: without this, up to 8 KB
# of what was said before the end are missing.
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
WEBS_DONE = (r"(?:ok|changed): \[web1\]", r"(?:ok|changed): \[web2\]")

FORMS = (
    Scenario(
        "vvvv-broken",
        "-vvvv without ANSIBLE_DEBUG: db1 refuses the key, deploy cannot write on db2",
        (
            WEB1,
            WEB2,
            replace(DB1, options=SshdOptions(extra=("AuthorizedKeysFile /etc/ssh/none",))),
            replace(DB2, setup=ANSIBLE_FOLDER_OF_ROOT),
        ),
        FOUR,
        (("ping.yml", PING),),
        {
            **ok("web1", "web2"),
            "db1": Outcome("unreachable", "connect", "auth"),
            "db2": Outcome("unreachable", "tmpdir"),
        },
        (("db1", "auth-publickey"), ("db2", "tmpdir-permission")),
        versions=("2.16", "2.18", "2.19"),
        kind="vvvv",
        run_status="failed",
    ),
    Scenario(
        "vvv-broken",
        "-vvv without ANSIBLE_DEBUG: db1's port is closed, db2's name does not resolve",
        REFUSED,
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE, "db2 ansible_host=no-such-host.invalid"),
        (("ping.yml", PING),),
        {**REFUSED_EXPECTED, "db2": Outcome("unreachable", "connect", "resolve")},
        (*REFUSED_FINDINGS, ("db2", "name-resolution")),
        versions=("2.13", "2.17", "2.19"),
        kind="vvv",
        run_status="failed",
    ),
    Scenario(
        "vvv-ok",
        "-vvv without ANSIBLE_DEBUG: three sound hosts",
        THREE,
        INVENTORY,
        (("ping.yml", PING),),
        ok("web1", "web2", "db1"),
        versions=("2.16", "2.19"),
        kind="vvv",
    ),
    Scenario(
        "log-file",
        "two runs in one ANSIBLE_LOG_PATH file; db1's port is closed in both",
        REFUSED,
        INVENTORY,
        TWO_RUNS,
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        kind="log",
        run_status="failed",
    ),
    Scenario(
        "two-runs",
        "two runs one after the other in one log; db1's port is closed in both",
        REFUSED,
        INVENTORY,
        TWO_RUNS,
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        versions=("2.16",),
        run_status="failed",
    ),
    Scenario(
        "coloured",
        "colours forced on; db1's port is closed",
        REFUSED,
        INVENTORY,
        (("ping.yml", PING),),
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        run_status="failed",
        environment={"ANSIBLE_FORCE_COLOR": "1"},
    ),
    Scenario(
        "crlf",
        "db1's port is closed",
        REFUSED,
        INVENTORY,
        (("ping.yml", PING),),
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        versions=("2.18",),
        run_status="failed",
        filters=("crlf",),
    ),
    Scenario(
        "github-actions",
        "db1's port is closed",
        REFUSED,
        INVENTORY,
        (("ping.yml", PING),),
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        versions=("2.19",),
        run_status="failed",
        filters=("github",),
    ),
    Scenario(
        "cut",
        "one fork, sound hosts; the log ends while db1's module is transferred",
        THREE,
        INVENTORY,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("stalled", "transfer")},
        versions=("2.17",),
        run_status="incomplete",
        arguments=("-f", "1"),
        filters=("cut",),
    ),
    Scenario(
        "results-in-yaml",
        "results written as YAML: db1's port is closed, deploy cannot write on db2, a command ends with 1 on web2",
        (WEB1, WEB2, replace(DB1, server="refuses"), replace(DB2, setup=ANSIBLE_FOLDER_OF_ROOT)),
        FOUR,
        (
            (
                "ping.yml",
                play(
                    "all",
                    "name: Ping\nansible.builtin.ping:",
                    "name: Read\nansible.builtin.command: cat /no/such/file\nwhen: inventory_hostname == 'web2'",
                ),
            ),
        ),
        {
            **ok("web1"),
            "web2": Outcome("failed", "exec"),
            "db1": Outcome("unreachable", "connect", "tcp"),
            "db2": Outcome("unreachable", "tmpdir"),
        },
        (("db1", "connection-refused"), ("db2", "tmpdir-permission")),
        kind="plain",
        run_status="failed",
        environment={"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
    ),
    Scenario(
        "verbose-stderr",
        "ANSIBLE_VERBOSE_TO_STDERR: what -v says is there at once, the debug lines come when Python's buffer is full;"
        " db1's port is closed",
        REFUSED,
        INVENTORY,
        (("ping.yml", PING),),
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        run_status="failed",
        environment={"ANSIBLE_VERBOSE_TO_STDERR": "1"},
        # In the disorder of 2.16, whose header has the worker's pid, chunks stand before their command.
        versions=("2.19",),
        filters=("gz",),
    ),
    Scenario(
        "callback-null",
        "-vvv with a callback that prints nothing: no task, no result, no name of a host; db1's port is closed, db2 has"
        " no temporary directory",
        (WEB1, replace(DB1, server="refuses"), replace(DB2, setup=ANSIBLE_FOLDER_OF_ROOT)),
        inventory(WEB1_LINE, DB1_LINE, DB2_LINE),
        (("ping.yml", PING),),
        {
            "web1": Outcome("running"),
            "127.0.0.21": Outcome("unreachable", "connect", "tcp"),
            "127.0.0.22": Outcome("unreachable", "tmpdir"),
        },
        (("127.0.0.21", "connection-refused"), ("127.0.0.22", "tmpdir-permission")),
        kind="vvv",
        run_status="incomplete",
        versions=("2.19",),
        environment={"ANSIBLE_STDOUT_CALLBACK": "null", "ANSIBLE_CALLBACK_PLUGINS": "/home/ops/site/callbacks"},
        files={"callbacks/null.py": SILENT},
    ),
    Scenario(
        "callback-minimal",
        "-vvv with the callback minimal: results without banners and recap; db1's second task fails",
        (WEB1, DB1),
        inventory(WEB1_LINE, DB1_LINE),
        (("site.yml", each({"db1": "name: Read it\nansible.builtin.command: cat /home/deploy/release.txt"})),),
        {**ok("web1"), "db1": Outcome("failed", "exec")},
        kind="vvv",
        run_status="failed",
        versions=("2.16",),
        environment={"ANSIBLE_STDOUT_CALLBACK": "minimal"},
    ),
    Scenario(
        "retries",
        "ANSIBLE_SSH_RETRIES=2; db1's port is closed",
        REFUSED,
        INVENTORY,
        (("ping.yml", PING),),
        REFUSED_EXPECTED,
        REFUSED_FINDINGS,
        run_status="failed",
        environment={"ANSIBLE_SSH_RETRIES": "2"},
    ),
    Scenario(
        "command-failed",
        "a command ends with 1 on web1 and web2, failed_when fails db1",
        THREE,
        INVENTORY,
        (("release.yml", COMMAND_FAILED),),
        {
            "web1": Outcome("failed", "exec"),
            "web2": Outcome("failed", "exec"),
            "db1": Outcome("failed", "result"),
        },
        run_status="failed",
    ),
    Scenario(
        "open-module",
        "a module that sleeps is still open on db1",
        THREE,
        INVENTORY,
        (("vacuum.yml", SLEEP),),
        {**ok("web1", "web2"), "db1": Outcome("stalled", "exec")},
        run_status="incomplete",
        environment=UNBUFFERED,
        end_when=(*WEBS_DONE, r"<127\.0\.0\.21> SSH: EXEC .*AnsiballZ_command\.py && sleep 0"),
    ),
    Scenario(
        "open-banner",
        "db1 accepts and never speaks, and the time-out is far away",
        (WEB1, WEB2, replace(DB1, server="silent")),
        INVENTORY,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("stalled", "connect", "banner")},
        allowed=(("db1", "banner-timeout"),),
        run_status="incomplete",
        environment={**UNBUFFERED, "ANSIBLE_TIMEOUT": "120"},
        end_when=(*WEBS_DONE, r"<127\.0\.0\.21> SSH: EXEC", r"Connecting to 127\.0\.0\.21"),
    ),
    Scenario(
        "open-channel",
        "db1 lets ssh in and never confirms the session",
        (WEB1, WEB2, replace(DB1, server="unanswered")),
        INVENTORY,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("stalled", "connect", "channel")},
        (("db1", "channel-stall"),),
        versions=("2.18", "2.19"),
        run_status="incomplete",
        environment=UNBUFFERED,
        end_when=(*WEBS_DONE, r"Authenticated to 127\.0\.0\.21[\s\S]*send packet: type 90"),
    ),
)
