"""The lab on another Debian, for another OpenSSH and Python: python -m tests.lab.elsewhere SUITE FOLDER NAME-VERSION…

`python -m tests.lab.elsewhere trixie sample_logs/trixie sftp-missing-2.21 truth/free-2.21` runs these scenarios (a run
whose truth is kept behind `truth/`) with ansible-core 2.21, whatever versions a scenario names, in a root of its own
that debootstrap makes: OpenSSH 10.0 and Python 3.13 there. Linux and root; the root stays for the next time.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.lab import truth_make
from tests.lab.runner import run
from tests.lab.scenarios import SCENARIOS
from tests.lab.scenarios_truth import TRUTHS
from tests.lab.versions import lab_root

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("openssh-server", "openssh-client", "sshpass", "sudo", "acl"),
    *("python3", "python3-venv", "iproute2", "procps", "hostname", "openssl"),
)
SECONDS = 90.0
_TOOLS = "/srv/lab/tools"
_SOURCE = "/srv/lab/source"
# pip's settings of this machine hold in the other root, too.
_PIP = ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")


def _in(root: Path, *command: str, online: bool = False) -> None:
    """Runs a command in a root, with mounts of its own and, unless it is to be online, a loopback of its own."""
    mounts = "; ".join(f"mount --rbind /{name} {root}/{name}" for name in ("proc", "sys", "dev"))
    prepare = (
        f"set -e; mount --make-rprivate /; mount --bind {root} {root}; {mounts}; mkdir -p {root}{_SOURCE}; "
        f"mount --bind {REPOSITORY} {root}{_SOURCE}; ip link set lo up; "
        f'exec chroot {root} env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PYTHONPATH={_SOURCE} "$@"'
    )
    namespaces = ["unshare", "--mount"] if online else ["unshare", "--mount", "--net"]
    settings = [f"{name}={value}" for name, value in os.environ.items() if name.startswith("PIP_")]
    subprocess.run([*namespaces, "sh", "-c", prepare, "sh", *settings, *command], check=True)


def ensure_root(suite: str, versions: set[str]) -> Path:
    """A root with that release of Debian and these versions of ansible-core, made where it is missing."""
    root = lab_root() / "roots" / suite
    if not (root / "usr" / "bin" / "ssh").exists():
        root.mkdir(parents=True, exist_ok=True)
        include = f"--include={','.join(PACKAGES)}"
        subprocess.run(["debootstrap", "--variant=minbase", include, suite, str(root)], check=True)
    for name in _PIP:
        if Path(name).exists():
            (root / name[1:]).parent.mkdir(parents=True, exist_ok=True)
            (root / name[1:]).write_bytes(Path(name).read_bytes())
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    venvs = {f"/srv/lab/venvs/ac{version}": [f"ansible-core=={version}.*"] for version in sorted(versions)}
    for folder, wanted in {_TOOLS: project["dependencies"], **venvs}.items():
        if not (root / folder[1:] / "bin" / "pip").exists():
            _in(root, "python3", "-m", "venv", folder)
            _in(root, f"{folder}/bin/python", "-m", "pip", "install", "--quiet", *wanted, online=True)
    return root


def make(name: str, folder: Path) -> None:
    """Runs one scenario here, whatever versions it names, and writes its logs into a folder."""
    kind, _, stem = name.rpartition("/")
    scenario, version = stem.rsplit("-", 1)
    if kind == "truth":
        entry = next(entry for entry in TRUTHS if entry.scenario.name == scenario)
        sys.stderr.write(truth_make.make(stem, entry, version, folder / kind))
        return
    capture = run(SCENARIOS[scenario], version, lab_root() / "elsewhere", seconds=SECONDS)
    folder.mkdir(parents=True, exist_ok=True)
    logs = {f"{stem}.log": capture.log} | {f"{stem}.{m}.sshd.log": log for m, log in capture.sshd_logs.items()}
    for path, log in logs.items():
        (folder / f"{path}.gz").write_bytes(gzip.compress(log, mtime=0))
        sys.stderr.write(f"{path}: {len(log)} bytes, exit {capture.exit_codes}\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.elsewhere")
    parser.add_argument("suite")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="+", metavar="NAME-VERSION")
    parser.add_argument("--here", action="store_true", help="this is the other root")
    options = parser.parse_args(arguments)
    if options.here:
        for name in options.names:
            make(name, options.folder)
        return 0
    root = ensure_root(options.suite, {name.rsplit("-", 1)[1] for name in options.names})
    out = "/srv/lab/out"
    _in(root, f"{_TOOLS}/bin/python", "-m", "tests.lab.elsewhere", options.suite, out, *options.names, "--here")
    for path in sorted((root / out[1:]).rglob("*.gz")):
        target = options.folder / path.relative_to(root / out[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
