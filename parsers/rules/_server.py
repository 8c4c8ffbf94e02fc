"""What the checks of sshd's side share."""

from __future__ import annotations

from parsers.findings import Confidence, Evidence, Match
from parsers.model import Place, Stage
from parsers.rules._values import quote, shown
from parsers.sshd.case import ServerCase
from parsers.sshd.model import AuthResult, Channel, Connection, End, Said

LOGIN = (Stage.CONNECT,)

CUT = 400


def proof(*lines: Said | None) -> tuple[Evidence, ...]:
    """The lines as evidence, the deciding one first; those that do not exist are left out, doubles too."""
    seen: dict[int, Evidence] = {}
    for line in lines:
        if line is not None:
            seen.setdefault(line.place.line, Evidence(line.place, line.text[:CUT].replace("\n", " ")))
    return tuple(seen.values())


def at(place: Place | None, words: str) -> Evidence | None:
    """A place of the model as evidence, with the words that sshd has there."""
    return None if place is None else Evidence(place, words[:CUT].replace("\n", " "))


def kept(*items: Evidence | None) -> tuple[Evidence, ...]:
    """Those that exist, each line once."""
    seen: dict[int, Evidence] = {}
    for item in items:
        if item is not None:
            seen.setdefault(item.place.line, item)
    return tuple(seen.values())


def who(connection: Connection) -> str:
    """`deploy from 192.0.2.1 port 35746`, for a sentence."""
    user = shown(connection.user) if connection.user else "somebody"
    return f"{user} from {shown(connection.client_name)}"


def what(channel: Channel) -> str:
    """The channel's work, for a sentence."""
    if channel.command is not None and channel.run in (None, "command"):
        return f"`{shown(channel.command[:80])}`" if "`" not in channel.command[:80] else "a command"
    if channel.subsystem is not None:
        return f"the subsystem {shown(channel.subsystem)}"
    return {"shell": "a shell", "forced-command": "the forced command"}.get(channel.run or "", "a command")


def first(
    case: ServerCase, *needles: str, explanation: str, fixes: tuple[str, ...] = (), phase: str = "auth"
) -> Match | None:
    """A match on the first line with one of `needles`."""
    line = case.said(*needles)
    if line is None or case.connection is None:
        return None
    return Match(proof(line, case.connection.end_said), explanation=explanation, fixes=fixes, phase=phase)


_LEFT = (None, End.CLOSED, End.DISCONNECTED, End.RESET)


def login_failed(case: ServerCase, methods: tuple[str, ...]) -> Match | None:
    """A match where the client left, or stands, after attempts by `methods` alone, each of which failed.

    From the default LogLevel on, sshd tells a refused password; a refused key only from VERBOSE on, and without it
    `Connection closed by authenticating user`.
    """
    one = case.connection
    if (
        one is None
        or not case.refused
        or one.end not in _LEFT
        or (one.end is None and not case.complete)
        or case.said("Invalid user", " not allowed because")
    ):
        return None
    tried = [attempt for attempt in one.attempts if attempt.result is AuthResult.FAILED and attempt.method != "none"]
    last = tried[-1] if tried else None
    asked = case.requested(methods)
    if last is not None and last.method.partition("-hostbound")[0] not in methods:
        return None
    if last is None and (not asked or one.end_said is None):
        return None
    count = sum(attempt.repeated for attempt in tried) or 1
    method = methods[0]
    explanation = f"sshd refused {count} attempts of {who(one)} to log in by {method}, and the client gave up."
    user = quote(one.user or "", "NAME")
    fixes: tuple[str, ...] = (f"passwd -S {user}", "sshd -T | grep -i passwordauthentication")
    if method == "publickey":
        fixes = (f"namei -l ~{user}/.ssh/authorized_keys", "sshd -T | grep -iE 'authorizedkeys|pubkey'")
    told = at(last.place, f"Failed {last.method} for {last.user}") if last is not None else None
    end = at(one.end_said.place, one.end_said.text) if one.end_said is not None else None
    return Match(kept(told, end), Confidence.LIKELY, explanation, fixes, phase="auth")
