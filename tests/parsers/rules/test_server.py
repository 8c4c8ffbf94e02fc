"""The rules on sshd's side: real lines that show a failure, and near misses that must not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.findings import NO_RUN, Confidence, Finding, Severity, rules
from parsers.model import Stage
from tests.parsers.helpers import analyse
from tests.parsers.sshd.excerpts import ARTICLE, DEFAULT_LEVEL, syslog

FROM = "Connection from 192.0.2.1 port 1111 on 192.0.2.9 port 22"
LOGIN = (
    FROM,
    "debug1: KEX done [preauth]",
    "debug1: userauth-request for user deploy service ssh-connection method publickey [preauth]",
)
ACCEPTED = (*LOGIN, "Accepted publickey for deploy from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x")
OPENING = "debug3: receive packet: type 90"
OPENED = (
    *(OPENING, "debug1: server_input_channel_open: ctype session rchan 2 win 2097152 max 32768"),
    *("debug1: channel 0: new [server-session]", "debug1: server_input_channel_open: confirm session"),
    *("debug3: send packet: type 91", "debug1: session_open: session 0: link with channel 0"),
)
RUNS = (
    *("debug3: receive packet: type 98", "debug1: server_input_channel_req: channel 0 request exec reply 1"),
    "Starting session: command for deploy from 192.0.2.1 port 1111 id 0",
    *("debug3: mm_audit_run_command entering command /bin/sh -c 'sleep 100'", "debug3: send packet: type 99"),
)
EXITS = (
    *("debug1: session_exit_message: session 0 channel 0 pid 9", "debug2: channel 0: request exit-status confirm 0"),
    *("debug3: send packet: type 98", "debug2: channel 0: send close", "debug3: send packet: type 97"),
    *("debug3: receive packet: type 97", "debug2: channel 0: rcvd close", "debug1: channel 0: free: x, nchannels 1"),
)
CLOSED = "Connection closed by 192.0.2.1 port 1111"
NO_COMMON = "Unable to negotiate with 192.0.2.1 port 1111: no matching "
FAILED_KEY = "Failed publickey for deploy from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"
PASSED_ON = "forced-command (key-option) 'log; eval $SSH_ORIGINAL_COMMAND'"
GAVE_UP = "Connection closed by authenticating user deploy 192.0.2.1 port 1111 [preauth]"


def findings(*texts: str) -> list[Finding]:
    """What is found in a log of one process."""
    return analyse(syslog(*((7, text) for text in texts)))[1]


def told(*texts: str) -> list[tuple[str, Severity]]:
    """Rule and severity of each finding."""
    return [(finding.rule.id, finding.severity) for finding in findings(*texts)]


ERRORS = [
    ("channel-stall", (*ACCEPTED, OPENING)),
    ("channel-stall", (*ACCEPTED, *OPENED[:2], "debug1: input_session_request", CLOSED)),
    ("channel-stall", (*ACCEPTED, "debug3: PAM: opening session")),
    ("channel-stall", (*ACCEPTED, *OPENED, "Timeout, client not responding from user deploy 192.0.2.1 port 1111")),
    ("channel-stall", (*ACCEPTED, "debug1: Entering interactive session for SSH2.", CLOSED)),
    (
        "exec-refused",
        (*ACCEPTED, *OPENED, *RUNS[:4], "error: do_exec_no_pty: fork: Resource temporarily unavailable"),
    ),
    (
        "user-not-allowed",
        (*LOGIN, "User deploy from 192.0.2.1 not allowed because not listed in AllowUsers", GAVE_UP),
    ),
    ("user-not-allowed", (*LOGIN, "User deploy not allowed because shell /bin/x does not exist", GAVE_UP)),
    ("user-not-allowed", ("Invalid user deploy from 192.0.2.1 port 1111", GAVE_UP)),
    ("account-refused", (*LOGIN, "fatal: Access denied for user deploy by PAM account configuration [preauth]")),
    (
        "account-refused",
        (
            *(*LOGIN, "Account deploy has expired", "User deploy not allowed because account is locked"),
            "Connection closed by invalid user deploy 192.0.2.1 port 1111 [preauth]",
        ),
    ),
    ("account-refused", (*ACCEPTED, "error: PAM: pam_open_session(): Permission denied", CLOSED)),
    (
        "sshd-key-modes",
        (*LOGIN, "Authentication refused: bad ownership or modes for directory /home/deploy", GAVE_UP),
    ),
    (
        "auth-publickey",
        (*LOGIN, FAILED_KEY, GAVE_UP),
    ),
    ("auth-publickey", (GAVE_UP,)),
    ("auth-password", ("Failed password for deploy from 192.0.2.1 port 1111 ssh2", GAVE_UP)),
    (
        "auth-too-many",
        (
            *(*LOGIN, "Failed publickey for deploy from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
            "error: maximum authentication attempts exceeded for deploy from 192.0.2.1 port 1111 ssh2 [preauth]",
            "Disconnecting authenticating user deploy 192.0.2.1 port 1111: Too many authentication failures [preauth]",
        ),
    ),
    (
        "rsa-sha1-refused",
        (
            *(*LOGIN, "userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]"),
            GAVE_UP,
        ),
    ),
    (
        "rsa-sha1-refused",
        (*LOGIN, "userauth_pubkey: key type ssh-rsa not in PubkeyAcceptedKeyTypes [preauth]", GAVE_UP),
    ),
    (
        "no-common-kex",
        (
            FROM,
            NO_COMMON + "key exchange method found. Their offer: curve25519-sha256,ext-info-c [preauth]",
        ),
    ),
    ("no-common-kex", (FROM, "fatal: Unable to negotiate a key exchange method [preauth]")),
    (
        "no-common-hostkey",
        (
            FROM,
            NO_COMMON + "host key type found. Their offer: x [preauth]",
        ),
    ),
    (
        "no-common-cipher",
        (FROM, NO_COMMON + "cipher found. Their offer: x [preauth]"),
    ),
    ("no-common-cipher", (FROM, "fatal: no matching cipher found: client aes128-cbc server aes128-ctr [preauth]")),
    ("no-common-mac", (FROM, NO_COMMON + "MAC found. Their offer: x")),
    ("no-common-mac", (FROM, "fatal: no matching mac found: client hmac-md5 server hmac-sha2-256 [preauth]")),
    ("sshd-login-timeout", (*LOGIN, "fatal: Timeout before authentication for 192.0.2.1 port 1111")),
    (
        "forced-command",
        (
            *(*ACCEPTED, *OPENED, *RUNS[:2]),
            "Starting session: forced-command (config) '/bin/date' for deploy from 192.0.2.1 port 1111 id 0",
            *(*EXITS, CLOSED),
        ),
    ),
    (
        "sftp-subsystem-missing",
        (
            *(*ACCEPTED, *OPENED, "debug1: server_input_channel_req: channel 0 request subsystem reply 1"),
            "subsystem request for sftp by user deploy failed, subsystem not found",
            *("debug3: send packet: type 100", *EXITS[3:], CLOSED),
        ),
    ),
    (
        "sftp-server-path-wrong",
        (
            *(*ACCEPTED, *OPENED, "debug1: server_input_channel_req: channel 0 request subsystem reply 1"),
            "subsystem request for sftp by user deploy",
            "debug1: subsystem: cannot stat /usr/lib/ssh/sftp-server: No such file or directory",
            *("debug3: send packet: type 99", *EXITS, CLOSED),
        ),
    ),
    (
        "sshd-open-refused",
        (
            *(*ACCEPTED, OPENING, "debug1: server_input_channel_open: ctype direct-tcpip rchan 0 win 1 max 2"),
            "refused local port forward: originator 127.0.0.1 port 1, target 192.0.2.7 port 22",
            *("debug1: server_input_channel_open: failure direct-tcpip", "debug3: send packet: type 92", CLOSED),
        ),
    ),
    (
        "sshd-exit-signal",
        (*ACCEPTED, *OPENED, *RUNS, "debug2: channel 0: request exit-signal confirm 0", *EXITS[2:], CLOSED),
    ),
    ("sshd-reset-mid-channel", (*ACCEPTED, *OPENED, *RUNS, "Connection reset by 192.0.2.1 port 1111")),
    (
        "sshd-reset-mid-channel",
        (*ACCEPTED, *OPENED, *RUNS, "Timeout, client not responding from user deploy"),
    ),
    ("sshd-reset-mid-channel", (*ACCEPTED, *OPENED, *RUNS, "debug1: do_cleanup")),
    ("sshd-write-failed", (*ACCEPTED, *OPENED, "fatal: Write failed: Broken pipe")),
    (
        "sshd-startups",
        (
            "error: beginning MaxStartups throttling",
            "drop connection #10 from [192.0.2.1]:1111 on [192.0.2.9]:22 past MaxStartups",
        ),
    ),
    ("sshd-startups", ("drop connection #10 from [192.0.2.1]:1111 on [192.0.2.9]:22 past Maxstartups",)),
    (
        "sshd-penalty",
        (
            "srclimit_penalise: ipv4: new 192.0.2.1/32 active penalty of 16 seconds for penalty: failed authentication",
            "drop connection #0 from [192.0.2.1]:1111 on [192.0.2.9]:22 penalty: failed authentication",
        ),
    ),
]


@pytest.mark.parametrize(("rule", "texts"), ERRORS, ids=[f"{rule}-{at}" for at, (rule, _) in enumerate(ERRORS)])
def test_what_broke_a_connection(rule: str, texts: tuple[str, ...]) -> None:
    found = findings(*texts)
    assert [one.rule.id for one in found if one.severity is Severity.ERROR] == [rule]
    (cause,) = (one for one in found if one.severity is Severity.ERROR)
    assert cause.run == NO_RUN
    assert cause.evidence
    assert cause.fixes
    assert all(fix.isprintable() for fix in cause.fixes)
    lines = [f"db1 sshd[7]: {text}" for text in texts]
    assert all(1 <= proof.place.line <= len(lines) for proof in cause.evidence)


WARNINGS = [
    (
        "mux-session-refused",
        (
            *(*ACCEPTED, *OPENED, *RUNS, OPENING),
            "debug1: server_input_channel_open: ctype session rchan 3 win 2097152 max 32768",
            *("debug1: channel 1: new [server-session]", "no more sessions", "session open failed, free channel 1"),
            "debug1: server_input_channel_open: failure session",
            *("debug3: send packet: type 92", *EXITS, CLOSED),
        ),
    ),
    ("sshd-exec-runs-on", (*ACCEPTED, *OPENED, *RUNS)),
    ("channel-stall", (*ACCEPTED, "debug3: PAM: opening session", *["debug1: waiting"] * 12, *OPENED, *RUNS, *EXITS)),
    (
        "sftp-subsystem-missing",
        (
            *(*ACCEPTED, *OPENED, "debug1: server_input_channel_req: channel 0 request subsystem reply 1"),
            "subsystem request for sftp by user deploy failed, subsystem not found",
            *("debug3: send packet: type 100", *EXITS[3:]),
            *(
                *OPENED,
                *RUNS[:3],
                "debug3: mm_audit_run_command entering command dd of=/tmp/x",
                *EXITS,
                CLOSED,
            ),
        ),
    ),
    (
        "forced-command",
        (
            *(*ACCEPTED, *OPENED, *RUNS[:2]),
            f"Starting session: {PASSED_ON} for deploy from 192.0.2.1 port 1111 id 0",
            *(*EXITS, CLOSED),
        ),
    ),
]


@pytest.mark.parametrize(("rule", "texts"), WARNINGS, ids=[rule for rule, _ in WARNINGS])
def test_what_cost_something(rule: str, texts: tuple[str, ...]) -> None:
    assert told(*texts) == [(rule, Severity.WARNING)]


NEAR = {
    "a sound connection": (*ACCEPTED, *OPENED, *RUNS, *EXITS, CLOSED),
    "one that is still open": (*ACCEPTED, *OPENED, *RUNS, *EXITS),
    "a key that was tried before the right one": (
        *(*LOGIN, "Failed publickey for deploy from 192.0.2.1 port 1111 ssh2: RSA SHA256:y"),
        *(*ACCEPTED[-1:], *OPENED, *RUNS, *EXITS, CLOSED),
    ),
    "a connection that wanted no channel": (*ACCEPTED, "Received disconnect from 192.0.2.1 port 1111:11: bye"),
    "a login under way": LOGIN,
    "a session that was opened as the log ends": (*ACCEPTED, *OPENED),
    "no credentials of PAM": (
        *(*ACCEPTED, "debug1: PAM: pam_setcred(): Failure setting user credentials"),
        *(*OPENED, *RUNS, *EXITS, CLOSED),
    ),
    "a session that PAM opened": (
        *(*ACCEPTED, "pam_unix(sshd:session): session opened for user deploy(uid=2002) by (uid=0)"),
        *(*OPENED, *RUNS, *EXITS, CLOSED),
    ),
    "a write to a command that is over": (
        *(*ACCEPTED, *OPENED, *RUNS, *EXITS[:3], "debug2: channel 0: write failed", *EXITS[3:], CLOSED),
    ),
    "a client that hung up in the key exchange": (FROM, "Connection closed by 192.0.2.1 port 1111 [preauth]"),
    "a connection to look at": (FROM, "error: kex_exchange_identification: Connection closed by remote host"),
}


@pytest.mark.parametrize("texts", NEAR.values(), ids=NEAR)
def test_what_is_sound(texts: tuple[str, ...]) -> None:
    assert told(*texts) == []


@pytest.mark.parametrize("data", [ARTICLE, DEFAULT_LEVEL])
def test_excerpts_that_are_sound(data: bytes) -> None:
    assert analyse(data)[1] == []


def test_the_articles_case() -> None:
    """The excerpt up to the opening: received, and never answered, while the log goes on."""
    lines = ARTICLE.splitlines(keepends=True)
    later = syslog((9, FROM), (9, "debug1: KEX done [preauth]"), host="rhel86")
    (finding,) = analyse(b"".join(lines[:1]) + later)[1]
    assert (finding.rule.id, finding.severity, finding.confidence) == (
        "channel-stall",
        Severity.ERROR,
        Confidence.CERTAIN,
    )
    assert finding.evidence[0].place.line == 1
    assert finding.channel is not None
    assert finding.channel.stalled
    assert finding.host == "rhel86"


def test_a_file_in_which_connections_cannot_be_told_apart() -> None:
    """`sshd -E`: what looks as if it had not ended may have ended in another connection's name."""
    texts = (*ACCEPTED, OPENING, *(text.replace("1111", "2222") for text in (*ACCEPTED, *OPENED, *RUNS)), CLOSED)
    assert analyse("".join(f"{text}\n" for text in texts).encode())[1] == []
    refused = (*texts, "User deploy from 192.0.2.1 not allowed because not listed in AllowUsers")
    assert analyse("".join(f"{text}\n" for text in refused).encode())[0].sshd is not None


