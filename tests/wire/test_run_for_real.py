"""README's "Run it for real", line by line, on a machine of its own: a real Postfix, Dovecot and s-nail, as root.

That machine is this one in namespaces of its own (unshare), with a copy of its files laid over them: what the commands
change is gone at the end, its ports are its own, and nothing can leave it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from needs import missing

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = re.search(r"^### Run it for real\n(.*?)^### ", README, re.MULTILINE | re.DOTALL)
INSTALLS = re.compile(r"^(?:apt-get|python3 -m venv|/opt/mailflow/bin/pip) .*\n", re.MULTILINE)
PATIENCE = 180

# Each folder that commands write in is laid over; /root for a Python that lives there and that other users must run.
MACHINE = """
set -eu
mount -t tmpfs tmpfs /mnt
for folder in etc var home opt root run; do
    mkdir -p /mnt/$folder/up /mnt/$folder/work
    mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder/up,workdir=/mnt/$folder/work /$folder
done
chmod 755 /root
rm -f /var/lib/postfix/master.lock /var/spool/postfix/pid/*
{python} - <<'END'
import fcntl, socket, struct
with socket.socket() as one:  # as `ip link set lo up`, which a bare machine may lack
    fcntl.ioctl(one, 0x8914, struct.pack("16sH14x", b"lo", 0x49))
END
mkdir -p /opt/mailflow/bin /etc/systemd/system
if [ ! -e /etc/dovecot/private/dovecot.pem ]; then  # what its package makes, where nothing was left out
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 \
        -keyout /etc/dovecot/private/dovecot.key -out /etc/dovecot/private/dovecot.pem 2> /dev/null
fi
cat > /opt/mailflow/bin/mailflow <<'END'
#!/bin/sh
PYTHONPATH={root} exec {python} -m mailflow "$@"
END
cat > /opt/mailflow/bin/systemctl <<'END'
#!/bin/bash
case "$*" in
    "restart postfix dovecot") postfix start; dovecot ;;
    "enable --now mailflow")
        unit=/etc/systemd/system/mailflow.service
        user=$(sed -n 's/^User=//p' $unit)
        options=$(sed -n 's/^ExecStart=[^ ]* //p' $unit)
        runuser -u $user -- /opt/mailflow/bin/mailflow $options > /tmp/mailflow-real.$$ 2>&1 & ;;
    *) echo "no such systemctl: $*"; exit 1 ;;
esac
END
chmod 755 /opt/mailflow/bin/*
export PATH=/opt/mailflow/bin:/usr/sbin:/usr/bin:/sbin:/bin
until_there() {{
    for _ in $(seq 120); do grep -rqs "$1" $2 && return; sleep 0.5; done
    echo "no '$1' in $2"; cat /tmp/mailflow-real.* 2>/dev/null || true; exit 1
}}
"""
AFTER = {
    2: "until_there '^Reply-To:' /home/an/Maildir/new",
    3: "until_there 'Aanmelding goed ontvangen' /home/an/Maildir/new",
}
END = """
mailflow case 1 --config /var/lib/mailflow/meldpunt
cat /home/an/Maildir/new/*
dovecot stop || doveadm stop || true
postfix stop || true
"""


APART = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
LAYS_OVER = """
mount -t tmpfs tmpfs /mnt && mkdir /mnt/up /mnt/work &&
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work /etc
"""


def test_a_referral_is_mailed_confirmed_and_answered_on_a_bare_machine(tmp_path: Path):
    """From useradd to the letter that says when the referral leaves."""
    for program in ("unshare", "postfix", "dovecot", "s-nail", "openssl", "runuser"):
        if shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
            missing(f"{program} is not installed")
    if os.geteuid() != 0:
        missing("only root can lay a machine over this one")
    if subprocess.run([*APART, "sh", "-c", LAYS_OVER], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine (a container?) lets nobody lay another one over it")
    assert SECTION is not None
    blocks = [INSTALLS.sub("", one) for one in re.findall(r"^```bash\n(.*?)^```", SECTION[1], re.MULTILINE | re.DOTALL)]
    script = MACHINE.format(python=sys.executable, root=ROOT)
    for number, block in enumerate(blocks):
        script += f"{block}\n{AFTER.get(number - 1, '')}\n"
    file = tmp_path / "script"
    file.write_text(script + END)

    done = subprocess.run(
        [*APART, "bash", file],
        capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False, cwd="/",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    assert "sender_confirmed" in done.stdout
    assert "letter_sent letter=received" in done.stdout, done.stdout[:3000]
