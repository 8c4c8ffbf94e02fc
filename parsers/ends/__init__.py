"""Both ends together: which channel of a managed node's sshd carried which command of the control node."""