@pytest.mark.parametrize("texts", [(*ACCEPTED, OPENING), ACCEPTED, (*ACCEPTED, *OPENED, *RUNS), (*LOGIN, FAILED_KEY)])
def test_a_log_that_is_still_read_may_go_on(texts: tuple[str, ...]) -> None:
    analysis = Analysis()
    analysis.feed(syslog(*((7, text) for text in texts)))
    analysis.snapshot()
    assert analysis.findings() == []
    analysis.finish()
    analysis.snapshot()
    assert analysis.findings() != []


def test_one_cause_a_connection() -> None:
    found = findings(*LOGIN, "Authentication refused: bad ownership or modes for file /home/deploy/x", GAVE_UP)
    assert [(one.rule.id, one.severity) for one in found] == [
        ("sshd-key-modes", Severity.ERROR),
        ("auth-publickey", Severity.INFO),
    ]


def test_a_rule_that_raises_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    import parsers.sshd.conclude as module

    def broken(_case: object) -> None:
        raise ValueError("on purpose")

    some = dict(rules())
    some["sshd-penalty"] = replace(some["sshd-penalty"], server=broken)
    monkeypatch.setattr(module, "rules", lambda: some)
    found = findings(*next(texts for rule, texts in ERRORS if rule == "user-not-allowed"))
    assert [one.rule.id for one in found if one.severity is Severity.ERROR] == ["user-not-allowed"]
    assert {one.rule.id for one in found} == {"user-not-allowed", "internal"}


