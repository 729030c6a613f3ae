"""Every fault gets its own name, the right next step and the right exit code, from a real server."""

import json

import pytest
import yaml

from engines import BY_NAME, MODULES
from faults import FAULTS, applies, make_server
from program import check, endpoint, environment, login_secret, run
from servers.process import free_port

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
FAULT = {fault.name: fault for fault in FAULTS}

# fault, declared mode, exit code, reason, action of the first advice about it. An engine's REASONS names its own.
EXPECTED = [
    ("healthy", "verify-full", OK, None, None),
    ("expired", "verify-full", CRITICAL, "CertificateExpired", "RotateServerCertificate"),
    ("expiring", "verify-full", CRITICAL, "CertificateExpiring", "RotateServerCertificate"),
    ("not-yet-valid", "verify-full", CRITICAL, "CertificateNotYetValid", None),
    ("self-signed", "verify-full", CRITICAL, "SelfSignedLeaf", None),
    ("wrong-name", "verify-full", CRITICAL, "HostnameMismatch", None),
    ("common-name-only", "verify-full", OK, "CommonNameOnly", "AddSubjectAlternativeName"),
    ("missing-intermediate", "verify-ca", CRITICAL, "IncompleteChain", None),
    ("expired-intermediate", "verify-ca", CRITICAL, "IntermediateExpired", None),
    ("wrong-purpose", "verify-ca", CRITICAL, "WrongPurpose", None),
    ("tls-off", "require", CRITICAL, "TLSNotSupported", None),
    ("tls-required", "disable", CRITICAL, "ServerRequiresTLS", None),
    ("client-certificate-demanded", "verify-full", CRITICAL, "ClientCertificateRequired", None),
    ("client-certificate-unknown", "verify-full", CRITICAL, "ClientCertificateRejected", None),
]


def cases():
    for fault, mode, code, reason, action in EXPECTED:
        for module in MODULES:
            own = module.REASONS.get(fault, (code, reason, action))
            if own is not None and applies(module, FAULT[fault]):
                yield (fault, module.NAME, mode, *own)


CASES = list(cases())


@pytest.mark.parametrize("fault,engine,mode,code,reason,action", CASES, ids=[f"{c[1]}-{c[0]}" for c in CASES])
def test_names_the_fault(fault, engine, mode, code, reason, action, authority, templates, files, server_directory):
    certificate = FAULT[fault].client_certificate
    with make_server(BY_NAME[engine], FAULT[fault], authority, server_directory, templates) as server:
        seen = check([login_secret(), endpoint(
            "e", server.engine, server.port, mode=mode, ca=files["ca"], **BY_NAME[engine].ACCOUNT,
            certificate=files[f"{certificate}.crt"] if certificate else None,
            key=files[f"{certificate}.key"] if certificate else None, timeout="6s",
            plaintextCheck={"enabled": mode == "disable"})])
    assert seen.code == code, seen.out
    if reason is None:
        assert seen.condition("e", "Ready")["status"] == "True"
        assert [a for a in seen.status("e").get("advice", []) if a["urgency"] != "Consider"] == []
        return
    assert reason in seen.reasons("e"), seen.out
    first = seen.status("e")["advice"][0]
    assert first["reason"] == reason and first["message"] and first["steps"], first
    if action:
        assert first["action"] == action
    assert run("explain", reason).returncode == 0


@pytest.fixture(scope="module")
def healthy(authority, templates, workspace):
    with make_server(BY_NAME["postgresql"], FAULT["client-certificate-given"], authority, workspace / "healthy", templates) as server:
        yield server


