"""A machine's syslog: reads /dev/log and writes what rsyslog's traditional file has.

Runs inside the machine's mount namespace, so `SETUP` gives the machine a /dev of its own first.
"""

from __future__ import annotations

PROGRAM = r"""
import os, re, socket, sys
from datetime import datetime
where, host, form = sys.argv[1:4]
sink = open(where, "ab", buffering=0)
reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
reader.bind("/dev/log")
os.chmod("/dev/log", 0o666)
control = re.compile(rb"[\x00-\x1f\x7f]")
while True:
    message = reader.recv(65536).rstrip(b"\n\0")
    # <PRI>MMM DD HH:MM:SS TAG: TEXT, as glibc's syslog(3) sends it.
    message = re.sub(rb"\A<\d+>", b"", message)
    stamp, text = message[:15], message[16:]
    if form == "iso":
        stamp = datetime.now().astimezone().isoformat(timespec="microseconds").encode()
    text = control.sub(lambda found: b"#%03o" % found[0][0], text)
    sink.write(stamp + b" " + host.encode() + b" " + text + b"\n")
"""


def syslog_setup(name: str, port: int, form: str = "traditional") -> str:
    """Shell lines that give the machine `name` a /dev/log, written to its sshd's log file.

    `form`: traditional (RFC 3164 stamps) or iso, as rsyslog names them.
    """
    return f"""\
mkdir -p $LAB/dev/pts $LAB/dev/shm
for node in null zero full random urandom tty; do
    : > $LAB/dev/$node
    mount --bind /dev/$node $LAB/dev/$node
done
mount --rbind /dev/pts $LAB/dev/pts
ln -sf pts/ptmx $LAB/dev/ptmx
ln -sf /proc/self/fd $LAB/dev/fd
mount --rbind $LAB/dev /dev
cat > $LAB/syslog.py <<'END_OF_PROGRAM'
{PROGRAM}
END_OF_PROGRAM
python3 $LAB/syslog.py $LAB/sshd-{port}/sshd.log {name} {form} &
while [ ! -S /dev/log ]; do sleep 0.05; done
"""
