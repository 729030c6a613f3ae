"""What many endpoints share: the four summaries of a small fleet in the middle of a CA rotation, and the metrics of it."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from program import endpoint, run
from servers import certificates
from servers.postgresql import PostgreSQL
from servers.process import free_port
from servers.redis import Redis
from test_agent import declare, running

DAY = certificates.DAY
HOUR = DAY / 24  # so that no count of days changes while the tests run


@pytest.fixture(scope="module")
def pki(workspace):
    """An old CA whose intermediate is about to expire, the next one, and the bundles of each phase, as files."""
    old, new = certificates.Authority("Old"), certificates.Authority("New")
    old.intermediate = certificates.issue("Old Issuing CA", old.root, ca=True, organization="Old",
                                          not_before=old.now - 300 * DAY, not_after=old.now + 20 * DAY + HOUR)
    directory = workspace / "summary"
    directory.mkdir()
    client = old.client("reports", not_after=old.now + 40 * DAY + HOUR)
    write = certificates.write
    return {"old": old, "new": new, "directory": directory,
            "old.pem": write(directory / "old.pem", old.root.certificate_pem()),
            "new.pem": write(directory / "new.pem", new.root.certificate_pem()),
            "both.pem": write(directory / "both.pem", old.root.certificate_pem() + new.root.certificate_pem()),
            "client.crt": write(directory / "client.crt", client.chain_pem()),
            "client.key": write(directory / "client.key", client.key_pem(), 0o600)}


@pytest.fixture(scope="module")
def fleet(pki, templates, workspace):
    """Documents: a PostgreSQL that still serves the old CA's certificate, a Redis that has switched, one that is down."""
    def declared(name, server, mode, ca, **options):
        namespace, _, short = name.partition("/")
        port = server.port if hasattr(server, "port") else server
        engine = "redis" if isinstance(server, Redis) else "postgresql"
        document = endpoint(short, engine, port, mode=mode, ca=ca, user=None, tls={"nextCA": {"file": pki["new.pem"]}},
                            checkInterval="30s", timeout="5s", **options)
        document["metadata"]["namespace"] = namespace
        return document

    with PostgreSQL(workspace / "summary-pg", pki["old"].server(not_after=pki["old"].now + 60 * DAY),
                    template=templates["postgresql"]) as postgresql, \
            Redis(workspace / "summary-redis", pki["new"].server()) as redis:
        client = {"certificate": pki["client.crt"], "key": pki["client.key"]}
        documents = [declared(f"billing/ledger-{n}", postgresql, "verify-full", pki["old.pem"]) for n in range(6)]
        documents += [
            declared("payments/orders", postgresql, "verify-full", pki["both.pem"], **client),
            declared("payments/users", postgresql, "verify-ca", pki["both.pem"], **client),
            declared("shop/sessions", redis, "verify-full", pki["both.pem"]),
            declared("shop/carts", redis, "require", pki["both.pem"]),
            declared("audit/gone", free_port(), "verify-full", pki["both.pem"]),
        ]
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "trust", "namespace": "payments"},
                  "stringData": {"ca.crt": open(pki["both.pem"]).read()}}
        for document in documents:
            if document["metadata"]["namespace"] == "payments":
                document["spec"]["tls"]["ca"] = {"secretKeyRef": {"name": "trust", "key": "ca.crt"}}
        yield [secret, *documents]


def summary(fleet, what, *options):
    return run("check", "-f", "-", "--summary", what, *options, stdin=yaml.safe_dump_all(fleet))


def groups(fleet, what, *options):
    result = summary(fleet, what, "-o", "json", *options)
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert document["summary"] == what and document["endpoints"] == 11
    return document["groups"]


def row(text, *words):
    """The one line of a table that holds all the words, its columns split."""
    lines = [line for line in text.splitlines() if all(word in line for word in words)]
    assert len(lines) == 1, text
    return re.split(r"  +", lines[0])


LEDGERS = [f"billing/ledger-{n}" for n in range(6)]
OLD_USERS = [*LEDGERS, "payments/orders", "payments/users"]


def test_by_ca_tells_who_is_in_the_way_of_the_switch(fleet):
    result = summary(fleet, "ca")
    assert result.returncode == 2, "as without a summary: the ledgers' CA runs out, and one endpoint is down"
    text = result.stdout
    assert row(text, "Old Root CA", "20 days") == [
        "CN=Old Issuing CA,O=Old", "CN=Old Root CA,O=Old", "in 20 days, intermediate", "8", "2",
        "billing/ledger-0, billing/ledger-1, billing/ledger-2, billing/ledger-3 and 4 more"]
    assert "CN=Old Root CA,O=Old (issuer CN=Old Issuing CA,O=Old): 8 of 8 endpoints declare spec.tls.nextCA" in text
    assert row(text, "would break", "8")[2].endswith("and 4 more")
    assert row(text, "still need the old CA", "8")
    assert row(text, "bundle lacks the next CA", "6")
    assert "not anchored" not in text and not re.search(r" 0  ", text), "what nobody is in is not listed"
    assert row(text, "safe to switch", "2") == ["safe to switch", "2", "shop/carts, shop/sessions"]
    assert row(text, "no certificate seen", "- ")[-1] == "audit/gone"
    assert "11 endpoints in 4 namespaces." in text


