"""The log of sshd, the managed node's end of the connection."""
