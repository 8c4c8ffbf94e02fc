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


def stamped(environ: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """The two variables that switch the plugin on, with what the user's environment or configuration has in them."""
    defaults = _defaults(config_file(environ, cwd))
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
        or defaults.get("callback_plugins")
        or _DEFAULT_PATHS.format(home=home.rstrip("/"))
    )
    names = [name.strip() for name in enabled.split(",") if name.strip()]
    return {
        "ANSIBLE_CALLBACKS_ENABLED": ",".join([*(name for name in names if name != PLUGIN), PLUGIN]),
        "ANSIBLE_CALLBACK_PLUGINS": f"{paths}:{FOLDER}",
    }
