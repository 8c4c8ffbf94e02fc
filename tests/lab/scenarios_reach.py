"""The way to the managed node: networks, ports, what answers there, jump hosts, control paths."""

from __future__ import annotations

from tests.lab.model import PORT, Broken, Machine, Outcome, family
from tests.lab.servers import SshdOptions

SSH = "/home/ops/.ssh"


def _lost(phase: str) -> Outcome:
    return Outcome("unreachable", "connect", phase)


def _extra(*lines: str) -> SshdOptions:
    return SshdOptions(extra=lines)


def _through(words: str, last: int, port: int = PORT) -> str:
    return f"ansible_ssh_common_args='-o ProxyCommand=\"ssh {words} -W %h:%p -p {port} deploy@127.0.0.{last}\"'"


JUMP = f"ansible_ssh_common_args='-o ProxyJump=deploy@127.0.0.51:{PORT}'"
KEYLESS = "AuthorizedKeysFile /etc/ssh/none"
BASTION = Machine("bastion", 51)
CLOSED_BASTION = Machine("bastion-closed", 52, options=_extra("AllowTcpForwarding no"))
KEYLESS_BASTION = Machine("bastion-keyless", 53, options=_extra(KEYLESS))
OFF_BASTION = Machine("bastion-off", 54, server="refuses")

REACH = (
    family(
        "names-broken",
        "names that ssh does not take, or that are none: a blank at the end, a variable of the shell that is not set, a"
        " user with a semicolon, a port in the name, an empty name, an option",
        Broken(Machine("blank", 41), _lost("resolve"), "hostname-invalid", 'ansible_host="127.0.0.41 "'),
        Broken(Machine("variable", 42), _lost("resolve"), "hostname-invalid", "ansible_host=db$SITE"),
        Broken(Machine("user", 43), _lost("resolve"), "hostname-invalid", "ansible_user='dep;loy'"),
        Broken(Machine("port", 44), _lost("resolve"), "name-resolution", "ansible_host=127.0.0.44:2222"),
        Broken(Machine("empty", 45), _lost("resolve"), "name-resolution", 'ansible_host=""'),
        Broken(Machine("option", 46), _lost("resolve"), "ssh-config-invalid", "ansible_host=-oFoo"),
        versions=("2.19",),
    ),
    family(
        "networks-broken",
        "a network that is not there, and a port on which a web server answers",
        Broken(Machine("network", 41), _lost("tcp"), "no-route", "ansible_host=224.0.0.7"),
        Broken(Machine("http", 42, server="http"), _lost("banner"), "not-ssh"),
        versions=("2.19",),
    ),
    family(
        "open-mtu",
        "a way that loses large packets: the key exchange never goes on",
        Broken(Machine("mtu", 44, server="swallows"), Outcome("stalled", "connect", "kex"), "mtu-stall"),
        run_status="incomplete",
        environment={"PYTHONUNBUFFERED": "1"},
        end_when=(r"(?:ok|changed): \[web1\]", r"<127\.0\.0\.44> SSH: EXEC", r"127\.0\.0\.44[\s\S]*KEX_ECDH_REPLY"),
        versions=("2.16",),
    ),
    family(
        "algorithms-broken",
        "no cipher and no MAC in common",
        Broken(Machine("cipher", 41, options=_extra("Ciphers aes128-cbc")), _lost("kex"), "no-common-cipher"),
        Broken(
            Machine("mac", 42, options=_extra("Ciphers aes128-ctr", "MACs hmac-md5")), _lost("kex"), "no-common-mac"
        ),
        versions=("2.17",),
    ),
    family(
        "jumps-broken",
        "through a jump host: the target refuses, does not resolve, the jump host forbids it, refuses the key, is off",
        Broken(Machine("target", 41, server="refuses"), _lost("tcp"), "jump-target-refused", _through("", 51)),
        Broken(
            Machine("name", 42),
            _lost("tcp"),
            "jump-target-refused",
            f"ansible_host=no-such-host.invalid {_through('', 51)}",
        ),
        Broken(Machine("forbidden", 43), _lost("tcp"), "jump-target-refused", _through("", 52)),
        Broken(Machine("keyless", 44), _lost("auth"), "auth-publickey", _through("", 53)),
        Broken(Machine("off", 45), _lost("tcp"), "connection-refused", _through("", 54)),
        Broken(Machine("quiet", 46), _lost("tcp"), "jump-host-failed", _through("-q", 53)),
        Broken(
            Machine("netcat", 47),
            _lost("tcp"),
            "jump-host-failed",
            "ansible_ssh_common_args='-o ProxyCommand=\"netcat-of-ours %h %p\"'",
        ),
        Broken(Machine("six", 48), _lost("tcp"), "jump-ipv6-brackets", f"ansible_host=2001:db8::7 {_through('', 51)}"),
        beside=(BASTION, CLOSED_BASTION, KEYLESS_BASTION, OFF_BASTION),
        versions=("2.19",),
    ),
    family(
        "jumps-passed",
        "through a jump host by ProxyJump, whose ssh has debug text, too: the host refuses the key, has no key exchange"
        " in common, closes at the greeting, says nothing; the host key of the jump host itself is not known",
        Broken(Machine("key", 41, options=_extra(KEYLESS)), _lost("auth"), "auth-publickey", JUMP),
        Broken(
            Machine("kex", 42, options=SshdOptions(kex="diffie-hellman-group1-sha1")),
            _lost("kex"),
            "no-common-kex",
            JUMP,
        ),
        Broken(Machine("closes", 43, server="closes"), _lost("banner"), "kex-closed", JUMP),
        Broken(Machine("silent", 44, server="silent"), _lost("banner"), "banner-timeout", JUMP),
        Broken(Machine("unknown", 45), _lost("hostkey"), "hostkey-unknown", JUMP.replace("51", "55")),
        beside=(BASTION, Machine("bastion5", 55, known="absent")),
        versions=("2.19",),
    ),
    family(
        "control-paths-broken",
        "control paths: too long, in a folder of root's; options that ssh does not know",
        Broken(
            Machine("long", 41),
            _lost("resolve"),
            "controlpath-too-long",
            f"ansible_control_path={SSH}/{'long-' * 20}%%h",
        ),
        Broken(
            Machine("folder", 42),
            Outcome("failed", "connect"),
            "controlpath-not-writable",
            "ansible_control_path_dir=/usr/lib/ansible-cp",
        ),
        Broken(
            Machine("option", 44),
            _lost("resolve"),
            "ssh-config-invalid",
            "ansible_ssh_common_args='-o NoSuchThing=yes'",
        ),
        Broken(
            Machine("config", 45),
            _lost("resolve"),
            "ssh-config-invalid",
            f"ansible_ssh_common_args='-F {SSH}/open_config'",
        ),
        control=f"printf 'Host *\\n  Bogus yes\\n' > {SSH}/open_config\nchown ops:ops {SSH}/open_config\n",
        versions=("2.16",),
    ),
)
