"""What of an `SSH: EXEC` line a login by hand needs as well."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines.ssh_options import login_options

# What Ansible adds by itself (2.19), and the last words before the remote command.
OWN = (
    "-vvv -C -o ControlMaster=auto -o ControlPersist=60s -o Port=2222 -o KbdInteractiveAuthentication=no "
    "-o PreferredAuthentications=gssapi-with-mic,gssapi-keyex,hostbased,publickey -o PasswordAuthentication=no "
    "-o 'User=\"deploy\"' -o ConnectTimeout=10 -o 'ControlPath=\"/home/ops/.ansible/cp/0123456789\"' -tt"
)


def options(words: str) -> tuple[tuple[str, ...], ...]:
    return login_options(f"ssh {words} {OWN} 192.0.2.7 ".encode())


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", ()),
        ("-o 'IdentityFile=\"/keys/deploy key\"'", (("-i", "/keys/deploy key"),)),
        ("-i /keys/deploy -o IdentitiesOnly=yes", (("-i", "/keys/deploy"), ("-o", "IdentitiesOnly=yes"))),
        ("-i/keys/deploy", (("-i", "/keys/deploy"),)),
        ("-o ProxyJump=ops@jump:2222", (("-J", "ops@jump:2222"),)),
        ("-J jump", (("-J", "jump"),)),
        (
            "-o 'ProxyCommand=ssh -W %h:%p -q ops@jump'",
            (("-o", "ProxyCommand=ssh -W %h:%p -q ops@jump"),),
        ),
        ("-F /etc/ansible/ssh_config", (("-F", "/etc/ansible/ssh_config"),)),
        ("-4C", (("-4",),)),
        ("-o 'stricthostkeychecking no'", (("-o", "stricthostkeychecking=no"),)),
        ("-oHostKeyAlgorithms=+ssh-rsa", (("-o", "HostKeyAlgorithms=+ssh-rsa"),)),
        ("-o PreferredAuthentications=password", (("-o", "PreferredAuthentications=password"),)),
        ("-i /keys/deploy -i /keys/deploy -i /keys/other", (("-i", "/keys/deploy"), ("-i", "/keys/other"))),
        # What changes what a login does, and not whether it comes about
        ("-L 8080:localhost:80 -o PermitLocalCommand=yes -o LocalCommand=reboot -o ServerAliveInterval=5", ()),
        ("-o SendEnv=LANG -A -q -E /tmp/ssh.log", ()),
    ],
)
def test_what_is_kept(words: str, kept: tuple[tuple[str, ...], ...]) -> None:
    assert options(words) == kept


def test_letters_mean_another_thing_to_sftp() -> None:
    head = b"sftp -b - -C -P 22 -o Port=22 -o 'IdentityFile=\"/k\"' -l 100 -s /usr/lib/sftp -J jump "
    assert login_options(head, "sftp") == (("-i", "/k"), ("-J", "jump"))
    assert login_options(b"ssh -b 192.0.2.1 -c aes128-ctr host ") == (("-b", "192.0.2.1"), ("-c", "aes128-ctr"))


@pytest.mark.parametrize("head", [b"", b"ssh", b"ssh -o", b"ssh -i", b"ssh -o 'IdentityFile=/k", b"ssh -o =x -o x"])
def test_a_line_that_is_cut(head: bytes) -> None:
    assert login_options(head) == ()


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_words_can_be_read(words: list[str]) -> None:
    head = " ".join(["ssh", *map(shlex.quote, words)]).encode("utf-8", "surrogateescape")
    for option in login_options(head):
        assert option[0].startswith("-")
        assert len(option) <= 2