def test_by_ca_for_programs(fleet):
    old, new, unseen = groups(fleet, "ca")
    assert (old["state"], old["issuer"], old["ca"]["subject"]) == ("Anchored", "CN=Old Issuing CA,O=Old",
                                                                   "CN=Old Root CA,O=Old")
    assert old["firstToExpire"]["role"] == "intermediate"
    assert old["namespaces"] == ["billing", "payments"] and old["endpoints"] == OLD_USERS
    assert old["nextCA"] == {"declared": OLD_USERS, "safeToSwitch": [], "wouldBreak": OLD_USERS,
                             "oldCAStillNeeded": OLD_USERS, "bundleMissingNextCA": LEDGERS, "unknown": []}
    assert new["nextCA"]["safeToSwitch"] == ["shop/carts", "shop/sessions"]
    assert unseen["state"] == "NoCertificateSeen" and unseen["nextCA"]["unknown"] == ["audit/gone"]
    assert yaml.safe_load(summary(fleet, "ca", "-o", "yaml").stdout)["groups"][0]["endpoints"] == OLD_USERS


def test_by_issuer_names_every_certificate_above_the_servers(fleet, pki):
    text = summary(fleet, "issuer").stdout
    first = text.splitlines()[1]
    assert first.startswith("CN=Old Issuing CA,O=Old") and re.search(r"intermediate +in 20 days +\w{16} +8 +2 ", first)
    assert "and 4 more" in first
    everyone = summary(fleet, "issuer", "-o", "wide").stdout
    assert "more" not in everyone and all(name in everyone for name in OLD_USERS)
    found = groups(fleet, "issuer")
    assert [(g["role"], g["subject"]) for g in found[:2]] == [("intermediate", "CN=Old Issuing CA,O=Old"),
                                                              ("intermediate", "CN=New Intermediate CA,O=New")]
    assert {(g["role"], g["subject"]) for g in found[2:]} == {("ca", "CN=New Root CA,O=New"), ("ca", "CN=Old Root CA,O=Old")}
    assert sorted(found, key=lambda g: g["notAfter"]) == found and all(g["verified"] for g in found)
    print_of_old = pki["old"].intermediate.certificate.fingerprint(certificates.hashes.SHA256()).hex()
    assert found[0]["sha256"] == print_of_old and found[0]["endpoints"] == OLD_USERS


def test_by_client_certificate(fleet):
    [only] = groups(fleet, "client-certificate")
    assert only["subject"] == "CN=reports,O=Old" and only["endpoints"] == ["payments/orders", "payments/users"]
    assert row(summary(fleet, "client-certificate").stdout, "reports")[2] == "in 40 days"
    assert "no endpoint declares" in summary(fleet[1:3], "client-certificate").stdout


def test_by_secret_answers_who_is_hit_by_its_rotation(fleet, pki):
    found = {(g["kind"], g["name"]): g for g in groups(fleet, "secret")}
    trust = found["Secret", "trust"]
    assert trust["namespace"] == "payments"
    assert trust["uses"] == [{"field": "spec.tls.ca", "key": "ca.crt", "endpoints": ["payments/orders", "payments/users"]}]
    assert trust["firstToExpire"]["subject"] in ("CN=Old Root CA,O=Old", "CN=New Root CA,O=New")
    assert found["file", pki["old.pem"]]["endpoints"] == LEDGERS
    assert "firstToExpire" not in found["file", pki["client.key"]]
    text = summary(fleet, "secret").stdout
    assert "spec.tls.ca (ca.crt): payments/orders, payments/users" in row(text, "Secret payments/trust")[-1]


def test_another_day_and_forms_that_there_are_not(fleet):
    later = summary(fleet, "issuer", "--at", "+31d")
    assert later.returncode == 2
    assert "10 days ago" in later.stdout.splitlines()[1] and "judged as of" in later.stdout
    assert summary(fleet, "ca", "-o", "junit").returncode == 3
    assert "did you mean" in summary(fleet, "secrets").stderr


def test_metrics_let_one_alert_speak_of_many_endpoints(fleet, pki, tmp_path):
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    declare(manifests, "fleet.yaml", *fleet)
    old = pki["old"].intermediate.certificate.fingerprint(certificates.hashes.SHA256()).hex()
    count = "tlswarden_shared_certificate_endpoints"

    def reached(values):
        return [name for name in values if name.startswith("tlswarden_endpoint_last_reached_timestamp_seconds")]

    with running(manifests, tmp_path / "state.db") as agent:
        # All but the one that is down.
        values = agent.wait_for_metrics(lambda values: len(reached(values)) == 10)
        assert values[f'{count}{{role="intermediate",sha256="{old}",namespace="billing"}}'] == 6
        assert values[f'{count}{{role="intermediate",sha256="{old}",namespace="payments"}}'] == 2
        expiry = values[f'tlswarden_shared_certificate_not_after_timestamp_seconds{{role="intermediate",sha256="{old}",'
                        'subject="CN=Old Issuing CA,O=Old"}']
        assert 20 * 86400 < expiry - time.time() <= 20 * 86400 + 3600
        shared = [name for name in values if name.startswith(count)]
        assert any('role="client"' in name for name in shared) and any('role="ca"' in name for name in shared)
        assert sum('role="leaf"' in name for name in shared) == 3, "one server in two namespaces, one in a third"
        page = agent.get("/metrics")[1]
    promtool(tmp_path, "check", "metrics", stdin=page)


