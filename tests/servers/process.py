"""A server process: started in its own directory, waited for, stopped by whoever started it."""

import errno
import fcntl
import functools
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path


class StartFailed(Exception):
    pass


class Ports:
    """Ports that nobody else takes between the look and the bind, nor while their server is away: below those that the
    system hands out, and in a block that is locked for as long as this process lives."""

    FIRST, SIZE, BLOCKS = 20000, 100, 127

    def __init__(self):
        self.lock, block = self._locked()
        self.turn = itertools.cycle(range(self.FIRST + block * self.SIZE, self.FIRST + (block + 1) * self.SIZE))

    def _locked(self):
        directory = Path(tempfile.gettempdir()) / f"tlswarden-ports-{os.geteuid()}"
        directory.mkdir(mode=0o700, exist_ok=True)
        for block in range(self.BLOCKS):
            lock = open(directory / str(block), "wb")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock, block
            except BlockingIOError:
                lock.close()
        raise StartFailed(f"all of {directory} is locked")

    def next(self, address):
        for port in itertools.islice(self.turn, self.SIZE):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                try:
                    probe.bind((address, port))
                    return port
                except OSError as error:
                    if error.errno != errno.EADDRINUSE:
                        raise
        raise StartFailed("none of this process's ports is free")


@functools.lru_cache(maxsize=None)
def ports():
    return Ports()


def free_port(address="127.0.0.1"):
    return ports().next(address)


def account(name):
    """(uid, gid) of the account that a server must run as; None when we are not root and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


def run_as(owner, command, **options):
    if owner:
        options.update(user=owner[0], group=owner[1], extra_groups=[])
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, **options)


class Server:
    """Base of the engines' classes: they set `command`, `owner` and `ready`."""

    stop_signal = signal.SIGTERM

    def __init__(self, directory, address="127.0.0.1", port=None):
        self.directory = Path(directory)
        self.address = address
        self.fixed_port = port
        self.port = port
        self.process = None
        self.owner = None
        self.namespace = None
        self.environment = {}  # on top of our own

    @property
    def log(self):
        return self.directory / "server.log"

    def command(self):
        raise NotImplementedError

    def prepare(self):
        """Creates what the command needs; called before each start."""

    def ready(self):
        """True once the server answers its own protocol."""
        raise NotImplementedError

    def start(self):
        for attempt in range(5):
            if self.fixed_port is None:
                self.port = free_port(self.address if self.namespace is None else "127.0.0.1")
            self.directory.mkdir(parents=True, exist_ok=True)
            os.chmod(self.directory, 0o755)
            self.prepare()
            if self._launch():
                return self
            # Only a port that was taken between the look and the bind is worth another try.
            if self.fixed_port is not None or "in use" not in self.log.read_text(errors="replace").lower():
                break
        raise StartFailed(f"{type(self).__name__} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def _launch(self):
        options = {"env": {**os.environ, **self.environment}}
        if self.owner:
            options.update(user=self.owner[0], group=self.owner[1], extra_groups=[])
        prefix = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        if self.namespace and self.owner:
            options = {"env": options["env"]}
            prefix += ["setpriv", f"--reuid={self.owner[0]}", f"--regid={self.owner[1]}", "--clear-groups"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(prefix + self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            cwd=self.directory, start_new_session=True, **options)
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if self.ready():
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def copy_tree(source, destination, owner):
    """Copies a prepared data directory; cheaper by far than preparing another one."""
    subprocess.run(["cp", "-a", str(source), str(destination)], check=True)
    if owner:
        os.chown(destination, *owner)


def answers(address, port, namespace=None):
    if namespace:
        return subprocess.run(["ip", "netns", "exec", namespace, "bash", "-c", f"exec 3<>/dev/tcp/{address}/{port}"],
                              stderr=subprocess.DEVNULL).returncode == 0
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def find_program(name, *places):
    for place in places:
        candidates = sorted(Path("/").glob(place.lstrip("/")), reverse=True)
        for candidate in candidates:
            if os.access(candidate, os.X_OK):
                return str(candidate)
    found = shutil.which(name)
    if not found:
        raise StartFailed(f"{name} is not installed")
    return found


def counterparts():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "/tmp"), ".cache")
    return Path(os.environ.get("TLSWARDEN_COUNTERPARTS") or os.path.join(cache, "tlswarden-counterparts"))


def counterpart(name):
    """Where install/<name>.sh put it."""
    place = counterparts() / name
    if not place.exists():
        raise StartFailed(f"{place} is missing; tests/servers/install.sh fetches it")
    return place
