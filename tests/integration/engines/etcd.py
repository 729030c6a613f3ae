"""etcd and etcdctl, and Python's TLS where etcdctl has no such mode."""

import http.client
import ssl

from clients import PATIENCE, SYSTEM_BUNDLE, Outcome, run_until
from servers.etcd import Etcd

NAME = "etcd"
SERVER = Etcd
ACCOUNT = {"user": "app"}
MUTUAL = {"demand_client_certificate": True}
OPTIONS = {
    "client-certificate-demanded": MUTUAL,
    "client-certificate-given": MUTUAL,
    "client-certificate-unknown": MUTUAL,
}
# etcdctl is a Go program and looks at the subjectAltName alone.
REASONS = {"common-name-only": (2, "HostnameMismatch", "ReissueWithName")}
_answered = {}


def left_open(fault, declared, rung):
    return False


def client(server, mode, material, host="localhost", password="demo-password"):
    if mode == "verify-ca":
        return _python(server, material, host)
    # Without a CA this client speaks TLS only when told that the transport is not insecure.
    tls = {
        "disable": [],
        "prefer": ["--insecure-transport=false", "--insecure-skip-tls-verify"],
        "require": ["--insecure-transport=false", "--insecure-skip-tls-verify"],
        "verify-full": ["--insecure-transport=false", "--cacert", material.ca or SYSTEM_BUNDLE],
    }[mode]
    if material.certificate and mode != "disable":
        tls += ["--cert", material.certificate, "--key", material.key]
    scheme = "http" if mode == "disable" else "https"
    # The same question is asked once: prefer is require, both know no CA.
    question = (server, f"{scheme}://{host}:{server.port}", password, *tls)
    if question not in _answered:
        # It tries until its time is over; the first attempt tells.
        code, words = run_until("TRANSIENT_FAILURE", ["etcdctl", "--debug", "--endpoints", question[1], "--dial-timeout",
                                f"{PATIENCE}s", "--command-timeout", f"{PATIENCE}s", *tls, "endpoint", "status"],
                                {"ETCDCTL_API": "3", "ETCDCTL_USER": f"app:{password}"})
        _answered[question] = Outcome(code == 0, None, words.strip()[-300:])
    return _answered[question]


def _python(server, material, host):
    """With a CA etcdctl compares the name as well, so verify-ca is put to a client that can leave that out."""
    try:
        context = ssl.create_default_context(cafile=material.ca or SYSTEM_BUNDLE)
        context.check_hostname = False
        if material.certificate:
            context.load_cert_chain(material.certificate, material.key)
        connection = http.client.HTTPSConnection(host, server.port, context=context, timeout=PATIENCE)
        connection.request("GET", "/version")
        return Outcome(connection.getresponse().status == 200, True, "")
    except (OSError, http.client.HTTPException) as error:
        return Outcome(False, None, str(error))
