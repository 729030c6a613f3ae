"""An image of this repository, built with buildah where no registry is reached, and its root file system."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from servers.process import counterpart

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "localhost/tlswarden"
# As a container runtime starts it under restricted Pod Security: what it has to bring (/proc, devices, the names of the host)
# is mounted, the rest cannot be written to, and nothing of root is left.
START = """
set -e
mount --bind "$0" "$0"
mount -t proc proc "$0/proc"
mount -t tmpfs dev "$0/dev"
for device in null zero random urandom; do touch "$0/dev/$device"; mount --bind "/dev/$device" "$0/dev/$device"; done
mkdir "$0/dev/shm"
mount -t tmpfs -o mode=1777 shm "$0/dev/shm"
mount --bind /etc/hosts "$0/etc/hosts"
mount --bind /etc/resolv.conf "$0/etc/resolv.conf"
mount -o remount,bind,ro "$0"
if touch "$0/tmp/written" 2>/dev/null; then echo "$0 can be written to" >&2; exit 99; fi
user=$1; shift
exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$0" "$@"
"""


class ContainerImage:
    """Use as a context: builds it, mounts it, and leaves nothing behind but the compiler's cache."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="tlswarden-image-", ignore_cleanup_errors=True)
        self.root = self.container = self.config = None

    def __enter__(self):
        self.buildah("build", "--isolation", "chroot", "--build-arg", "DEBIAN=localhost/debian:trixie", "--build-arg",
                     "JOBS=2", "--file", "agent/Dockerfile", "--tag", NAME, ".")
        self.config = json.loads(self.buildah("inspect", "--type", "image", NAME))["OCIv1"]["config"]
        self.container = self.buildah("from", NAME).strip()
        self.root = Path(self.buildah("mount", self.container).strip())
        return self

    def __exit__(self, *_):
        self.buildah("umount", "--all")
        self.buildah("rm", "--all")
        self.directory.cleanup()

    def buildah(self, *words):
        store = Path(self.directory.name)
        command = ["buildah", "--root", str(store / "root"), "--runroot", str(store / "run"), "--storage-driver", "overlay",
                   "--storage-opt", f"overlay.imagestore={counterpart('debian-13')}", *words]
        done = subprocess.run(command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, f"buildah {words[0]}: {done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def start(self, *arguments, stdin=""):
        return self.execute([*self.config["Entrypoint"], *arguments], stdin)

    def execute(self, command, stdin=""):
        """Runs a program of the image as the user that the image says."""
        for name in ("hosts", "resolv.conf"):
            (self.root / "etc" / name).touch()
        return subprocess.run(["unshare", "--mount", "sh", "-c", START, str(self.root), self.config["User"], *command],
                              input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300,
                              env={"PATH": os.environ["PATH"]})

    def files(self):
        return [path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink()]