def test_every_rule_of_this_side_has_its_stage_and_words() -> None:
    for rule in rules().values():
        if rule.server is not None:
            assert Stage(rule.stages[0])
            assert "sshd" in rule.words.see + rule.words.sure + rule.words.why


WORDS = st.sampled_from([text for _, texts in ERRORS + WARNINGS for text in texts] + list(OPENED + RUNS + EXITS))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), WORDS | st.text(max_size=40)), max_size=40))
def test_any_lines_in_any_order_end_well(lines: list[tuple[int, str]]) -> None:
    clean = [(pid, " ".join(text.encode("utf-8", "replace").decode().split())) for pid, text in lines]
    found = analyse(syslog(*clean))[1]
    assert "internal" not in {one.rule.id for one in found}
    for one in found:
        assert one.evidence
        assert all(len(proof.text) <= 400 for proof in one.evidence)
        assert all(fix.isprintable() for fix in one.fixes)
    causes = [id(one.connection) for one in found if one.severity is Severity.ERROR and one.connection is not None]
    assert len(causes) == len(set(causes))


def test_a_line_of_a_megabyte() -> None:
    for text in (FROM, "Failed password for ", "Starting session: ", "debug1: server_input_channel_req: channel "):
        analyse(syslog((7, FROM), (7, text + "a from " * 150_000), (7, CLOSED)))
