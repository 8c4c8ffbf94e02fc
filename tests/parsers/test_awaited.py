"""What an open command waits for: from ssh's own words to the field's words, the limit, and what to run next."""

from __future__ import annotations

import shlex
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.awaited import CONNECT_SECONDS, Awaited, Wait, limit_of, wait_of
from parsers.awaited_words import awaited
from parsers.findings import rules
from parsers.model import Command, Place, Stage, StageRun, Status, Tool
from parsers.ssh.text import SshReader
from tests.parsers.helpers import model_of, sample
from tests.parsers.minilog import BECOME, DB1, HOME, WEB1, MiniLog

CONNECTING = "debug1: Connecting to 192.0.2.7 [192.0.2.7] port 22."
ESTABLISHED = f"{CONNECTING}\ndebug1: Connection established."
BANNER = f"{ESTABLISHED}\ndebug1: Local version string SSH-2.0-OpenSSH_9.2p1"
REMOTE = f"{BANNER}\ndebug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1"
KEXINIT = f"{REMOTE}\ndebug3: send packet: type 20\ndebug1: SSH2_MSG_KEXINIT sent"
KEX = (
    f"{KEXINIT}\ndebug3: receive packet: type 20\ndebug3: send packet: type 30\n"
    "debug1: expecting SSH2_MSG_KEX_ECDH_REPLY"
)
HOSTKEY = f"{KEX}\ndebug3: receive packet: type 31\ndebug1: Server host key: ssh-ed25519 SHA256:x"
KNOWN = f"{HOSTKEY}\ndebug1: Host '192.0.2.7' is known and matches the ED25519 host key."
SERVICE = f"{KNOWN}\ndebug3: send packet: type 5"
TRYING = f"{SERVICE}\ndebug3: receive packet: type 6\ndebug1: Next authentication method: "
AUTH = f"{TRYING}publickey\ndebug3: send packet: type 50"
GSSAPI = f"{TRYING}gssapi-with-mic"
CHANNEL = (
    f"{AUTH}\ndebug3: receive packet: type 52\n"
    'Authenticated to 192.0.2.7 ([192.0.2.7]:22) using "publickey".\ndebug3: send packet: type 90'
)
REQUEST = f"{CHANNEL}\ndebug3: receive packet: type 91\ndebug3: send packet: type 98"
MUX = "debug1: auto-mux: Trying existing master\ndebug2: mux_client_hello_exchange: master version 4"
ASKED = f"{MUX}\ndebug3: mux_client_request_session: session request sent"
SESSION = f"{ASKED}\ndebug1: mux_client_request_session: master session id: 2"
WRITES = "debug3: Sent message SSH2_FXP_OPEN I:1 P:/tmp/x M:0x0001\n" + "\n".join(
    f"debug3: Sent message SSH2_FXP_WRITE I:{n} O:{n * 32768} S:32768" for n in range(3)
)
ACKED = f"{SESSION}\n{WRITES}\ndebug3: In write loop, ack for 0 32768 bytes at 0"
VERSION = f"{SESSION}\ndebug2: Remote version: 3"
CLOSING = f"{ACKED}\ndebug3: In write loop, ack for 2 32768 bytes at 65536\ndebug3: Sent message SSH2_FXP_CLOSE I:4"
PROMPT = BECOME.replace("sudo -H -S -n", 'sudo -H -S -p "[sudo via ansible, key=abc] password:"')


def stage_of(
    err: str = "",
    out: str = "",
    *,
    stage: Stage = Stage.HOME,
    shown: Stage | None = None,
    tool: Tool = Tool.SSH,
    text: str = HOME,
    become: bool = False,
    **values: object,
) -> StageRun:
    """An open stage whose command has said `err` and `out`."""
    command = Command(0, stage, tool, Place(0, 1), address="192.0.2.7", user="deploy", text=text, become=become)
    command.started = 100.0
    for name, value in values.items():
        setattr(command, name, value)
    reader = SshReader(command.transcript)
    for stderr, said in ((True, err), (False, out)):
        for line in said.splitlines():
            reader.feed(line.encode(), 0, 1, 100.0, stderr=stderr, ended=True)
    return StageRun(shown or stage, Status.RUNNING, Place(0, 1), 1, command)


def connecting(err: str, **values: object) -> StageRun:
    """An open stage `connect`."""
    return stage_of(err, shown=Stage.CONNECT, **values)  # type: ignore[arg-type]


