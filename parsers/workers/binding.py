"""From a line to its worker: `Binding`.

Two ways lead there. Up to 2.16 a debug header's pid is the worker's: a command is born at
`_low_level_execute_command(): executing:` and its `<X>` lines are bound to it. From 2.17 on, and without
ANSIBLE_DEBUG, a command is born at `<X> SSH: EXEC`, and its worker is found by the temporary directory's name or by
the address.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, takewhile
from operator import attrgetter

from parsers.attribution.follows import master_in
from parsers.lines import addressed
from parsers.lines.addressed import Executed, Floating, Purpose, Put, Tupled
from parsers.lines.reprs import CommandTuple, comparable, decode_tuple
from parsers.model import Command, Place, Stage, Tool
from parsers.workers import homes
from parsers.workers.announcer import announcer
from parsers.workers.answers import answers, key_of, speaks_of
from parsers.workers.commands import Commands
from parsers.workers.echoes import facts_of
from parsers.workers.held import Held
from parsers.workers.puts import Puts
from parsers.workers.ready import Lost, gave_up, gives_way, on_its_way, through, to_clean_up
from parsers.workers.turns import more_to_come, turned_away, workers_of
from parsers.workers.worker import Key, Section, Worker

_LOOK_BACK = 20
"""Sections in which a worker is looked for by its temporary directory's name."""

_MOST = 1000
"""Workers at one address that began the last, among which one that goes on is looked for; Ansible has as many at once
as it has forks."""

_BEFORE = {Stage.TMPDIR: Stage.HOME, Stage.DISCOVERY: Stage.TMPDIR, Stage.EXEC: Stage.DISCOVERY}
"""What a worker does right before a command that names no temporary directory of an earlier one (2.8-2.18)."""

_last = attrgetter("last")