def test_the_advice_of_each_phase_leads_to_the_next(fleet, pki, tmp_path):
    """As a user would: run the commands, let the server switch (here: look at the one that has), switch trust."""
    ledger, sessions = fleet[1], fleet[9]
    present = certificates.write(tmp_path / "trusted now.pem", Path(pki["old.pem"]).read_bytes())

    def rehearse(document, trust):
        document = json.loads(json.dumps(document))
        document["spec"]["tls"]["ca"] = {"file": trust}
        status = json.loads(run("check", "-f", "-", "-o", "json", stdin=yaml.safe_dump(document)).stdout)["status"]
        [answer] = [c for c in status["conditions"] if c["type"] == "NextCAReady"]
        return answer["reason"], {a["action"]: a["steps"] for a in status["advice"]}

    reason, advice = rehearse(ledger, present)
    assert reason == "BundleMissingNextCA"
    for command in advice["AddNextCA"][:2]:
        subprocess.run(["sh", "-euc", command], check=True, cwd=tmp_path)
    reason, advice = rehearse(ledger, present)
    assert reason == "OldCAStillNeeded" and any("pg_reload_conf" in step for step in advice["IssueUnderNextCA"])
    reason, advice = rehearse(sessions, present)
    assert reason == "SafeToSwitch" and "let spec.tls.ca refer to" in advice["SwitchToNextCA"][0]
    reason, advice = rehearse(sessions, pki["new.pem"])
    assert reason == "SafeToSwitch" and advice["SwitchToNextCA"], "what is left is to remove nextCA"


def promtool(directory, *arguments, stdin=None):
    done = subprocess.run(["promtool", *arguments], input=stdin, text=True, cwd=directory, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout


def test_the_expressions_of_the_readme_add_up_over_replicas(tmp_path):
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    dependents, namespaces, left = re.findall(r"```promql\n(.*?)```", readme, re.S)
    day = 86400

    def series(metric, value, **labels):
        text = ",".join(f'{name}="{label}"' for name, label in labels.items())
        return {"series": f"tlswarden_shared_certificate_{metric}{{{text}}}", "values": f"{value}x3"}

    def endpoints(instance, role, sha256, namespace, count):
        return series("endpoints", count, instance=instance, role=role, sha256=sha256, namespace=namespace)

    def not_after(instance, role, sha256, subject, days):
        return series("not_after_timestamp_seconds", days * day, instance=instance, role=role, sha256=sha256, subject=subject)

    # The second replica has met the issuing CA only on paths that lead nowhere, so it vouches for no name.
    given = [endpoints("r1", "intermediate", "aa", "billing", 20), endpoints("r2", "intermediate", "aa", "billing", 10),
             endpoints("r2", "intermediate", "aa", "payments", 7), endpoints("r1", "ca", "bb", "billing", 20),
             endpoints("r2", "intermediate", "cc", "audit", 1), endpoints("r1", "client", "dd", "billing", 3),
             not_after("r1", "intermediate", "aa", "CN=Issuing CA", 19), not_after("r2", "intermediate", "aa", "", 19),
             not_after("r1", "ca", "bb", "CN=Root CA", 900), not_after("r2", "intermediate", "cc", "", 5),
             not_after("r1", "client", "dd", "CN=app", 3)]

    def expect(expression, found):
        samples = [{"labels": labels, "value": value} for labels, value in found.items()]
        return {"expr": expression, "eval_time": "1m", "exp_samples": samples}

    tests = {"tests": [{"interval": "1m", "input_series": given, "promql_expr_test": [
        expect(dependents, {'{role="intermediate",sha256="aa",subject="CN=Issuing CA"}': 37,
                            '{role="intermediate",sha256="cc"}': 1}),
        expect(namespaces, {'{role="intermediate",sha256="aa"}': 2, '{role="intermediate",sha256="cc"}': 1,
                            '{role="ca",sha256="bb"}': 1, '{role="client",sha256="dd"}': 1}),
        expect(left, {'{role="intermediate",sha256="aa"}': 19 * day - 60, '{role="intermediate",sha256="cc"}': 5 * day - 60,
                      '{role="ca",sha256="bb"}': 900 * day - 60, '{role="client",sha256="dd"}': 3 * day - 60})]}]}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests))
    promtool(tmp_path, "test", "rules", "tests.yaml")
