"""Revocation lists beside the CA in the declared bundle, against a real server and its own client."""

import os
import subprocess

import pytest

from engines import BY_NAME
from program import check, endpoint, login_secret
from servers import certificates
from servers.certificates import DAY
from servers.postgresql import PASSWORD


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.server()


@pytest.fixture(scope="module")
def server(leaf, templates, workspace):
    with BY_NAME["postgresql"].SERVER(workspace / "revocation", leaf, template=templates["postgresql"]) as running:
        yield running


def look(server, authority, tmp_path, *lists):
    bundle = certificates.write(tmp_path / "ca.pem", authority.root.certificate_pem() + b"".join(lists))
    return check([login_secret(), endpoint("e", "postgresql", server.port, mode="verify-full", ca=bundle)])


def psql(server, files, **options):
    words = {"host": "localhost", "port": server.port, "user": "app", "dbname": "postgres", "sslmode": "verify-full",
             "sslrootcert": files["ca"], **options}
    return subprocess.run(["psql", "-Xc", "select 1", " ".join(f"{k}={v}" for k, v in words.items())],
                          env={**os.environ, "PGPASSWORD": PASSWORD}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def psql_with_lists(server, files, tmp_path, *lists):
    return psql(server, files, sslcrl=certificates.write(tmp_path / "lists.pem", b"".join(lists)))


def test_names_what_is_revoked_and_says_that_clients_do_not_look(server, leaf, authority, files, tmp_path):
    lists = certificates.revocation_list(authority.intermediate, leaf), certificates.revocation_list(authority.root)
    seen = look(server, authority, tmp_path, *lists)
    valid = seen.condition("e", "CertificateValid")
    assert (valid["status"], valid["reason"]) == ("False", "CertificateRevoked"), seen.out
    rung = seen.rung("e", "verify-full")
    assert (rung["outcome"], rung["reason"]) == ("Works", "CertificateRevoked")
    assert seen.code == 2
    # psql with the very same CA connects, and refuses once it is told to look.
    assert psql(server, files).returncode == 0
    assert psql_with_lists(server, files, tmp_path, *lists).returncode != 0


def test_names_a_revoked_intermediate(server, authority, tmp_path):
    seen = look(server, authority, tmp_path, certificates.revocation_list(authority.root, authority.intermediate))
    assert "intermediate 'Demo Intermediate CA' was revoked" in seen.condition("e", "CertificateValid")["message"]


def test_is_silent_about_lists_that_hold_and_of_strangers(server, authority, stranger, leaf, tmp_path):
    seen = look(server, authority, tmp_path, certificates.revocation_list(authority.intermediate, authority.server()),
                certificates.revocation_list(stranger.intermediate, leaf))
    assert seen.condition("e", "CertificateValid")["reason"] == "ChainVerified", seen.out
    assert seen.code == 0


def test_remarks_that_a_list_has_expired(server, authority, files, tmp_path):
    old = certificates.revocation_list(authority.intermediate, this_update=authority.now - 9 * DAY,
                                       next_update=authority.now - 2 * DAY)
    seen = look(server, authority, tmp_path, old)
    assert seen.code == 1 and seen.condition("e", "Ready")["status"] == "True"
    assert seen.condition("e", "CertificateValid")["reason"] == "RevocationListStale"
    # Who checks with such a list is refused, and with its successor is not.
    root, new = certificates.revocation_list(authority.root), certificates.revocation_list(authority.intermediate)
    assert psql_with_lists(server, files, tmp_path, old, root).returncode != 0
    assert psql_with_lists(server, files, tmp_path, new, root).returncode == 0
