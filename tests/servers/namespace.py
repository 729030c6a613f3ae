"""A host of its own on this machine, for what two hosts are needed for."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager

CABLE = re.compile(r"tw\d+a")  # how our end of one is named


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def _alone_with(address):
    """While this lasts no other run on this machine has the address; nor has a cable that a killed run left behind."""
    with open(f"{tempfile.gettempdir()}/tlswarden-network-{address}", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shown = subprocess.run(["ip", "-j", "addr", "show", "to", address], check=True, stdout=subprocess.PIPE).stdout
        for link in (entry["ifname"] for entry in json.loads(shown or "[]") if entry):
            if CABLE.fullmatch(link):
                ip("link", "del", link)
        yield


@contextmanager
def network_namespace(near, far, hosts):
    """A network namespace with the address `far`, reached over a virtual cable on whose other end, ours, are the addresses
    `near`. `hosts` maps the names that its resolver knows to addresses."""
    name = f"tlsw{os.getpid()}"
    ours, theirs = f"tw{os.getpid() % 100000}a", f"tw{os.getpid() % 100000}b"
    directory = f"/etc/netns/{name}"
    with _alone_with(near[0]):
        os.makedirs(directory, exist_ok=True)
        try:
            with open(f"{directory}/hosts", "w", encoding="ascii") as out:
                out.write("127.0.0.1 localhost\n" + "".join(f"{address} {host}\n" for host, address in hosts.items()))
            ip("netns", "add", name)
            ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
            ip("link", "set", theirs, "netns", name)
            for address in near:
                ip("addr", "add", f"{address}/28", "dev", ours)
            ip("link", "set", ours, "up")
            ip("-n", name, "addr", "add", f"{far}/28", "dev", theirs)
            ip("-n", name, "link", "set", theirs, "up")
            ip("-n", name, "link", "set", "lo", "up")
            yield name
        finally:
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["ip", "link", "del", ours], check=False, stderr=subprocess.DEVNULL)
            shutil.rmtree(directory)
