"""ssh's own text becomes facts: phases with times, algorithms, keys, methods, mux roles, sftp's bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.ssh.text import CUT, HEAD, TAIL, SshReader
from parsers.ssh.transcript import Phase, Transcript
from tests.parsers.helpers import model_of, pieces, sample

# What one `ssh -vvv` writes on its way to a session (OpenSSH 9.2), each line a second after the one before.
SESSION = """\
OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026
debug1: auto-mux: Trying existing master
debug1: Control socket "/home/ops/.ansible/cp/db4888615b" does not exist
debug2: resolving "db1.example.org" port 2222
debug1: Connecting to db1.example.org [192.0.2.7] port 2222.
debug1: Connection established.
debug1: Local version string SSH-2.0-OpenSSH_9.2p1
debug1: Remote protocol version 2.0, remote software version OpenSSH_8.7
debug1: SSH2_MSG_KEXINIT sent
debug2: local client KEXINIT proposal
debug2: KEX algorithms: curve25519-sha256,ext-info-c
debug2: host key algorithms: ssh-ed25519
debug2: first_kex_follows 0
debug2: peer server KEXINIT proposal
debug2: KEX algorithms: curve25519-sha256,diffie-hellman-group14-sha256
debug2: host key algorithms: rsa-sha2-512,ssh-ed25519
debug2: ciphers ctos: aes128-ctr
debug2: ciphers stoc: aes256-ctr
debug2: MACs ctos: hmac-sha2-256
debug2: compression ctos: none
debug2: languages ctos:\x20
debug2: first_kex_follows 0
debug2: reserved 0
debug3: kex_choose_conf: will use strict KEX ordering
debug1: kex: algorithm: curve25519-sha256
debug1: kex: host key algorithm: ssh-ed25519
debug1: kex: server->client cipher: aes256-ctr MAC: hmac-sha2-256 compression: none
debug1: kex: client->server cipher: chacha20-poly1305@openssh.com MAC: <implicit> compression: none
debug1: Server host key: ssh-ed25519 SHA256:9HwbmjRmhvBc0TYz2ViheuHawGDwuIqzIkbWoXEvPDI
debug1: Host '[db1.example.org]:2222' is known and matches the ED25519 host key.
debug1: SSH2_MSG_NEWKEYS received
debug3: send packet: type 5
debug1: SSH2_MSG_SERVICE_ACCEPT received
debug3: receive packet: type 51
debug1: Authentications that can continue: publickey,password
debug1: Next authentication method: publickey
debug1: Offering public key: /home/ops/.ssh/id_rsa RSA SHA256:aaa agent
debug1: Authentications that can continue: publickey,password
debug1: Offering public key: /home/ops/.ssh/id_ed25519 ED25519 SHA256:bbb
debug1: Server accepts key: /home/ops/.ssh/id_ed25519 ED25519 SHA256:bbb
Authenticated to db1.example.org ([192.0.2.7]:2222) using "publickey".
debug1: channel 0: new session [client-session] (inactive timeout: 0)
debug3: send packet: type 90
debug1: Entering interactive session.
debug3: receive packet: type 91
debug1: Sending command: /bin/sh -c 'echo ~ && sleep 0'
debug1: client_input_channel_req: channel 0 rtype exit-status reply 0
debug1: Exit status 3
"""


def read(text: str, *, stderr: bool = True, transcript: Transcript | None = None) -> Transcript:
    """The facts of a text, its line N (from 1) at second N."""
    reader = SshReader(transcript or Transcript())
    for number, line in enumerate(text.encode().split(b"\n"), 1):
        reader.feed(line, number * 100, number, float(number), stderr=stderr, ended=True)
    reader.finish(None)
    return reader.transcript


def line_of(words: str) -> int:
    """The number of SESSION's first line that holds `words`."""
    return next(number for number, line in enumerate(SESSION.splitlines(), 1) if words in line)


def test_phases_follow_each_other_and_end() -> None:
    facts = read(SESSION)
    assert [step.phase for step in facts.steps] == list(Phase)
    assert all(step.done for step in facts.steps)
    assert facts.phase is Phase.CHANNEL


@pytest.mark.parametrize(
    ("phase", "begin", "end"),
    [
        (Phase.RESOLVE, "resolving", "Connecting"),
        (Phase.TCP, "Connecting", "Connection established"),
        (Phase.BANNER, "Connection established", "Remote protocol"),
        (Phase.KEX, "Remote protocol", "Server host key"),
        (Phase.HOSTKEY, "Server host key", "is known and matches"),
        (Phase.AUTH, "send packet: type 5", "Authenticated to"),
        (Phase.CHANNEL, "send packet: type 90", "receive packet: type 91"),
    ],
)
def test_each_phase_has_its_times(phase: Phase, begin: str, end: str) -> None:
    step = read(SESSION).step(phase)
    assert step is not None
    assert (step.line, step.started, step.ended) == (line_of(begin), line_of(begin), line_of(end))


