"""Real runs of ansible-playbook against real SSH servers: where `sample_logs/` comes from."""
