"""What ClickHouse and etcd tell of themselves: the version without a login and with one, and whether a session is encrypted."""

import os
import time

import pytest

from program import check, endpoint, login_secret
from servers.clickhouse import ClickHouse, NativeClickHouse
from servers.etcd import Etcd, installed_version

CLICKHOUSE = "18.16.1"


def look(server, files, **options):
    return check([login_secret(options.pop("password", "demo-password")),
                  endpoint("e", server.engine, server.port, mode="verify-full", ca=files["ca"], **options)])


def version(seen):
    return seen.status("e").get("server", {}).get("version")


def expect(major):
    return {"expectedServerVersion": f">={major} <{major + 1}"}


@pytest.mark.parametrize("server_class", [ClickHouse, NativeClickHouse], ids=["http", "native"])
def test_clickhouse_tells_its_version_after_a_login(server_class, authority, files, server_directory):
    with server_class(server_directory, authority.server()) as server:
        seen = look(server, files, **expect(18))
        assert version(seen) == CLICKHOUSE
        assert seen.condition("e", "ServerVersionMatched")["status"] == "True", seen.out
        # This release does not tell it before, and none tells whether a session is encrypted.
        assert seen.condition("e", "SessionEncrypted")["status"] == "Unknown"
        without = look(server, files, user=None, **expect(18))
        assert version(without) is None and "CredentialsRequired" in without.reasons("e"), without.out
        assert "AuthenticationFailed" in look(server, files, password="wrong").reasons("e")
        assert "DatabaseNotFound" in look(server, files, database="no-such&database").reasons("e")


def test_clickhouses_native_port_is_known_by_its_number(authority, files, server_directory):
    # An address of this process's own, so that the port is free.
    address = f"127.94.{os.getpid() // 256 % 256}.{os.getpid() % 256}"
    with NativeClickHouse(server_directory, authority.server(ips=[address]), address=address, port=9440) as server:
        seen = look(server, files, host=address, **expect(18))
        assert version(seen) == CLICKHOUSE and seen.code == 0, seen.out
        assert "AuthenticationFailed" in look(server, files, host=address, password="wrong").reasons("e")
        assert "clickhouse-client program" not in server.log.read_text()


def settled(log):
    """What it holds once nothing was added for some seconds."""
    before, text = None, log.read_text()
    while text != before:
        time.sleep(3)
        before, text = text, log.read_text()
    return text


def test_a_login_leaves_nothing_in_clickhouses_log(authority, files, server_directory):
    # These two try what a server logs as an error.
    quietly = {"plaintextCheck": {"enabled": False}, "legacyProtocolCheck": {"enabled": False}}
    with ClickHouse(server_directory, authority.server()) as server:
        # Waiting for the server left something there, which it may still be writing down.
        before = settled(server.log)
        assert look(server, files, **quietly).code == 0
        assert settled(server.log) == before
        look(server, files, user=None, **quietly)
        assert "Unknown user tlswarden-probe" in settled(server.log)[len(before):], "the log would tell"


def test_etcd_tells_its_version_with_and_without_a_login(authority, files, server_directory):
    with Etcd(server_directory, authority.server()) as server:
        without = look(server, files, user=None, **expect(3))
        assert version(without) == installed_version()
        assert without.condition("e", "ServerVersionMatched")["status"] == "True", without.out
        with_login = look(server, files, **expect(3))
        assert version(with_login) == installed_version()
        assert with_login.condition("e", "SessionEncrypted")["status"] == "True", with_login.out
        assert with_login.code == 0
        assert "AuthenticationFailed" in look(server, files, password="wrong").reasons("e")


def test_etcd_tells_that_its_listener_has_no_tls(server_directory):
    with Etcd(server_directory) as server:
        seen = check([login_secret(), endpoint("e", "etcd", server.port, mode="disable")])
    assert version(seen) == installed_version()
    assert seen.condition("e", "SessionEncrypted")["status"] == "False", seen.out


@pytest.mark.parametrize("name,reason", [("app", "LoginUnsupported"), ("", None)], ids=["common-name", "no-common-name"])
def test_etcds_gateway_admits_no_certificate_with_a_common_name(name, reason, authority, files, server_directory):
    # The gateway shows the server's certificate to etcd itself.
    identity = authority.server(usage=["server", "client"])
    client = authority.client(name)
    certificate, key = server_directory / "client.crt", server_directory / "client.key"
    certificate.write_bytes(client.chain_pem())
    key.write_bytes(client.key_pem())
    with Etcd(server_directory, identity, demand_client_certificate=True,
              client_ca=authority.root.certificate_pem()) as server:
        seen = look(server, files, certificate=certificate, key=key)
    assert version(seen) == installed_version()
    assert seen.condition("e", "ClientCertificateValid")["status"] == "True", seen.out
    if reason:
        assert reason in seen.reasons("e"), seen.out
    else:
        assert seen.condition("e", "SessionEncrypted")["status"] == "True", seen.out
