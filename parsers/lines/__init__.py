"""One line in, one event out: what stands around a line that Ansible wrote, and what the line says."""
