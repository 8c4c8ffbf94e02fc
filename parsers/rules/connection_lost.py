"""The connection broke after the login had worked.

What you see:
rc 255 after earlier stages ended well, with `client_loop: send disconnect: Broken pipe`, `Connection to HOST closed by
remote host.`, `Connection reset by ADDRESS port PORT`, `Timeout, server HOST not responding.`, or
`Corrupted MAC on input`.

Why it happens:
The task itself restarted sshd or the network, or rebooted; a firewall or NAT dropped the idle connection; the node
crashed or ran out of memory; sshd's ClientAliveInterval ended it; a network card damages packets.

How to be sure:
On the managed node: `journalctl -u ssh -u sshd --since -15m`, `last -x reboot shutdown | head`, `uptime`. Always
after the same number of idle seconds: a firewall.

Fix:
For reboots use the module `reboot`, for changes of the network `async` with `poll: 0` and then `wait_for_connection`.
For idle ends, `-o ServerAliveInterval=15`. To try again by itself, `ANSIBLE_SSH_RETRIES=3`.

Not this when:
`Shared connection to HOST closed.` with another rc than 255: the normal end of every session.
`mux_client_read_packet: read header failed: Broken pipe` is normal too. A login that never worked has another rule."""

from __future__ import annotations

from parsers.declined import required, ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Tool
from parsers.rules._said import (
    SSH_STAGES,
    denied_request,
    ending,
    ending_line,
    exit_status,
    find,
    has_ssh_debug,
    message_lines,
    proof,
    ssh_failed,
    worked_before,
)
from parsers.rules._values import shown, target
from parsers.ssh.transcript import Line

_EXACT = (
    "client_loop: send disconnect: Broken pipe",
    "packet_write_wait: ",
    "Timeout, server ",
    "Corrupted MAC on input",
    "ssh_dispatch_run_fatal: ",
    "message authentication code incorrect",
)


@rule("connection-lost", order=610, title="The connection broke in the middle", category=2, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for ssh's words on the end of a session that had been there."""
    command = case.command
    if command is None:
        return _by_message(case)
    if command.tool is not Tool.SSH or command.rc not in (None, 255):
        return None
    transcript = command.transcript
    status = exit_status(command)
    if status is not None:
        ruled_out(
            f"The remote command's own exit status {status} came back, so nothing was lost.", ending_line(command)
        )
        return None
    if not (transcript.session or worked_before(case)):
        required("There was no session yet that could be lost.", ending_line(command))
        return None
    if (denied := denied_request(command)) is not None:
        ruled_out("sshd answered that it would not start the command: the connection was there.", denied)
        return None
    if transcript.exit_signal is not None:
        ruled_out("sshd told that a signal ended the command: the connection was there.", transcript.exit_signal)
        return None
    line = next((row for row in transcript.plain if row.stderr and _lost(row)), None)
    farewell = find(transcript.plain, "Shared connection to ", "Connection to ")
    silent = not any(row.text.strip() for row in transcript.plain if not row.stderr)
    # Over a shared connection ssh says no more than its usual farewell; that no exit status came back is the proof.
    # Without its debug text it may say nothing at all.
    mute = not transcript.plain and not has_ssh_debug(case)
    cut_off = command.rc == 255 and (transcript.session or ((farewell is not None or mute) and silent))
    if line is None and not cut_off:
        return None
    at = target(case)
    words = f": {shown(line.text.strip().rstrip('.'))}" if line is not None else ", and no exit status came back"
    explanation = f"The session at {at.at} had worked and broke during this command{words}."
    if line is None and not transcript.session:
        explanation += (
            " A command that ends with 255 by itself looks the same without ssh's debug text: ANSIBLE_SSH_VERBOSITY=3 "
            "tells the two apart."
        )
    fixes = (
        at.ssh("uptime; last -x reboot shutdown | head -n 5"),
        at.common_args("-o ServerAliveInterval=15"),
        "ANSIBLE_SSH_RETRIES=3",
    )
    confidence = Confidence.CERTAIN if transcript.session else Confidence.LIKELY
    proved = proof(line) if line is not None else (*proof(farewell), ending(command))
    return Match(proved, confidence, explanation, fixes)


def _by_message(case: Case) -> Match | None:
    """Below -vvv the message alone: ssh's words on the end of a session, which there must have been."""
    line = next((row for row in message_lines(case) if row.text.strip().startswith(_EXACT)), None)
    if line is None or not ssh_failed(case):
        return None
    at = target(case)
    explanation = f"The session at {at.at} had worked and broke: {shown(line.text.strip().rstrip('.'))}."
    fixes = (at.common_args("-o ServerAliveInterval=15"), "ANSIBLE_SSH_RETRIES=3")
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)


def _lost(line: Line) -> bool:
    text = line.text.strip()
    if text.startswith(_EXACT):
        return True
    if text.startswith("Connection to ") and text.endswith("closed by remote host."):
        return True
    return text.startswith(("Connection reset by ", "Connection closed by ")) and "UNKNOWN" not in text
