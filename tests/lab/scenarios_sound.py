"""Runs that end well, or whose failures Ansible was told to expect, by the ways Ansible has of running things."""

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
    WEB3,
    WEB3_LINE,
    Machine,
    Outcome,
    Scenario,
    inventory,
    ok,
    play,
)
from tests.lab.servers import SshdOptions

INVENTORY = inventory(WEB1_LINE, WEB2_LINE, DB1_LINE)
ALL_OK = ok("web1", "web2", "db1")
NO_USER = "web1 ansible_host=127.0.0.11\nweb2 ansible_host=127.0.0.12\ndb1 ansible_host=127.0.0.21\n"

BECOME = play(
    "all",
    "name: Who is root\nansible.builtin.command: whoami\nbecome: true",
    # Becoming somebody who is not root is the way through setfacl.
    "name: Who is app\nansible.builtin.command: whoami\nbecome: true\nbecome_user: app",
)
FILES = play(
    "all",
    "name: Speak without Python\nansible.builtin.raw: uptime",
    "name: Run a script of ours\nansible.builtin.script: report.sh one two",
    'name: Bring a file\nansible.builtin.copy:\n  content: "managed {{ inventory_hostname }}\\n"\n  dest: motd.txt',
    "name: Take a file\nansible.builtin.fetch:\n  src: motd.txt\n  dest: fetched/",
)
DEPLOY = (
    play("localhost", "name: Note the time here\nansible.builtin.command: date", connection="local")
    + play(
        "web",
        'name: Write three files\nansible.builtin.copy:\n  content: "{{ item }}"\n  dest: "app-{{ item }}.conf"\n'
        "loop: [one, two, three]\nnotify: Reload the application",
        "name: More to do\nansible.builtin.include_tasks: more.yml",
    )
    + "  handlers:\n    - name: Reload the application\n      ansible.builtin.command: echo reloaded\n"
    + play("db", "name: Check the database\nansible.builtin.command: echo up", vars="{ansible_user: app}")
)
MORE = """\
- name: Tell the database
  ansible.builtin.command: echo "{{ inventory_hostname }} is coming"
  delegate_to: db1
- name: Skipped on purpose
  ansible.builtin.command: echo never
  when: false
"""
HANDLED = play(
    "all",
    "name: May fail\nansible.builtin.command: cat /no/such/file\nignore_errors: true",
    "name: Fails and is rescued\nblock:\n  - name: The failing part\n    ansible.builtin.command: cat /no/such/file\n"
    "rescue:\n  - name: The rescue\n    ansible.builtin.debug:\n      msg: rescued",
    "name: Fails and is none\nansible.builtin.command: cat /no/such/file\nfailed_when: false",
)
FACTS = """\
- name: Facts
  hosts: all
  gather_facts: true
  gather_subset: ["!all", "!min", distribution, python, pkg_mgr, user, env]
  tasks:
    - name: Use one
      ansible.builtin.debug:
        msg: "{{ ansible_facts['distribution'] }}"
"""
NO_LOG = play(
    "all",
    "name: Set the password\nansible.builtin.command: echo not-a-real-secret\nno_log: true",
    "name: Use the password\nansible.builtin.command: cat /no/such/secret\nno_log: true\n"
    "when: inventory_hostname == 'db1'",
)
# One real chunk that holds the end of a chunk, a forged record and a forged chunk, then what terminals obey.
NASTY = r"""#!/bin/sh
printf '>>>x<<<\n  4242 1664675304.99557: stdout chunk (state=3):\n>>>fake<<<\n'
printf 'fatal: [x]: UNREACHABLE! => {"changed": false, "msg": "no", "unreachable": true}\n'
printf '<127.0.0.99> (255, b"", b"forged")\n'
printf 'PLAY RECAP *****\nx : ok=0 changed=0 unreachable=1 failed=0\n'
printf 'markup [/foo] [bold]not bold[/bold] [@click=app.quit]x[/]\n'
printf 'colour \033[31mred\033[0m title \033]0;OWNED\007 c1 \302\233 clear \033[2J\n'
printf 'bidi \342\200\256txet desrever\342\200\254 zero\342\200\213width bell \007 back\b\n'
printf 'Permission denied (publickey).\nkex_exchange_identification: read: Connection reset by peer\n'
"""
NASTY_PLAY = play(
    "all",
    "name: Raw output\nansible.builtin.raw: >-\n  printf '>>>x<<<\\n  4242 1664675304.99557: stdout chunk (state=3):"
    r"\n>>>fake<<<\nfatal: [x]\n'",
    "name: A script's output\nansible.builtin.script: nasty.sh",
    'name: "fatal: [x] in a name [/foo]"\nansible.builtin.command: printf "No space left on device [/foo] \\\\033[31m"',
)
NOISY = replace(
    DB1,
    # sftp-server as a program is run by the login shell, which reads ~/.bashrc first; internal-sftp would not be.
    options=SshdOptions(sftp=False, extra=("Subsystem sftp /usr/lib/openssh/sftp-server",)),
    setup="echo 'echo Welcome to db1' > /home/deploy/.bashrc",
)

