"""Starts the databases that the manifests beside this file speak of; stops them on SIGTERM, SIGINT or end of parent."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from servers import certificates  # noqa: E402
from servers.mariadb import MariaDB  # noqa: E402
from servers.postgresql import PostgreSQL  # noqa: E402
from servers.process import StartFailed, answers  # noqa: E402
from servers.redis import Redis  # noqa: E402

DAY = certificates.DAY


def fleet(work, authority):
    now = authority.now
    expired = authority.server(not_before=now - 90 * DAY, not_after=now - 3 * DAY)
    expiring = authority.server(not_before=now - 80 * DAY, not_after=now + 10 * DAY)
    self_signed = certificates.issue("localhost", dns=["localhost"], usage=["server"])
    elsewhere = authority.server(dns=["billing.db.example"], ips=())
    postgresql = PostgreSQL.make_template(work / "template-postgresql")
    mariadb = MariaDB.make_template(work / "template-mariadb")

    def pg(name, port, identity, **options):
        return PostgreSQL(work / name, identity, port=port, template=postgresql, **options)

    def maria(name, port, identity, **options):
        return MariaDB(work / name, identity, port=port, template=mariadb, **options)

    return [
        pg("orders", 25431, authority.server()),
        pg("billing", 25432, elsewhere),
        pg("archive", 25433, expired),
        pg("legacy", 25434, None),
        pg("audit", 25435, authority.server(), access=["hostssl all all all scram-sha-256"]),
        pg("warehouse", 25436, authority.server()),
        maria("crm", 23306, expiring),
        maria("inventory", 23307, authority.server(), serve_chain=False),
        Redis(work / "cache", self_signed, port=26379),
        Redis(work / "vault", authority.server(), port=26380, client_ca=authority.root.certificate_pem(),
              demand_client_certificate=True),
    ]


def main():
    work, material = Path(sys.argv[1]), Path(sys.argv[2])
    work.mkdir(mode=0o755)
    material.mkdir(mode=0o755, exist_ok=True)
    authority = certificates.Authority("Demo")
    certificates.write(material / "ca.pem", authority.root.certificate_pem())
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    servers = fleet(work, authority)
    taken = [f"{s.address}:{s.port}" for s in servers if answers(s.address, s.port)]
    if taken:
        sys.exit(f"already in use: {', '.join(taken)}; stop what listens there, then start again")
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda server: server.start(), servers))
        for server in servers:
            print(f"{server.directory.name:10} {server.engine:10} {server.address}:{server.port}", flush=True)
        print("ready", flush=True)
        signal.sigwait(signals)
    except StartFailed as error:
        sys.exit(str(error))
    finally:
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(lambda server: server.stop(), servers))


if __name__ == "__main__":
    main()
