"""Material that changes under a running agent: noticed at once, and never a false page."""

import os
import re
import time

import pytest

from program import endpoint, login_secret
from servers import certificates
from servers.redis import Redis
from test_agent import declare, running

# Far longer than any test: whatever is noticed here is noticed by watching. Beside that the agent reads its files every
# minute, so what is seen well before that was not waited for; the rest of it is for a busy machine.
INTERVAL = "1h"
AT_ONCE = 20


@pytest.fixture(scope="module")
def server(authority, workspace):
    clients = authority.root.certificate_pem() + authority.intermediate.certificate_pem()
    with Redis(workspace / "material-redis", authority.server(), client_ca=clients, demand_client_certificate=True) as started:
        yield started


@pytest.fixture
def pair(authority, tmp_path):
    """The client's certificate and key, as files of this test's own."""
    client = authority.client()
    return (certificates.write(tmp_path / "client.crt", client.chain_pem()),
            certificates.write(tmp_path / "client.key", client.key_pem(), 0o600))


@pytest.fixture
def manifests(tmp_path):
    directory = tmp_path / "manifests"
    directory.mkdir()
    return directory


def cache(server, pair, ca, **tls):
    document = endpoint("cache", "redis", server.port, mode="verify-full", certificate=pair[0], key=pair[1], user="",
                        tls=tls, checkInterval=INTERVAL, timeout="5s")
    document["spec"]["tls"]["ca"] = ca
    return document


def is_true(kind):
    return lambda values: values.get('tlswarden_endpoint_condition{namespace="default",name="cache",engine="redis",'
                                     f'type="{kind}",status="True"}}') == 1


def is_not(kind):
    return lambda values: not is_true(kind)(values)


def client_expiry(values):
    return [value for name, value in values.items()
            if name.startswith("tlswarden_certificate_not_after_timestamp_seconds") and 'role="client"' in name]


def checks(values):
    return sum(value for name, value in values.items() if name.startswith("tlswarden_checks_total"))


def replace(path, content, mode=0o644):
    """As careful writers do it: a new file that takes the name in one step."""
    certificates.write(f"{path}.new", content, mode)
    os.replace(f"{path}.new", path)


def test_a_ca_file_is_taken_up_at_once_whether_replaced_or_written_over(server, pair, authority, stranger, manifests, tmp_path):
    good, wrong = authority.root.certificate_pem(), stranger.root.certificate_pem()
    ca = certificates.write(tmp_path / "ca.pem", good)
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"file": ca}))
    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(is_true("Ready"))
        for write in (replace, certificates.write):
            write(ca, wrong)
            agent.wait_for_metrics(is_not("Ready"), AT_ONCE)
            write(ca, good)
            agent.wait_for_metrics(is_true("Ready"), AT_ONCE)


def test_a_mounted_secret_is_followed_through_its_swap(server, pair, authority, stranger, manifests, tmp_path):
    mount = tmp_path / "mount"
    for version, content in (("..1", authority.root), ("..2", stranger.root)):
        (mount / version).mkdir(parents=True)
        certificates.write(mount / version / "ca.crt", content.certificate_pem())
    (mount / "..data").symlink_to("..1")
    (mount / "ca.crt").symlink_to("..data/ca.crt")
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"file": str(mount / "ca.crt")}))
    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(is_true("Ready"))
        (mount / "..data_tmp").symlink_to("..2")
        os.replace(mount / "..data_tmp", mount / "..data")
        agent.wait_for_metrics(is_not("Ready"), AT_ONCE)


def test_a_changed_secret_document_is_taken_up_at_once(server, pair, authority, stranger, manifests, tmp_path):
    def trust(identity):
        declare(manifests, "ca.yaml", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ca"},
                                       "stringData": {"ca.crt": identity.certificate_pem().decode()}})

    trust(authority.root)
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"secretKeyRef": {"name": "ca", "key": "ca.crt"}}))
    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(is_true("Ready"))
        trust(stranger.root)
        agent.wait_for_metrics(is_not("Ready"), AT_ONCE)
        trust(authority.root)
        agent.wait_for_metrics(is_true("Ready"), AT_ONCE)


def test_a_truncated_ca_leaves_the_last_good_one_in_force_and_the_message_says_so(server, pair, authority, manifests, tmp_path):
    good = authority.root.certificate_pem()
    ca = certificates.write(tmp_path / "ca.pem", good)
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"file": ca}))
    with running(manifests, tmp_path / "state.db") as agent:
        agent.wait_for_metrics(is_true("Ready"))
        certificates.write(ca, good[:len(good) // 2])
        told = agent.wait_for_log(r"NotReady: ReferenceInvalid: (.*)\n").group(1)
        assert "spec.tls.ca" in told and ca in told and "is used meanwhile" in told and "Next: " in told
        values = agent.metrics()
        assert is_true("ModeSatisfied")(values) and is_true("CertificateValid")(values), "judged with what it last held"
        certificates.write(ca, good)
        agent.wait_for_metrics(is_true("Ready"), AT_ONCE)


def test_a_file_that_is_broken_for_a_moment_pages_nobody(server, pair, authority, manifests, tmp_path):
    good = authority.root.certificate_pem()
    ca = certificates.write(tmp_path / "ca.pem", good)
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"file": ca}))
    with running(manifests, tmp_path / "state.db") as agent:
        before = checks(agent.wait_for_metrics(is_true("Ready")))
        for content in (good[:100], good):
            certificates.write(ca, content)
            before = checks(agent.wait_for_metrics(lambda v, seen=before: checks(v) > seen, AT_ONCE))
        assert is_true("Ready")(agent.metrics())
        assert "NotReady" not in agent.log


def test_a_certificate_and_its_key_replaced_one_after_the_other_page_nobody(server, pair, authority, files, manifests, tmp_path):
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"file": files["ca"]}))
    with running(manifests, tmp_path / "state.db") as agent:
        values = agent.wait_for_metrics(is_true("Ready"))
        for days, first, second in ((60, 0, 1), (50, 1, 0)):
            before, old = checks(values), client_expiry(values)
            renewed = authority.client(not_after=certificates.utc_now() + days * certificates.DAY)
            content = (renewed.chain_pem(), renewed.key_pem())
            replace(pair[first], content[first], 0o600)
            values = agent.wait_for_metrics(lambda v, seen=before: checks(v) > seen, AT_ONCE)
            assert client_expiry(values) == old, "the old pair is used while the new one is half there"
            replace(pair[second], content[second], 0o600)
            values = agent.wait_for_metrics(lambda v, gone=old: client_expiry(v) not in ([], gone), AT_ONCE)
            assert abs(client_expiry(values)[0] - time.time() - days * 86400) < 600
            assert is_true("ClientCertificateValid")(values)
        assert not re.search("ClientKeyMismatch|NotReady", agent.log), agent.log


def test_a_key_that_loses_its_protection_is_noticed_at_once(server, pair, files, manifests, tmp_path):
    declare(manifests, "cache.yaml", login_secret(), cache(server, pair, {"file": files["ca"]}))
    with running(manifests, tmp_path / "state.db") as agent:
        before = checks(agent.wait_for_metrics(is_true("Ready")))
        os.chmod(pair[1], 0o644)
        agent.wait_for_metrics(lambda v: checks(v) > before, AT_ONCE)
        assert is_true("Ready")(agent.metrics()), "redis-cli loads it all the same"
