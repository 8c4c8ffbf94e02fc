"""What stands before each line is taken off it, whatever it is, and only where it stands before each line."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines.pasted import ANSIBLE, SSHD, Pasted
from parsers.lines.records import RecordReader
from tests.parsers.helpers import analyse, sample

FORMS: dict[str, Callable[[int], str]] = {
    "docker compose": lambda _: "ansible-1  | ",
    "journald": lambda n: f"Nov {n % 30 + 1:2} 10:26:{n % 60:02} ctl ansible-playbook[{4200 + n % 9}]: ",
    "journald, ISO": lambda n: f"2026-11-24T10:26:{n % 60:02}+0000 ctl ansible-playbook[4242]: ",
    "kubectl logs --timestamps": lambda n: f"2026-11-24T10:26:{n % 60:02}.{n * 977 % 10**9:09}Z ",
    "ts": lambda n: f"{('Nov', 'Dec')[n % 2]} 24 10:26:{n % 60:02} ",
    "TeamCity": lambda n: f"[10:26:{n % 60:02}] :\t [Step 1/1] ",
    "Bamboo": lambda n: f"build\t24-Nov-2026 10:26:{n % 60:02}\t",
    "Buildkite": lambda n: f"\x1b_bk;t={1795000000000 + n}\x07",
    "Airflow": lambda n: f"[2026-11-24, 10:26:{n % 60:02} UTC] {{subprocess.py:93}} INFO - ",
    "Python's logging": lambda n: f"2026-11-24 10:26:{n % 60:02},{n % 1000:03} {('INFO', 'WARNING')[n % 2]} deploy: ",
    "a date in brackets": lambda n: f"[2026-11-24 10:26:{n % 60:02}] ",
    "cat -n": lambda n: f"{n + 1:6}\t",
    "grep -n": lambda n: f"run.log:{n + 1}:",
    "Packer": lambda _: "    amazon-ebs: ",
    "Terraform": lambda _: "null_resource.db (local-exec): ",
    "Vagrant": lambda _: "==> default: ",
    "docker build": lambda n: f"#12 {n / 7:.3f} ",
    "a quotation": lambda _: "> ",
}
LOGS = [
    "ping-ok-2.16.log",
    "refused-unresolved-2.19.log",
    "low-verbosity-2.19.log",
    "log-file-2.19.log",
    "coloured-2.16.log",
    "inventory-none-2.16.log",
    "nasty-ok-2.19.log",
]


def with_each(log: bytes, before: Callable[[int], str]) -> bytes:
    """The log with something before each line."""
    lines = log.split(b"\n")
    return b"\n".join([before(number).encode() + line for number, line in enumerate(lines[:-1])] + lines[-1:])


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("form", FORMS)
def test_a_log_is_read_as_it_is_without_them(name: str, form: str) -> None:
    model, findings = analyse(sample(name))
    other, also = analyse(with_each(sample(name), FORMS[form]))
    told = [
        [(host.name, host.status, host.failed_stage, [task.name for task in host.tasks]) for _, host in one.hosts()]
        for one in (model, other)
    ]
    assert told[0] == told[1]
    assert [(found.rule.id, found.host, found.confidence) for found in findings] == [
        (found.rule.id, found.host, found.confidence) for found in also
    ]
    assert [proof.place.line for found in findings for proof in found.evidence] == [
        proof.place.line for found in also for proof in found.evidence
    ]
    assert len(model.chunks) == len(other.chunks)


@pytest.mark.parametrize("first", ["[WARNING]: Invalid characters were found in group names\n", "ERROR! no\n", ""])
def test_stderr_may_have_nothing_before_it(first: str) -> None:
    """As in `ansible-playbook | ts`: a warning at a line's beginning says nothing of the other lines."""
    warned = b"[WARNING]: Module invocation had junk after the JSON data: GOODBYE\n"
    plain = sample("results-noisy-2.17.log")
    assert warned in plain
    log = first.encode() + with_each(plain, FORMS["ts"])
    log = re.sub(rb"(?m)^[A-Z][a-z]{2} 24 10:26:\d\d (?=\[WARNING\]: )", b"", log)
    assert b"\n" + warned in log
    told = [[(one.rule.id, one.host) for one in analyse(text)[1]] for text in (plain, log)]
    assert told[0] == told[1]


@pytest.mark.parametrize("form", ["docker compose", "grep -n", "a quotation", "cat -n", "kubectl logs --timestamps"])
@pytest.mark.parametrize("name", ["sftp-missing-2.16.db1.sshd.log", "sshd-killed-2.19.db1.sshd.log"])
def test_a_log_of_sshd_as_well(name: str, form: str) -> None:
    model, findings = analyse(sample(name))
    other, also = analyse(with_each(sample(name), FORMS[form]))
    assert model.sshd is not None
    assert other.sshd is not None
    told = [
        [(one.pids, one.user, len(one.channels)) for one in found.connections] for found in (model.sshd, other.sshd)
    ]
    assert told[0] == told[1]
    assert [found.rule.id for found in findings] == [found.rule.id for found in also]


@pytest.mark.parametrize(
    "line",
    [
        b"Nov 24 10:26:15 db1 sshd[42]: Accepted publickey for x",
        b"nov. 24 10:26:15 db1 sshd[42]: Accepted publickey for x",
        b"<38>1 2026-11-24T10:26:15Z db1 sshd 42 - - Accepted publickey for x",
        b"db1 sshd-session[42]: Accepted publickey for x",
    ],
)
def test_what_syslog_puts_there_is_read_for_itself(line: bytes) -> None:
    pasted = Pasted(SSHD)
    pasted.look(line)
    pasted.look(line)
    assert not pasted.known


PARTS = st.sampled_from(["Nov ", "INFO ", "web ", "[", "] ", "| ", ": ", "\t", "- ", "é", "(", "."])


@given(
    st.lists(PARTS | st.just("#"), min_size=1, max_size=8).map("".join).filter(lambda form: "##" not in form),
    st.integers(0, 10**6),
)
def test_whatever_stands_before_each_line(form: str, first: int) -> None:
    rows = ["ansible-playbook [core 2.19.3]", "TASK [x] ****", "<h> SSH: EXEC ssh h", "fatal: [h]: FAILED! => {}", ""]
    befores = [form.replace("#", str(first + at)) for at in range(len(rows))]
    log = "".join(f"{before}{row}\n" for before, row in zip(befores, rows, strict=True)).encode()
    reader = RecordReader()
    assert [record.body.decode() for record in reader.feed(log)] == rows


@pytest.mark.parametrize(
    "lines",
    [
        [b"Vault password: ERROR! Decryption failed", b"TASK [Ping] ****"],
        [b"$ ansible-playbook site.yml -v", b"PLAY [all] ****"],
        [b'FAILED! => {"msg": "ERROR! Timeout"}', b'FAILED! => {"msg": "ERROR! Timeout"}'],
        [b"see below, it says fatal: [web1]: FAILED! => {}", b"PLAY [all] ****"],
        [b"\x1b[1;31mERROR! no\x1b[0m", b"\x1b[1;31mERROR! no\x1b[0m"],
        [b"nothing", b"of the kind"],
        [],
    ],
)
def test_one_line_is_no_proof(lines: list[bytes]) -> None:
    pasted = Pasted(ANSIBLE)
    for line in lines:
        pasted.look(line)
    assert not pasted.known
    assert all(pasted.behind(line) == 0 for line in lines)
