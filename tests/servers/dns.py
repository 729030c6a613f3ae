"""A DNS server for one zone. Run as a program: dns.py ADDRESS PORT ZONE_FILE."""

import sys
import time
from pathlib import Path

from dnslib.server import DNSServer, DNSLogger
from dnslib.zoneresolver import ZoneResolver

if __package__:
    from .process import Server, answers


def serve(address, port, zone):
    resolver = ZoneResolver(zone)
    servers = [DNSServer(resolver, address=address, port=port, tcp=tcp, logger=DNSLogger("-request,-reply"))
               for tcp in (False, True)]
    for server in servers:
        server.start_thread()
    while all(server.isAlive() for server in servers):
        time.sleep(0.2)


class Dns(Server if __package__ else object):
    """`records` in the form of a zone file. Made for a network namespace: resolv.conf knows no port but 53."""

    def __init__(self, directory, records, **where):
        super().__init__(directory, port=53, **where)
        self.records = records

    def prepare(self):
        (self.directory / "zone").write_text("$TTL 60\n" + self.records)

    def command(self):
        return [sys.executable, __file__, self.address, str(self.port), str(self.directory / "zone")]

    def ready(self):
        return answers(self.address, self.port, self.namespace)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).read_text())
