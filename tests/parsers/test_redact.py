"""No planted secret leaves in any of the known forms; ordinary ssh and Ansible text stays as it is."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parsers.redact import MARK, redact

SAMPLES = Path(__file__).parents[2] / "sample_logs"

# What passwords are made of; never a word that the text around it holds too.
PLAIN = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789!%^*-_+.?", min_size=6, max_size=24).map(lambda text: f"Zq{text}")
ANY = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=6, max_size=24).map(
    lambda text: f"Zq{text}qZ"
)
WITH_SPACES = st.text("ABCXYZ0189 !$&#@'\"\\/", min_size=6, max_size=24).map(lambda text: f"Zq{text}qZ")

NAMES = st.sampled_from(
    [
        "password",
        "ansible_password",
        "ansible_ssh_pass",
        "ansible_become_pass",
        "become_pass",
        "conn_pass",
        "db_passwd",
        "vault_password",
        "secret",
        "client_secret",
        "aws_secret_access_key",
        "api_key",
        "apikey",
        "API-KEY",
        "token",
        "GITHUB_TOKEN",
        "auth_token",
        "access_key",
        "private_key",
        "secret_key",
        "passphrase",
        "credentials",
        "passwords",
        "password2",
        "mysql_pwd",
    ]
)


def leaks(secret: str, text: str) -> bool:
    """Whether a good part of `secret` is in `text`, as it is or as JSON or Python write it."""
    forms = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    return any(form in text or form[: len(form) // 2 + 3] in text for form in forms)


@given(NAMES, PLAIN)
@pytest.mark.parametrize(
    "form",
    [
        "web1 ansible_host=192.0.2.1 {name}={secret} ansible_port=22",
        "ansible-playbook -e {name}={secret} site.yml",
        "ansible-playbook -e '{name}={secret}' site.yml",
        "{name} = {secret}",
        "export {name}={secret}; run",
        "  {name}: {secret}",
        "- {name}: {secret}",
        '{{"user": "u", "{name}": "{secret}", "x": 1}}',
        "{{'user': 'u', '{name}': '{secret}', 'x': 1}}",
        "{{'user': u'u', u'{name}': u'{secret}', 'x': 1}}",
        r"{{\"{name}\": \"{secret}\", \"x\": 1}}",
        r"{{\\\"{name}\\\": \\\"{secret}\\\"}}",
        '{{"{name}": ["{secret}", "{secret}"]}}',
        "(0, b'user: u\\n{name}: {secret}\\n', b'')",
        'fatal: [db1]: FAILED! => {{"changed": false, "cmd": "run {name}=\'{secret}\' now"}}',
    ],
)
def test_pairs(form: str, name: str, secret: str) -> None:
    """`name=value`, YAML, JSON and repr pairs."""
    text = redact(form.format(name=name, secret=secret))
    assert not leaks(secret, text)
    assert MARK in text
    assert name in text


@given(NAMES, ANY | WITH_SPACES)
@example("password", "Zq\\\"'qZ")
@example("password", "Zq'a', 'b'qZ")
def test_encoders(name: str, secret: str) -> None:
    """Whatever JSON (twice over) and repr make of a secret is hidden, and what comes after it is not."""
    value = {"user": "u", name: secret, "after": "kept"}
    once = json.dumps(value)
    assert not leaks(secret, redact(once))
    assert json.loads(redact(once)) == {"user": "u", name: MARK, "after": "kept"}
    assert not leaks(secret, redact(json.dumps(value, ensure_ascii=False)))
    assert not leaks(secret, redact(repr(value)))
    assert not leaks(secret, redact(json.dumps({"stdout": once})))


@given(NAMES, WITH_SPACES)
def test_yaml_line(name: str, secret: str) -> None:
    """An unquoted YAML value is the rest of its line."""
    assert not leaks(secret, redact(f"    my_{name}: {secret}\n    user: u\n"))
    assert redact(f"    my_{name}: {secret}\n    user: u\n").endswith("\n    user: u\n")


@given(PLAIN)
@pytest.mark.parametrize(
    "form",
    [
        "sshpass -p {} ssh web1",
        "sshpass -p{} ssh web1",
        "sshpass -p '{}' ssh web1",
        "['sshpass', '-p', '{}', 'ssh', 'web1']",
        "[b'sshpass', b'-p', b'{}', b'ssh']",
        "vault --token {} read",
        "tool --db-password '{}' x",
        "['tool', '--password', '{}']",
        "curl -u me:{} http://192.0.2.1/",
        "curl -s --user 'me:{}' http://192.0.2.1/",
        "mysqldump -u root -p{} db",
        "git clone https://me:{}@git.example.com/x.git",
        "postgres://app:{}@db.example.com:5432/app",
        "Authorization: Basic {}",
        "curl -H 'Authorization: Bearer {}' x",
        '{{"Authorization": "Token {}"}}',
        "X-Api-Key: {}",
        "Cookie: session={}",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\\n{}\\n-----END RSA PRIVATE KEY-----\\n",
        "-----BEGIN PRIVATE KEY-----\n{}",
        "password: |\n    {}\n    {}\nnext: 1",
    ],
)
def test_other_forms(form: str, secret: str) -> None:
    """Arguments, addresses, headers, keys, blocks."""
    text = redact(form.format(secret, secret))
    assert not leaks(secret, text)
    assert MARK in text


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "glpat-" + "abcdEFGH12345678",
        "xoxb-" + "1234567890-abc",
        "eyJhbGciOiJI" + ".eyJzdWIiOiIx" + ".c2lnbmF0dXJl",
        "$6$rounds=5000$saltsalt$" + "A1b2" * 10,
        "$2b$12$" + "abcdefghijklmnopqrstuv",
    ],
)
def test_known_shapes(secret: str) -> None:
    """Tokens and hashes that need no name."""
    assert redact(f"found {secret} here") == f"found {MARK} here"


def test_vault() -> None:
    """A vault keeps its header; its digits go, also line by line."""
    line = "3762" * 20
    text = f"$ANSIBLE_VAULT;1.1;AES256\n          {line}\n          6364\nafter: 1"
    assert redact(text) == f"$ANSIBLE_VAULT;1.1;AES256 {MARK}\nafter: 1"
    assert redact(f"          {line}") == MARK


@pytest.mark.parametrize(
    "text",
    [
        "debug1: Next authentication method: password",
        "debug1: Authentications that can continue: publickey,password,keyboard-interactive",
        "debug3: preferred publickey,keyboard-interactive,password",
        "debug1: read_passphrase: can't open /dev/tty: No such device or address",
        "deploy@192.0.2.7: Permission denied (publickey,password).",
        "deploy@192.0.2.7's password: ",
        'sudo -H -S -p "[sudo via ansible, key=abcdefgh] password:" -u root /bin/sh -c "echo BECOME-SUCCESS-abc"',
        "Initial state: awaiting_prompt: [sudo via ansible, key=abcdefgh] password:",
        "ssh -o 'PasswordAuthentication=no' -o NumberOfPasswordPrompts=1 -o 'IdentityFile=\"/home/deploy/id\"'",
        "ansible-playbook --ask-pass ping.yml",
        "--become-password-file /run/pw --vault-password-file /run/vault --private-key=/home/u/.ssh/id",
        "ansible_ssh_private_key_file=/home/u/.ssh/id",
        "sudo: a password is required",
        '"update_password": "always", "no_log": false, "append": true',
        '"ansible_password": null, "become_pass": None',
        "deploy ALL=(ALL) NOPASSWD: /bin/sh",
        "sshpass -d12 ssh -C web1",
        "debug1: Offering public key: /home/u/.ssh/id ED25519 SHA256:" + "a1B2" * 10 + "abc",
        "Unexpected token: x",
        "https://docs.example.com:8080/x@y",
        "0" * 64,
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """What a reader of an ssh problem needs is never hidden."""
    assert redact(text) == text


def test_real_logs_stay_readable() -> None:
    """The samples hold no secret, and redaction changes next to nothing in them."""
    lines = {line for path in SAMPLES.glob("*-2.19.log") for line in path.read_text("utf-8", "replace").splitlines()}
    changed = [line for line in lines if redact(line) != line]
    assert len(lines) > 1000
    assert len(changed) < len(lines) / 10_000


FRAGMENTS = st.sampled_from(
    [
        "password",
        "token_",
        '"password":',
        "'secret':",
        "=",
        ":",
        "=>",
        '"',
        "'",
        "\\",
        '\\"',
        "\n",
        "{{",
        "[",
        "]",
        "}}",
        ",",
        "-p",
        "--password",
        "sshpass",
        "curl://u:p@h",
        "Authorization:",
        "Bearer",
        "null",
        "abc",
        "$ANSIBLE_VAULT;1.1",
        "3762",
        "-----BEGIN_PRIVATE_KEY-----",
        "|",
        "[REDACTED]",
        "x",
        "y",
        "''",
    ]
)


@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=30).map(" ".join) | st.lists(FRAGMENTS).map("".join))
def test_twice_is_once(text: str) -> None:
    """Redacting what was redacted changes nothing."""
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        "password='",
        "a",
        "://a:",
        'password: "',
        "--a-a-",
        "curl ",
        "mysql ",
        "$ANSIBLE_VAULT;1\n",
        "\\",
        "'",
        '"',
        ",",
        "password",
        "-----BEGIN PRIVATE KEY-----",
        'sshpass -p "\\',
        '"password": [x',
        " ",
        "\n",
        "Bearer ",
        "A",
        "eyJ",
        "$1$",
        "password:" + " " * 60,
        "Cookie:",
        "\\\\'",
        "password=\\\\'",
    ],
)
def test_time_is_linear(unit: str) -> None:
    """Twice the text costs about twice the time, whatever it is made of (a pattern that is not linear costs four)."""

    def cost(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = 60.0
        for _ in range(3):
            started = time.process_time()
            redact(text)
            best = min(best, time.process_time() - started)
        return best

    assert cost(160_000) < 12 * cost(20_000) + 0.02
