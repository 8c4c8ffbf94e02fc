"""Takes secrets out of text before it leaves the screen: `redact`.

Debug output holds what `no_log` hides elsewhere, so whatever is pasted into a ticket passes here first. The forms that
are known: `name=value`, `name: value` and quoted pairs (YAML, JSON, Python's repr, at any depth of quoting) whose name
ends in a word for a secret; options and arguments of `sshpass`, `curl`, `mysql` and the like; user:password@ in
addresses; Authorization and Cookie headers; private keys; Ansible Vault; password hashes; tokens with a known shape.

It prefers to hide too much: a value whose end cannot be seen is hidden up to the end of its line. Every pattern
begins with a word and is bounded or eats what it looked at, so that the time is linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MARK = "[REDACTED]"
"""What stands in a secret's place."""

# The name has to *end* in the word (a plural or a number may follow): NumberOfPasswordPrompts, PasswordAuthentication
# and become_password_file hold no secret. What stands before it does not matter, so it is not matched.
_WORD = (
    r"(?:(?<!update_)password|(?<!no)passwd|(?<!read_)passphrase|(?<![a-z])pass|(?<=[_-])pwd|secret|token|credential"
    r"|(?:api|access|secret|account|encryption|auth|(?<!--)private)[_-]?key)(?:s|[_-]?[0-9]{1,3})?"
)

# One quote at any depth: JSON within JSON within a repr has backslashes before it.
_OPENING = r"[ub]{0,2}(?P<slashes>\\{0,15})(?P<quote>[\"'])"

_PAIR = re.compile(
    _WORD + r"(?P<close>\\{0,15}[\"'])?[ \t]{0,8}(?P<sign>=>|:=|[:=])[ \t]{0,8}(?:" + _OPENING + r"|(?=\S))",
    re.IGNORECASE,
)

_NOTHING = frozenset(("none", "null", "true", "false", "~", "undefined", "yes", "no", "omit"))

# Values without quotes. In a mapping with quoted names they are numbers, words and lists; `name=value` ends at white
# space (shell, inventory); `name: value` (YAML) is the rest of the line, or an indented block.
_IN_MAPPING = re.compile(r"\[[^\]]*+\]?|(?!\{)[^\s,}\]]++")
_IN_SHELL = re.compile(r"\S++")
_IN_YAML = re.compile(r"[|>][+-]?[0-9]?[ \t]*+(?:\r?\n[ \t]++[^\r\n]*+)++|[^\r\n]++")

# Where a line begins, also one within a repr, or an item of a flow mapping: a name and its colon stand there. Anywhere
# else `password:` is a prompt or a sentence.
_KEY_BEFORE = re.compile(r"(?:^|[\r\n]|\\[nr]|[{(\[,])[ \t]{0,40}(?:-[ \t]{1,4})?[\"']?$|[A-Za-z0-9_.-]$")

_NEXT = r"(?P<gap>[\"'],[ ]?[ub]?(?P<quote>[\"'])|[ \t]{1,4}(?![\s-]))"
_ARGUMENTS = (
    re.compile(
        r"(?<![\w-])--?(?!ask)(?:[a-z0-9]{1,20}-){0,4}"
        r"(?:password|passwd|passphrase|pass|secret|token|(?:api|auth|secret|access)-?key)" + _NEXT,
        re.IGNORECASE,
    ),
    re.compile(r"\bsshpass(?:[\"'],[ ]?[ub]?[\"']|[ \t]{1,4})-p(?:" + _NEXT + r"|(?=[^\s\"',]))"),
    re.compile(r"\bcurl\b[^\r\n|;]{0,200}?\s(?:-u|-U|--user|--proxy-user)(?:" + _NEXT + r"|=|(?=[^\s\"',]))"),
    re.compile(r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\r\n|;]{0,200}?\s-p(?=[^\s\"',])(?P<quote>)"),
)
# A word of a shell command, of quoted and bare parts; a quote that was cut off reaches to the end.
_SHELL_WORD = re.compile(r"(?:'[^']*+'?|\"(?:[^\"\\]|\\.?)*+\"?|\\.?|[^\s\"'\\])++", re.DOTALL)

_HEADER = re.compile(
    r"(?P<name>\b(?:Authorization|X-(?:Api|Auth)-(?:Key|Token)|PRIVATE-TOKEN|Cookie)"
    r"(?:\\{0,15}[\"'])?[ \t]{0,4}[:=][ \t]{0,4}(?:[ub]?\\{0,15}[\"'])?"
    r"(?:(?:Basic|Bearer|Digest|Token|Negotiate)[ \t]{1,4})?)[^\r\n\"'\\]++",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<name>\bBearer[ \t]{1,4})[A-Za-z0-9._~+/-]{8,}=*", re.IGNORECASE)

# RFC 3986, 3.2.1; up to the last @ before the path, since not everyone encodes theirs.
_ADDRESS = re.compile(r"(?P<name>://[^\s/@:\"']*:)[^\s/\"']+(?=@)")

_SHAPES = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,}|hv[sb]\.[A-Za-z0-9_-]{20,}|AIza[0-9A-Za-z_-]{35}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})"
)
# crypt(5): MD5, bcrypt, SHA-256, SHA-512, yescrypt, gost-yescrypt.
_CRYPT = re.compile(r"\$(?:1|2[abxy]|5|6|7|y|gy)\$[./A-Za-z0-9$=,]{8,}")