@pytest.mark.parametrize("phase", list(Phase))
def test_a_phase_that_did_not_end_is_not_done(phase: Phase) -> None:
    """ssh falls silent right after a phase began."""
    steps = read(SESSION).steps
    begun = next(step for step in steps if step.phase is phase)
    facts = read("\n".join(SESSION.splitlines()[: begun.line]))
    assert facts.phase is phase
    assert [step.done for step in facts.steps] == [True] * (len(facts.steps) - 1) + [False]
    assert facts.steps[-1].ended is None
    assert not facts.session


def test_openssh_10_greets_in_a_debug_line() -> None:
    facts = read("debug1: OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.9 29 Sep 2026\ndebug3: Running on Linux 6.1 x86_64\n")
    assert facts.client == "OpenSSH_10.0p2 Debian-7, OpenSSL 3.5.9 29 Sep 2026"
    assert facts.plain == []


def test_a_coloured_line_is_kept_as_its_words() -> None:
    facts = read("\x1b[1;35mSyntaxError\x1b[0m: \x1b[35minvalid syntax\x1b[0m\n")
    assert [line.text for line in facts.plain] == ["SyntaxError: invalid syntax"]


def test_facts_of_the_connection() -> None:
    facts = read(SESSION)
    assert facts.client == "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026"
    assert facts.server == "OpenSSH_8.7"
    assert (facts.target, facts.connected, facts.connected_port) == ("db1.example.org", "192.0.2.7", 2222)
    assert facts.host_key == "ssh-ed25519 SHA256:9HwbmjRmhvBc0TYz2ViheuHawGDwuIqzIkbWoXEvPDI"
    assert facts.plain == []
    assert facts.last_debug is not None
    assert facts.last_debug.text == "debug1: Exit status 3"
    assert facts.packets == [("send", 5), ("receive", 51), ("send", 90), ("receive", 91)]
    assert facts.opening is not None
    assert facts.opening.line == line_of("send packet: type 90")


def test_algorithms_chosen_and_offered() -> None:
    facts = read(SESSION)
    assert facts.kex == {
        "algorithm": "curve25519-sha256",
        "host key algorithm": "ssh-ed25519",
        "server->client": "aes256-ctr hmac-sha2-256",
        "client->server": "chacha20-poly1305@openssh.com <implicit>",
    }
    assert facts.kex_offered == {
        "KEX algorithms": "curve25519-sha256,diffie-hellman-group14-sha256",
        "host key algorithms": "rsa-sha2-512,ssh-ed25519",
        "ciphers ctos": "aes128-ctr",
        "ciphers stoc": "aes256-ctr",
        "MACs ctos": "hmac-sha2-256",
        "compression ctos": "none",
        "languages ctos": "",
    }


