"""The two variables that switch the plugin on: added to what the user has, wherever he has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.stamp import FOLDER, PLUGIN, config_file, stamped


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder that others cannot write to."""
    folder = tmp_path / "project"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    return folder


def config(path: Path, text: str) -> Path:
    """Writes an ansible.cfg."""
    path.write_text("[defaults]\n" + text, encoding="utf-8")
    return path


def test_with_nothing_set_ansibles_own_folders_stay(project: Path) -> None:
    found = stamped({"HOME": str(project.parent)}, project)
    assert found["ANSIBLE_CALLBACKS_ENABLED"] == PLUGIN
    assert found["ANSIBLE_CALLBACK_PLUGINS"].startswith("~/.ansible/plugins/callback:")
    assert found["ANSIBLE_CALLBACK_PLUGINS"].endswith(f":{FOLDER}")


def test_the_plugin_is_where_the_variable_points() -> None:
    assert (FOLDER / f"{PLUGIN}.py").is_file()


@pytest.mark.parametrize("name", ["ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CALLBACK_WHITELIST"])
def test_the_users_variables_are_kept(project: Path, name: str) -> None:
    environ = {name: "timer, profile_tasks", "ANSIBLE_CALLBACK_PLUGINS": "/opt/app/plugins"}
    found = stamped(environ, project)
    assert found["ANSIBLE_CALLBACKS_ENABLED"] == f"timer,profile_tasks,{PLUGIN}"
    assert found["ANSIBLE_CALLBACK_PLUGINS"] == f"/opt/app/plugins:{FOLDER}"


@pytest.mark.parametrize("name", ["callbacks_enabled", "callback_whitelist"])
def test_the_projects_configuration_is_kept(project: Path, name: str) -> None:
    """A variable hides the file's setting, so the file's own values are carried over."""
    config(project / "ansible.cfg", f"{name} = timer ; how long\ncallback_plugins = ./callback\n")
    found = stamped({}, project)
    assert found["ANSIBLE_CALLBACKS_ENABLED"] == f"timer,{PLUGIN}"
    assert found["ANSIBLE_CALLBACK_PLUGINS"] == f"{project}/callback:{FOLDER}"


def test_a_file_elsewhere_counts_its_paths_from_where_it_stands(project: Path, tmp_path: Path) -> None:
    """In a variable they would be counted from the current folder."""
    file = config(project / "ansible.cfg", "callback_plugins = callback:~/mine:/opt/x:$HOME/y:{{CWD}}/z\n")
    found = stamped({"ANSIBLE_CONFIG": str(file)}, tmp_path)
    assert found["ANSIBLE_CALLBACK_PLUGINS"] == f"{project}/callback:~/mine:/opt/x:$HOME/y:{{{{CWD}}}}/z:{FOLDER}"


def test_ad_hoc_loads_ours_and_nothing_else_that_it_would_not(project: Path) -> None:
    """`ansible` loads callbacks, and looks at stdout_callback, only where it is told to."""
    config(project / "ansible.cfg", "callbacks_enabled = mail\nstdout_callback = yaml\ncallback_plugins = ./callback\n")
    found = stamped({}, project, "ansible")
    assert found == {
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
        "ANSIBLE_STDOUT_CALLBACK": "default",
        "ANSIBLE_CALLBACKS_ENABLED": PLUGIN,
        "ANSIBLE_CALLBACK_PLUGINS": str(FOLDER),
    }
    told = stamped({"ANSIBLE_LOAD_CALLBACK_PLUGINS": "True"}, project, "ansible")
    assert told["ANSIBLE_CALLBACKS_ENABLED"] == f"mail,{PLUGIN}"
    assert "ANSIBLE_STDOUT_CALLBACK" not in told
    assert "ANSIBLE_LOAD_CALLBACK_PLUGINS" not in stamped({}, project)


def test_stamping_twice_changes_nothing_more(project: Path) -> None:
    once = stamped({}, project)
    assert stamped(once, project)["ANSIBLE_CALLBACKS_ENABLED"] == PLUGIN


def test_which_configuration_file_counts(project: Path) -> None:
    home = project.parent
    assert config_file({"HOME": str(home)}, project) in (None, Path("/etc/ansible/ansible.cfg"))
    mine = config(home / ".ansible.cfg", "")
    assert config_file({"HOME": str(home)}, project) == mine
    here = config(project / "ansible.cfg", "")
    assert config_file({"HOME": str(home)}, project) == here
    named = config(home / "named.cfg", "")
    assert config_file({"HOME": str(home), "ANSIBLE_CONFIG": str(named)}, project) == named
    assert config_file({"HOME": str(home), "ANSIBLE_CONFIG": str(project)}, home) == here


def test_a_folder_that_everybody_can_write_to_is_passed_over(project: Path) -> None:
    """As Ansible does."""
    config(project / "ansible.cfg", "callbacks_enabled = timer\n")
    project.chmod(0o777)
    assert stamped({"HOME": str(project)}, project)["ANSIBLE_CALLBACKS_ENABLED"] == PLUGIN


@pytest.mark.parametrize("text", [b"no section\n", b"[defaults]\n\xff\xfe\n", b"[defaults]\ncallbacks_enabled\n", b""])
def test_a_configuration_that_cannot_be_read_is_left_to_ansible(project: Path, text: bytes) -> None:
    (project / "ansible.cfg").write_bytes(text)
    assert stamped({}, project)["ANSIBLE_CALLBACKS_ENABLED"] == PLUGIN
