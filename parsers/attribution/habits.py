"""How commands go on, from where they stand: the numbers of `likely`.

Made by `python -m benchmarks.habits --write`: logarithms of odds, fitted to
57,416 chunks that 3.6 commands could have had.
"""

from __future__ import annotations

POINTS: dict[tuple[bool, str, bool], tuple[float, float, float, float, float, float, float]] = {
    (False, "cut", False): (-0.29, 0.10, 0.07, -0.79, -0.06, 2.23, -0.37),
    (False, "cut", True): (0.17, 0.09, 0.03, -0.74, 0.49, 0.00, -0.50),
    (False, "fresh", False): (0.01, 0.00, 0.11, -1.81, 0.22, 0.34, 0.19),
    (False, "half", False): (0.22, -0.59, 0.01, -0.26, 0.17, 0.22, 0.24),
    (False, "half", True): (0.30, -0.25, -0.02, -0.73, 0.51, 0.00, -0.64),
    (False, "waits", False): (-2.48, 0.11, -0.02, -1.30, 0.27, 4.63, 0.01),
    (False, "waits", True): (-0.10, 0.52, 0.08, -1.02, 0.93, 0.00, -0.63),
    (True, "cut", False): (0.45, 0.01, 0.06, -1.32, 0.48, 2.40, -0.42),
    (True, "cut", True): (-0.06, 0.00, -0.05, -0.14, 0.15, 0.00, -0.14),
    (True, "fresh", False): (-0.00, 0.00, -0.04, -1.66, -0.04, 0.36, 0.70),
    (True, "waits", False): (1.09, 0.46, 0.15, -1.56, 0.70, -0.80, 0.20),
}
"""By (it makes a connection, where it stands, the chunk is the end of a pipe): the numbers of `likely.Points`."""

BEHIND: dict[tuple[bool, str, bool], tuple[float, float, float]] = {
    (False, "answer", False): (0.71, -0.28, 0.03),
    (False, "answer", True): (-0.43, -0.27, 0.02),
    (False, "cut", False): (-0.15, 0.18, 0.12),
    (False, "cut", True): (0.03, 0.02, -0.02),
    (False, "debug1: auto-mux", True): (-0.01, -0.41, 0.08),
    (False, "debug1: mux_client_request_session: ", False): (0.93, -0.01, 0.03),
    (False, "debug1: mux_client_request_session: ", True): (0.45, -0.14, -0.03),
    (False, "debug2: fd ", True): (1.12, -0.15, 0.07),
    (False, "debug3: SSH2_FXP_STATUS", True): (-0.09, -0.49, -0.08),
    (False, "debug3: Sent message", False): (0.03, -0.40, -0.13),
    (False, "debug3: Sent message", True): (0.35, -0.36, 0.03),
    (False, "debug3: mux_client_request_session: session request sent", True): (-0.20, -0.40, -0.02),
    (True, "answer", True): (-0.47, -0.76, -0.22),
    (True, "cut", False): (-0.04, 0.10, 0.08),
    (True, "cut", True): (0.44, -0.09, -0.07),
    (True, "debug1: Found key in", True): (0.35, 0.66, 0.11),
    (True, "debug1: Local version string", True): (0.19, 0.04, -0.08),
    (True, "debug1: Remote: ", True): (0.68, 0.83, 0.20),
    (True, "debug1: SSH2_MSG_KEXINIT sent", True): (0.04, -0.43, -0.13),
    (True, "debug1: expecting SSH2_MSG_KEX", True): (0.26, 0.29, -0.08),
    (True, "debug1: kex: client->server", True): (0.09, 0.76, 0.30),
    (True, "debug1: kex_input_ext_info: publickey-hostbound", True): (0.40, 0.42, 0.11),
    (True, "debug1: mux_client_request_session: ", False): (0.72, -1.24, -0.31),
    (True, "debug1: mux_client_request_session: ", True): (-0.04, -0.24, -0.12),
    (True, "debug2: exec request accepted", False): (0.82, -1.34, -0.28),
    (True, "debug2: fd ", True): (-0.81, -0.40, -0.12),
    (True, "debug2: we sent a publickey", True): (0.05, -0.94, -0.29),
    (True, "debug3: mux_client_request_session: session request sent", True): (-0.10, 0.54, 0.26),
    (True, "debug3: send packet: type", True): (1.04, 0.18, -0.03),
}
"""By (it makes a connection, its last line, the chunk's stream is stderr): what is added to the first three."""