@pytest.mark.parametrize("options,reason", [
    (dict(expectedServerVersion=">=99"), "VersionMismatch"),
    (dict(tls={"clientCertificate": "good.crt", "clientKey": "good-encrypted.key"}), "ClientKeyEncrypted"),
    (dict(tls={"clientCertificate": "good.crt", "clientKey": "unknown.key"}), "ClientKeyMismatch"),
    (dict(tls={"clientCertificate": "good.crt", "clientKey": "ca"}), "ReferenceInvalid"),
    (dict(tls={"clientCertificate": "missing", "clientKey": "good.key"}), "ReferenceNotFound"),
    (dict(tls={"clientCertificate": "good.crt", "clientKey": "good-encrypted.key", "clientKeyPassphrase": "wrong"}),
     "PassphraseIncorrect"),
    (dict(password="wrong"), "AuthenticationFailed"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_names_what_is_wrong_with_the_declaration(options, reason, healthy, files):
    options = dict(options)
    tls = {"clientCertificate": "good.crt", "clientKey": "good.key", **options.pop("tls", {})}
    passphrase = tls.pop("clientKeyPassphrase", None)
    documents = [login_secret(options.pop("password", "demo-password"))]
    if passphrase:
        documents.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"},
                          "stringData": {"passphrase": passphrase}})
        tls["clientKeyPassphrase"] = {"secretKeyRef": {"name": "key", "key": "passphrase"}}
    for field in ("clientCertificate", "clientKey"):
        tls[field] = {"file": files.get(tls[field], "/nonexistent/" + tls[field])}
    seen = check([*documents, endpoint("e", "postgresql", healthy.port, mode="verify-full", ca=files["ca"], tls=tls,
                                       **options)])
    assert reason in seen.reasons("e"), seen.out
    assert seen.code != OK
    assert "wrong" not in json.dumps([a["message"] for a in seen.status("e")["advice"] if "wrong" == a])


def test_an_encrypted_key_with_its_passphrase_logs_in(healthy, files):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}, "stringData": {"p": "open sesame"}}
    seen = check([login_secret(), secret, endpoint(
        "e", "postgresql", healthy.port, mode="verify-full", ca=files["ca"], certificate=files["good.crt"],
        key=files["good-encrypted.key"], passphrase={"secretKeyRef": {"name": "key", "key": "p"}})])
    assert seen.condition("e", "SessionEncrypted")["status"] == "True", seen.out
    assert seen.condition("e", "ClientCertificateValid")["status"] == "True"
    assert seen.status("e")["server"]["version"].startswith("1")
    assert "open sesame" not in seen.out + seen.err


def test_unreachable_endpoints_are_told_apart(files):
    seen = check([
        endpoint("refused", "postgresql", free_port(), mode="require", user=None, failureThreshold=1),
        endpoint("no-name", "postgresql", 5432, host="no-such-host.invalid", mode="require", user=None, failureThreshold=1),
    ])
    assert "ConnectionRefused" in seen.reasons("refused"), seen.out
    assert "DNSFailure" in seen.reasons("no-name"), seen.out
    assert seen.code == CRITICAL


def test_checks_an_endpoint_without_any_manifest(healthy):
    result = run("check", f"postgresql://127.0.0.1:{healthy.port}", "-o", "json")
    resource = json.loads(result.stdout)
    assert resource["kind"] == "DatabaseEndpoint"
    assert resource["spec"]["tls"]["mode"] == "prefer"
    assert len(resource["status"]["modes"]) == 5
    assert resource["status"]["tls"]["chain"][0]["role"] == "leaf"


def test_another_day_is_another_answer(healthy, files):
    document = endpoint("e", "postgresql", healthy.port, mode="verify-full", ca=files["ca"], certificate=files["good.crt"],
                        key=files["good.key"])
    later = check([login_secret(), document], "--at", "+200d")
    assert later.code == CRITICAL and "CertificateExpired" in later.reasons("e"), later.out


def test_a_broken_manifest_is_answered_line_by_line_while_the_rest_is_checked(healthy, files, tmp_path):
    good = endpoint("good", "postgresql", healthy.port, mode="require", user=None)
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(good))
    (tmp_path / "bad.yaml").write_text("apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata: {name: bad}\n"
                                       "spec:\n  engine: postgresql\n  host: db\n  tls: {mode: Verify Identity}\n")
    result = run("check", "-f", tmp_path, "-o", "json")
    assert "bad.yaml:7: spec.tls.mode" in result.stderr and "verify-full" in result.stderr
    assert json.loads(result.stdout)["metadata"]["name"] == "good"
    assert result.returncode != OK


def test_debug_prints_every_stage(healthy):
    result = run("check", f"postgresql://127.0.0.1:{healthy.port}", "--debug")
    for stage in ("resolve", "connect", "negotiate", "handshake"):
        assert stage in result.stderr, result.stderr


def test_no_colour_when_piped_and_none_with_no_color(healthy):
    result = run("check", f"postgresql://127.0.0.1:{healthy.port}", env=environment(NO_COLOR="1"))
    assert "\x1b" not in result.stdout + result.stderr
