"""The framing of a log's lines is undone, and nothing of the file is lost or moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines import records
from parsers.lines.records import Record, RecordReader
from tests.parsers.helpers import cuts_of, excerpt, pieces

LOG_28 = b"2019-03-07 12:00:00,123 p=4242 u=ops |  "
LOG_217 = b"2026-11-24 10:25:01,500 p=4242 u=ops n=ansible | "
LOG_218 = b"2026-11-24 10:25:01,500 p=4242 u=ops n=ansible INFO| "
GITHUB = b"2026-11-24T10:25:01.1234567Z "
PREFIXES = [b"", LOG_28, LOG_217, LOG_218, GITHUB, b"\x1b[0;34m", b"\xef\xbb\xbf", b"\x1b[1;30m", b"\x1b[\r\x1b[\x1b[K"]
LINES = st.lists(
    st.builds(
        lambda prefix, body, end: prefix + body + end,
        st.sampled_from(PREFIXES),
        st.sampled_from([b"fatal: [web1]", b"", b" 42 1795515307.87518: x", b">>>", b"\xff\xc3\xa9"])
        | st.binary(max_size=8).map(lambda raw: raw.replace(b"\n", b"")),
        st.sampled_from([b"\n", b"\r\n", b"\x1b[0m\n", b"\x1b[0m\r\n"]),
    ),
    max_size=8,
).map(b"".join)


def read(*blocks: bytes) -> tuple[list[Record], RecordReader]:
    """The records of a log."""
    reader = RecordReader()
    found = [record for block in blocks for record in reader.feed(block)]
    return found + list(reader.finish()), reader


def one(line: bytes) -> Record:
    """The only record of a log of one line."""
    (record,) = read(line)[0]
    return record


@given(LINES, st.binary(max_size=12))
def test_records_rebuild_the_file(lines: bytes, tail: bytes) -> None:
    data = lines + tail
    found, reader = read(data)
    offset = 0
    for number, record in enumerate(found, 1):
        assert (record.offset, record.line) == (offset, number)
        end = data.find(b"\n", offset)
        end = len(data) if end < 0 else end
        assert data[record.start : record.start + len(record.body)] == record.body
        assert record.offset <= record.start
        assert record.start + len(record.body) <= end
        assert b"\n" not in record.body
        offset = end + 1
    assert offset == len(data) + (1 if data and not data.endswith(b"\n") else 0)
    assert (reader.offset, reader.line) == (len(data), len(found))
    assert reader.cut is (not data.endswith(b"\n") and bool(data))


@given(st.data())
def test_any_cut_gives_the_same_records(data: st.DataObject) -> None:
    log = data.draw(LINES | st.binary(max_size=40) | st.just(excerpt("github-actions-2.19.log", 300, 40)))
    whole, one_reader = read(log)
    cut, reader = read(*pieces(log, data.draw(cuts_of(log))))
    assert cut == whole
    assert (reader.offset, reader.line, reader.log_file) == (one_reader.offset, one_reader.line, one_reader.log_file)


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b"PLAY [all] ***\n", b"PLAY [all] ***"),
        (b"PLAY [all] ***\r\n", b"PLAY [all] ***\r"),
        (b"\x1b[0;31mfatal: [web1]\x1b[0m\n", b"fatal: [web1]"),
        (b"\x1b[0;31mfatal: [web1]\x1b[0m\r\n", b"fatal: [web1]"),
        (b"\x1b[1;30mdebug1: x\r\x1b[0m\n", b"debug1: x\r"),
        (b"\x1b[0;32mok\x1b[0m \x1b[0;33mchanged\x1b[0m\n", b"ok\x1b[0m \x1b[0;33mchanged"),
        (b"\x1b[31munclosed\n", b"\x1b[31munclosed"),
        (b"\xef\xbb\xbfansible-playbook [core 2.19.1]\n", b"ansible-playbook [core 2.19.1]"),
        (LOG_28 + b"PLAY [all] ***\n", b"PLAY [all] ***"),
        (LOG_217 + b"PLAY [all] ***\n", b"PLAY [all] ***"),
        (LOG_218 + b"PLAY [all] ***\n", b"PLAY [all] ***"),
        (LOG_218.replace(b"INFO", b"ERROR") + b"fatal: [web1]\n", b"fatal: [web1]"),
        (LOG_217 + b"    indented\n", b"    indented"),
        (GITHUB + b"    indented\n", b"    indented"),
        (b"\xef\xbb\xbf" + GITHUB + b"x\n", b"x"),
        (GITHUB + b"\x1b[0;31mfatal: [web1]\x1b[0m\n", b"fatal: [web1]"),
        (GITHUB + LOG_217 + b"PLAY [all] ***\n", b"PLAY [all] ***"),
        (b"2026-11-24T10:25:01.123456Z 00O     indented\n", b"    indented"),  # GitLab
        (b"2026-11-24T10:25:01.123456Z 01E+    indented\n", b"    indented"),
        (b"[2026-11-24T10:25:01.123Z]     indented\n", b"    indented"),  # Jenkins' Timestamper
        (b"2026-11-24T10:25:01.1234567Z     indented\n", b"    indented"),  # Azure Pipelines
        (b"2026-11-24T10:25:01+02:00     indented\n", b"    indented"),
        (b"2026-11-24T10:25:01Z\n", b""),
        (b"\x1b[\r\x1b[\x1b[K 42 1795515307.87518: x\n", b" 42 1795515307.87518: x"),
        (b"\x1b[\r\x1b[\x1b[K" * 2 + b"\x1b[0;34mok: [web1]\x1b[0m\n", b"ok: [web1]"),
    ],
)
def test_framing_is_undone(line: bytes, body: bytes) -> None:
    record = one(line)
    assert record.body == body
    assert line[record.start : record.start + len(body)] == body


HEADER = b"  42 1795515307.87518: stdout chunk (state=3):\n"
COLOURED = b"\x1b[1;35mKeyError\x1b[0m: \x1b[35m'x'\x1b[0m"


def test_colours_of_a_managed_node_stay_where_ansible_prints_without_any() -> None:
    """Python 3.13 and later colours a traceback on a terminal."""
    found, _ = read(HEADER + COLOURED + b"\n" + b"\x1b[0;34m" + HEADER[:-1] + b"\x1b[0m\n" + COLOURED + b"\n")
    assert [record.body for record in found][1:] == [COLOURED, HEADER[:-1], COLOURED[7:-4]]


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b"[0;32mok: [web1][0m", b"ok: [web1]"),
        (b"[1;31mfatal: [web1]: FAILED! => {[0m\r", b"fatal: [web1]: FAILED! => {"),
        (b"[1;35m[0m", b""),
        (b"[0;31m}", b"}"),
        (b"[32;1mno[0m", b"[32;1mno[0m"),
        (b"[0] no", b"[0] no"),
    ],
)
def test_colours_that_lost_their_esc(line: bytes, body: bytes) -> None:
    (record,) = RecordReader().feed(line + b"\n")
    assert record.body == body
    assert (line + b"\n")[record.start :].startswith(body)


def test_where_ansible_prints_no_colours_such_signs_are_text() -> None:
    *_, last = RecordReader().feed(b"<192.0.2.1> EXEC x\n[0;32mok: [web1][0m\n")
    assert last.body == b"[0;32mok: [web1][0m"


def test_colours_are_ansible_s_own_where_its_header_has_them() -> None:
    found, _ = read(b"\x1b[1;30m" + HEADER[:-1] + b"\x1b[0m\n\x1b[1;30mtext\x1b[0m\n")
    assert [record.body for record in found] == [HEADER[:-1], b"text"]


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (LOG_28 + b"x\n", 0.123),
        (LOG_217 + b"x\n", 0.5),
        (GITHUB + b"x\n", 0.1234567),
        (b"[2026-11-24T10:25:01.250Z] x\n", 0.25),
        (b"2026-11-24T12:25:01+02:00 x\n", 0.0),
        (b"2026-11-24T04:55:01.5-05:30 x\n", 0.5),
        (b"2026-11-24T12:25:01+0200 x\n", 0.0),
    ],
)
def test_a_stamp_is_a_time(line: bytes, seconds: float) -> None:
    base = datetime(2019, 3, 7, 12, 0, 0, tzinfo=UTC) if line.startswith(b"2019") else None
    base = base or datetime(2026, 11, 24, 10, 25, 1, tzinfo=UTC)
    assert one(line).stamp == pytest.approx(base.timestamp() + seconds, abs=1e-5)


@pytest.mark.parametrize("stamp", [b"2026-13-45T99:99:99Z ", b"2026-13-45 99:99:99,000 p=1 u=x n=ansible | "])
def test_a_stamp_that_is_no_time_is_framing_all_the_same(stamp: bytes) -> None:
    assert one(stamp + b"PLAY\n")[3:5] == (b"PLAY", None)


def test_the_prefix_of_a_log_file_tells_the_process() -> None:
    found, reader = read(LOG_217 + b"ok: [web1] => {\n", b'    "x": 1\n}\n')
    assert [record.log_pid for record in found] == [4242, None, None]
    assert reader.log_file


@pytest.mark.parametrize(
    "opening",
    [
        b" 4242 1795515307.87518: starting run\n",
        b"ansible-playbook [core 2.16.19]\n",
        b"PLAY [all] ****\n",
        b"TASK [ping] ****\n",
        b"<192.0.2.1> ESTABLISH SSH CONNECTION FOR USER: deploy\n",
    ],
)
def test_a_log_file_that_a_module_prints_is_text(opening: bytes) -> None:
    """Ansible run by Ansible: the inner log's prefix stays, and the outer log is no log file."""
    found, reader = read(opening + LOG_217 + b"fatal: [inner]: FAILED! => {}\n")
    assert found[1].body.startswith(LOG_217)
    assert found[1].log_pid is None
    assert not reader.log_file


