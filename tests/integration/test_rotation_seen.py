"""A certificate is replaced under the agent's eyes."""

from program import endpoint
from servers import certificates
from servers.postgresql import PostgreSQL
from test_agent import declare, running
from test_material import checks


def fingerprint(identity):
    return identity.certificate.fingerprint(certificates.hashes.SHA256()).hex()


def test_the_agent_sees_a_rotation_within_one_interval_and_tells_it_once(authority, files, templates, workspace, tmp_path):
    old = authority.server(not_before=authority.now - 80 * certificates.DAY,
                           not_after=authority.now + 10 * certificates.DAY)
    new = authority.server(not_before=authority.now)
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    with PostgreSQL(workspace / "rotated-pg", old, template=templates["postgresql"]) as server:
        declare(manifests, "orders.yaml", endpoint("orders", "postgresql", server.port, mode="verify-full", ca=files["ca"],
                                                   user=None, checkInterval="5s", timeout="3s"))
        with running(manifests, tmp_path / "state.db") as agent:
            agent.wait_for_log("default/orders: ExpiryCritical: CertificateExpiring")
            server.identity = new
            server.reload()
            looked = checks(agent.metrics())
            agent.wait_for_log(f"default/orders: CertificateRotated: A new server certificate was seen: sha256 "
                               f"{fingerprint(new)} in the place of {fingerprint(old)}")
            # The next look saw it; one may have been under way, and on a busy machine another was made since.
            assert checks(agent.metrics()) - looked <= 3
            agent.end()
            assert agent.log.count("CertificateRotated") == 1
        # What was told is not told again after a restart.
        with running(manifests, tmp_path / "state.db") as agent:
            agent.wait_for_metrics(lambda v: any(k.startswith("tlswarden_checks_total") for k in v))
            agent.end()
            assert "CertificateRotated" not in agent.log