def test_authentication() -> None:
    facts = read(SESSION)
    assert (facts.auth_offered, facts.auth_tried, facts.auth_method) == (
        ["publickey", "password"],
        ["publickey"],
        "publickey",
    )
    assert facts.keys_offered == [
        "/home/ops/.ssh/id_rsa RSA SHA256:aaa agent",
        "/home/ops/.ssh/id_ed25519 ED25519 SHA256:bbb",
    ]
    assert facts.keys_accepted == ["/home/ops/.ssh/id_ed25519 ED25519 SHA256:bbb"]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        # Older wordings
        ("debug1: Authentication succeeded (password).", "auth_method", "password"),  # up to 8.7
        ("debug1: Authenticated to db1 ([192.0.2.7]:22) using \"none\".", "auth_method", "none"),
        ("debug1: Offering ED25519 public key: /k", "keys_offered", ["/k"]),  # 7.x
        ("debug1: Offering RSA public key: /k", "keys_offered", ["/k"]),
        ("debug1: Server accepts key: pkalg ssh-ed25519 blen 51", "keys_accepted", ["pkalg ssh-ed25519 blen 51"]),
        ("debug1: Connecting to 192.0.2.7 port 22.", "connected", "192.0.2.7"),
        ("debug1: Connecting to db1 [2001:db8::7] port 22.", "connected", "2001:db8::7"),
        ("debug3: resolve_canonicalize: hostname 192.0.2.7 is address", "target", "192.0.2.7"),
        ("debug1: kex: host key algorithm: (no match)", "kex", {"host key algorithm": "(no match)"}),
        ("debug1: kex: server->client aes128-ctr hmac-sha1 none", "kex", {}),  # 6.x: not read
        # The end of a session, by itself or through a master
        ("debug2: Received exit status from master 137", "exit_status", 137),
        ("debug1: Exit status 0", "exit_status", 0),
        ("debug1: Exit status -1", "exit_status", None),
        ("debug1: client_input_channel_req: channel 0 rtype eow@openssh.com reply 0", "exit_status", None),
        # mux
        ("debug1: auto-mux: Trying existing master at '/cp/x'", "mux", "trying"),  # 9.6
        ('debug1: Control socket "/cp/x" does not exist', "mux", "master"),
        ("debug2: mux_client_hello_exchange: master version 4", "mux", "client"),
        ("debug3: mux_client_request_session: master session id: 2", "mux", "client"),
        ("debug1: ControlSocket /cp/x already exists, disabling multiplexing", "mux", None),
        # What does not make a session
        ("debug3: mux_client_request_session: entering", "session", False),
        ("debug3: mux_client_read_packet: read header failed: Broken pipe", "session", False),
        ("debug3: receive packet: type 51", "session", False),
        ("debug3: send packet: type 91", "session", False),
        ("debug1: Entering interactive session.", "session", False),
        # What does
        ("debug3: mux_client_request_session: master session id: 2", "session", True),
        ("debug3: receive packet: type 91", "session", True),
        ("debug1: Sending subsystem: sftp", "session", True),
        ("debug2: Remote version: 3", "session", True),
        ("Bytes per second: sent 12.0, received 3.0", "session", True),
    ],
)  # fmt: skip
def test_one_line(text: str, field: str, value: object) -> None:
    assert getattr(read(text), field) == value


def test_the_ssh_that_opened_a_connection_stays_its_master() -> None:
    """ControlPersist sends the connection to the background; ssh goes on as its client."""
    text = 'debug1: Control socket "/cp/x" does not exist\ndebug3: mux_client_request_session: master session id: 2'
    assert (read(text).mux, read(text).session) == ("master", True)


def test_a_refused_session_of_a_master_opens_a_connection_of_its_own() -> None:
    client = "debug2: mux_client_hello_exchange: master version 4\n"
    assert read(client + "debug1: ControlSocket /cp/x already exists, disabling multiplexing").mux is None


def test_the_first_address_may_be_refused() -> None:
    facts = read(
        "debug1: Connecting to db1 [::1] port 22.\n"
        "debug1: connect to address ::1 port 22: Connection refused\n"
        "debug1: Connecting to db1 [127.0.0.1] port 22.\n"
        "debug1: Connection established."
    )
    assert (facts.connected, facts.phase) == ("127.0.0.1", Phase.BANNER)
    assert [step.done for step in facts.steps] == [True, False]


PROXIED = """\
debug1: Executing proxy command: exec ssh -l deploy -p 2222 -vvv -W '[192.0.2.7]:22' 192.0.2.1
debug1: Connecting to 192.0.2.1 [192.0.2.1] port 2222.
debug1: Connection established.
debug1: Remote protocol version 2.0, remote software version OpenSSH_8.0
debug1: Server host key: ssh-ed25519 SHA256:jump
debug3: send packet: type 5
debug1: Authentications that can continue: publickey
debug1: Next authentication method: publickey
debug1: Offering public key: /k ED25519 SHA256:jump
Authenticated to 192.0.2.1 ([192.0.2.1]:2222) using "publickey".
debug3: ssh_init_stdio_forwarding: 192.0.2.7:22
debug1: channel_connect_stdio_fwd: 192.0.2.7:22
debug3: send packet: type 90
debug1: Entering interactive session.
"""
"""What ssh by way of ProxyJump says, and the jump host's ssh into the same stderr (OpenSSH 9.2, shortened)."""


def test_the_channel_of_a_jump_host_is_no_session_with_the_host() -> None:
    facts = read(f"{PROXIED}debug3: receive packet: type 91\n")
    assert (facts.relayed, facts.session, facts.phase) == (True, False, Phase.BANNER)
    assert [(step.phase, step.done) for step in facts.steps] == [(Phase.TCP, True), (Phase.BANNER, False)]
    assert (facts.keys_offered, facts.auth_method, facts.host_key, facts.server) == ([], None, None, None)