def told(stage: StageRun) -> Awaited:
    """What it waits for."""
    found = awaited(stage)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("err", "wait", "what"),
    [
        ("", Wait.SSH, "a first word"),
        ("debug1: Reading configuration data /etc/ssh/ssh_config", Wait.RESOLVE, "an address"),
        ("debug1: Executing proxy command: exec nc jump 22", Wait.PROXY, "a connection"),
        ("debug2: resolve_canonicalize: hostname db1 is in canonical form", Wait.RESOLVE, "an address"),
        ("debug2: resolve_canonicalize: hostname 192.0.2.7 is address", Wait.TCP, "a TCP answer"),
        (CONNECTING, Wait.TCP, "a TCP answer"),
        (BANNER, Wait.BANNER, "a banner"),
        (KEXINIT, Wait.KEXINIT, "`SSH2_MSG_KEXINIT`"),
        (KEX, Wait.KEX_REPLY, "`SSH2_MSG_KEX_ECDH_REPLY` (a type 31 after our type 30)"),
        (HOSTKEY, Wait.HOSTKEY, "a yes to the host key"),
        (SERVICE, Wait.SERVICE, "a type 6 after our type 5"),
        (AUTH, Wait.AUTH, "an answer (type 51, 52 or 60) to our type 50, publickey"),
        (GSSAPI, Wait.AUTH, "a Kerberos ticket"),
        (CHANNEL, Wait.CHANNEL, "a `type 91` after our `type 90`"),
        (ASKED, Wait.MASTER, "a session (the master's answer"),
    ],
)
def test_a_connection_waits_for_its_next_step(err: str, wait: Wait, what: str) -> None:
    found = told(connecting(err))
    assert found.wait is wait
    assert found.what.startswith(what)


@pytest.mark.parametrize(
    ("stage", "wait", "what"),
    [
        (stage_of(REQUEST), Wait.REQUEST, "a `type 99` after our `type 98`"),
        (stage_of(SESSION), Wait.ANSWER, "the answer of the home command"),
        (stage_of(SESSION, stage=Stage.EXEC, tmp="ansible-tmp-1"), Wait.RESULT, "the module's JSON"),
        (stage_of(SESSION, stage=Stage.EXEC), Wait.RESULT, "the command's end"),
        (stage_of("", stage=Stage.EXEC, tmp="ansible-tmp-1"), Wait.RESULT, "the module's JSON"),
        (stage_of("", stage=Stage.EXEC, tool=Tool.LOCAL), Wait.RESULT, "the module's JSON"),
        (
            stage_of(SESSION, stage=Stage.EXEC, become=True, text=PROMPT),
            Wait.PROMPT,
            "a sudo prompt (`[sudo via ansible, key=…] password:`)",
        ),
        (
            stage_of(SESSION, "[sudo via ansible, key=abc] password:\n", stage=Stage.EXEC, become=True, text=PROMPT),
            Wait.ESCALATION,
            "the answer to the become password",
        ),
        (
            stage_of(SESSION, stage=Stage.EXEC, become=True, text=BECOME),
            Wait.ESCALATION,
            "the success of the privilege escalation",
        ),
        (
            stage_of(SESSION, "BECOME-SUCCESS-aaa\n", stage=Stage.EXEC, become=True, text=BECOME, tmp="x"),
            Wait.RESULT,
            "the module's JSON",
        ),
        (
            stage_of(SESSION, '{"changed": false}\n', stage=Stage.EXEC, tmp="x"),
            Wait.CLOSE,
            "the end of the command, which has given its result",
        ),
        (stage_of(f"{SESSION}\ndebug2: Received exit status from master 0"), Wait.CLOSE, "the end of the command"),
        (stage_of(SESSION, stage=Stage.TRANSFER, tool=Tool.SFTP), Wait.SFTP_START, "sftp's first answer"),
        (
            stage_of(ACKED, stage=Stage.TRANSFER, tool=Tool.SFTP),
            Wait.SFTP_ACK,
            "an sftp acknowledgement of 32768 bytes at offset 32768",
        ),
        (stage_of(CLOSING, stage=Stage.TRANSFER, tool=Tool.SFTP), Wait.SFTP_REPLY, "the reply to `SSH2_FXP_CLOSE`"),
        (
            stage_of(f"{VERSION}\ndebug3: Sent message fd 3 T:17 I:3", stage=Stage.TRANSFER, tool=Tool.SFTP),
            Wait.SFTP_REPLY,
            "the reply to `SSH2_FXP_STAT`",
        ),
        (
            stage_of(f"{VERSION}\ndebug3: Sent message limits@openssh.com I:1", stage=Stage.TRANSFER, tool=Tool.SFTP),
            Wait.SFTP_REPLY,
            "the reply to sftp's request",
        ),
        (
            stage_of(SESSION, stage=Stage.TRANSFER, method="piped", text="dd of=x bs=65536"),
            Wait.DATA,
            "the end of the transfer (piped)",
        ),
    ],
)
def test_a_session_waits_for_what_its_stage_is_about(stage: StageRun, wait: Wait, what: str) -> None:
    found = told(stage)
    assert found.wait is wait
    assert found.what.startswith(what)


