"""Trust material as its makers write it: keytool, openssl and the archives of providers, each used for a real server."""

import base64
import os
import subprocess
import zipfile

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from program import check, endpoint, run
from servers import certificates
from servers.postgresql import PostgreSQL

PASSWORD = "tencentdb"  # what TencentDB gives its .jks
VERIFIED = "verify-full"
CUTS = 40


def tool(*command, stdin=None):
    return subprocess.run([str(word) for word in command], input=stdin, check=True, timeout=120, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def keytool(directory, name, store_type, certificates_by_alias, password=PASSWORD):
    """A store of trusted certificates; `certificates_by_alias` are PEM files."""
    path = directory / name
    for alias, pem in certificates_by_alias.items():
        tool("keytool", "-importcert", "-noprompt", "-alias", alias, "-file", pem, "-keystore", path, "-storetype",
             store_type, "-storepass", password)
    return path


def empty_list(identity):
    now = certificates.utc_now()
    builder = (x509.CertificateRevocationListBuilder().issuer_name(identity.certificate.subject)
               .last_update(now).next_update(now + 7 * certificates.DAY))
    return builder.sign(identity.key, hashes.SHA256())


@pytest.fixture(scope="module")
def material(workspace, authority, files):
    """name -> (file, password or None); each holds the authority's root, some another CA as well."""
    directory = workspace / "trust"
    directory.mkdir()
    os.chmod(directory, 0o755)
    root, other = files["ca"], files["wrong-ca"]
    der = serialization.Encoding.DER
    root_der = authority.root.certificate.public_bytes(der)
    crl = empty_list(authority.root)

    def written(name, content):
        return certificates.write(directory / name, content)

    both = written("both.pem", open(other, "rb").read() + open(root, "rb").read())
    list_pem = written("list.pem", crl.public_bytes(serialization.Encoding.PEM))
    der_p7b = tool("openssl", "crl2pkcs7", "-in", list_pem, "-certfile", both, "-outform", "DER")
    streamed = directory / "streamed.p7b"
    signer = authority.client("signer")
    tool("openssl", "cms", "-sign", "-binary", "-nodetach", "-stream", "-outform", "DER", "-out", streamed, "-signer",
         written("signer.pem", signer.certificate_pem()), "-inkey", written("signer.key", signer.key_pem()), "-certfile",
         both, stdin=b"any content")

    def pkcs12(name, *options, password=PASSWORD):
        path = directory / name
        tool("openssl", "pkcs12", "-export", "-nokeys", "-in", both, "-out", path, "-passout", f"pass:{password}", *options)
        return path

    aliases = {"rds-ca": root, "other": other}
    return {
        "pem": (both, None),
        "pem-with-list": (written("with-list.pem", open(both, "rb").read() + open(list_pem, "rb").read()), None),
        "der": (written("ca.cer", root_der), None),
        "der-both": (written("both.der", root_der + crl.public_bytes(der)), None),
        "base64": (written("ca.b64", base64.encodebytes(root_der)), None),
        "p7b": (written("ca.p7b", der_p7b), None),
        "p7b-pem": (written("ca-pem.p7b", tool("openssl", "crl2pkcs7", "-nocrl", "-certfile", both)), None),
        "p7b-streamed": (streamed, None),
        "p12": (pkcs12("ca.p12"), PASSWORD),
        "p12-legacy": (pkcs12("legacy.p12", "-legacy"), PASSWORD),
        "p12-plain": (pkcs12("plain.p12", "-nomac"), None),  # neither checked nor encrypted, whatever its password
        "p12-empty": (pkcs12("empty.p12", password=""), None),
        "p12-keytool": (keytool(directory, "keytool.p12", "PKCS12", aliases), PASSWORD),
        "jks": (keytool(directory, "ca.jks", "JKS", aliases), PASSWORD),
        "jks-unchecked": (directory / "ca.jks", None),
        "jceks": (keytool(directory, "ca.jceks", "JCEKS", aliases), PASSWORD),
        "jks-other-script": (keytool(directory, "umlaut.jks", "JKS", aliases, "pässwörd"), "pässwörd"),
    }


@pytest.fixture(scope="module")
def server(workspace, authority, templates):
    directory = workspace / "trust-server"
    with PostgreSQL(directory, authority.server(), template=templates["postgresql"]) as running:
        yield running


def document(name, server, path, password=None):
    reference = {"file": str(path)}
    if password is not None:
        reference["password"] = {"value": password}
    return endpoint(name, "postgresql", server.port, mode=VERIFIED, user=None, tls={"ca": reference})


def trust_problem(checked, name):
    """What the material's condition says of the CA."""
    return " ".join(c["message"] for c in checked.status(name)["conditions"] if c["reason"] == "ReferenceInvalid")


def test_every_form_verifies_a_real_server(server, material):
    documents = [document(name, server, *where) for name, where in material.items()]
    checked = check(documents)
    outcomes = {name: checked.rung(name, VERIFIED)["outcome"] for name in material}
    assert outcomes == {name: "Works" for name in material}, checked.err


def test_a_store_in_a_secret_opens_with_a_password_from_another(server, material):
    content = open(material["jks"][0], "rb").read()
    store = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ca"},
             "data": {"ca.jks": base64.b64encode(content).decode()}}
    password = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ca-password"}, "stringData": {"password": PASSWORD}}
    reference = {"secretKeyRef": {"name": "ca", "key": "ca.jks"},
                 "password": {"secretKeyRef": {"name": "ca-password", "key": "password"}}}
    declared = endpoint("e", "postgresql", server.port, mode=VERIFIED, user=None, tls={"ca": reference})
    checked = check([store, password, declared])
    assert checked.rung("e", VERIFIED)["outcome"] == "Works"
    assert PASSWORD not in checked.out + checked.err