def test_behind_a_jump_host_the_phases_are_those_of_the_host_itself() -> None:
    facts = read(
        f"{PROXIED}debug3: receive packet: type 91\n"
        "debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2\n"
        "debug3: send packet: type 5\n"
        "debug1: Authentications that can continue: publickey\n"
        "debug1: Offering public key: /own ED25519 SHA256:own\n"
    )
    assert [step.phase for step in facts.steps] == [Phase.TCP, Phase.BANNER, Phase.KEX, Phase.AUTH]
    assert (facts.server, facts.keys_offered) == ("OpenSSH_9.2", ["/own ED25519 SHA256:own"])
    own = "debug3: send packet: type 90\ndebug3: receive packet: type 91\n"
    assert not facts.session
    assert read(f"{PROXIED}debug3: receive packet: type 91\n{own}").session


def test_a_jump_host_that_refuses_the_channel_has_not_reached_the_host() -> None:
    facts = read(f"{PROXIED}debug3: receive packet: type 92\n")
    assert (facts.relayed, facts.session) == (False, False)
    assert facts.keys_offered == ["/k ED25519 SHA256:jump"]


def test_a_signal_that_ended_the_command() -> None:
    facts = read("debug1: client_input_channel_req: channel 2 rtype exit-signal reply 0")
    assert facts.exit_signal is not None
    assert (facts.session, facts.exit_status) == (True, None)


@pytest.mark.parametrize(
    ("answers", "denied"),
    [
        ("debug3: receive packet: type 100", True),
        ("debug3: receive packet: type 100\ndebug3: receive packet: type 99", False),  # the terminal alone
        ("debug3: receive packet: type 99\ndebug3: receive packet: type 100", True),
        ("debug3: receive packet: type 99", False),
    ],
)
def test_a_request_that_sshd_refuses(answers: str, denied: bool) -> None:
    facts = read(f"debug1: Sending command: /bin/sh -c 'echo ~'\n{answers}")
    assert (facts.denied_request is not None) is denied
    assert read("debug3: receive packet: type 100").denied_request is None


def test_sftp_counts_bytes() -> None:
    facts = read(
        "debug3: Sent message SSH2_FXP_OPEN I:3 P:/home/deploy/x y M:0x001a\n"
        "debug3: Sent message SSH2_FXP_WRITE I:5 O:0 S:32768\n"
        "debug3: Sent message SSH2_FXP_WRITE I:6 O:32768 S:100\n"
        "debug3: In write loop, ack for 5 32768 bytes at 0\n"
    ).sftp
    assert facts is not None
    assert (facts.path, facts.written, facts.acknowledged, facts.total) == ("/home/deploy/x y", 32868, 32768, None)


def test_sftp_that_is_through_knows_the_total() -> None:
    facts = read(
        "debug3: Sent message SSH2_FXP_WRITE I:5 O:0 S:10\n"
        "debug3: In write loop, ack for 5 10 bytes at 0\n"
        "debug3: Sent message SSH2_FXP_CLOSE I:4"
    ).sftp
    assert facts is not None
    assert (facts.written, facts.acknowledged, facts.total) == (10, 10, 10)


def test_every_sftp_transfer_of_a_healthy_log_was_acknowledged() -> None:
    model = model_of(sample("ping-ok-2.16.log"))
    puts = [command for command in model.chunks.commands if command.method == "sftp"]
    assert len(puts) == 3
    for command in puts:
        progress = command.transcript.sftp
        assert progress is not None
        assert progress.written == progress.acknowledged == progress.total != 0
        assert progress.path == command.remote_path


@pytest.mark.parametrize(
    ("log", "hosts"),
    [("ping-ok-2.16.log", {"web1", "web2", "db1"}), ("ping-ok-2.13.log", {"web1", "web2", "db1"})],
)
def test_real_connections_show_all_phases_in_order(log: str, hosts: set[str]) -> None:
    run = model_of(sample(log)).runs[0]
    for name in hosts:
        command = run.hosts[name].tasks[0].commands[0]
        facts = command.transcript
        assert [step.phase for step in facts.steps] == ["tcp", "banner", "kex", "hostkey", "auth", "channel"]
        times = [time for step in facts.steps for time in (step.started, step.ended) if time is not None]
        assert len(times) == 12
        assert times == sorted(times)
        assert (facts.mux, facts.auth_method, facts.exit_status) == ("master", "publickey", 0)


# ---------------------------------------------------------------------------------------------------------------
# How the text comes in.


