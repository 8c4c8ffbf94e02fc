"""Logins that fail: keys, agents, passwords, second factors."""

from __future__ import annotations

from tests.lab.model import Broken, Machine, Outcome, family
from tests.lab.servers import SshdOptions
from tests.lab.world import file_of

DENIED = Outcome("unreachable", "connect", "auth")
SSH = "/home/ops/.ssh"
OPS = "setpriv --reuid ops --regid ops --clear-groups"
KEYS = f"""\
cd {SSH}
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\\r\\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\\r\\n' > pasted_key
cp id_ed25519 locked_key
chmod 600 pasted_key locked_key
ssh-keygen -q -p -P '' -N passphrase -f locked_key >/dev/null
chown ops:ops *
cd /home/ops/site
"""
AGENT = f"""\
{OPS} ssh-agent -a {SSH}/agent >/dev/null
SSH_AUTH_SOCK={SSH}/agent {OPS} ssh-add -q -c {SSH}/other_key
"""
MANY = f"""\
{OPS} ssh-agent -a {SSH}/many >/dev/null
for n in 1 2 3 4 5 6; do
  {OPS} ssh-keygen -q -t ed25519 -N '' -C key$n -f {SSH}/many_$n
  SSH_AUTH_SOCK={SSH}/many {OPS} ssh-add -q {SSH}/many_$n
done
rm {SSH}/many_*
"""


def _agent(name: str) -> str:
    return f"ansible_ssh_common_args='-o IdentityAgent={SSH}/{name} -o IdentityFile=none'"


def _key(name: str) -> str:
    return f"ansible_ssh_private_key_file={SSH}/{name}"


def _extra(*lines: str) -> SshdOptions:
    return SshdOptions(extra=lines)


PASSWORDS = SshdOptions(public_key=False, password=True)

LOGIN = (
    family(
        "keys-broken",
        "a key that is missing, one that was pasted badly, one with a passphrase",
        Broken(Machine("missing", 41), DENIED, "key-missing", _key("id_deploy")),
        Broken(Machine("pasted", 42), DENIED, "key-invalid", _key("pasted_key")),
        Broken(Machine("locked", 43), DENIED, "key-passphrase", _key("locked_key")),
        control=KEYS,
        versions=("2.13",),
    ),
    family(
        "logins-barred",
        "root, whose key is right and who may not log in; the public half of a key given as the private one",
        Broken(
            Machine("root", 41, options=_extra("PermitRootLogin no")), DENIED, "account-refused", "ansible_user=root"
        ),
        Broken(
            Machine("public", 42),
            DENIED,
            "key-permissions",
            f"{_key('id_ed25519.pub')} ansible_ssh_common_args='-o IdentitiesOnly=yes'",
        ),
        versions=("2.19",),
    ),
    family(
        "agents-broken",
        "an agent that asks first and has nobody to ask, and one with more keys than the server takes",
        Broken(Machine("confirm", 41), DENIED, "agent-refused", _agent("agent")),
        Broken(
            Machine("many", 42, options=_extra("MaxAuthTries 3")),
            DENIED,
            "auth-too-many",
            _agent("many"),
        ),
        control=AGENT + MANY,
        versions=("2.19",),
    ),
    family(
        "logins-refused",
        "the key is right: the server wants a password as well, the user is not allowed, is unknown, or his files are"
        " open to others",
        Broken(
            Machine("two", 41, options=SshdOptions(password=True, extra=("AuthenticationMethods publickey,password",))),
            DENIED,
            "auth-second-factor",
        ),
        Broken(Machine("allowed", 42, options=_extra("AllowUsers app")), DENIED, "auth-publickey"),
        Broken(Machine("unknown", 43), DENIED, "auth-publickey", "ansible_user=depoy"),
        Broken(
            Machine(
                "strict",
                44,
                options=_extra("StrictModes yes", "AuthorizedKeysFile .ssh/authorized_keys"),
                setup=file_of("deploy", ".ssh/authorized_keys", "x", "644") + "chmod 777 /home/deploy\n",
            ),
            DENIED,
            "auth-publickey",
        ),
        versions=("2.17",),
    ),
    family(
        "passwords-broken",
        "passwords: an unknown host key, an unknown user, a server that takes keys only",
        Broken(
            Machine("unknown", 41, options=PASSWORDS, known="absent"),
            Outcome("failed", "connect", "hostkey"),
            "hostkey-unknown",
            "ansible_password=lab-password",
        ),
        Broken(
            Machine("nobody", 43, options=PASSWORDS),
            DENIED,
            "auth-password",
            "ansible_password=lab-password ansible_user=depoy",
        ),
        Broken(
            Machine("keys-only", 44, options=_extra("AuthorizedKeysFile /etc/ssh/none")),
            DENIED,
            "auth-publickey",
            "ansible_password=lab-password",
        ),
        Broken(
            Machine("changed-lax", 45, options=PASSWORDS, known="changed"),
            DENIED,
            "hostkey-changed",
            "ansible_password=lab-password ansible_host_key_checking=false",
        ),
        versions=("2.16",),
    ),
    family(
        "askpass-missing",
        "Ansible is started as a module of Python, where its askpass is not found beside it",
        Broken(
            Machine("askpass", 41, options=PASSWORDS), DENIED, "askpass-not-executable", "ansible_password=lab-password"
        ),
        command=("{bin}/python", "-m", "ansible", "playbook", "-i", "inventory.ini"),
        environment={"PATH": "/usr/bin:/bin"},
        versions=("2.19",),
    ),
    family(
        "password-changed-key",
        "a password and a host key that is another one than before",
        Broken(
            Machine("changed", 42, options=PASSWORDS, known="changed"),
            Outcome("failed", "connect", "hostkey"),
            "hostkey-changed",
            "ansible_password=lab-password",
        ),
        versions=("2.19",),
    ),
)
