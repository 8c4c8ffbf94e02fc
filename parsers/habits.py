"""How commands go on, from where they stand: the numbers of `likely`.

Made by `python -m benchmarks.habits --write`: logarithms of odds, fitted to
48,738 chunks that 3.5 commands could have had.
"""

from __future__ import annotations

POINTS: dict[tuple[bool, str, bool], tuple[float, float, float, float, float, float, float]] = {
    (False, "cut", False): (-0.28, 0.13, 0.09, -0.53, -0.10, 1.54, -0.21),
    (False, "cut", True): (-0.60, -0.02, 0.01, -0.59, 0.47, 0.00, -0.30),
    (False, "fresh", False): (0.00, 0.00, 0.07, -1.54, 0.13, 0.01, 0.22),
    (False, "half", False): (0.03, -0.42, 0.13, -0.12, -0.11, 0.69, -0.86),
    (False, "half", True): (-0.05, -0.22, 0.02, 0.04, 0.12, 0.00, -0.80),
    (False, "waits", False): (-1.85, 0.24, -0.04, -1.09, 0.17, 4.50, -0.01),
    (False, "waits", True): (-0.37, 0.37, 0.00, -1.26, 1.34, 0.00, -0.40),
    (True, "cut", False): (0.67, 0.19, 0.08, -0.90, 0.69, 2.17, -0.30),
    (True, "cut", True): (-0.15, -0.28, -0.08, -0.28, -0.13, 0.00, 0.09),
    (True, "fresh", False): (-0.00, 0.00, -0.04, -1.33, 0.13, 0.37, 0.52),
    (True, "waits", False): (0.84, 0.62, 0.12, -1.75, 0.63, -0.07, 0.13),
}
"""By (it makes a connection, where it stands, the chunk is the end of a pipe): the numbers of `likely.Points`."""

BEHIND: dict[tuple[bool, str, bool], tuple[float, float, float]] = {
    (False, "answer", False): (-0.10, -0.29, 0.07),
    (False, "answer", True): (-0.24, -0.36, 0.03),
    (False, "cut", False): (-0.48, 0.17, 0.12),
    (False, "cut", True): (-0.40, -0.05, -0.02),
    (False, "debug1: auto-mux", True): (0.11, -0.26, 0.13),
    (False, "debug1: mux_client_request_session: ", False): (-0.01, 0.02, 0.08),
    (False, "debug1: mux_client_request_session: ", True): (0.28, -0.30, -0.03),
    (False, "debug2: fd ", True): (1.60, -0.23, 0.11),
    (False, "debug3: SSH2_FXP_STATUS", True): (0.05, -0.62, -0.06),
    (False, "debug3: Sent message", True): (0.15, -0.29, 0.09),
    (False, "debug3: mux_client_request_session: session request sent", True): (-0.37, -0.43, 0.03),
    (True, "answer", True): (-0.20, -0.56, -0.15),
    (True, "cut", False): (-0.16, 0.16, 0.09),
    (True, "cut", True): (0.68, -0.26, -0.09),
    (True, "debug1: Found key in", True): (0.06, 0.23, 0.11),
    (True, "debug1: Local version string", True): (0.76, -0.38, -0.09),
    (True, "debug1: Remote: ", True): (1.12, 0.67, 0.25),
    (True, "debug1: SSH2_MSG_KEXINIT sent", True): (0.01, -0.56, -0.07),
    (True, "debug1: expecting SSH2_MSG_KEX", True): (0.14, 0.39, -0.10),
    (True, "debug1: kex: client->server", True): (0.02, 0.37, 0.19),
    (True, "debug1: kex_input_ext_info: publickey-hostbound", True): (0.28, 0.76, 0.24),
    (True, "debug1: mux_client_request_session: ", False): (0.46, -1.12, -0.17),
    (True, "debug2: exec request accepted", False): (0.82, -1.30, -0.23),
    (True, "debug2: fd ", True): (-0.15, -0.66, -0.06),
    (True, "debug3: send packet: type", True): (0.32, -0.12, -0.02),
}
"""By (it makes a connection, its last line, the chunk's stream is stderr): what is added to the first three."""
