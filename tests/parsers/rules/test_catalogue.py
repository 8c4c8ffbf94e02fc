"""What every rule has to keep, and what none may do."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers.rules as package
from parsers.findings import Case, Match, Rule, rules
from parsers.model import Stage
from parsers.rules._said import find, missing_program
from parsers.rules._values import Target, endpoint, key_path, quote
from parsers.ssh.transcript import Line, Phase, Transcript
from tests.parsers.rules.cases import case, command, control, matches, message_case, run_case, transcript, well

FIRST_TWENTY = {
    "name-resolution",
    "connection-refused",
    "connection-timeout",
    "banner-timeout",
    "kex-reset",
    "no-common-kex",
    "no-common-hostkey",
    "hostkey-unknown",
    "hostkey-changed",
    "auth-publickey",
    "auth-password",
    "key-permissions",
    "login-shell",
    "tmpdir-permission",
    "disk-full",
    "sftp-subsystem-missing",
    "python-missing",
    "become-password-missing",
    "module-killed",
    "playbook-syntax",
}
EVERY = list(rules().values())
HOSTILE = "a; rm -rf /"


def test_the_first_twenty_are_there() -> None:
    assert set(rules()) >= FIRST_TWENTY


def test_orders_are_unique_and_sorted() -> None:
    orders = [rule.order for rule in EVERY]
    assert orders == sorted(set(orders))


def test_one_file_one_rule() -> None:
    folder = Path(package.__path__[0])
    files = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert files == {name.replace("-", "_") for name in rules()}


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_a_rule_says_all_that_a_reader_needs(rule: Rule) -> None:
    module = rule.id.replace("-", "_")
    assert rule.module == f"parsers.rules.{module}"
    assert rule.title
    assert not rule.title.endswith(".")
    assert len(rule.title) <= 80
    assert 1 <= rule.category <= 4
    assert rule.stages
    for words in (rule.words.see, rule.words.why, rule.words.sure, rule.words.fix, rule.words.not_when):
        assert len(words) > 40
    assert "`" in rule.words.sure + rule.words.fix, "no command, no setting"


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_a_rule_is_silent_on_nothing(rule: Rule) -> None:
    for stage in rule.stages:
        asked = control("") if stage is Stage.CONTROL else case(stage, 1)
        assert rule.check(asked) is None
        asked = control("") if stage is Stage.CONTROL else case(stage, 255)
        assert rule.check(asked) is None
        assert rule.check(run_case()) is None
        if stage is not Stage.CONTROL:
            assert rule.check(well(case(stage, 0, said=transcript(out="x")))) is None


# What the rules look for, so that a random case comes near them.
NEEDLES = [
    "ssh: Could not resolve hostname ",
    "ssh: connect to host ",
    " port ",
    ": Connection refused",
    ": Connection timed out",
    "Connection timed out during banner exchange",
    "kex_exchange_identification: read: Connection reset by peer",
    "kex_exchange_identification: Connection closed by remote host",
    "Connection reset by ",
    "Unable to negotiate with ",
    ": no matching cipher found. Their offer: ",
    "no matching key exchange method found",
    "Host key verification failed.",
    "REMOTE HOST IDENTIFICATION HAS CHANGED!",
    "Offending ED25519 key in ",
    "Password authentication is disabled to avoid man-in-the-middle attacks.",
    "deploy@h: Permission denied (publickey,password).",
    ": Permission denied (",
    "Permission denied, please try again.",
    "Permissions ",
    "are too open.",
    "WARNING: UNPROTECTED PRIVATE KEY FILE!",
    'Load key "',
    "bad permissions",
    "This account is currently not available",
    "mkdir: ",
    "Could not chdir to home directory ",
    ": Permission denied",
    "No space left on device",
    "Disk quota exceeded",
    'write remote "',
    ": Failure",
    "Connection closed",
    "subsystem request failed on channel 0",
    "FOUND",
    "ENDFOUND",
    ": python3: not found",
    "The module interpreter '",
    "was not found.",
    "Received message too long ",
    "ControlPath too long ('",
    "Bad configuration option: ",
    "Bad stdio forwarding specification '",
    "no mutual signature",
    "Session open refused by peer",
    "mux_client_hello_exchange: write packet: Broken pipe",
    "Failed to create remote module tmp path at dir ",
    "Failed to set permissions on the temporary files Ansible needs to create when becoming",
    "setfacl: ",
    "Data could not be sent to remote host ",
    "Make sure this host can be reached over ssh:",
    "AnsiballZ_",
    "No start of json char found",
    "junk after the JSON data",
    "Error deleting remote temporary files",
    "world writable directory (",
    "log file at ",
    "writeable",
    "Could not match supplied host pattern",
    "censored due to no log",
    "sudo: a password is required",
    "Missing sudo password",
    "Killed",
    "YAML parsing failed: ",
    "Syntax Error while loading YAML",
    "Origin: ",
    "The error appears to be in '",
    "': line ",
    ", column ",
    "is not a valid attribute for a ",
    "{",
    "'",
    '"',
    "‘",
    "\x1b]0;x\x07",
    "\r",
    "\u202e",
    "\udc80",
    ":1:2",
    "99999999999999999999",
    "²",
]
piece = st.one_of(st.sampled_from(NEEDLES), st.text(max_size=12))
# A line holds no line feed: the transcript cuts there.
text = st.lists(piece, max_size=8).map(lambda pieces: "".join(pieces).replace("\n", ""))
several = st.lists(text, max_size=6)
RC = st.one_of(st.none(), st.sampled_from([0, 1, 5, 6, 127, 137, 255, -9, 2**40]))


@st.composite
def hostile(draw: st.DrawFn) -> Case:
    """A case whose every text is hostile."""
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return control("\n".join(draw(several)), playbook=draw(st.one_of(st.none(), text)))
    if kind == 6:
        return run_case(*draw(several))
    if kind == 1:
        return message_case("\n".join(draw(several)), stage=draw(st.sampled_from(Stage)), name=draw(text))
    made = Transcript(
        plain=[Line(i, i, row, draw(st.booleans())) for i, row in enumerate(draw(several))],
        session=draw(st.booleans()),
        exit_status=draw(RC),
        auth_tried=draw(several),
        keys_offered=draw(several),
        keys_accepted=draw(several),
        host_key=draw(st.one_of(st.none(), text)),
    )
    stage = draw(st.sampled_from(Stage))
    earlier = [
        command(draw(st.sampled_from(Stage)), draw(RC), transcript(out="\n".join(draw(several))), address=draw(text))
        for _ in range(draw(st.integers(0, 3)))
    ]
    asked = case(
        stage,
        draw(RC),
        said=made,
        earlier=earlier,
        name=draw(text),
        address=draw(text),
        port=draw(st.one_of(st.none(), st.integers(0, 70000))),
        user=draw(st.one_of(st.none(), text)),
        action=draw(st.sampled_from(["ping", "raw", ""])),
        message="\n".join(draw(several)),
        text=draw(text),
        become=draw(st.booleans()),
        warnings=draw(several),
        phase=draw(st.one_of(st.none(), st.sampled_from(Phase))),
    )
    return well(asked) if kind == 7 else asked


def sound(rule: Rule, match: Match) -> None:
    """What a match of any rule has to be."""
    assert match.evidence, f"{rule.id} without evidence"
    assert all(len(item.text) <= 400 and "\n" not in item.text for item in match.evidence)
    assert match.fixes
    assert all(fix.isprintable() for fix in match.fixes), match.fixes
    assert match.explanation
    assert len(match.explanation) < 2000


@settings(max_examples=300, deadline=None)
@given(hostile())
def test_a_check_never_raises_and_never_matches_without_proof(asked: Case) -> None:
    for rule in EVERY:
        match = rule.check(asked)
        if match is not None:
            sound(rule, match)


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.TMPDIR, Stage.TRANSFER, Stage.EXEC])
@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.id)
def test_a_line_of_a_megabyte_is_only_a_line(rule: Rule, stage: Stage) -> None:
    """No pattern that could backtrack: each rule reads a hostile megabyte in the time of a few copies."""
    rest = "".join(NEEDLES)
    rows = [needle + "a" * 1_000_000 for needle in NEEDLES[:3]]
    rows += [rest + "': " * 350_000, "mkdir: '" * 150_000 + ": Permission denied", "{" + rest + "x" * 1_000_000]
    for row in rows:
        for asked in (
            case(stage, 255, row, row, message=row),
            case(stage, 127, row, row, message=row),
            message_case(row),
            control(f"ERROR! {row}\nOrigin: {row}\n{row}"),
        ):
            match = rule.check(asked)
            if match is not None:
                sound(rule, match)


SHELLS = [
    case(Stage.CONNECT, 255, f"ssh: Could not resolve hostname {HOSTILE}: Name or service not known", address=HOSTILE),
    case(Stage.CONNECT, 255, f"ssh: connect to host {HOSTILE} port 22: Connection refused", address=HOSTILE),
    case(Stage.CONNECT, 255, f"ssh: connect to host {HOSTILE} port 22: Connection timed out", address=HOSTILE),
    case(Stage.CONNECT, 255, "Connection timed out during banner exchange", address=HOSTILE, user=HOSTILE),
    case(Stage.CONNECT, 255, "Host key verification failed.", address=HOSTILE),
    case(Stage.CONNECT, 255, f"{HOSTILE}@{HOSTILE}: Permission denied (publickey).", address=HOSTILE, user=HOSTILE),
    case(Stage.TMPDIR, 1, f"mkdir: cannot create directory '/{HOSTILE}': Permission denied", user=HOSTILE),
    case(Stage.TMPDIR, 1, "mkdir: cannot create directory '/h': No space left on device", user=HOSTILE),
    case(Stage.HOME, 1, "", "This account is currently not available.", user=HOSTILE, address=HOSTILE),
    case(Stage.EXEC, 127, "", f"/bin/sh: 1: /{HOSTILE}/python3: not found", address=HOSTILE, name=HOSTILE),
    case(Stage.EXEC, 1, "", "sudo: a password is required", become=True, user=HOSTILE, address=HOSTILE),
    case(Stage.EXEC, 137, "", "Killed", user=HOSTILE, address=HOSTILE),
    control(f"[ERROR]: YAML parsing failed: x\nOrigin: {HOSTILE}:1:1", playbook=HOSTILE),
]


@pytest.mark.parametrize("asked", SHELLS)
def test_values_of_the_log_stay_one_word_of_a_fix(asked: Case) -> None:
    found = matches(asked)
    assert found
    for match in found.values():
        for fix in match.fixes:
            words = shlex.split(fix)
            assert "rm" not in words
            if HOSTILE in fix:
                assert any(HOSTILE in word for word in words), fix


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("web1", "web1"),
        ("a b", "'a b'"),
        (HOSTILE, "'a; rm -rf /'"),
        ("a\nreboot", r"$'a\x0areboot'"),
        ("a'\x1b[A", r"$'a\'\x1b[A'"),
        ("x\u202ey", r"$'x\xe2\x80\xaey'"),
        ("\udc80", r"$'\x80'"),
        ("", "VALUE"),
        ("a" * 500, "VALUE"),
    ],
)
def test_quote(value: str, word: str) -> None:
    assert quote(value) == word


def test_a_host_that_looks_like_an_option() -> None:
    at = Target("x", "-oProxyCommand=reboot", None, None)
    assert at.ssh("true") == "ssh -- -oProxyCommand=reboot true"
    assert Target("x", "192.0.2.7", 2222, "deploy").ssh("echo a b") == "ssh -p 2222 deploy@192.0.2.7 'echo a b'"


def test_a_login_by_hand_goes_the_way_that_ansible_went() -> None:
    options = (("-i", "/keys/a key"), ("-J", "ops@jump"), ("-o", "HostKeyAlias=db one"), ("-4",))
    at = Target("x", "192.0.2.7", 2222, "deploy", options, "/home/ops/.ansible/cp/0123456789")
    own = "-i '/keys/a key' -J ops@jump -o 'HostKeyAlias=db one' -4"
    assert at.ssh("true", "-v") == f"ssh -v {own} -p 2222 deploy@192.0.2.7 true"
    assert at.sftp() == f"sftp {own} -P 2222 deploy@192.0.2.7"
    other = "-i /other -J ops@jump -o 'HostKeyAlias=db one' -4"
    assert at.ssh("", "-i", "/other") == f"ssh {other} -p 2222 deploy@192.0.2.7"
    master = "-O exit -o ControlPath=/home/ops/.ansible/cp/0123456789"
    assert at.end_master() == f"ssh {master} {own} -p 2222 deploy@192.0.2.7"
    copied = "-o ProxyJump=ops@jump -o 'HostKeyAlias=db one' -i /keys/new -p 2222 deploy@192.0.2.7"
    assert at.copy_id("/keys/new") == f"ssh-copy-id {copied}"


def test_how_a_target_is_shown() -> None:
    assert endpoint("2001:db8::7", 22) == "[2001:db8::7]:22"
    assert Target("x", "192.0.2.7", 22, None).known_as == "192.0.2.7"
    assert Target("x", "192.0.2.7", 2222, None).known_as == "[192.0.2.7]:2222"


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("/home/ops/.ssh/id_ed25519 ED25519 SHA256:abc explicit agent", "/home/ops/.ssh/id_ed25519"),
        ("/k/a key RSA SHA256:abc", "/k/a key"),
        ("ops@laptop ED25519 SHA256:abc agent", None),
        ("", None),
    ],
)
def test_the_file_of_a_key(key: str, path: str | None) -> None:
    assert key_path(key) == path


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("/bin/sh: 1: /usr/bin/python3: not found", "/usr/bin/python3"),
        ("bash: line 1: sudo: command not found", "sudo"),
        ("zsh:1: command not found: python3", "python3"),
        ("python3: Command not found.", "python3"),
        ("fish: Unknown command: python3", "python3"),
        ("/usr/bin/env: ‘python3’: No such file or directory", "python3"),
        ("all is well", None),
    ],
)
def test_the_program_that_a_shell_misses(line: str, program: str | None) -> None:
    assert missing_program(line) == program


def test_find_takes_the_first_line() -> None:
    rows = [Line(0, 1, "a", True), Line(1, 2, "ab", True)]
    assert find(rows, "b", "a") == rows[0]
    assert find(rows, "c") is None