def test_a_log_file_that_was_cut_at_its_head_is_one_still() -> None:
    found, reader = read(b'    "msg": "cut"\n}\n' + LOG_217 + b"ok: [web1] => {\n")
    assert found[2].body == b"ok: [web1] => {"
    assert reader.log_file


def test_a_stamp_that_a_module_prints_is_text() -> None:
    found, _ = read(b"PLAY [all] ***\n" + GITHUB + b"x\n")
    assert found[1].body == GITHUB + b"x"


def test_a_line_without_a_stamp_in_a_stamped_log() -> None:
    found, _ = read(GITHUB + b"one\ntwo\n\n" + GITHUB + b"three\n")
    assert [record.body for record in found] == [b"one", b"two", b"", b"three"]


@pytest.mark.parametrize("end", [b"", b"\n", b"\nnext\n"])
@pytest.mark.parametrize("block", [7, 64, 10_000])
def test_an_overlong_line_keeps_its_head(monkeypatch: pytest.MonkeyPatch, end: bytes, block: int) -> None:
    monkeypatch.setattr(records, "MAX_LINE", 100)
    data = b"short\n" + b"x" * 1000 + end
    found, reader = read(*(data[start : start + block] for start in range(0, len(data), block)))
    assert [record.body for record in found[:2]] == [b"short", b"x" * 100]
    assert reader.overlong == [(2, 1000)]
    assert [(record.offset, record.line) for record in found[2:]] == ([(1007, 3)] if len(end) > 1 else [])


