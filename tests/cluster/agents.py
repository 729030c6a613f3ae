"""The agent as a process beside the cluster, under one of the cluster's own accounts."""

import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request


class Agent:
    """As the pod `name` of an installed chart (chart.Installed) would run it: with its arguments and variables. `user` is what
    a kubeconfig says of a user, such as {"tokenFile": "…"}; without it, a token of the chart's account. `options` come last
    on the command line. `program` takes the place of tlswarden. Its log is kept in a file."""

    def __init__(self, cluster, name, installed, *options, user=None, program=None):
        self.cluster, self.name = cluster, name
        self.program = program or [os.environ["TLSWARDEN"]]
        self.arguments = [*installed.arguments(), *map(str, options)]
        self.environment = installed.environment(name)
        user = user or {"token": cluster.service_account_token(installed.namespace, installed.service_account)}
        self.directory = cluster.directory / f"agent-{name}"
        self.directory.mkdir(exist_ok=True)
        self.log_file = self.directory / "log"
        self.kubeconfig = cluster.kubeconfig(f"agent-{name}", user)
        self.process = None
        self.address = None

    @property
    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def start(self):
        beginning = len(self.log)
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [*self.program, *self.arguments, "--kubeconfig", self.kubeconfig],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **self.environment})
        found = self.wait(lambda: re.search(r"http://(127\.0\.0\.1:\d+)", self.log[beginning:]), "listens")
        self.address = found.group(1)
        return self

    def wait(self, condition, what, seconds=120):
        """What `condition` returns as soon as that is true."""
        deadline = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}:\n{self.log[-4000:]}"
            assert time.monotonic() < deadline, f"{self.name}: not seen in {seconds} s: {what}\n{self.log[-4000:]}"
            time.sleep(0.1)

    def wait_ready(self):
        self.wait(lambda: self.get("/readyz")[0] == 200, "ready")
        return self

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        """Series, as it stands on the page, -> value."""
        lines = (line.rsplit(" ", 1) for line in self.get("/metrics")[1].splitlines() if not line.startswith("#"))
        return {series: float(value) for series, value in lines}

    def endpoints(self):
        """(namespace, name) of those that it shows, which are those that it owns."""
        pattern = r'^tlswarden_endpoint_info\{namespace="([^"]*)",name="([^"]*)"'
        return set(re.findall(pattern, self.get("/metrics")[1], re.MULTILINE))

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def close(self):
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.resume()
            self.kill()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()