def test_a_wrong_password_is_said_and_the_declared_one_is_not(server, material):
    stores = {name: path for name, (path, password) in material.items() if password}
    checked = check([document(name, server, path, "not-the-one") for name, path in stores.items()])
    for name in stores:
        said = trust_problem(checked, name)
        assert "the password is wrong, or the file was altered" in said, (name, said)
    assert "not-the-one" not in checked.err + "".join(trust_problem(checked, name) for name in stores)


def test_a_store_that_needs_a_password_says_so(server, material):
    checked = check([document("e", server, material["p12"][0])])
    assert "declare it as password beside the reference" in trust_problem(checked, "e")


def test_what_is_no_trust_material_is_called_by_its_name(server, material, workspace):
    directory = workspace / "trust"
    archive = directory / "TencentDB-CA-Chain.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(material["jks"][0], "ca.jks")
    page = certificates.write(directory / "page.pem", b"<!doctype html><title>Sign in</title>")
    wanted = {"zip": (archive, "unpack it and name the .pem, .p7b or .jks"), "page": (page, "a web page")}
    checked = check([document(name, server, path) for name, (path, _) in wanted.items()])
    for name, (_, words) in wanted.items():
        assert words in trust_problem(checked, name)


@pytest.mark.parametrize("name", ["jks", "jceks", "p12-keytool", "p7b", "der-both"])
def test_a_file_cut_anywhere_is_one_clear_error(server, material, workspace, name):
    path, password = material[name]
    content = open(path, "rb").read()
    directory = workspace / f"cut-{name}"
    directory.mkdir()
    sizes = range(1, len(content), max(1, len(content) // CUTS))
    documents = []
    for size in sizes:
        cut = certificates.write(directory / str(size), content[:size])
        documents.append(document(f"e{size}", server, cut, password))
    checked = check(documents)
    assert checked.code >= 0 and len(checked.resources) == len(documents), checked.err
    for size in sizes:
        # A certificate in front of what was lost is whole, and a lost list does not make it invalid.
        assert trust_problem(checked, f"e{size}"), size


def test_the_manifests_are_valid(server, material):
    text = yaml.safe_dump_all([document(name, server, *where) for name, where in material.items()])
    result = run("validate", "-f", "-", stdin=text)
    assert result.returncode == 0, result.stderr


KEY_FORMS = {
    "pbes2-aes": ["pkcs8", "-topk8", "-v2", "aes-256-cbc"],
    "pbes2-3des": ["pkcs8", "-topk8", "-v2", "des3"],
    "scrypt": ["pkcs8", "-topk8", "-scrypt"],
    "pbes1-3des": ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"],
    "pbes1-rc2": ["pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-40"],
    "pbes1-md5-des": ["pkcs8", "-topk8", "-v1", "PBE-MD5-DES"],
    "pem-aes": ["ec", "-aes256"],
    "pem-3des": ["ec", "-des3"],
    "pem-des": ["ec", "-des"],
}


def test_a_client_key_opens_however_openssl_encrypted_it(workspace, authority, templates, files, server_directory):
    directory = workspace / "keys"
    directory.mkdir()
    paths = {}
    for name, command in KEY_FORMS.items():
        encrypted = tool("openssl", *command, "-in", files["good.key"], "-passout", "pass:open sesame", "-provider", "legacy",
                         "-provider", "default")
        paths[name] = certificates.write(directory / name, encrypted, 0o600)
    ca = authority.root.certificate_pem() + authority.intermediate.certificate_pem()
    passphrase = certificates.write(directory / "passphrase", b"open sesame\n", 0o600)
    with PostgreSQL(server_directory, authority.server(), template=templates["postgresql"], client_ca=ca,
                    access=["hostssl all all all scram-sha-256 clientcert=verify-ca"]) as running:
        checked = check([endpoint(name, "postgresql", running.port, mode=VERIFIED, ca=files["ca"], user=None,
                                  certificate=files["good.crt"], key=path, passphrase={"file": passphrase})
                         for name, path in paths.items()])
    for name in paths:
        assert checked.rung(name, VERIFIED)["outcome"] == "Works", (name, checked.reasons(name))
