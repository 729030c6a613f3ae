"""The status of a DatabaseEndpoint: a subresource of its own, with several owners, in kubectl's columns; and what the agent
says of an endpoint is what it can hold."""

import itertools
import json
import os
import re
import subprocess
import tempfile

import pytest
import yaml

from documents import condition, endpoint, status
from servers import certificates
from servers.redis import PASSWORD, Redis


def apply_status(cluster, manager, document):
    return cluster.kubectl("apply", "--server-side", "--subresource=status", "--validate=strict",
                           f"--field-manager={manager}", "-f", "-", text=json.dumps(document))


def table(output):
    """Column -> cell of the only row."""
    header, row = output.splitlines()
    starts = [word.start() for word in re.finditer(r"\S+", header)] + [None]
    return {header[a:b].strip(): row[a:b].strip() for a, b in itertools.pairwise(starts)}


def test_a_new_one_shows_that_nobody_looked_yet(orders):
    assert orders.get("dbe", "orders")["status"] == {"observedGeneration": -1}


def test_the_columns(orders):
    apply_status(orders, "tlswarden", status(
        observedGeneration=1, mode="prefer", strongestMode="verify-full", server={"version": "16.4"},
        expiry={"notAfter": "2099-01-02T03:04:05Z"}, conditions=[condition("Ready", "False", "HostnameMismatch")]))
    shown = table(orders.kubectl("get", "dbe").stdout)
    age = shown.pop("AGE")
    assert age.endswith("s") and age != "<unknown>"
    assert shown == {"NAME": "orders", "ENGINE": "postgresql", "MODE": "prefer", "STRONGEST": "verify-full", "READY": "False",
                     "REASON": "HostnameMismatch", "EXPIRES": "2099-01-02T03:04:05Z"}
    wide = table(orders.kubectl("get", "dbe", "-o", "wide").stdout)
    assert {**shown, "HOST": "db.internal", "VERSION": "16.4", "MESSAGE": "as declared"}.items() <= wide.items()


def test_status_is_written_at_its_own_place_only(orders):
    before = orders.get("dbe", "orders")
    patch = {"spec": {"host": "other.internal"}, "status": {"observedGeneration": 1}}

    orders.kubectl("patch", "dbe", "orders", "--subresource=status", "--type=merge", "-p", json.dumps(patch))
    written = orders.get("dbe", "orders")
    assert written["spec"] == before["spec"]
    assert written["status"] == {"observedGeneration": 1}
    assert written["metadata"]["generation"] == before["metadata"]["generation"]

    orders.kubectl("patch", "dbe", "orders", "--type=merge", "-p", json.dumps({**patch, "status": {"observedGeneration": 9}}))
    edited = orders.get("dbe", "orders")
    assert edited["spec"]["host"] == "other.internal"
    assert edited["status"] == {"observedGeneration": 1}
    assert edited["metadata"]["generation"] == before["metadata"]["generation"] + 1


def test_conditions_of_several_owners_stand_side_by_side(orders):
    def types():
        return {c["type"] for c in orders.get("dbe", "orders")["status"].get("conditions", [])}

    ours = status(observedGeneration=1, conditions=[condition("Ready"), condition("Reachable")])
    apply_status(orders, "tlswarden", ours)
    apply_status(orders, "someone-else", status(conditions=[condition("example.com/Reviewed")]))
    assert types() == {"Ready", "Reachable", "example.com/Reviewed"}

    written = orders.get("dbe", "orders")["metadata"]["resourceVersion"]
    apply_status(orders, "tlswarden", ours)
    assert orders.get("dbe", "orders")["metadata"]["resourceVersion"] == written

    apply_status(orders, "tlswarden", status(observedGeneration=1, conditions=[condition("Ready")]))
    assert types() == {"Ready", "example.com/Reviewed"}


# -- what the agent writes --------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def declared():
    """The spec for a server whose certificate has 90 days left."""
    with tempfile.TemporaryDirectory(prefix="tlswarden-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)  # the server's account may enter
        authority = certificates.Authority()
        ca = certificates.write(f"{directory}/ca.crt", authority.root.certificate_pem())
        with Redis(f"{directory}/redis", authority.server()) as server:
            yield {"engine": "redis", "host": "localhost", "port": server.port, "auth": {"password": {"env": "PASSWORD"}},
                   "tls": {"mode": "verify-full", "ca": {"file": ca}}}


WINDOWS = {"maintenanceWindows": [{"days": ["Sat"], "start": "02:00", "duration": "2h", "timeZone": "Europe/Berlin"}]}


@pytest.mark.parametrize("at, changes", [
    ("+0d", {}),
    ("+80d", {"rotation": WINDOWS}),
    ("+200d", {}),
    ("+0d", {"addresses": "all", "expectedServerVersion": ">=99", "tls": {"mode": "prefer"}}),
    ("+0d", {"port": 1}),
    ("+0d", {"host": "nowhere.invalid"}),
    ("+0d", {"suspend": True}),
], ids=["well", "about to expire", "expired", "members", "closed", "unknown name", "suspended"])
def test_what_the_agent_says_is_kept_word_for_word(orders, declared, at, changes):
    document = endpoint(**{**declared, **changes})
    checked = subprocess.run([os.environ["TLSWARDEN"], "check", "-f", "-", "-o", "json", "--at", at], text=True,
                             input=yaml.safe_dump(document), capture_output=True, env={"PASSWORD": PASSWORD})
    said = json.loads(checked.stdout)
    said = said["items"][0] if "items" in said else said
    assert said["status"]["conditions"], checked.stderr

    apply_status(orders, "tlswarden", status(**said["status"]))
    assert orders.get("dbe", "orders")["status"] == said["status"]