class Binding:
    """Binds `<X>` lines to workers and their commands."""

    def __init__(self, commands: Commands, sections: list[Section], here: Callable[[Place], Section]) -> None:
        """`here` gives the section that a line belongs to by its position."""
        self._commands = commands
        self._sections = sections
        self._here = here
        self._puts = Puts(self._by_tmp)
        self._local: set[str] = set()
        self._retry: set[str] = set()
        self._established: dict[str, list[int]] = {}
        self._masters: dict[bytes, Key] = {}
        """(address, port, user) by the process id of the ssh that holds the connection which others share."""
        self._at: dict[str, list[Worker]] = {}
        """By address, the workers that no header names."""
        self._held = Held(commands)
        self._repeats: dict[str, list[int]] = {}
        """Hashes of the results at an address that are logged once more."""
        self._lost = Lost()
        self._announced: dict[int, str] = {}
        """By the worker's process id, the command that it has announced, of which the `SSH: EXEC` line is to come."""
        self._shown: tuple[str, list[Worker]] = ("", [])
        """Whose the newest result is that was printed: the host's name, and its workers where they are told."""

    # ---- headers with the worker's pid

    def started(self, place: Place, pid: int, name: str, title: str) -> None:
        """`running TaskExecutor() for NAME/TASK: title` with a pid of its own: a worker of that name."""
        recent = self._sections[-200:]
        section = next((s for s in reversed(recent) if s.name == title), None)
        section = section or next((s for s in reversed(recent) if s.name.endswith(title)), None) or self._here(place)
        if pid in self._commands.by_pid and self._commands.by_pid[pid].section is section:
            return  # its stamped header was seen already
        worker = Worker(section, place, pid, name=name, title=title, last=place)
        section.begin(worker)
        self._commands.by_pid[pid] = worker

    def ended(self, place: Place, name: str) -> None:
        """`done running TaskExecutor() for NAME` with the parent's pid (2.17 and 2.18)."""
        section = self._here(place)
        section.done.append((name, place.line))
        if not self._commands.by_pid:
            self._leave(section, name, last=True)
        self._lost.done(section)

    def stamped(self, place: Place, pid: int, name: str) -> None:
        """A header that names its host, from a worker that was not seen yet (2.19 no longer says when one starts)."""
        section = self._here(place)
        worker = Worker(section, place, pid, name=name, last=place)
        section.begin(worker)
        self._commands.by_pid[pid] = worker

    def announced(self, place: Place, worker: Worker, text: str) -> None:
        """`executing: CMD`: the worker's next command begins."""
        self._commands.close(worker, place, None)
        command = self._commands.start(worker, place, Tool.LOCAL if worker.local else Tool.SSH, text)
        if worker.address is not None:
            self._commands.claim(worker, command, worker.address)

    def went_on(self, place: Place, text: str) -> None:
        """`executing: CMD` with the parent's pid: where it names a directory, that worker's last command is over."""
        pid = addressed.purpose(Tool.SSH, text).worker
        worker = self._by_tmp(pid) if self._held.waits else None
        if worker is not None and worker.address is not None:
            self._held.release(worker.address, worker)
        if pid is not None:
            self._commands.nameless.went_on(pid, place)
            self._announced[pid] = text

    def result(self, section: Section, name: str, *, last: bool, unreachable: bool = False) -> None:
        """A host's result is printed, the `last` of its task or one of a loop: its worker's last command is over."""
        if self._commands.by_pid:
            return
        self._shown = (name, [])
        turned = turned_away(section) if unreachable else []
        if turned:
            section.finish(name, turned)
        else:
            self._leave(section, name, last=last, oldest=True)

    @property
    def may_have_crossed(self) -> bool:
        """Whether what the newest result says may tell whose another one was."""
        return self._held.may_have_crossed

    def printed(self, document: dict[str, object]) -> None:
        """What the newest result says."""
        facts = facts_of(document)
        name, workers = self._shown
        if not workers:
            self._held.printed_of(name, facts)
        for worker in workers:
            if worker.address is not None:
                self._held.printed(worker.address, worker, facts)

    def _leave(self, section: Section, name: str, *, last: bool, oldest: bool = False) -> None:
        workers = workers_of(section, name)
        self._shown = (name, workers)
        for worker in workers:
            if worker.address is not None and self._held.waits:
                self._held.release(worker.address, worker, oldest=oldest)
        if last:
            section.finish(name, workers)
        else:
            section.looped = True

    # ---- `<X>` lines

    def established(self, line: int, who: str, *, local: bool) -> None:
        """`ESTABLISH … CONNECTION FOR USER`, which a worker prints right before it starts a command."""
        if local:
            self._local.add(who)
        self._established.setdefault(who, []).append(line)

    def retrying(self, who: str) -> None:
        """The next command at this address is another attempt."""
        self._retry.add(who)

    def put(self, place: Place, who: str, event: Put) -> None:
        """`PUT L TO R`, `FETCH R TO L`: over ssh the `SSH: EXEC sftp` that follows; on a local connection a copy."""
        about = addressed.purpose(Tool.LOCAL, f"{event.target} {event.source}")
        if who not in self._local:
            known = self._commands.by_pid.get(about.worker) if about.worker is not None else None
            if known is None:
                going_on = self._by_tmp(about.worker)
                if going_on is not None:
                    self._held.release(who, going_on)
                self._puts.add(place, who, event)
                return
            # The path names the worker, and its next process carries it: born here, bound at its `SSH: EXEC`.
            self._commands.close(known, place, None)
            command = self._commands.start(known, place, Tool.SFTP, f"{event.source} {event.target}")
            command.local_path, command.remote_path = event.source, event.target
            return
        worker = self._by_tmp(about.worker) or self._worker_at(place, who, None, about)
        self._commands.close(worker, place, None)
        command = self._commands.start(worker, place, Tool.LOCAL, f"PUT {event.source} TO {event.target}")
        command.stage, command.method = Stage.TRANSFER, "local"
        command.local_path, command.remote_path = event.source, event.target
        self._commands.close(worker, place, None)

    def executed(self, place: Place, who: str, event: Executed) -> None:
        """`SSH: EXEC …`, `EXEC …`."""
        if event.tool is Tool.LOCAL:
            self._local.add(who)
        put = self._puts.of(place, who, event) if event.tool is Tool.SFTP else None
        text = event.text if put is None else f"{put.source} {put.target}"
        about = addressed.purpose(event.tool, text)
        worker = self._by_tmp(about.worker)
        if about.worker is not None:
            self._announced.pop(about.worker, None)
        if worker is not None:
            self._held.release(who, worker)
        if worker is None and self._commands.by_pid:
            worker = announcer(self._commands, self._sections[-1], self._retry, who, event)
            if worker is None:
                self._commands.floating.append(Floating(who, event, place))
                del self._commands.floating[:-500]
                return
        if worker is None or (worker.pid not in self._commands.by_pid and worker.address not in (None, who)):
            worker = self._worker_at(place, who, event, about)
        if about.stage is Stage.TMPDIR and worker.pid not in self._commands.by_pid:
            self._take_home(worker, (who, event.port, event.user))
        command = worker.current
        if command is not None and not command.address and about.stage is command.stage is Stage.TRANSFER:
            command.method = about.method
        elif command is None or command.address or not addressed.same(command, event):
            self._commands.close(worker, place, None)
            command = self._commands.start(worker, place, event.tool, text)
            if event.tool is Tool.SSH and self._established.get(who):
                command.announced_line = self._established[who].pop(0)
        self._commands.bind(worker, command, who, event)
        if put is not None:
            here, there = (put.target, put.source) if put.fetch else (put.source, put.target)
            command.local_path, command.remote_path = here, there
        if worker.pid is None:
            worker.pid = about.worker

    def _take_home(self, worker: Worker, key: Key) -> None:
        who = key[0] or ""
        there = self._there(who, worker.section)
        if not homes.take(worker, key, there):
            # One of the results that are held is its answer.
            for other in homes.asking(key, there):
                if self._held.of(who, other, sure=True) is not None:
                    self._held.release(who, other)
                    homes.take(worker, key, there)
                    break

    def _there(self, who: str, section: Section) -> list[Worker]:
        """The workers at an address in a section and those behind it; where hosts do not wait, also before it: a banner
        says nothing there of whose a line is."""
        near = self._sections[-_LOOK_BACK:]
        first = near[0].index if any(one.free for one in near) else section.index
        newest = islice(reversed(self._at.get(who, [])), _MOST)
        recent = takewhile(lambda worker: worker.section.index >= first, newest)
        return [worker for worker in recent if worker.commands][::-1]

    def _by_tmp(self, pid: int | None) -> Worker | None:
        if pid is None:
            return None
        known = self._commands.by_pid.get(pid)
        if known is not None:
            return known
        recent = reversed(self._sections[-_LOOK_BACK:])
        return next((worker for section in recent for worker in section.workers if worker.pid == pid), None)

    def _worker_at(self, place: Place, who: str, event: Executed | None, about: Purpose) -> Worker:
        """The worker of this section at an address, where no pid tells it; a new one where none can have it."""
        section = self._here(place)
        retry = who in self._retry
        self._retry.discard(who)
        best = self._likeliest(section, who, event, about, retry=retry, sure=True)
        best = best or self._likeliest(section, who, event, about, retry=retry, sure=False)
        if best is None:
            best = Worker(section, place, about.worker, address=who)
            section.begin(best)
            self._at.setdefault(who, []).append(best)
        elif about.stage is Stage.TMPDIR:
            self._ask_in_turn(who, best)
        self._held.release(who, best)
        best.last = place
        return best

    def _ask_in_turn(self, who: str, worker: Worker) -> None:
        """Another worker makes its directory than the one that seemed to ask first, for a loop's next item."""
        elder = homes.elder(worker, self._there(who, worker.section))
        if elder is not None and self._held.of(who, elder, sure=True) is not None:
            homes.change(elder, worker)
            for one in (elder, worker):
                if one.current is not None:
                    self._commands.open[one.current.index] = (one.current, one)

    def _likeliest(
        self, section: Section, who: str, event: Executed | None, about: Purpose, *, retry: bool, sure: bool
    ) -> Worker | None:
        """Which of a section's workers goes on with a command; `sure`: one whose chunks show that it may have ended."""
        able = []
        before = _BEFORE.get(about.stage) if about.stage is not Stage.EXEC or about.worker is None else None
        for worker in self._there(who, section):
            if worker.section is not section and worker.commands[-1].stage is not before:
                continue
            if worker.pid in self._commands.by_pid:
                continue
            remote = event is not None and event.tool is not Tool.LOCAL
            if remote and event is not None and (worker.user, worker.port) != (event.user, event.port):
                continue
            if about.worker is not None and worker.pid is not None and worker.pid != about.worker:
                continue  # a loop's items share the worker; another pid is another worker
            if about.worker is None and self._is_to_begin(worker):
                continue
            busy = worker.current is not None and not retry and not gives_way(worker.current, about, event)
            if busy and self._held.of(who, worker, sure=sure) is None:
                continue
            if about.stage is Stage.HOME and not retry and (on_its_way(worker) or gave_up(worker)):
                continue
            able.append(worker)
        # These follow each other at once: of two workers that are so far, the one that waited longer goes first.
        so_far = [worker for worker in able if worker.commands and worker.commands[-1].stage is before]
        if so_far and not retry:
            return min(so_far, key=_last)
        if about.stage is Stage.HOME:
            able = [worker for worker in able if not to_clean_up(worker)] or able
            if not retry and more_to_come(section):
                able = [worker for worker in able if not through(worker) and not to_clean_up(worker)]
        # Else an idle worker that spoke last is the likelier.
        return max(able, key=_last, default=None)

    def _is_to_begin(self, worker: Worker) -> bool:
        """Whether its next command is announced. Where the two lines go to stderr and stdout, it may have begun."""
        text = self._announced.get(worker.pid) if worker.pid is not None else None
        return text is not None and all(command.text != text for command in worker.commands)

    # ---- results of commands

    def done(self, pid: int, rc: int, head: bytes) -> None:
        """A `done:` line with its worker's pid: it tells whose one of the results that are held is."""
        worker = self._commands.by_pid.get(pid)
        if worker is not None:
            self._held.done(worker, rc, head)

    def rest(self) -> None:
        """Another task has a result, where hosts do not wait for each other: no task is over."""
        if self._sections:
            self._sections[-1].answers.update(self._held.names_of_old())

    def flush(self) -> None:
        """A task is over: nothing more will tell the results that are held apart, or quote what has none."""
        if self._sections:
            self._sections[-1].answers.update(self._held.names_of_answers())
        self._held.flush(self._tuple_owners)
        self._commands.nameless.give_up()

    def tupled(self, place: Place, who: str, event: Tupled) -> None:
        """`(rc, b'…', b'…')`. NotWholeError where the tuple is not whole."""
        censored = event.censored_rc is not None
        repeats = self._repeats.get(who)
        if repeats and hash(event) in repeats:
            repeats.remove(hash(event))
            return
        decoded = (
            CommandTuple(event.censored_rc, b"", b"") if event.censored_rc is not None else decode_tuple(event.raw)
        )
        owners = self._tuple_owners(who, decoded, place)
        if not owners:
            return
        if decoded.rc == 0 and all(command.method == "piped" for command, _ in owners):
            # The command logs it, and so does the transfer around it, which raises where it failed (2.3-2.19).
            self._repeats.setdefault(who, []).append(hash(event))
        several = len({(command.stage, command.text) for command, _ in owners}) > 1
        one_task = len({worker.section.index for _, worker in owners}) == 1
        if several or (len(owners) > 1 and (self._commands.by_pid or one_task)):
            # The `done:` line behind a result has the worker's pid (up to 2.16); else the worker's next command
            # follows, and its temporary directory names the worker.
            self._held.hold(who, place, decoded, censored=censored)
            self._held.settle_old(who, self._tuple_owners)
            if any(command.stage is not Stage.TRANSFER for command, _ in owners):
                self._commands.expect_untold(decoded)
            return
        command, worker = owners[0]
        master = master_in(decoded.stderr)
        if master is not None and len({key_of(owner) for owner, _ in owners}) == 1:
            self._masters[master] = key_of(command)
        if command.address is None:
            self._commands.claim(worker, command, who)
            command.address = worker.address = who
        self._held.correct(who, command, decoded)
        self._commands.end(command, worker, decoded, place, censored=censored)
        self._lost.ended(worker)

    def _tuple_owners(self, who: str, decoded: CommandTuple, place: Place) -> list[tuple[Command, Worker]]:
        """The open commands that the result can be of, narrowed by all that tells them apart, the oldest first."""
        candidates = [
            (command, worker)
            for command, worker in self._commands.open.values()
            if command.opened < place
            and (command.address == who or (command.address is None and worker.address in (None, who)))
        ]
        if len(candidates) <= 1:
            return candidates
        size = [len(comparable(text)) for text in (decoded.stdout, decoded.stderr)]
        sized = [pair for pair in candidates if any(size) and self._commands.size_of(pair[0]) == size]
        if len(sized) > 1:
            sized = [pair for pair in sized if self._commands.said(pair[0], decoded)]
        if len(sized) == 1:
            return sized
        here = [pair for pair in candidates if pair[0].address == who] or candidates
        here = [pair for pair in here if speaks_of(pair[0], decoded.stderr)] or here
        master = master_in(decoded.stderr)
        if master is not None:
            known = self._masters.get(master)
            here = [pair for pair in here if known in (None, key_of(pair[0]))] or here
            if known is None:
                # A connection whose master is known keeps it.
                told = set(self._masters.values())
                here = [pair for pair in here if key_of(pair[0]) not in told] or here
        return [pair for pair in here if answers(pair[0], decoded)] or here
