"""The phase in which ssh gave up, from its words, or from its debug text: `connect_phase`, `message_phase`."""

from __future__ import annotations

from parsers.model import Command
from parsers.ssh.transcript import Phase, forwarding_refused, telling, way_broke

# What ssh itself says on stderr when it gets no session, and the phase that it was in (OpenSSH 7.0-10).
_CONNECT_WORDS: tuple[tuple[str, Phase], ...] = (
    ("Could not resolve hostname", Phase.RESOLVE),
    ("Bad configuration option", Phase.RESOLVE),
    ("no argument after keyword ", Phase.RESOLVE),
    ("hostname contains invalid characters", Phase.RESOLVE),
    ("remote username contains invalid characters", Phase.RESOLVE),
    ("terminating, ", Phase.RESOLVE),
    ("Bad owner or permissions on ", Phase.RESOLVE),
    ("ControlPath too long", Phase.RESOLVE),
    ("too long for Unix domain socket", Phase.RESOLVE),
    ("Connection timed out during banner exchange", Phase.BANNER),
    ("banner line contains invalid characters", Phase.BANNER),
    ("kex_exchange_identification", Phase.KEX),
    ("ssh_exchange_identification", Phase.KEX),
    ("banner exchange: ", Phase.BANNER),
    ("Unable to negotiate with", Phase.KEX),
    ("no matching ", Phase.KEX),
    ("Bad packet length", Phase.KEX),
    ("Host key verification failed", Phase.HOSTKEY),
    ("because Host Key checking is enabled", Phase.HOSTKEY),
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Phase.HOSTKEY),
    ("Permission denied (", Phase.AUTH),
    ("Permission denied, please try again", Phase.AUTH),
    ("Too many authentication failures", Phase.AUTH),
    ("Your account has expired", Phase.AUTH),
    ("Unprivileged users are not permitted to log in yet", Phase.AUTH),
    ("No more authentication methods", Phase.AUTH),
    ("Connection refused", Phase.TCP),
    ("Connection timed out", Phase.TCP),
    ("Operation timed out", Phase.TCP),
    ("No route to host", Phase.TCP),
    ("Network is unreachable", Phase.TCP),
)


def connect_phase(command: Command) -> Phase | None:
    """The phase in which ssh gave up, from its words, else from its debug text."""
    facts = command.transcript
    said = [line.text for line in facts.plain if line.stderr]
    if way_broke(said):
        return _way_phase(said, relayed=facts.relayed)
    for text in reversed(said):
        phase = _said_phase(text)
        spoken = facts.phase is not None and facts.connected is not None and facts.proxy is None
        if phase in (Phase.BANNER, Phase.TCP) and spoken:
            return _debug_phase(command) or phase
        if phase is Phase.KEX and facts.greeting is not None and "_exchange_identification: " in text:
            return Phase.BANNER  # what answered spoke, and not as an sshd does
        if phase is not None:
            return phase
    return _debug_phase(command)


def _way_phase(said: list[str], *, relayed: bool = False) -> Phase:
    """The phase of a connection whose proxy ended: the jump host's ssh's own, else that the host was not reached."""
    why = telling(said)
    if forwarding_refused(why):
        return Phase.TCP
    told = None if way_broke([why]) else _said_phase(why)
    return told or (Phase.BANNER if relayed else Phase.TCP)


def message_phase(message: str) -> Phase | None:
    """The phase in which ssh gave up, from the words that Ansible's message quotes."""
    _, found, quoted = message.partition("Failed to connect to the host via ")
    said = (quoted.partition(": ")[2] if found else message).rstrip().splitlines()
    return _way_phase(said) if way_broke(said) else _said_phase(message)


def _said_phase(text: str) -> Phase | None:
    return next((phase for words, phase in _CONNECT_WORDS if words in text), None)


def _debug_phase(command: Command) -> Phase | None:
    steps = command.transcript.steps
    if not steps:
        return None
    undone = [step.phase for step in steps if not step.done]
    return undone[-1] if undone else steps[-1].phase
