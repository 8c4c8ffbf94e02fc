"""Ways of going through a play, with a broken host among sound ones; and runs that say little."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.model import (
    DB1,
    DB1_LINE,
    DB2,
    DB2_LINE,
    WEB1,
    WEB1_LINE,
    WEB2,
    WEB2_LINE,
    Kind,
    Outcome,
    Scenario,
    inventory,
    ok,
    play,
)
from tests.lab.world import ANSIBLE_FOLDER_OF_ROOT

FREE = play(
    "all",
    "name: Ping\nansible.builtin.ping:",
    "name: Read the release\nansible.builtin.command: >-\n"
    "  ls -d {{ '/no/such/release' if inventory_hostname == 'db2' else '/usr/bin' }}",
    "name: Id\nansible.builtin.command: id",
    strategy="free",
)
ONE_BY_ONE = play(
    "all",
    "name: Work\nblock:\n"
    "  - name: Try until it works\n    ansible.builtin.shell: test -e tried || { touch tried; exit 4; }\n"
    "    register: tried\n    until: tried.rc == 0\n    retries: 3\n    delay: 0\n"
    "  - name: Start it and look again\n    ansible.builtin.command: echo slow\n    async: 20\n    poll: 1\n"
    "always:\n  - name: Tidy up\n    ansible.builtin.command: rm tried",
    serial="1",
) + play("all", "name: More to do\nansible.builtin.include_tasks: more.yml")
MORE = """\
- name: Parts
  block:
    - name: Look at each part
      ansible.builtin.command: ls -d {{ item }}
      loop:
        - /usr/bin
        - "{{ '/no/such/part' if inventory_hostname == 'db1' else '/usr/lib' }}"
    - name: After the parts
      ansible.builtin.command: echo whole
  always:
    - name: Say goodbye
      ansible.builtin.command: echo goodbye
"""
QUIET = (
    "name: Ping\nansible.builtin.ping:",
    "name: Read the release\nansible.builtin.command: cat /no/such/release\nwhen: inventory_hostname == 'web2'",
)
QUIET_MACHINES = (WEB1, WEB2, replace(DB1, server="refuses"), replace(DB2, setup=ANSIBLE_FOLDER_OF_ROOT))
QUIET_EXPECTED = {
    **ok("web1"),
    "web2": Outcome("failed", "exec"),
    "db1": Outcome("unreachable", "connect", "tcp"),
    "db2": Outcome("unreachable", "tmpdir"),
}
FOUR = inventory(WEB1_LINE, WEB2_LINE, DB1_LINE, DB2_LINE)


def _quiet(name: str, kind: Kind, option: str) -> Scenario:
    return Scenario(
        name,
        f"{option}: db1's port is closed, deploy cannot write on db2, a command ends with 1 on web2",
        QUIET_MACHINES,
        FOUR,
        (("quiet.yml", play("all", *QUIET)),),
        QUIET_EXPECTED,
        (("db1", "connection-refused"), ("db2", "tmpdir-permission")),
        kind=kind,
        run_status="failed",
    )


PLAYS = (
    Scenario(
        "free-broken",
        "hosts that do not wait for each other: db1's port is closed, the second task fails on db2",
        (WEB1, WEB2, replace(DB1, server="refuses"), DB2),
        FOUR,
        (("free.yml", FREE),),
        {
            **ok("web1", "web2"),
            "db1": Outcome("unreachable", "connect", "tcp"),
            "db2": Outcome("failed", "exec"),
        },
        (("db1", "connection-refused"),),
        run_status="failed",
        # The parent looks for results a thousand times a second otherwise, and says so each time.
        files={"ansible.cfg": "[defaults]\ninternal_poll_interval = 0.05\n"},
        filters=("gz",),
    ),
    Scenario(
        "serial-always",
        "one host after the other through a block with until and async, then an included loop with a bad item on db1",
        (WEB1, DB1),
        inventory(WEB1_LINE, DB1_LINE),
        (("serial.yml", ONE_BY_ONE),),
        {**ok("web1"), "db1": Outcome("failed", "exec")},
        run_status="failed",
        files={"more.yml": MORE},
        filters=("gz",),
    ),
    _quiet("low-verbosity", "plain", "no -v"),
    _quiet("low-verbosity-v", "v", "one -v"),
)
