"""What an open command waits for in the field's words, what may be the cause, what tells them apart: `awaited`."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.awaited import Awaited, Cause, sftp_request, wait_of
from parsers.model import Command, StageRun, Tool
from parsers.rules._values import Target, quote, shown


def awaited(stage: StageRun) -> Awaited | None:
    """What the open command of `stage` waits for, in the field's words; None for a stage without an open command."""
    command = stage.command
    if command is None or not command.open:
        return None
    facts = command.transcript
    at = Target(
        name="",
        host=command.address or facts.target or "",
        port=command.port or facts.connected_port,
        user=command.user,
        options=command.options,
    )
    wait = wait_of(stage)
    words = _Words(stage, command, at)
    what, whom, causes, commands = getattr(words, wait.name.lower())()
    return Awaited(wait, what, whom, tuple(causes), tuple(commands))


_Told = tuple[str, str, list[Cause], list[str]]


@dataclass(slots=True)
class _Words:
    """The words of each wait; a method is named by its `Wait`."""

    stage: StageRun
    command: Command
    at: Target

    @property
    def _node(self) -> str:
        return self.at.at or "the managed node"

    @property
    def _port(self) -> int:
        return self.at.port or 22

    @property
    def _host(self) -> str:
        return quote(self.at.host, "HOST")

    def _verbose(self, *options: str) -> str:
        return self.at.ssh("true", "-vvv", *options)

    @staticmethod
    def _sshd_log() -> str:
        return "journalctl -u ssh -u sshd --since '10 minutes ago'"

    def ssh(self) -> _Told:
        who = "ssh on the control node"
        if self.command.password:
            causes = [
                Cause("sshpass-hang", "sshpass (up to 2.18) lives and its ssh child sits in a read of the terminal"),
                Cause(None, "no ssh process of this host: the control node is out of memory or of processes"),
            ]
            return "a first word", who, causes, ["ps -ef | grep -E 'sshpass|[s]sh '", self._verbose()]
        causes = [
            Cause(
                "ssh-debug-off", "no ANSIBLE_DEBUG=1, or no ANSIBLE_SSH_VERBOSITY=3 (2.19): ssh may be well on its way"
            ),
            Cause(None, "with it, ssh has not even read its configuration: look at its process"),
        ]
        return "a first word", who, causes, ["ps -ef | grep '[s]sh '", self._verbose()]

    def resolve(self) -> _Told:
        causes = [
            Cause("name-resolution", "`getent hosts` is as slow as ssh: the resolver does not answer"),
            Cause(None, "`getent hosts` answers at once: a Match exec or KnownHostsCommand of ssh_config runs"),
        ]
        return "an address", "name resolution", causes, [f"time getent hosts -- {self._host}", self._verbose()]

    def proxy(self) -> _Told:
        causes = [
            Cause("jump-host-failed", "the proxy's own command, run by hand without -q, stands still or fails"),
            Cause(None, "the jump host answers, and the node behind it does not"),
        ]
        return "a connection", "the jump host or ProxyCommand", causes, [self._verbose()]

    def master(self) -> _Told:
        causes = [
            Cause(
                "channel-stall",
                "the master asked the server for a session: no type 91 came for its type 90, and with "
                "-o ControlPath=none the login works or stands still at another place",
            ),
            Cause("mux-stale", "with -o ControlPath=none it works at once: the master's TCP connection is dead"),
        ]
        return (
            "a session (the master's answer, which is the server's type 91)",
            f"the ControlPersist master of {self._node}",
            causes,
            [self._verbose("-o", "ControlPath=none"), "ps -ef | grep '[s]sh: .*\\[mux\\]'"],
        )

    def tcp(self) -> _Told:
        connected = self.command.transcript.connected or self.at.host
        causes = [
            Cause("connection-timeout", "nc waits as well: a firewall drops the packets, or the host is down"),
            Cause(
                None, "other ports of the host answer at once: sshd's queue of connections is full, or one rule drops"
            ),
        ]
        return (
            "a TCP answer (SYN-ACK)",
            f"{shown(connected)} port {self._port}",
            causes,
            [f"nc -vz -w 5 {self._host} {self._port}", f"ping -c 3 {self._host}"],
        )

    def banner(self) -> _Told:
        causes = [
            Cause("banner-timeout", "nc is greeted late or never: sshd is at MaxStartups, swaps, or looks up DNS"),
            Cause("not-ssh", "the port belongs to a service that waits for the client's first word"),
            Cause(None, "nc is greeted at once: a firewall between lets the handshake through and drops data"),
        ]
        return "a banner (`SSH-2.0-…`)", f"sshd at {self._node}", causes, [f"nc -w 10 {self._host} {self._port}"]

    def kexinit(self) -> _Told:
        return (
            "`SSH2_MSG_KEXINIT` (a type 20 after our type 20)",
            f"sshd at {self._node}",
            self._kex_causes(),
            self._kex_commands(),
        )

    def kex_reply(self) -> _Told:
        last = self.command.transcript.last_debug
        name = last.text.partition("expecting ")[2].split(" ")[0] if last is not None else ""
        what = f"`{shown(name)}`" if name.startswith("SSH2_MSG_") else "the next packet of the key exchange"
        answers = {"SSH2_MSG_KEX_ECDH_REPLY": " (a type 31 after our type 30)", "SSH2_MSG_NEWKEYS": " (a type 21)"}
        return what + answers.get(name, ""), f"sshd at {self._node}", self._kex_causes(), self._kex_commands()

    @staticmethod
    def _kex_causes() -> list[Cause]:
        return [
            Cause("mtu-stall", "`ping -s 1472` is lost and `-s 1200` is not, and a smaller key exchange works"),
            Cause(
                None, "both pings and the small exchange behave alike: a middlebox went silent, or sshd is overloaded"
            ),
        ]

    def _kex_commands(self) -> list[str]:
        return [
            f"ping -M do -c 3 -s 1472 {self._host}; ping -M do -c 3 -s 1200 {self._host}",
            self._verbose("-o", "KexAlgorithms=curve25519-sha256"),
        ]

    def hostkey(self) -> _Told:
        causes = [
            Cause("hostkey-unknown", "ssh asks `Are you sure you want to continue connecting`, and nobody can answer"),
            Cause(None, "no question: a KnownHostsCommand, or a look-up of SSHFP records in DNS, takes its time"),
        ]
        return "a yes to the host key", "known_hosts, DNS or whoever sits at the terminal", causes, [self._verbose()]

    def service(self) -> _Told:
        return (
            "a type 6 after our type 5 (the service ssh-userauth)",
            f"sshd at {self._node}",
            [
                Cause("mtu-stall", "`ping -s 1472` is lost and `-s 1200` is not"),
                Cause(None, "sshd's log has the connection and no more: the node is overloaded"),
            ],
            [self._verbose(), self._sshd_log()],
        )

    def auth(self) -> _Told:
        facts = self.command.transcript
        method = facts.auth_tried[-1] if facts.auth_tried else ""
        node = f"sshd at {self._node}"
        if method.startswith("gssapi"):
            causes = [
                Cause(
                    "gssapi-slow", "with -o GSSAPIAuthentication=no the login is quick: a KDC or DNS does not answer"
                ),
                Cause(None, "it is as slow without GSSAPI: sshd's own look-ups (UseDNS, PAM) take the time"),
            ]
            what = f"a Kerberos ticket or the server's answer to {shown(method)}"
            return what, "the KDC, DNS or sshd", causes, [self._verbose("-o", "GSSAPIAuthentication=no")]
        what = f"an answer (type 51, 52 or 60) to our type 50{f', {shown(method)}' if method else ''}"
        causes = [
            Cause(
                None,
                "sshd's log stands at this user's look-up: AuthorizedKeysCommand, LDAP, PAM, or a home on NFS "
                "that does not answer",
            ),
            Cause(None, "sshd's log does not have our last packet: the network lost it"),
        ]
        if facts.keys_offered and not facts.keys_accepted:
            causes.insert(0, Cause(None, "the agent (a token, a card) has to sign: `ssh-add -T KEY.pub` waits as well"))
        if facts.keys_accepted and facts.packets[-1:] != [("send", 50)]:
            causes.insert(0, Cause("key-passphrase", "ssh asks for the key's passphrase, and nobody can answer"))
        return what, node, causes, [self._verbose(), self._sshd_log()]

    def channel(self) -> _Told:
        causes = [
            Cause(
                "channel-stall",
                "works with -o IPQoS=none: the network drops packets with another IP_TOS mark, which "
                "ssh sets right there",
            ),
            Cause(
                "channel-stall",
                "sshd's log at DEBUG3 has `receive packet: type 90`: the server is slow (PAM, "
                "pam_systemd, a home on NFS)",
            ),
        ]
        return (
            "a `type 91` after our `type 90` (the session's confirmation)",
            f"sshd at {self._node}",
            causes,
            [self._verbose("-o", "IPQoS=none"), self._sshd_log()],
        )

    def request(self) -> _Told:
        causes = [
            Cause(None, "sshd's log has the session: the login itself is slow (PAM, pam_systemd, a home on NFS)"),
            Cause("mtu-stall", "sshd's log does not have the request: a large packet (a long command) is lost"),
        ]
        return (
            "a `type 99` after our `type 98` (the exec request)",
            f"sshd at {self._node}",
            causes,
            [self._verbose(), self._sshd_log()],
        )

    def prompt(self) -> _Told:
        what = "a sudo prompt (`[sudo via ansible, key=…] password:`)"
        return what, f"sudo (or the like) at {self._node}", self._become_causes(), self._become_commands()

    def escalation(self) -> _Told:
        if self.command.transcript.prompted:
            what = "the answer to the become password (`BECOME-SUCCESS-…`)"
        else:
            what = "the success of the privilege escalation (`BECOME-SUCCESS-…`)"
        return what, f"sudo (or the like) at {self._node}", self._become_causes(), self._become_commands()

    @staticmethod
    def _become_causes() -> list[Cause]:
        return [
            Cause("become-timeout", "`time sudo -n true` takes seconds there: DNS, LDAP or PAM; Ansible gives up soon"),
            Cause("become-timeout", "sudo asks in other words than Ansible looks for: see what `sudo -k true` prints"),
        ]

    def _become_commands(self) -> list[str]:
        return [self.at.ssh("time sudo -n true"), self.at.ssh("sudo -k true", "-t")]

    def sftp_start(self) -> _Told:
        causes = [
            Cause("sftp-subsystem-missing", "`sftp` by hand stands still too: a profile or forced command keeps it"),
            Cause("profile-noise", "what the login prints confuses sftp: `ssh HOST true` prints something"),
        ]
        return (
            "sftp's first answer (SSH_FXP_VERSION)",
            f"the sftp server at {self._node}",
            causes,
            [
                self.at.ssh("true"),
                "ANSIBLE_SSH_TRANSFER_METHOD=piped",
            ],
        )

    def sftp_ack(self) -> _Told:
        done = self.command.transcript.sftp
        size = min(done.size, done.written - done.acknowledged) if done is not None and done.size else 0
        offset = done.acknowledged if done is not None else 0
        what = f"an sftp acknowledgement of {size} bytes at offset {offset}"
        return what, f"the sftp server at {self._node}", self._sftp_causes(), self._sftp_commands()

    def sftp_reply(self) -> _Told:
        name = sftp_request(self.command.transcript)
        what = f"the reply to `{name}`" if name else "the reply to sftp's request"
        return what, f"the sftp server at {self._node}", self._sftp_causes(), self._sftp_commands()

    @staticmethod
    def _sftp_causes() -> list[Cause]:
        return [
            Cause("mtu-stall", "`ping -s 1472` is lost and `-s 1200` is not; small files and commands work"),
            Cause(None, "both pings come back: a middlebox dropped the connection, and a new one works"),
            Cause(
                None,
                "the node's disk stands still: `dd` there hangs as well, `dmesg` or `mount` tells (NFS, I/O errors)",
            ),
        ]

    def _sftp_commands(self) -> list[str]:
        return [
            f"ping -M do -c 3 -s 1472 {self._host}; ping -M do -c 3 -s 1200 {self._host}",
            self.at.ssh("df -h . /tmp; dmesg | tail"),
        ]

    def data(self) -> _Told:
        method = self.command.method or "the transfer"
        causes = [
            Cause("mtu-stall", "`ping -s 1472` is lost and `-s 1200` is not; small files and commands work"),
            Cause(None, f"the file at the other end grows: {method} is at work, and says nothing of it"),
        ]
        path = f" {quote(self.command.remote_path)}" if self.command.remote_path else ""
        return (
            f"the end of the transfer ({method})",
            f"{self._node}",
            causes,
            [
                self.at.ssh(f"ls -l{path}" if path else "ls -lrt"),
                f"ping -M do -c 3 -s 1472 {self._host}; ping -M do -c 3 -s 1200 {self._host}",
            ],
        )

    def answer(self) -> _Told:
        stage = self.command.stage
        causes = [
            Cause(None, "by hand it hangs as well: the login shell, its profile, or a home on NFS stands still"),
            Cause("channel-stall", "by hand a new connection works: the old one is dead, and ssh does not know"),
        ]
        return (
            f"the answer of the {stage} command",
            f"the shell at {self._node}",
            causes,
            [
                self.at.ssh("echo ~", "-o", "ControlPath=none"),
                self.at.ssh("ps -ef --forest"),
            ],
        )

    def result(self) -> _Told:
        if self.command.tool is Tool.LOCAL:
            return "the module's JSON", "the control node", [], ["ps -ef --forest"]
        causes = [
            Cause("task-timeout", "its process is there and works or sleeps: the module takes as long as it takes"),
            Cause(
                "connection-lost", "its process is gone: the connection died and no one told ssh (ServerAliveInterval)"
            ),
        ]
        what = "the module's JSON" if self.command.tmp or self.command.sent_bytes else "the command's end"
        return what, f"the module at {self._node}", causes, [self.at.ssh("ps -ef --forest", "-o", "ControlPath=none")]

    def close(self) -> _Told:
        causes = [
            Cause("exec-held-open", "a process that it started is still there, and holds stdout or stderr open"),
            Cause(None, "no such process: the network lost the end, or the ControlPersist master did not pass it on"),
        ]
        return (
            "the end of the command, which has given its result",
            f"the remote shell at {self._node}",
            causes,
            [self.at.ssh("ps -ef --forest", "-o", "ControlPath=none")],
        )
