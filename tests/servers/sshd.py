"""A real OpenSSH server, as a bastion: its own host keys, its own account's keys, nothing of the machine's."""

import os
import pwd
import re
import signal
import subprocess
from pathlib import Path

from .process import Server, answers, find_program


def make_key(path, kind="ed25519", passphrase="", *options):
    """A new private key; its public half stands beside it with the ending .pub."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "tlswarden-test", *options, "-f", str(path)],
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return Path(path)


def _children(process):
    try:
        return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


class SSHD(Server):
    """Lets the account that runs it in with the keys in `authorized`, lines of an authorized_keys file. `settings` are
    lines of sshd_config that come first, and so win."""

    def __init__(self, directory, authorized=(), *, host_keys=("ed25519",), settings=(), **where):
        super().__init__(directory, **where)
        self.authorized = list(authorized)
        self.host_keys = list(host_keys)
        self.settings = list(settings)

    @property
    def user(self):
        return pwd.getpwuid(os.geteuid()).pw_name

    def host_key(self, kind):
        return self.directory / f"host_{kind}"

    def known_hosts(self, *kinds, host=None):
        """The lines that pin this server's host keys."""
        name = f"[{host or self.address}]:{self.port}"
        keys = [self.host_key(kind).with_suffix(".pub").read_text().split() for kind in kinds or self.host_keys]
        return "".join(f"{name} {kind} {key}\n" for kind, key, *_ in keys)

    def prepare(self):
        if os.geteuid() == 0:
            # sshd gives its unprivileged part this directory, which only the service of the distribution makes.
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        for kind in self.host_keys:
            if not self.host_key(kind).exists():
                make_key(self.host_key(kind), kind)
        (self.directory / "authorized_keys").write_text("\n".join(self.authorized) + "\n")
        lines = [*self.settings, f"Port {self.port}", f"ListenAddress {self.address}",
                 *(f"HostKey {self.host_key(kind)}" for kind in self.host_keys),
                 f"AuthorizedKeysFile {self.directory}/authorized_keys", f"PidFile {self.directory}/pid", "StrictModes no",
                 "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password",
                 "LogLevel VERBOSE", "UseDNS no", "PrintMotd no", "MaxStartups 100"]
        (self.directory / "sshd_config").write_text("\n".join(lines) + "\n")

    def command(self):
        return [find_program("sshd", "/usr/sbin/sshd"), "-D", "-e", "-f", str(self.directory / "sshd_config")]

    def ready(self):
        return answers(self.address, self.port)

    def logins(self):
        """How many SSH connections have been let in since the first start."""
        return len(re.findall(r"^Accepted publickey ", self.log.read_text(errors="replace"), re.M))

    def connections(self):
        """The processes that serve connections; those of the connections' accounts included."""
        found, parents = [], [self.process.pid]
        while parents:
            parents = [child for parent in parents for child in _children(parent)]
            found += parents
        return found

    def stop(self):
        # What serves connections outlives what listens.
        connections = self.connections() if self.process else []
        super().stop()
        for number in connections:
            try:
                os.kill(number, signal.SIGTERM)
            except ProcessLookupError:
                pass