def test_an_overlong_line_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_LINE", 1000)
    reader = RecordReader()
    for _ in range(100):
        assert list(reader.feed(b"y" * 1000)) == []
    assert sum(map(len, reader._carry)) == 1000


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_next_to_nothing(data: bytes) -> None:
    found, reader = read(data)
    assert len(found) == data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)
    assert reader.offset == len(data)


@pytest.mark.parametrize("before", ["    ", "\t", "> ", "│ ", "  │ ", "12:04:51  ", "[12:04:51] ", "12:04:51.123 "])
def test_what_a_paste_has_before_each_line_is_no_part_of_it(before: str) -> None:
    rows = ["TASK [Ping] ****", "<192.0.2.7> (255, b'', b'x')", "fatal: [db1]: FAILED! => {", '    "msg": "x"', "", "}"]
    log = "".join(f"{before}{row}\n" if row else f"{before.rstrip()}\n" for row in rows).encode()
    reader = RecordReader()
    records = [*reader.feed(log), *reader.finish()]
    assert [record.body.decode() for record in records] == rows
    assert [log[record.start : record.start + len(record.body)].decode() for record in records] == rows


def test_a_log_that_is_no_paste_keeps_its_blanks() -> None:
    log = b"PLAY [all] ****\n  TASK [of a nested run] ****\n> TASK [quoted] ****\n12:00:01 fatal: [x]: FAILED! => {}\n"
    reader = RecordReader()
    assert b"".join(record.body + b"\n" for record in reader.feed(log)) == log
