"""Real mail servers on loopback: Dovecot holds the mailboxes (IMAP, LMTP), Postfix takes and delivers mail (SMTP), each on its own port."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PASSWORD = "correct-horse-battery"
DOMAINS = ("lligam.example", "roastery.example")
UNKNOWN = "gone@roastery.example"
"""Mail to this address is taken, and comes back: its mailbox is no more."""
PATIENCE = 90.0
MISSING = "NOT RUN: mail needs dovecot-imapd, dovecot-lmtpd and postfix, and the right to start them (root); scripts/test.py installs them"
_DOVECOT = """
protocols = imap lmtp
base_dir = {here}/run
state_dir = {here}/state
listen = 127.0.0.1
log_path = {here}/dovecot.log
ssl = yes
ssl_cert = <{here}/cert.pem
ssl_key = <{here}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_username_format = %Lu
default_internal_user = dovecot
default_login_user = dovenull
default_vsz_limit = 0
first_valid_uid = 1
mail_location = maildir:{here}/mail/%u
mail_fsync = never
passdb {{
  driver = passwd-file
  args = {here}/people
}}
userdb {{
  driver = passwd-file
  args = {here}/people
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  process_min_avail = 1
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  unix_listener {here}/lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {here}/auth {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-reader {{
    mode = 0666
  }}
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@lligam.example
}}
"""
_MAIN = """
compatibility_level = 3.6
queue_directory = {here}/queue
data_directory = {here}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {here}/postfix.log
maillog_file_prefixes = {here}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.lligam.example
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = inline:{{ {people} }}
virtual_transport = lmtp:unix:{here}/lmtp
default_transport = error:5.1.2 nobody lives there
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {here}/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_cert_file = {here}/cert.pem
smtpd_tls_key_file = {here}/key.pem
smtpd_error_sleep_time = 0
max_use = 1
smtputf8_enable = no
message_size_limit = 62914560
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
disable_dns_lookups = yes
"""
_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{mx} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=no -o smtpd_relay_restrictions=permit_auth_destination,reject
  -o smtpd_recipient_restrictions=permit_auth_destination,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 2 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
"""


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _certificate(here: Path) -> None:
    """One that nobody trusts unasked."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    (here / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (here / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (here / "key.pem").chmod(0o600)


class Mail:
    """Both servers, with the mailboxes of these people. Each can be stopped and started; mail waits meanwhile.

    `smtp` is the port for those who live there and sign in (at Dovecot), `mx` the one for mail from elsewhere. `imap` and `smtp` offer
    STARTTLS, `imaps` is encrypted from the start; whoever trusts `cert.pem` knows the server as "localhost".
    """

    def __init__(self, here: Path, *people: str) -> None:
        self.here = here
        self.imap, self.imaps, self.smtp, self.mx = _free_ports(4)
        _certificate(here)
        nobody = pwd.getpwnam("nobody")
        for name in ("run", "state", "mail", "queue", "data", "postfix"):
            (here / name).mkdir()
        here.chmod(0o755)
        shutil.chown(here / "mail", nobody.pw_uid, nobody.pw_gid)
        shutil.chown(here / "data", "postfix")
        values = {
            "here": here, "imap": self.imap, "imaps": self.imaps, "smtp": self.smtp, "mx": self.mx, "domains": ", ".join(DOMAINS),
            "people": ", ".join(f"{{ {each} = x }}" for each in (*people, UNKNOWN)),
        }  # fmt: skip
        lines = (f"{each}:{{PLAIN}}{PASSWORD}:{nobody.pw_uid}:{nobody.pw_gid}::{here}/mail/{each}\n" for each in people)
        (here / "people").write_text("".join(lines))
        (here / "dovecot.conf").write_text(_DOVECOT.format(**values))
        (here / "postfix" / "main.cf").write_text(_MAIN.format(**values))
        (here / "postfix" / "master.cf").write_text(_MASTER.format(**values))
        self._dovecot: subprocess.Popen[bytes] | None = None
        self._postfix: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        return PASSWORD

    def settings(self, address: str, **more: str) -> dict[str, str]:
        """What someone connecting this mailbox would fill in."""
        told = {"imap_host": "127.0.0.1", "imap_port": str(self.imap), "imap_security": "none", "smtp_host": "127.0.0.1"}
        return {"address": address, **told, "smtp_port": str(self.smtp), "smtp_security": "none", **more}

    def start_imap(self) -> None:
        command = ["dovecot", "-F", "-c", str(self.here / "dovecot.conf")]
        self._dovecot = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        self._answers(self.imap, self._dovecot, "dovecot.log")

    def stop_imap(self) -> None:
        self._dovecot = _ended(self._dovecot)

    def start_smtp(self) -> None:
        command = ["postfix", "-c", str(self.here / "postfix"), "start-fg"]
        self._postfix = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self._answers(self.smtp, None, "postfix.log")

    def stop_smtp(self) -> None:
        """The program that starts it lives on its own; the server's number stands in a file."""
        number = self.here / "queue" / "pid" / "master.pid"
        if self._postfix is not None and number.exists():
            pid = int(number.read_text())
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            until = time.monotonic() + PATIENCE
            while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
                time.sleep(0.02)
            number.unlink(missing_ok=True)
        self._postfix = _ended(self._postfix)

    def hurry(self) -> None:
        """What waits is tried again at once: Postfix lays a message aside for five minutes when its last carrier still holds it."""
        now = time.time()
        for path in (each for name in ("incoming", "deferred") for each in (self.here / "queue" / name).rglob("*")):
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime > now + 2:
                    os.utime(path, (now, now))

    def _answers(self, port: int, process: "subprocess.Popen[bytes] | None", log: str) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as probe:
                probe.settimeout(20)
                if probe.recv(10):
                    return
            assert process is None or process.poll() is None, f"ended at once\n{self.log(log)}"
            time.sleep(0.05)
        pytest.fail(f"does not answer on port {port}\n{self.log(log)}")

    def log(self, name: str) -> str:
        path = self.here / name
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def renumber(self, address: str) -> None:
        """Forget how the messages of a mailbox were numbered, as a move to another server does: another UIDVALIDITY, other UIDs."""
        folder = self.here / "mail" / address
        for path in [*folder.glob("dovecot*"), *folder.glob(".Sent/dovecot*")]:
            path.unlink()
        # Left alone it would take a number from the clock, which may be the one it had.
        command = ["doveadm", "-c", str(self.here / "dovecot.conf"), "mailbox", "update", "-u", address, "--uid-validity", "4242", "INBOX"]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def _ended(process: "subprocess.Popen[bytes] | None") -> None:
    if process is None or process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def is_installed() -> bool:
    programs = all(
        os.access(path, os.X_OK) for path in ("/usr/sbin/dovecot", "/usr/sbin/postfix", "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp")
    )
    return programs and os.geteuid() == 0


@contextmanager
def mail(*people: str) -> Iterator[Mail]:
    """Both servers for the length of the block; skips where they cannot be started."""
    if not is_installed():
        pytest.skip(MISSING)
    here = Path(tempfile.mkdtemp(prefix="vincle-mail-", dir="/tmp"))  # names of Unix sockets have to be short
    made = Mail(here, *people)
    try:
        made.start_imap()
        made.start_smtp()
        yield made
    finally:
        made.stop_smtp()
        made.stop_imap()
        shutil.rmtree(here, ignore_errors=True)
