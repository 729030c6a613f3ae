"""ClickHouse's native port and clickhouse-client, and Python's TLS where this release of it cannot do what later ones do."""

import socket
import ssl

from clients import SYSTEM_BUNDLE, Outcome, patience, run
from engines import clickhouse
from servers.clickhouse import NativeClickHouse

NAME = "clickhouse_native"
SERVER = NativeClickHouse
ACCOUNT = clickhouse.ACCOUNT
OPTIONS = clickhouse.OPTIONS
REASONS = clickhouse.REASONS
ACCEPT = "<verificationMode>none</verificationMode>{}<name>AcceptCertificateHandler</name>{}".format(
    "<invalidCertificateHandler>", "</invalidCertificateHandler>")
VERIFY = ("<verificationMode>strict</verificationMode><extendedVerification>false</extendedVerification>"
          "<caConfig>{}</caConfig><loadDefaultCAFile>false</loadDefaultCAFile>"
          "<invalidCertificateHandler><name>RejectCertificateHandler</name></invalidCertificateHandler>")


def left_open(fault, declared, rung):
    return False


def client(server, mode, material, host="localhost", password="demo-password"):
    if mode == "verify-full":
        return _python(server, material, host, password)
    # This client has no fallback: prefer is require.
    tls = VERIFY.format(material.ca or SYSTEM_BUNDLE) if mode == "verify-ca" else ACCEPT
    if material.certificate:
        tls += f"<certificateFile>{material.certificate}</certificateFile><privateKeyFile>{material.key}</privateKeyFile>"
    config = server.directory / "client.xml"
    config.write_text(f"<config><openSSL><client>{tls}</client></openSSL></config>")
    code, out, err = run(["clickhouse-client", "--config-file", config, "--host", host, "--port", str(server.port), "--user",
                          "app", "--password", password, "--query", "SELECT 1", *([] if mode == "disable" else ["--secure"])],
                         {})
    return Outcome(code == 0 and out == "1\n", None, err.strip()[-300:])


def _python(server, material, host, password):
    """The clickhouse-client of 2018 compares the certificate with the address it connected to, later ones with the name that
    they were given, by OpenSSL's rules: the common name counts where there is no DNS name."""
    try:
        context = ssl.create_default_context(cafile=material.ca or SYSTEM_BUNDLE)
        context.hostname_checks_common_name = True
        if material.certificate:
            context.load_cert_chain(material.certificate, material.key)
        with socket.create_connection((host, server.port), timeout=patience(server, "verify-full")) as plain, \
                context.wrap_socket(plain, server_hostname=host) as stream:
            stream.sendall(_hello("app", password))
            return Outcome(stream.recv(1) == b"\0", True, "")
    except OSError as error:
        return Outcome(False, None, str(error))


def _hello(user, password):
    """Client 1.0, revision 54058 as a variable-length number, the default database."""
    texts = [b"\0" + _text("check"), b"\x01\0\xaa\xa6\x03", _text(""), _text(user), _text(password)]
    return b"".join(texts)


def _text(text):
    return bytes([len(text)]) + text.encode()