def test_what_a_users_command_prints_is_no_result_of_a_module() -> None:
    assert wait_of(stage_of(SESSION, '{"state": "up"}\n', stage=Stage.EXEC)) is Wait.RESULT


def test_a_command_that_ended_waits_for_nothing() -> None:
    stage = stage_of(SESSION)
    assert stage.command is not None
    stage.command.closed = Place(1, 2)
    assert awaited(stage) is None


# ---- limits


def test_ssh_may_take_its_own_time_to_connect() -> None:
    assert limit_of(connecting(CHANNEL, connect_timeout=7)) == 7.0
    assert limit_of(connecting(CONNECTING)) == CONNECT_SECONDS


def test_what_may_be_at_work_already_has_no_limit() -> None:
    """`raw: sleep 600` as the first command of a host, without ANSIBLE_SSH_VERBOSITY: ssh says nothing at all."""
    silent = connecting("", stage=Stage.EXEC, verbose=False)
    assert (wait_of(silent), limit_of(silent)) == (Wait.RESULT, inf)
    told_to_speak = connecting("", stage=Stage.EXEC, verbose=True, connect_timeout=10)
    assert (wait_of(told_to_speak), limit_of(told_to_speak)) == (Wait.SSH, 10.0)
    login = connecting("", verbose=False, connect_timeout=10)
    assert (wait_of(login), limit_of(login)) == (Wait.SSH, 10.0)


@pytest.mark.parametrize("stage", [Stage.HOME, Stage.TMPDIR, Stage.CHMOD, Stage.CLEANUP])
def test_small_commands_may_take_a_few_seconds(stage: Stage) -> None:
    assert limit_of(stage_of(SESSION, stage=stage)) == 5.0


def test_only_what_works_may_take_for_ever() -> None:
    assert limit_of(stage_of(SESSION, stage=Stage.EXEC)) == inf
    assert limit_of(stage_of(ASKED, stage=Stage.EXEC)) < 10
    assert limit_of(stage_of(SESSION, stage=Stage.EXEC, become=True, text=BECOME)) < 10
    assert limit_of(stage_of(CLOSING, stage=Stage.TRANSFER, tool=Tool.SFTP)) == 10.0
    assert limit_of(stage_of(SESSION, '{"changed": false}\n', stage=Stage.EXEC, tmp="x")) == 10.0
    assert [stage for stage in Stage if limit_of(StageRun(stage, Status.RUNNING, Place(0, 1), 1)) == inf] == [
        Stage.EXEC
    ]


def test_the_limit_is_what_the_exec_line_says() -> None:
    log = MiniLog().begin().task("Ping", DB1)
    log.header("_low_level_execute_command(): starting", DB1).header(
        f"_low_level_execute_command(): executing: {HOME}", DB1
    )
    log.raw(f"<{DB1.address}> ESTABLISH SSH CONNECTION FOR USER: deploy")
    log.raw(f"<{DB1.address}> SSH: EXEC ssh -vvv -o ConnectTimeout=42 {DB1.address} {shlex.quote(HOME)}")
    log.chunk(DB1, f"{CONNECTING}\n")
    for silent, status in ((41.0, Status.RUNNING), (43.0, Status.STALLED)):
        host = log.host("db1", now=log.time + silent)
        stage = host.tasks[-1].stages[-1]
        assert (host.status, stage.status, stage.phase) == (status, status, "tcp")
        assert stage.elapsed == pytest.approx(silent, abs=0.1)
        assert stage.silent == pytest.approx(silent, abs=0.1)