_KEY_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_VAULT = re.compile(r"(?P<name>\$ANSIBLE_VAULT;[^\s\\\"']{1,80})(?:(?:\s|\\{1,15}[nr])+[0-9a-f]{2,}+(?![A-Za-z0-9]))+")

# Lines of such a block on their own, as evidence has them: Vault writes 80 hex digits, OpenSSH 70 and PEM 64 signs.
_VAULT_LINE = re.compile(r"^[ \t]{0,40}[0-9a-f]{80}[ \t\r]{0,8}$", re.MULTILINE)
_KEY_LINE = re.compile(
    r"^[ \t]{0,40}(?![0-9a-fA-F]{64}[ \t\r]{0,8}$)(?:[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{64})[ \t\r]{0,8}$", re.MULTILINE
)


# A plain search for these is some thirty times as fast as the patterns, and most text has none of them.
_WORDS = ("pass", "pwd", "secret", "token", "key", "credential", "curl", "mysql", "mariadb")
_HEADERS = ("authorization", "x-a", "private-token", "cookie", "bearer")


def redact(text: str) -> str:
    """`text` with every secret that has a known form replaced by `MARK`; doing it twice changes nothing more."""
    low = text.lower()
    if "-----begin" in low:
        text = _without_keys(text)
    if "$ansible_vault" in low:
        text = _VAULT.sub(rf"\g<name> {MARK}", text)
    if len(text) >= 64:
        text = _VAULT_LINE.sub(MARK, text)
        text = _KEY_LINE.sub(MARK, text)
    if any(word in low for word in _HEADERS):
        text = _HEADER.sub(rf"\g<name>{MARK}", text)
        text = _BEARER.sub(rf"\g<name>{MARK}", text)
    if "://" in low:
        text = _ADDRESS.sub(rf"\g<name>{MARK}", text)
    if any(word in low for word in _WORDS):
        for pattern in _ARGUMENTS:
            text = _hide(pattern, text, _end_of_argument)
        text = _hide(_PAIR, text, _end_of_value)
    text = _SHAPES.sub(MARK, text)
    return _CRYPT.sub(MARK, text) if "$" in low else text


def _without_keys(text: str) -> str:
    """Private keys keep their first and last line; one without an end is hidden up to the end of the text."""
    out = []
    position = 0
    while (begin := _KEY_BEGIN.search(text, position)) is not None:
        end = _KEY_END.search(text, begin.end())
        out += [text[position : begin.end()], MARK]
        if end is None:
            return "".join(out)
        out.append(end.group())
        position = end.end()
    return "".join(out) + text[position:]


def _hide(pattern: re.Pattern[str], text: str, end_of: Callable[[str, re.Match[str]], int]) -> str:
    """Puts `MARK` between the end of each match and where `end_of` says that the secret ends."""
    out = []
    position = 0
    while (match := pattern.search(text, position)) is not None:
        start = match.end()
        end = end_of(text, match)
        out += [text[position:start], MARK if end > start else ""]
        position = max(end, start)
    return "".join(out) + text[position:]


def _end_of_argument(text: str, match: re.Match[str]) -> int:
    if match["quote"]:
        return _end_of_quoted(text, match.end(), "", match["quote"])
    word = _SHELL_WORD.match(text, match.end())
    return word.end() if word is not None else match.end()


def _end_of_value(text: str, match: re.Match[str]) -> int:
    start = match.end()
    close, sign = match["close"], match["sign"]
    if sign == ":" and close is None and not _KEY_BEFORE.search(text[max(0, match.start() - 64) : match.start()]):
        return start
    if match["quote"]:
        return _end_of_quoted(text, start, match["slashes"], match["quote"])
    pattern = _IN_MAPPING if close is not None else _IN_YAML if sign == ":" else _IN_SHELL
    value = pattern.match(text, start)
    if value is None or value.group().rstrip(" ,;)}]\"'").lower() in _NOTHING:
        return start
    return value.end()


def _end_of_quoted(text: str, start: int, slashes: str, quote: str) -> int:
    """Where a quoted value that begins at `start` ends, for an opening quote with `slashes` before it.

    A quote with more backslashes belongs to the value (at depth 0: with an odd number of them), one with fewer ends
    what is around it. `''` within single quotes is YAML's and the shell's way to write one.
    """
    position = start
    while (found := text.find(quote, position)) >= 0:
        before = found
        while before > start and text[before - 1] == "\\":
            before -= 1
        count = found - before
        if count <= len(slashes) or (not slashes and count % 2 == 0):
            if slashes or not text.startswith(quote, found + 1) or found == start:
                return found - min(count, len(slashes))
            found += 1
        position = found + 1
    return len(text)
