"""What the ssh, sftp and scp clients say: their debug lines and the order of these, SSH's messages by number."""
