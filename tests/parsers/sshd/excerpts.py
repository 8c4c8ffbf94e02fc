"""Excerpts of sshd's logs that are too small for a sample of their own."""

from __future__ import annotations


def syslog(*lines: tuple[int, str], host: str = "db1") -> bytes:
    """Lines of sshd, (pid, message) each, as rsyslog's traditional format has them."""
    return "".join(
        f"Oct  2 11:51:{at % 60:02} {host} sshd[{pid}]: {text}\n" for at, (pid, text) in enumerate(lines)
    ).encode()


DEFAULT_LEVEL = b"""\
Oct  2 11:50:58 db1 CRON[800]: pam_unix(cron:session): session opened for user root by (uid=0)
Oct  2 11:51:00 db1 sshd[900]: Accepted publickey for deploy from 192.0.2.1 port 35746 ssh2: ED25519 SHA256:x
Oct  2 11:51:00 db1 sshd[900]: pam_unix(sshd:session): session opened for user deploy(uid=2002) by (uid=0)
Oct  2 11:51:01 db1 sudo:   deploy : TTY=pts/0 ; PWD=/home/deploy ; USER=root ; COMMAND=/bin/sh -c id
Oct  2 11:51:03 db1 sshd[905]: Received disconnect from 192.0.2.1 port 35746:11: disconnected by user
Oct  2 11:51:03 db1 sshd[905]: Disconnected from user deploy 192.0.2.1 port 35746
Oct  2 11:51:03 db1 sshd[900]: pam_unix(sshd:session): session closed for user deploy
"""

_COMMAND = (
    "/bin/sh -c 'echo PLATFORM; uname; echo FOUND; "
    + "".join(
        f"command -v '\"'\"'{name}'\"'\"'; "
        for name in (
            *(f"python3.{minor}" for minor in range(10, 4, -1)),
            "/usr/bin/python3",
            "/usr/libexec/platform-python",
            "python2.7",
            "/usr/bin/python",
            "python",
        )
    )
    + "echo ENDFOUND && sleep 0'"
)

_STATUS = r"\r\n  #0 server-session (t4 r2 i3/0 o3/0 e[closed]/0 fd -1/-1/-1 sock -1 cc -1)\r\n"

# One command of RHEL 8.6's sshd (OpenSSH 8.0), as a published account of such a debugging shows it.
_EXEC = """\
debug3: receive packet: type 90
debug1: server_input_channel_open: ctype session rchan 2 win 2097152 max 32768
debug1: input_session_request
debug1: channel 0: new [server-session]
debug1: session_new: session 0
debug1: session_open: channel 0
debug1: session_open: session 0: link with channel 0
debug1: server_input_channel_open: confirm session
debug3: send packet: type 91
debug3: receive packet: type 98
debug1: server_input_channel_req: channel 0 request env reply 0
debug1: session_by_channel: session 0 channel 0
debug1: session_input_channel_req: session 0 req env
debug2: Setting env 0: LANG=ja_JP.UTF-8
debug3: receive packet: type 98
debug1: server_input_channel_req: channel 0 request exec reply 1
debug1: session_by_channel: session 0 channel 0
debug1: session_input_channel_req: session 0 req exec
Starting session: command for sugimura from 192.168.0.130 port 35746 id 0
debug3: mm_audit_run_command entering command @COMMAND@
debug3: mm_request_send entering: type 114
debug3: mm_request_receive_expect entering: type 115
debug3: mm_request_receive entering
debug2: fd 17 setting O_NONBLOCK
debug2: fd 16 setting O_NONBLOCK
debug2: fd 19 setting O_NONBLOCK
debug3: mm_forward_audit_messages: entering
debug3: send packet: type 99
debug1: Received SIGCHLD.
debug1: session_by_pid: pid 24065
debug1: session_exit_message: session 0 channel 0 pid 24065
debug2: channel 0: request exit-status confirm 0
debug3: send packet: type 98
debug1: session_exit_message: release channel 0
debug2: channel 0: write failed
debug2: channel 0: chan_shutdown_write (i0 o0 sock -1 wfd 16 efd 19 [read])
debug2: channel 0: send eow
debug3: send packet: type 98
debug2: channel 0: output open -> closed
debug2: channel 0: read<=0 rfd 17 len 0
debug2: channel 0: read failed
debug2: channel 0: chan_shutdown_read (i0 o3 sock -1 wfd 17 efd 19 [read])
debug2: channel 0: input open -> drain
debug2: channel 0: read 0 from efd 19
debug2: channel 0: closing read-efd 19
debug2: channel 0: ibuf empty
debug2: channel 0: send eof
debug3: send packet: type 96
debug2: channel 0: input drain -> closed
debug2: channel 0: send close
debug3: send packet: type 97
debug2: notify_done: reading
debug3: channel 0: will not send data after close
debug3: receive packet: type 97
debug2: channel 0: rcvd close
debug3: channel 0: will not send data after close
debug2: channel 0: is dead
debug2: channel 0: gc: notify user
debug1: session_by_channel: session 0 channel 0
debug1: session_close_by_channel: channel 0 child 0
Close session: user sugimura from 192.168.0.130 port 35746 id 0
debug3: mm_audit_end_command entering command @COMMAND@
debug3: mm_request_send entering: type 116
debug3: session_unused: session id 0 unused
debug2: channel 0: gc: user detached
debug2: channel 0: is dead
debug2: channel 0: garbage collecting
debug1: channel 0: free: server-session, nchannels 1
debug3: channel 0: status: The following connections are open:@STATUS@
"""

ARTICLE = "".join(
    f"Oct  2 11:51:00 rhel86 sshd[24024]: {line}\n"
    for line in _EXEC.replace("@COMMAND@", _COMMAND).replace("@STATUS@", _STATUS).splitlines()
).encode()
