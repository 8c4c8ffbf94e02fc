"""What an `SSH: EXEC` line gives ssh that a login by hand needs as well: `login_options`.

A key, a jump host, an ssh_config, algorithms: they come from ansible.cfg, the inventory or ANSIBLE_SSH_ARGS, and
without them a login by hand fails in another way than Ansible's, or works. What Ansible adds to share connections, to
refuse passwords and to be told more is no part of that, and user and port are known by themselves.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import lru_cache

from parsers.lines.grammar import text_of

_WITH_VALUE = {
    "ssh": frozenset("BbcDEeFIiJLlmOoPpQRSWw"),
    "sftp": frozenset("BbcDFiJloPRSsX"),
    "scp": frozenset("cDFiJloPSX"),
}
"""Letters that a value follows (ssh(1), sftp(1), scp(1), OpenSSH 7.0-10)."""

_LETTERS = {"ssh": frozenset("46BbcFIiJm"), "sftp": frozenset("46cFiJ"), "scp": frozenset("46cFiJ")}
"""Those of them that say how to reach the host, or who one is."""

_NAMES = re.compile(
    r"addressfamily|bind(?:address|interface)|(?:ca|host|k)\w*algorithms|certificatefile|checkhostip|ciphers|macs"
    r"|(?:global|user)knownhostsfile|gssapi\w+|hostbasedauthentication|hostkeyalias|hostname|identit\w+|ipqos"
    r"|pkcs11provider|preferredauthentications|proxy\w+|pubkey\w+|rekeylimit|requiredrsasize|securitykeyprovider"
    r"|stricthostkeychecking|verifyhostkeydns",
    re.IGNORECASE,
)
"""The same of `-o` (ssh_config(5))."""

_ANSIBLES = "gssapi-with-mic,gssapi-keyex,hostbased,publickey"
"""`PreferredAuthentications` where no password is set (plugins/connection/ssh.py, 2.0-2.19)."""

_SETTING = re.compile(r"\s*([A-Za-z0-9]{1,40})(?:\s*=\s*|\s+)(.+)", re.DOTALL)
_SHORT = {"identityfile": "-i", "proxyjump": "-J"}


@lru_cache(maxsize=512)
def login_options(head: bytes, tool: str = "ssh") -> tuple[tuple[str, ...], ...]:
    """The options of a command line without its last argument, each as its words: `-i` and `/keys/deploy`, `-4`.

    Empty where the line is cut, or not quoted as for a shell.
    """
    try:
        words = shlex.split(text_of(head, 4000))[1:]
    except ValueError:
        return ()
    found: dict[tuple[str, ...], None] = {}
    rest = iter(words)
    for word in rest:
        if word.startswith("-"):
            for letter, value in letters_of(word, rest, tool):
                if (option := login_option(letter, value, tool)) is not None:
                    found.setdefault(option)
    return tuple(found)


def letters_of(word: str, rest: Iterator[str], tool: str = "ssh") -> Iterator[tuple[str, str]]:
    """The options of one word, each with its value, as getopt reads them: `-4C`, `-oPort=22`, `-i` with the next word.

    `rest` are the words behind it, of which the value is taken.
    """
    letters = word[1:]
    for place, letter in enumerate(letters):
        if letter in _WITH_VALUE[tool]:
            yield letter, letters[place + 1 :] or next(rest, "")
            return
        yield letter, ""


def login_option(letter: str, value: str, tool: str = "ssh") -> tuple[str, ...] | None:
    """The words of one option, where a login by hand needs it."""
    if letter == "o":
        return _named(value)
    if letter not in _LETTERS[tool] or (letter in _WITH_VALUE[tool] and not value):
        return None
    return (f"-{letter}", value) if value else (f"-{letter}",)


def _named(setting: str) -> tuple[str, str] | None:
    """`-o Name=Value`, or `Name Value`, where it is one to keep."""
    found = _SETTING.fullmatch(setting)
    if found is None:
        return None
    name, value = found[1].lower(), found[2].strip('"')
    if _NAMES.fullmatch(name) is None or not value or value == _ANSIBLES:
        return None
    return (_SHORT[name], value) if name in _SHORT else ("-o", f"{found[1]}={found[2]}")