@given(st.lists(st.integers(0, len(SESSION)), max_size=30))
def test_chunks_may_end_in_the_middle_of_a_line(cuts: list[int]) -> None:
    reader = SshReader(Transcript())
    for piece in pieces(SESSION.encode(), cuts):
        parts = piece.split(b"\n")
        for part in parts[:-1]:
            reader.feed(part, 0, 0, None, stderr=True, ended=True)
        reader.feed(parts[-1], 0, 0, None, stderr=True, ended=False)
    reader.finish(None)
    whole = SshReader(Transcript())
    for part in SESSION.encode().split(b"\n"):
        whole.feed(part, 0, 0, None, stderr=True, ended=True)
    assert reader.transcript == whole.transcript


def test_the_two_pipes_do_not_mix() -> None:
    reader = SshReader(Transcript())
    reader.feed(b"debug1: Connection ", 0, 1, None, stderr=True, ended=False)
    reader.feed(b"/home/de", 0, 2, None, stderr=False, ended=False)
    reader.feed(b"established.", 0, 3, None, stderr=True, ended=True)
    reader.feed(b"ploy", 0, 4, None, stderr=False, ended=True)
    assert reader.transcript.phase is Phase.BANNER
    assert [(line.text, line.line, line.stderr) for line in reader.transcript.plain] == [("/home/deploy", 2, False)]


@pytest.mark.parametrize("text", [SESSION.replace("\n", "\r\n"), SESSION])
def test_debug_text_on_stdout_is_remote_text(text: str) -> None:
    facts = read(text, stderr=False)
    assert (facts.steps, facts.session, facts.client, facts.mux) == ([], False, None, None)
    assert facts.plain[0].text.startswith("OpenSSH_9.2p1")


def test_plain_lines_are_the_first_and_the_last() -> None:
    facts = read("\n".join(f"line {number}" for number in range(1000)))
    assert len(facts.plain) == HEAD + TAIL
    assert [line.text for line in facts.plain[:HEAD]] == [f"line {number}" for number in range(HEAD)]
    assert [line.text for line in facts.plain[HEAD:]] == [f"line {number}" for number in range(1000 - TAIL, 1000)]


def test_the_list_of_open_channels_is_no_words_of_its_own() -> None:
    facts = read("debug3: channel 0: status: The following connections are open:\n  #0 client-session (t4)\nreal")
    assert [line.text for line in facts.plain] == ["real"]
    assert [line.text for line in read("  #1 is remote text", stderr=False).plain] == ["  #1 is remote text"]


def test_a_line_is_cut() -> None:
    assert [len(line.text) for line in read("x" * 5000).plain] == [CUT]


@given(st.lists(st.binary(max_size=40), max_size=10), st.booleans())
def test_any_text_is_read(lines: list[bytes], stderr: bool) -> None:
    reader = SshReader(Transcript())
    for begin in (b"", b"debug1: ", b"debug1: kex: ", b"debug1: Connecting to ", b"debug3: Sent message SSH2_FXP_"):
        for line in lines:
            reader.feed(begin + line.replace(b"\n", b""), 0, 1, None, stderr=stderr, ended=True)
    reader.finish(None)
    assert len(reader.transcript.plain) <= HEAD + TAIL


def test_the_first_line_that_a_server_sends_in_place_of_its_version() -> None:
    said = [b"debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request"]
    said += [b"debug1: kex_exchange_identification: banner line 1: Server: nginx"]
    transcript = Transcript()
    reader = SshReader(transcript)
    for number, line in enumerate(said, 1):
        reader.feed(line, 0, number, None, stderr=True, ended=True)
    assert transcript.greeting is not None
    assert (transcript.greeting.line, transcript.greeting.text[-20:]) == (1, "HTTP/1.1 400 Bad Request"[-20:])


def test_a_remote_line_that_ssh_s_own_text_breaks_into_is_put_together() -> None:
    """As it was seen on the first connection of -vvv: ssh tells of each piece that it passed on."""
    said = [
        b"mkdir: debug2: channel 2: written 7 to efd 8",
        b"debug2: channel 2: rcvd ext data 62",
        b"cannot create directory '/usr/lib/ansible': Permission denied",
        b"debug2: channel 2: written 62 to efd 8",
        b"rest debug2: channel 2: written 5 to efd 8",
    ]
    transcript = Transcript()
    reader = SshReader(transcript)
    for number, line in enumerate(said, 1):
        reader.feed(line, number * 10, number, None, stderr=True, ended=True)
    reader.finish(None)
    assert [(row.line, row.text) for row in transcript.plain] == [
        (1, "mkdir: cannot create directory '/usr/lib/ansible': Permission denied"),
        (5, "rest "),
    ]
    assert transcript.last_debug is not None
    assert transcript.last_debug.text == "debug2: channel 2: written 5 to efd 8"