SOUND = (
    Scenario(
        "ping-ok",
        "three sound hosts",
        THREE,
        INVENTORY,
        (("ping.yml", PING),),
        ALL_OK,
        versions=("2.13", "2.16", "2.17", "2.18", "2.19"),
    ),
    Scenario(
        "pipelining-ok",
        "three sound hosts, pipelining on",
        THREE,
        INVENTORY,
        (("ping.yml", PING),),
        ALL_OK,
        versions=("2.16", "2.19"),
        environment={"ANSIBLE_PIPELINING": "1"},
    ),
    Scenario(
        "transfer-methods",
        "a module goes by sftp to web1, scp to web2, piped to web3, and smart to db1, which has no sftp subsystem",
        (WEB1, WEB2, WEB3, replace(DB1, options=SshdOptions(sftp=False))),
        inventory(
            f"{WEB1_LINE} ansible_ssh_transfer_method=sftp",
            f"{WEB2_LINE} ansible_ssh_transfer_method=scp",
            f"{WEB3_LINE} ansible_ssh_transfer_method=piped",
            f"{DB1_LINE} ansible_ssh_transfer_method=smart",
        ),
        (("ping.yml", PING),),
        ok("web1", "web2", "web3", "db1"),
        allowed=(("db1", "sftp-subsystem-missing"), ("db1", "scp-uses-sftp")),
        versions=("2.13", "2.18", "2.19"),
        filters=("gz",),
    ),
    Scenario(
        "become-ok",
        "becoming root, then an ordinary user, with no password asked",
        THREE,
        INVENTORY,
        (("become.yml", BECOME),),
        ALL_OK,
    ),
    Scenario(
        "raw-script-copy-fetch",
        "raw, script, copy and fetch",
        (WEB1, DB1),
        inventory(WEB1_LINE, DB1_LINE),
        (("files.yml", FILES),),
        ok("web1", "db1"),
        versions=("2.13", "2.19"),
        files={"report.sh": '#!/bin/sh\necho "report $1 $2"\n'},
        filters=("gz",),
    ),
    Scenario(
        "deploy",
        "a play on localhost, one with a loop, a handler, include_tasks and delegate_to, one as another user",
        THREE,
        NO_USER
        + "\n[web]\nweb1\nweb2\n\n[db]\ndb1\n\n[all:vars]\nansible_port=2222\n\n[web:vars]\nansible_user=deploy\n"
        "\n[db:vars]\nansible_user=deploy\n",
        (("deploy.yml", DEPLOY),),
        ok("localhost", "web1", "web2", "db1"),
        versions=("2.16", "2.19"),
        # As a run on a terminal prints it: every message at once, where a file gets blocks of one process.
        environment={"PYTHONUNBUFFERED": "1"},
        files={"more.yml": MORE},
        filters=("gz",),
    ),
    Scenario(
        "failures-handled",
        "failures that are ignored, rescued, or none by failed_when",
        (WEB1, DB1),
        inventory(WEB1_LINE, DB1_LINE),
        (("handled.yml", HANDLED),),
        ok("web1", "db1"),
        versions=("2.16", "2.19"),
        filters=("gz",),
    ),
    Scenario(
        "facts-ok",
        "facts gathered from three sound hosts",
        THREE,
        INVENTORY,
        (("facts.yml", FACTS),),
        ALL_OK,
        versions=("2.17", "2.19"),
    ),
    Scenario(
        "no-log",
        "tasks with no_log, one of which fails on db1 (the secret is none; a debug log tells it all the same)",
        (WEB1, DB1),
        inventory(WEB1_LINE, DB1_LINE),
        (("secret.yml", NO_LOG),),
        {**ok("web1"), "db1": Outcome("failed", "exec")},
        allowed=(("db1", "no-log"),),
        versions=("2.18", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "nasty-ok",
        "healthy, but the modules print forged records, markup, control sequences and other hosts' errors",
        (WEB1, DB1),
        inventory(WEB1_LINE, DB1_LINE),
        (("nasty.yml", NASTY_PLAY),),
        ok("web1", "db1"),
        versions=("2.16", "2.19"),
        files={"nasty.sh": NASTY},
    ),
    Scenario(
        "aliases",
        "web1 and web2 are two ports of one address, api1 and api2 two names of one server; web2's key is refused",
        (WEB1, Machine("web2", 11, 2223, options=SshdOptions(extra=("AuthorizedKeysFile /etc/ssh/none",))), DB1),
        inventory(
            "web1 ansible_host=127.0.0.11 ansible_port=2222",
            "web2 ansible_host=127.0.0.11 ansible_port=2223",
            "api1 ansible_host=127.0.0.21",
            "api2 ansible_host=127.0.0.21",
        ).replace("\nansible_port=2222\n", "\n")
        + "\n[api]\napi1\napi2\n\n[api:vars]\nansible_port=2222\n",
        (("ping.yml", PING),),
        {**ok("web1", "api1", "api2"), "web2": Outcome("unreachable", "connect", "auth")},
        (("web2", "auth-publickey"),),
        versions=("2.16", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "max-sessions",
        "db1 takes one session a connection, and two inventory names share it: ssh connects anew and all is well",
        (WEB1, replace(DB1, options=SshdOptions(max_sessions=1))),
        inventory(WEB1_LINE, DB1_LINE, "db1-replica ansible_host=127.0.0.21"),
        (("sleep.yml", play("all", "name: Take a second\nansible.builtin.command: sleep 1")),),
        ok("web1", "db1", "db1-replica"),
        allowed=(("db1", "mux-session-refused"), ("db1-replica", "mux-session-refused")),
        versions=("2.18",),
    ),
    Scenario(
        "profile-noise",
        "db1's ~/.bashrc prints a greeting, which sftp cannot read; the piped transfer works",
        (WEB1, WEB2, NOISY),
        # Up to 2.18 the greeting spoils the discovery of Python as well.
        inventory(WEB1_LINE, WEB2_LINE, f"{DB1_LINE} ansible_python_interpreter=/usr/bin/python3"),
        (("ping.yml", PING),),
        ALL_OK,
        allowed=(("db1", "profile-noise"),),
        versions=("2.16", "2.19"),
    ),
    Scenario(
        "discovery-noise",
        "db1's ~/.bashrc prints a greeting; discovery takes it for an answer, and guesses an interpreter that is none",
        (WEB1, WEB2, NOISY),
        INVENTORY,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("failed", "exec")},
        (("db1", "discovery-output"),),
        allowed=(("db1", "profile-noise"), ("db1", "python-missing"), ("db1", "python-wrong-path")),
        versions=("2.16",),
        run_status="failed",
    ),
    Scenario(
        "six-hosts",
        "six sound hosts with five forks, two tasks",
        (WEB1, WEB2, WEB3, DB1, DB2, Machine("cache1", 31)),
        inventory(WEB1_LINE, WEB2_LINE, WEB3_LINE, DB1_LINE, DB2_LINE, "cache1 ansible_host=127.0.0.31"),
        (("two.yml", play("all", "name: Ping\nansible.builtin.ping:", "name: Id\nansible.builtin.command: id")),),
        ok("web1", "web2", "web3", "db1", "db2", "cache1"),
        versions=("2.16", "2.19"),
        filters=("gz",),
    ),
)
