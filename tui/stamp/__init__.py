"""Switches on the callback plugin that names the host of each debug line, beside what the user has set.

Ansible reads both settings from the environment before its configuration file, so a variable that is set here hides
the file's: the file's own values are carried over.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Mapping
from pathlib import Path

PLUGIN = "sshdebug_stamp"
FOLDER = Path(__file__).parent / "callback"

_DEFAULT_PATHS = "{home}/plugins/callback:/usr/share/ansible/plugins/callback"

_ON = frozenset(("1", "yes", "y", "true", "t", "on", "1.0"))
"""What ansible-core reads as true (`parsing/convert_bool.py`)."""


def config_file(environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The configuration file that Ansible will read (lib/ansible/config/manager.py, `find_ini_config_file`, 2.13-2.19).

    ANSIBLE_CONFIG, then ./ansible.cfg (not in a world-writable folder), ~/.ansible.cfg, /etc/ansible/ansible.cfg.
    """
    named = environ.get("ANSIBLE_CONFIG")
    places = []
    if named:
        path = Path(named).expanduser()
        places.append(path / "ansible.cfg" if path.is_dir() else path)
    try:
        if not cwd.stat().st_mode & stat.S_IWOTH:
            places.append(cwd / "ansible.cfg")
    except OSError:
        pass
    home = environ.get("HOME")
    if home:
        places.append(Path(home) / ".ansible.cfg")
    places.append(Path("/etc/ansible/ansible.cfg"))
    return next((path for path in places if os.access(path, os.R_OK) and path.is_file()), None)


def _defaults(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
        return dict(parser["defaults"]) if parser.has_section("defaults") else {}
    except (configparser.Error, UnicodeDecodeError, OSError):
        return {}  # Ansible itself will say what is wrong with it


def _from(folder: Path, paths: str) -> str:
    """`paths` of a configuration file in `folder`, from where Ansible counts those that are relative."""
    parts = (part.strip() for part in paths.split(":"))
    return ":".join(part if part.startswith(("/", "~", "$", "{{")) else str(folder / part) for part in parts if part)


def stamped(environ: Mapping[str, str], cwd: Path, program: str = "ansible-playbook") -> dict[str, str]:
    """The variables that switch the plugin on in `program`, with what the user's environment or configuration has.

    `ansible` loads no plugin but its output's own unless it is told to, and only then it looks at `stdout_callback`
    (lib/ansible/cli/adhoc.py, 2.13-2.21). Where the user has not told it to, ours is the only one that is loaded.
    """
    file = config_file(environ, cwd)
    defaults = _defaults(file)
    loads = environ.get("ANSIBLE_LOAD_CALLBACK_PLUGINS") or defaults.get("bin_ansible_callbacks") or ""
    if program == "ansible" and loads.strip().lower() not in _ON:
        return {
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
            "ANSIBLE_STDOUT_CALLBACK": "default",
            "ANSIBLE_CALLBACKS_ENABLED": PLUGIN,
            "ANSIBLE_CALLBACK_PLUGINS": str(FOLDER),
        }
    enabled = (
        environ.get("ANSIBLE_CALLBACKS_ENABLED")
        or environ.get("ANSIBLE_CALLBACK_WHITELIST")
        or defaults.get("callbacks_enabled")
        or defaults.get("callback_whitelist")
        or ""
    )
    home = environ.get("ANSIBLE_HOME") or defaults.get("home") or "~/.ansible"
    paths = (
        environ.get("ANSIBLE_CALLBACK_PLUGINS")
        or (_from(file.parent, defaults["callback_plugins"]) if file and defaults.get("callback_plugins") else "")
        or _DEFAULT_PATHS.format(home=home.rstrip("/"))
    )
    names = [name.strip() for name in enabled.split(",") if name.strip()]
    return {
        "ANSIBLE_CALLBACKS_ENABLED": ",".join([*(name for name in names if name != PLUGIN), PLUGIN]),
        "ANSIBLE_CALLBACK_PLUGINS": f"{paths}:{FOLDER}",
    }
