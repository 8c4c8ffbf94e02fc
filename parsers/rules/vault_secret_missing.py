"""Something is encrypted with ansible-vault, and no secret that opens it was given.

What you see:
`Attempting to decrypt but no vault secrets found`, or `Decryption failed (no vault secrets were found that could
decrypt)`, as an error of the run or in a result of a host.

Why it happens:
The run was started without `--ask-vault-pass`, `--vault-id` or `ANSIBLE_VAULT_PASSWORD_FILE`, or with the secret of
another vault id.

How to be sure:
The first line of the file shows its id: `$ANSIBLE_VAULT;1.2;AES256;ID`. `ansible-vault view FILE` asks for the same
secret.

Fix:
`ansible-playbook --ask-vault-pass PLAYBOOK`, or `--vault-id ID@prompt`, or `--vault-password-file FILE`.

Not this when:
The secret was found and is wrong for a key of ssh: a passphrase of a private key is no vault secret (key-passphrase).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown


@rule(
    "vault-secret-missing",
    order=130,
    title="A vault secret is missing",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(
        host_or_control_lines(case),
        "Attempting to decrypt but no vault secrets found",
        "no vault secrets were found that could decrypt",
    )
    if line is None:
        return None
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    explanation = f"A vault secret is missing: {shown(line.text.strip())}"
    return Match(
        proof(line),
        explanation=explanation,
        fixes=(f"ansible-playbook --ask-vault-pass {playbook}", f"ansible-playbook --vault-id @prompt {playbook}"),
    )