def test_a_log_without_times_is_timed_from_the_first_look() -> None:
    """-vvvv alone: its lines have no times, so silence counts from when the command was first seen open."""
    log = MiniLog(debug=False).begin().task("Ping", DB1).step(DB1, "home").open(DB1, "/bin/sh -c 'umask 77 && mkdir x'")
    analysis = Analysis()
    analysis.feed(log.data)
    for now, status, silent in (
        (1000.0, Status.RUNNING, 0.0),
        (1004.0, Status.RUNNING, 4.0),
        (1006.0, Status.STALLED, 6.0),
    ):
        (host,) = analysis.snapshot(now=now).runs[0].hosts.values()
        stage = host.tasks[-1].stages[-1]
        assert (stage.stage, stage.status, stage.silent, stage.elapsed) == (Stage.TMPDIR, status, silent, silent)


# ---- words


EVERY = [
    *(
        connecting(err)
        for err in ("", CONNECTING, BANNER, KEXINIT, KEX, HOSTKEY, SERVICE, AUTH, GSSAPI, CHANNEL, ASKED)
    ),
    connecting("", password=True),
    connecting("debug1: Reading configuration data"),
    connecting("debug1: Executing proxy command: x"),
    stage_of(REQUEST),
    stage_of(SESSION),
    stage_of(SESSION, stage=Stage.EXEC),
    stage_of(SESSION, stage=Stage.EXEC, become=True, text=BECOME),
    stage_of(SESSION, stage=Stage.EXEC, become=True, text=PROMPT),
    stage_of(f"{SESSION}\ndebug2: Received exit status from master 0"),
    stage_of(SESSION, stage=Stage.TRANSFER, tool=Tool.SFTP),
    stage_of(ACKED, stage=Stage.TRANSFER, tool=Tool.SFTP),
    stage_of(CLOSING, stage=Stage.TRANSFER, tool=Tool.SFTP),
    stage_of(SESSION, stage=Stage.TRANSFER, method="piped", remote_path="/tmp/it's here"),
]


def test_every_wait_has_words() -> None:
    assert {wait_of(stage) for stage in EVERY} == set(Wait)


@pytest.mark.parametrize("stage", EVERY, ids=lambda stage: str(wait_of(stage)))
def test_the_causes_are_rules_that_exist_and_there_is_something_to_run(stage: StageRun) -> None:
    found = told(stage)
    assert {cause.rule for cause in found.causes if cause.rule} <= set(rules())
    assert all(cause.tell for cause in found.causes)
    assert len(found.causes) > 1
    assert found.commands
    assert found.sentence == f"waits for {found.what} from {found.whom}"


@given(
    host=st.text(min_size=1, max_size=30).filter(lambda text: text.strip()),
    user=st.text(min_size=1, max_size=10),
    at=st.sampled_from(range(len(EVERY))),
)
def test_a_hostile_name_is_one_word_of_a_command(host: str, user: str, at: int) -> None:
    stage = EVERY[at]
    assert stage.command is not None
    before = stage.command.address, stage.command.user
    stage.command.address, stage.command.user = host, user
    try:
        commands = told(stage).commands
    finally:
        stage.command.address, stage.command.user = before
    for command in commands:
        assert command.isprintable()
        if host.isprintable() and user.isprintable():
            words = shlex.split(command)
            options = [
                word
                for before, word in pairwise(words)
                if word.startswith("-") and word.endswith(host) and "@" in word and before != "--"
            ]
            assert options == []


# ---- the newest words of a hang


def test_the_newest_chunk_is_read_before_anything_follows_it() -> None:
    """From 2.17 on a chunk's end is sure once a record follows, and in a run that hangs none does."""
    log = MiniLog("2.19.14").begin().task("Ping", DB1).open(DB1, HOME).chunk(DB1, f"{CONNECTING}\n", state=2)
    log.chunk(DB1, "debug1: Connection established.\n")
    stage = log.host("db1", now=log.time + 60).tasks[-1].stages[-1]
    assert (stage.status, stage.phase) == (Status.STALLED, "banner")
    assert stage.awaited is not None
    assert stage.awaited.wait is Wait.BANNER
    model = log.model(now=log.time + 60)
    newest = model.chunks[len(model.chunks) - 1]
    assert log.data[newest.start : newest.end] == b"debug1: Connection established.\n"


