"""Which transfer an sftp process carries out."""

from __future__ import annotations

from parsers.lines.addressed import Executed, Put
from parsers.model import Place, Tool
from parsers.workers.puts import Puts
from parsers.workers.worker import Section, Worker

WHO = "192.0.2.5"


def a_put(pid: int) -> Put:
    return Put(False, "/ctl/tmp1", f"/home/x/.ansible/tmp/ansible-tmp-1.5-{pid}-99/AnsiballZ_ping.py")


def sftp(user: str = "deploy") -> Executed:
    return Executed(Tool.SFTP, 22, user, None, "", sshpass=False, ssh_verbose=True)


def a_worker(pid: int, user: str) -> Worker:
    worker = Worker(Section(0, "", Place(0, 1)), Place(0, 1), pid, address=WHO, port=22)
    worker.user = user
    return worker


def test_the_one_of_the_line_before_else_the_oldest() -> None:
    puts = Puts(lambda _: None)
    for line, pid in ((10, 4101), (20, 4102), (30, 4103)):
        puts.add(Place(line, line), WHO, a_put(pid))
    found = [puts.of(Place(line, line), WHO, sftp()) for line in (31, 40, 41, 50)]
    assert found == [a_put(4103), a_put(4101), a_put(4102), None]


def test_of_two_on_lines_one_behind_the_other_the_first_one_first() -> None:
    puts = Puts(lambda _: None)
    for line, pid in ((10, 4101), (11, 4102)):
        puts.add(Place(line, line), WHO, a_put(pid))
    assert [puts.of(Place(line, line), WHO, sftp()) for line in (12, 13)] == [a_put(4101), a_put(4102)]


def test_of_a_worker_that_goes_there_as_the_same_user() -> None:
    workers = {4101: a_worker(4101, "app"), 4102: a_worker(4102, "deploy")}
    puts = Puts(lambda pid: workers.get(pid or 0))
    puts.add(Place(9, 9), WHO, a_put(4102))
    puts.add(Place(11, 11), WHO, a_put(4101))
    assert puts.of(Place(12, 12), WHO, sftp("deploy")) == a_put(4102)
    assert puts.of(Place(13, 13), "192.0.2.6", sftp("app")) is None
    assert puts.of(Place(14, 14), WHO, sftp("deploy")) == a_put(4101), "better than none"
