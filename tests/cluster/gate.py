"""A TCP relay that a test shuts: what a network does between two who were connected."""

import contextlib
import itertools
import os
import select
import socket
import threading
import time


class Gate:
    """Relays connections to a port of this machine. While it is shut not a byte gets through and nobody is told, as when a
    cable is cut. `admitted` is called with the client's address before anything is relayed."""

    def __init__(self, port, admitted=lambda address: None):
        self.target = port
        self.admitted = admitted
        self.open = threading.Event()
        self.open.set()
        self.ended = False

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.open.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

    @contextlib.contextmanager
    def shut(self):
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, address = self.listener.accept()
                threading.Thread(target=self._relay, args=(client, address), daemon=True).start()

    def _relay(self, client, address):
        with client, contextlib.suppress(OSError):
            self.admitted(address)
            self.open.wait()
            with socket.create_connection(("127.0.0.1", self.target), timeout=10) as server:
                other = {client: server, server: client}
                while other and not self.ended:
                    readable = select.select(list(other), [], [], 1)[0]
                    self.open.wait()
                    for side in readable:
                        content = side.recv(65536)
                        if content:
                            other[side].sendall(content)
                        else:  # the rest of the other half may still come
                            other.pop(side).shutdown(socket.SHUT_WR)


def owner_of(address, processes):
    """Which of the processes has the socket with this local address; None when none has."""
    wanted = "%s:%04X" % ("".join(f"{int(part):02X}" for part in reversed(address[0].split("."))), address[1])
    with open("/proc/net/tcp") as table:
        inode = next((fields[9] for fields in map(str.split, table) if fields[1] == wanted), None)
    for process in processes if inode else ():
        with contextlib.suppress(OSError):
            directory = f"/proc/{process.pid}/fd"
            for descriptor in os.listdir(directory):
                with contextlib.suppress(OSError):
                    if os.readlink(f"{directory}/{descriptor}") == f"socket:[{inode}]":
                        return process
    return None


class Visits:
    """Gates before a database, one for each endpoint, that note which agent came when."""

    def __init__(self, agents, port, names):
        self.agents = agents
        # name -> [(monotonic seconds, agent's name, None where it had hung up before it was found)]
        self.seen = {name: [] for name in names}
        self.gates = {name: Gate(port, lambda address, name=name: self._note(name, address)) for name in names}
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        for gate in self.gates.values():
            self.stack.enter_context(gate)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _note(self, name, address):
        moment = time.monotonic()
        process = owner_of(address, [agent.process for agent in self.agents if agent.process])
        self.seen[name].append((moment, next((a.name for a in self.agents if process and a.process is process), None)))

    def of(self, agent, since):
        """How often this agent has come since then."""
        return sum(who == agent.name and moment >= since for visits in self.seen.values() for moment, who in list(visits))

    def held(self, since, pause):
        """endpoint -> [(agent's name, first visit, last visit)], in order of the first: for how long each agent came to it
        again and again. Who stays away for longer than `pause` seconds and comes back has begun anew."""
        result = {}
        for name, visits in self.seen.items():
            spans, newest = [], {}
            for moment, who in list(visits):
                if who is None or moment < since:
                    continue
                if who in newest and moment - newest[who][2] <= pause:
                    newest[who][2] = moment
                else:
                    newest[who] = [who, moment, moment]
                    spans.append(newest[who])
            result[name] = [tuple(span) for span in spans]
        return result

    def shared(self, since, pause):
        """(seconds, endpoint, what held() says of it): the longest time for which one was visited by two in turn."""
        longest = (0, None, None)
        for name, spans in self.held(since, pause).items():
            for (one, first, last), (other, began, ended) in itertools.combinations(spans, 2):
                both = min(last, ended) - max(first, began)
                if one != other and both > longest[0]:
                    longest = (both, name, [(who, round(a - since, 1), round(b - since, 1)) for who, a, b in spans])
        return longest

    def gap(self, since, until):
        """The longest time for which one was visited by nobody."""
        longest = 0
        for visits in self.seen.values():
            moments = [since, *(moment for moment, _ in list(visits) if since <= moment <= until), until]
            longest = max([longest, *(b - a for a, b in zip(moments, moments[1:]))])
        return longest