def test_a_prompt_without_a_line_feed_is_seen_at_once() -> None:
    log = MiniLog("2.19.14").begin().task("Ping", DB1).open(DB1, f"{PROMPT}x'")
    log.chunk(DB1, f"{SESSION}\n", state=0).chunk(
        DB1, "[sudo via ansible, key=abc] password:", stream="stdout", state=0
    )
    stage = log.host("db1", now=log.time + 60).tasks[-1].stages[-1]
    assert stage.awaited is not None
    assert stage.awaited.what.startswith("the answer to the become password")


def test_looking_between_two_blocks_changes_nothing() -> None:
    log = MiniLog("2.19.14").begin().task("Ping", DB1, WEB1)
    for box in (DB1, WEB1):
        log.open(box, HOME).chunk(box, f"debug1: Connecting to {box.address} [{box.address}] port 22.\n", state=2)
    log.chunk(WEB1, "text\n<<<\nmore\n").close(WEB1, 0, "/home/deploy\n")
    whole = log.model()
    for cut in range(len(log.data) - 400, len(log.data), 7):
        analysis = Analysis()
        analysis.feed(log.data[:cut])
        analysis.snapshot(now=log.time)
        analysis.feed(log.data[cut:])
        analysis.finish()
        model = analysis.snapshot()
        assert [(c.start, c.end, c.attribution) for c in model.chunks] == [
            (c.start, c.end, c.attribution) for c in whole.chunks
        ]


def test_a_log_that_stops_says_what_was_awaited() -> None:
    log = MiniLog().begin().task("Ping", DB1).open(DB1, HOME).chunk(DB1, f"{CONNECTING}\n")
    stage = model_of(log.data).runs[0].hosts["db1"].tasks[0].stages[0]
    assert stage.awaited is not None
    assert stage.awaited.wait is Wait.TCP
    assert stage.awaited.commands[0] == "nc -vz -w 5 192.0.2.7 22"


@pytest.mark.parametrize(
    "name", ["open-channel-2.19.log", "connection-lost-2.19.log", "retries-2.19.log", "two-runs-2.16.log"]
)
def test_who_has_looked_before_sees_the_same_as_who_looks_now(name: str) -> None:
    """What is decided for the time being is kept from one look to the next; a fresh look must agree with it."""
    data = sample(name)
    looked = Analysis()
    step = len(data) // 12
    for at in range(0, len(data), step):
        looked.feed(data[at : at + step])
        fresh = Analysis()
        fresh.feed(data[: at + step])
        models = [analysis.snapshot(now=2e9) for analysis in (looked, fresh)]
        states = [[(run.index, host.name, host.status, host.failed_stage) for run, host in m.hosts()] for m in models]
        assert states[0] == states[1]
        found = [[(one.rule.id, one.run, one.host) for one in analysis.findings()] for analysis in (looked, fresh)]
        assert found[0] == found[1]
        seen, now = (model.chunks for model in models)
        owners = [[chunk.command.index if chunk.command else None for chunk in table] for table in (seen, now)]
        assert owners[0] == owners[1]
        assert [chunk.end for chunk in seen] == [chunk.end for chunk in now]


# ---- rules about what stands still, asked of a live run


@pytest.mark.parametrize(
    ("text", "said", "rule"),
    [
        (HOME, CONNECTING, "connection-timeout"),
        (HOME, BANNER, "banner-timeout"),
        (HOME, KEX, "mtu-stall"),
        (HOME, GSSAPI, "gssapi-slow"),
        (HOME, CHANNEL, "channel-stall"),
        (HOME, ASKED, "channel-stall"),
        (HOME, SESSION, "open-at-end"),
        (f"{BECOME}x'", SESSION, "become-timeout"),
        (f"{PROMPT}x'", SESSION, "become-timeout"),
    ],
)
def test_a_live_stall_has_its_rule_and_a_live_wait_has_none(text: str, said: str, rule: str) -> None:
    log = MiniLog().begin().task("Ping", DB1).step(DB1, "home").open(DB1, text).chunk(DB1, f"{said}\n", state=1)
    analysis = Analysis()
    analysis.feed(log.data)
    for silent, expected in ((4.0, []), (40.0, [rule])):
        analysis.snapshot(now=log.time + silent)
        assert [finding.rule.id for finding in analysis.findings()] == expected


def test_behind_an_address_the_shared_connection_is_asked_where_there_is_one() -> None:
    said = "debug2: resolve_canonicalize: hostname 192.0.2.7 is address"
    assert wait_of(stage_of(said, control_path="/h/.ansible/cp/db4888615b")) is Wait.MASTER
