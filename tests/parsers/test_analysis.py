"""Any way of cutting a log into blocks gives the same model, and whatever stands in a file, reading it ends well."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.lines import records
from parsers.log_model import LogModel
from parsers.model import SourceKind
from tests.parsers.helpers import analyse, cuts_of, differences, dump, excerpt, expected, pieces, sample

# Whole logs where they are small; else a stretch with chunks, tuples and results in it.
LOGS = {
    "ansible -vvv": ("vvv-broken-2.19.log", 1, 10**6),
    "ansible -vvvv": ("vvvv-broken-2.19.log", 1, 10**6),
    "log file": ("log-file-2.19.log", 1, 10**6),
    "syntax": ("playbook-syntax-2.16.log", 1, 10**6),
    "worker pids": ("refused-unresolved-2.13.log", 120, 900),
    "parent's pid": ("refused-unresolved-2.18.log", 120, 900),
    "results": ("command-failed-2.19.log", 2300, 1200),
    "colours": ("coloured-2.16.log", 150, 700),
    "CR LF": ("crlf-2.18.log", 150, 700),
    "GitHub": ("github-actions-2.19.log", 150, 700),
    "forged": ("nasty-ok-2.16.log", 200, 900),
    "become": ("become-password-2.16.log", 200, 900),
    "no_log": ("no-log-2.18.log", 200, 900),
    "open": ("open-banner-2.16.log", 200, 900),
    "sshd": ("tmpdir-permission-2.19.db1.sshd.log", 1, 10**6),
}
# Cuts are few and small: a failing one is shown as it is, since making it smaller takes minutes.
EXAMPLES = settings(
    max_examples=20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def same(one: object, other: object) -> None:
    """Two dumps are equal; a failure says where they are not."""
    assert one == other, "\n".join(differences(one, other)[:10])


@pytest.mark.parametrize("log", LOGS)
@EXAMPLES
@given(data=st.data())
def test_blocks_do_not_matter(log: str, data: st.DataObject) -> None:
    whole = excerpt(*LOGS[log])
    cuts = data.draw(cuts_of(whole))
    same(dump(*analyse(pieces(whole, cuts))), dump(*analyse(whole)))


@pytest.mark.parametrize("log", LOGS)
@EXAMPLES
@given(data=st.data())
def test_looking_changes_nothing(log: str, data: st.DataObject) -> None:
    """A snapshot, with findings, between blocks: live or not, nothing that comes later differs."""
    whole = excerpt(*LOGS[log])
    cuts = data.draw(cuts_of(whole, most=5))
    now = data.draw(st.none() | st.just(1.8e9))

    def look(analysis: Analysis) -> None:
        analysis.snapshot(now=now)
        analysis.findings()

    same(dump(*analyse(pieces(whole, cuts), between=look)), dump(*analyse(whole)))


@pytest.mark.parametrize("log", ["vvv-ok-2.19.log", "vvvv-broken-2.19.log", "playbook-syntax-2.19.log"])
def test_byte_by_byte(log: str) -> None:
    whole = sample(log)
    same(dump(*analyse(whole[at : at + 1] for at in range(len(whole)))), dump(*analyse(whole)))


@pytest.mark.parametrize("log", ["nasty-ok-2.16.log", "open-module-2.19.log", "failures-handled-2.19.log"])
@pytest.mark.parametrize("size", [100, 4096])
def test_whole_logs_in_blocks_of_one_size(log: str, size: int) -> None:
    whole = sample(log)
    blocks = [whole[at : at + size] for at in range(0, len(whole), size)]
    same(dump(*analyse(blocks)), dump(*analyse(whole)))


@pytest.mark.parametrize("log", ["retries-2.16.log", "two-runs-2.16.log", "aliases-2.19.log", "deploy-2.16.log"])
def test_looking_often_at_whole_logs(log: str) -> None:
    whole = sample(log)
    step = len(whole) // 12
    blocks = [whole[at : at + step] for at in range(0, len(whole), step)]
    same(dump(*analyse(blocks, between=lambda analysis: analysis.snapshot(now=1.8e9))), dump(*analyse(whole)))


def test_looking_at_a_command_whose_chunks_are_not_decided() -> None:
    part = excerpt("transfer-methods-2.18.log", 3684, 781)
    same(dump(*analyse(pieces(part, [71745]), between=lambda analysis: analysis.snapshot())), dump(*analyse(part)))


@pytest.mark.parametrize("log", ["vvv-broken-2.19.log", "retries-2.16.log", "deploy-2.19.log"])
def test_looking_twice_shows_the_same(log: str) -> None:
    analysis = Analysis()
    analysis.feed(sample(log))
    analysis.finish()
    first = dump(analysis.snapshot(), analysis.findings())
    same(dump(analysis.snapshot(), analysis.findings()), first)


# ---------------------------------------------------------------------------------------------------------------
# Bad input.


def said(model: LogModel) -> str:
    """All notes of a model."""
    return "\n".join(text for _, text in model.notes)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n" * 1000,
        b"\r\n\r\n",
        b"hello\nworld\n",
        b"x [/foo]\n[h1] [bold red]\n",
        b"\x1b]0;title\x07\x1b[2J\n\x9b31m\x90q\x9c\n",
        "a\u202eb\u2066c\u200b\n\ufeff\n".encode(),
        b"\xff\xfe\x80\x81\n\xc3\n",
        bytes(range(256)) * 20,
        b">>>\n<<<\n>>><<<\n",
        b"<> (0, b'', b'')\n",
        b"<<<>>>\n<x> \n<x>\n",
        b"  4242 1795515307.0: not a header\n 42 x: y\n",
        "[WARNING] no, [ERROR] neither: nor ERROR\n".encode("utf-16"),
    ],
)
def test_a_file_with_no_ansible_in_it(data: bytes) -> None:
    model, findings = analyse(data)
    assert model.kind is SourceKind.UNKNOWN
    assert (model.runs, findings, len(model.chunks)) == ([], [], 0)
    assert (model.bytes, model.lines) == (len(data), len(data.splitlines()) if data.isascii() else model.lines)


def test_nul_bytes_are_told() -> None:
    model, findings = analyse(b"\x00" * 5000)
    assert model.kind is SourceKind.UNKNOWN
    assert "NUL" in said(model)
    assert findings == []


def test_nul_bytes_inside_a_log_are_told_and_the_rest_is_read() -> None:
    model, _ = analyse(sample("vvv-ok-2.19.log") + b"\x00" * 512 + b"\n")
    assert "NUL" in said(model)
    assert model.runs[0].status == "ok"


def test_a_log_cut_in_the_middle_of_a_record_is_told() -> None:
    data = sample("vvv-ok-2.19.log")
    model, _ = analyse(data[: data.index(b"(0, b'") + 9])
    assert "middle of line" in said(model)
    assert "not whole" in said(model)


def test_a_log_that_is_whole_has_no_note() -> None:
    assert said(analyse(sample("ping-ok-2.16.log"))[0]) == ""


def test_an_overlong_line_is_told_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_LINE", 100_000)
    data = sample("vvv-ok-2.19.log")
    cut = data.index(b"\nTASK [") + 1
    huge = data[:cut] + b"x" * 500_000 + b"\n" + data[cut:]
    model, _ = analyse(huge[at : at + 65536] for at in range(0, len(huge), 65536))
    assert "500,000 bytes" in said(model)
    assert model.runs[0].status == "ok"
    assert {host.status for host in model.runs[0].hosts.values()} == {"ok"}


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_arbitrary_bytes_never_raise(blocks: list[bytes]) -> None:
    model, _ = analyse(blocks)
    assert model.bytes == sum(map(len, blocks))


_LINES = [
    line
    for name in ("nasty-ok-2.16.log", "become-password-2.19.log", "vvv-broken-2.19.log", "log-file-2.16.log")
    for line in sample(name).splitlines(keepends=True)
    if not line.startswith((b"debug2", b"debug3"))
]
_HOSTILE = [
    b">>>",
    b"<<<\n",
    b"\n",
    b"\x1b[0m\n",
    b" 1 1795515307.87518: starting run\n",
    b" 1 1795515307.87518: stderr chunk (state=9):\n",
    b" 9999999999 99999999999.99999: running TaskExecutor() for x/TASK: y\n",
    b" 4242 1795515307.87518: _low_level_execute_command() done: rc=-1, stdout=\n",
    b" 4242 1795515307.87518: Sent initial data (999999999999 bytes)\n",
    b"<x> SSH: EXEC \n",
    b"<x> SSH: EXEC sshpass -d7\n",
    b"<x> SSH: EXEC ssh -o Port=99999 '\n",
    b"<x> (99999999999, b'')\n",
    b"<x> (0, b'', b'')\n",
    b"<x> rc=0, stdout and stderr censored due to no log\n",
    b"<x> PUT a TO b\n",
    b"fatal: [x -> y(z)]: UNREACHABLE! => {\n",
    b'    "msg": "\\ud800"\n}\n',
    b"PLAY RECAP ***\n",
    b"x : ok=1 changed=0 unreachable=9 failed=9 skipped=0\n",
    b"...ignoring\n",
    b"verbosity: 99999999999999999999\n",
    b"forks: \xd9\xa1\n",
    b"[ERROR]: \n",
    b"included: x for y, \n",
]


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(_LINES) | st.sampled_from(_HOSTILE) | st.binary(max_size=5), max_size=60))
def test_real_lines_in_any_order_never_raise(lines: list[bytes]) -> None:
    model, findings = analyse(lines, between=lambda analysis: (analysis.snapshot(now=1.8e9), analysis.findings()))
    assert all(finding.rule.id != "internal" for finding in findings)
    for chunk in model.chunks:
        assert chunk.place.offset < chunk.start <= chunk.end <= model.bytes


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(expected())), data=st.data())
def test_a_log_cut_anywhere_at_either_end_never_raises(name: str, data: st.DataObject) -> None:
    whole = sample(name)
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)))))
    _, findings = analyse(whole[start:end])
    assert all(finding.rule.id != "internal" for finding in findings)
