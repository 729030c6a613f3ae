"""schema/databaseendpoint.crd.yaml as a real API server, kubectl and its users meet it."""

import itertools
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from documents import endpoint
from servers import certificates

ROOT = Path(__file__).resolve().parent.parent.parent
CRD = ROOT / "schema" / "databaseendpoint.crd.yaml"
DATA = ROOT / "tests" / "unit" / "resource" / "testdata"
NAME = "databaseendpoints.tlswarden.dev"

pytestmark = pytest.mark.usefixtures("crd")


# -- the definition ---------------------------------------------------------------------------------------------------

def test_it_is_taken_up_without_a_warning(cluster, crd):
    assert crd.stderr == ""
    conditions = {c["type"]: c["status"] for c in cluster.get("crd", NAME)["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}  # no NonStructuralSchema among them


def test_applying_it_again_changes_nothing(cluster):
    assert "unchanged" in cluster.kubectl("apply", "-f", CRD).stdout
    versions = []
    for _ in range(2):
        assert cluster.kubectl("apply", "--server-side", "-f", CRD).stderr == ""
        versions.append(cluster.get("crd", NAME)["metadata"]["resourceVersion"])
    assert versions[0] == versions[1]


def test_its_names_are_known(orders):
    for name in ("databaseendpoints", "databaseendpoint", "dbe", "tlswarden"):
        assert orders.kubectl("get", name, "-o", "name").stdout == "databaseendpoint.tlswarden.dev/orders\n"


def test_explain_shows_what_the_fields_mean(cluster):
    shown = cluster.kubectl("explain", "dbe.spec.tls").stdout
    assert "How clients are meant to use TLS" in shown
    for field in ("mode", "negotiation", "minVersion", "serverName", "ca", "clientCertificate", "clientKey"):
        assert f"\n  {field}\t" in shown
    assert "enum: disable, prefer, require, verify-ca, ...." in shown
    assert "Time between two checks" in cluster.kubectl("explain", "dbe.spec.checkInterval").stdout
    assert "conditions" in cluster.kubectl("explain", "dbe.status").stdout


# -- what it accepts and refuses --------------------------------------------------------------------------------------

ENDPOINT_MANIFESTS = sorted(f for f in (ROOT / "manifests").glob("**/*.yaml") if f.parent.name not in ("alerts", "install"))


@pytest.mark.parametrize("file", ENDPOINT_MANIFESTS, ids=lambda f: f.stem)
def test_our_manifests_are_accepted(cluster, namespaces, file):
    namespaces(*(d["metadata"]["namespace"] for d in yaml.safe_load_all(file.read_text())
                 if d and "namespace" in d["metadata"]))
    for how in (["apply", "--dry-run=server"], ["apply"], ["delete"]):
        assert cluster.kubectl(*how, "-f", file).stderr == ""


# What kubectl makes of the YAML before the API server sees it, and what the server does before it looks at the schema.
TAKEN_BY_KUBERNETES = {
    "duplicate-field": "kubectl keeps the last one",
    "duplicate-field-in-flow-style": "kubectl keeps the last one",
    "duplicate-spec": "kubectl keeps the last one",
    "secret-base64-spare-bits": "Go's decoder does not look at the bits that are left over",
    "suspend-is-yes": "kubectl reads YAML 1.1, where yes is a boolean",
    "tls-has-no-value": "the server drops a null where there is a default",
    "yaml-alias": "kubectl writes it out",
    "yaml-merge-key": "kubectl writes it out",
    "yaml-not-utf8": "kubectl reads it as Latin-1 or replaces it",
    "yaml-tag": "kubectl ignores it",
}


@pytest.mark.parametrize("file", sorted((DATA / "rejected").glob("*.yaml")), ids=lambda f: f.stem)
def test_what_the_agent_refuses_the_server_refuses(cluster, file):
    done = cluster.kubectl("apply", "--dry-run=server", "-f", file, check=False)
    assert (done.returncode == 0) == (file.stem in TAKEN_BY_KUBERNETES), done.stdout + done.stderr
    if file.stem != "namespace-malformed":
        assert 'namespaces "' not in done.stderr  # refused for what it is, not for what is missing around it


def test_a_private_key_is_refused_without_being_repeated(cluster):
    for field in ("ca", "nextCA", "clientCertificate"):
        document = endpoint(tls={field: {"inline": "-----BEGIN PRIVATE KEY-----\nhunter2\n"}})
        refused = cluster.kubectl("apply", "-f", "-", text=json.dumps(document), check=False).stderr
        assert f"spec.tls.{field}.inline" in refused and "private key" in refused
        assert "hunter2" not in refused


ENGINES = ["postgresql", "redshift", "cockroachdb", "mysql", "mariadb", "sqlserver", "mongodb", "redis", "clickhouse",
           "cassandra", "oracle", "etcd"]
SPANS = ["0s", "1s", "4s", "5s", "59s", "60s", "1m", "299s", "300s", "301s", "5m", "5m1s", "7d", "1w", "7d1s", "27d23h59m59s",
         "28d", "90d", "90d1s", "12w6d", "13w", "52w", "36500d", "36500d1s", "999999999w", "1h60m", "s", "1", "-1s", "1.5h"]
HOSTS = ["db", "db.", "DB_1.internal", "_srv.db", "db-", "-db", "a..b", ".db", "1", "db.1", "1.db", "10.0.0.1", "10.0.0.256",
         "10.0.0", "10.0.0.1.", "010.0.0.1", "::1", "2001:db8::7", "fe80::1%eth0", "fe80::1%", "::1::2", "10.0.0.1%eth0",
         "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::g", "db:5432", "[::1]", "*.db", "db,db2",
         "bücher.example", "a" * 63 + ".db", "a" * 64 + ".db", "db!", "db.internal:", "a%b"]
VERSIONS = ["15", "8.0", "v25.2", "V25", "v", ">=15.4 <17", ">= 15.4", ">=15.4,<17", ">=15.4 , <17", "15,", " 15 ", ",15", "15 16",
            "15 >=15.4", ">=15.4 15", ">15 16 17", "=15", "==15", "!=15.3", "=>15", "<>15", "><15", ">", "15.", ".15", "15..4",
            "1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.8.9", "123456789", "1234567890", "15beta", "~15", ">=15.4<17", "15 <", "* 15"]
AREAS = ("Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US "
         "Mars Erope").split()
ZONES = [*AREAS, *(f"{area}/Somewhere" for area in AREAS), *(
    "America/Argentina/Ushuaia Etc/GMT+5 CEST Utc UTC GMT UCT Zulu Universal Greenwich CET EET MET WET EST MST HST GB GB-Eire "
    "EST5EDT CST6CDT MST7MDT PST8PDT Cuba Egypt Eire GMT0 GMT+0 GMT-0 Hongkong Iceland Iran Israel Jamaica Japan Kwajalein "
    "Libya NZ NZ-CHAT Navajo PRC Poland Portugal ROC ROK Singapore Turkey W-SU").split()]

# Where the two cannot agree: (spec, who refuses it alone).
DIFFERENT = [
    # It may hold the key as well, which is known once it is read: the agent does.
    ({"tls": {"clientCertificate": {"env": "CERTIFICATE"}}}, "the agent"),
    ({"host": "::ffff:10.0.0.1"}, "the server"),  # CEL's isIP knows no IPv4 addresses inside IPv6 ones
    ({"host": "ü" * 40 + ".example"}, "the agent"),  # a label's 63 are bytes to the agent, characters to CEL
]


def variants():
    """Specs on both sides of every rule that joins fields or looks into text."""
    for engine, way in itertools.product(ENGINES, ("in-band", "direct")):
        yield {"engine": engine, "tls": {"negotiation": way}}
    for engine, port in itertools.product(("mongodb", "postgresql"), ({}, {"port": 1})):
        yield {"engine": engine, "srv": True, **port}
    login = {"password": {"env": "PASSWORD"}}
    for engine, name in itertools.product(("redis", "postgresql"), ({}, {"username": {"value": "app"}})):
        yield {"engine": engine, "auth": {**login, **name}}
    for given in itertools.product((False, True), repeat=3):
        fields = {"clientCertificate": "CERTIFICATE", "clientKey": "KEY", "clientKeyPassphrase": "PASSWORD"}
        tls = {field: {"env": name} for (field, name), there in zip(fields.items(), given) if there}
        if list(tls) != ["clientCertificate"]:
            yield {"tls": tls}
    for host in HOSTS:
        yield {"host": host}
        yield {"tls": {"serverName": host}}
    for span in SPANS:
        yield {"checkInterval": span, "timeout": "1s"}
        yield {"timeout": span}
        yield {"timeout": span, "checkInterval": "1d"}
        yield {"rotation": {"leadTime": span}}
        yield {"rotation": {"warnBefore": span}}
        yield {"rotation": {"criticalBefore": span}}
        yield {"rotation": {"criticalBefore": span, "warnBefore": "90d"}}
        yield {"plaintextCheck": {"interval": span}, "legacyProtocolCheck": {"interval": span}}
        yield {"rotation": {"maintenanceWindows": [{"start": "02:00", "duration": span}]}}
    for warn, critical in itertools.product(("1%", "33%", "34%", "99%", "100%", "0%", None), repeat=2):
        shares = {"warnBefore": warn, "criticalBefore": critical}
        yield {"rotation": {field: share for field, share in shares.items() if share}}
    for warn, critical in (("20%", "10d"), ("10d", "20%"), ("1w", "7d"), ("8d", "1w"), ("1w", "8d"), ("1d1s", "24h")):
        yield {"rotation": {"warnBefore": warn, "criticalBefore": critical}}
    for version in VERSIONS:
        yield {"expectedServerVersion": version}
    for zone in ZONES:
        yield {"rotation": {"maintenanceWindows": [{"start": "02:00", "duration": "1h", "timeZone": zone}]}}


def test_the_server_and_the_agent_agree(cluster, tmp_path):
    client = certificates.Authority().client()
    specs = {f"variant-{i}": spec for i, spec in enumerate([*variants(), *(spec for spec, _ in DIFFERENT)])}
    directory = tmp_path / "variants"
    directory.mkdir()
    for name, spec in specs.items():
        (directory / f"{name}.yaml").write_text(yaml.safe_dump(endpoint(name, **spec), allow_unicode=True))

    by_server = cluster.kubectl("apply", "--dry-run=server", "-f", directory, check=False)
    by_agent = subprocess.run([os.environ["TLSWARDEN"], "validate", "-f", str(directory)], capture_output=True, text=True,
                              env={"PASSWORD": "demo", "KEY": client.key_pem().decode(),
                                   "CERTIFICATE": client.chain_pem().decode()})
    taken = {line.split("/")[1].split(" ")[0] for line in by_server.stdout.splitlines()}
    refused = {Path(line.split(":")[1].strip()).stem for line in by_agent.stderr.splitlines() if line.startswith("error:")}

    assert "variant-0" in taken and refused  # both were understood
    alone = [(spec, "the agent" if name in refused else "the server") for name, spec in specs.items()
             if (name in taken) == (name in refused)]
    assert alone == DIFFERENT


# -- what it fills in and keeps --------------------------------------------------------------------------------------

@pytest.mark.parametrize("file", sorted((DATA / "defaults").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_server_fills_in_what_the_agent_does(cluster, namespaces, file):
    """But for the two defaults that depend on the engine, which the schema leaves to the agent."""
    declared = yaml.safe_load(file.read_text())
    expected = json.loads(file.with_suffix(".json").read_text())
    if "port" not in declared["spec"]:
        del expected["port"]
    if "mode" not in declared["spec"].get("tls", {}):
        del expected["tls"]["mode"]

    namespaces(declared["metadata"].get("namespace", "default"))
    shown = cluster.kubectl("apply", "--dry-run=server", "-f", file, "-o", "json")
    assert json.loads(shown.stdout)["spec"] == expected


def test_applying_the_same_by_the_server_changes_nothing(cluster):
    """But for the first time after the creation: then the default of status, which was only shown, is stored."""
    document = json.dumps(endpoint("again", rotation={"maintenanceWindows": [{"start": "02:00", "duration": "1h"}]}))
    seen = []
    for _ in range(3):
        cluster.kubectl("apply", "--server-side", "--field-manager=team", "-f", "-", text=document)
        seen.append(cluster.get("dbe", "again"))
    cluster.kubectl("delete", "dbe", "again")
    assert [one["metadata"]["generation"] for one in seen] == [1, 1, 1]
    assert seen[0]["spec"] == seen[1]["spec"] and seen[0]["status"] == seen[1]["status"]
    assert seen[1] == seen[2]
