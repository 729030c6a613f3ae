"""A real ClickHouse server, seen at its HTTP port or at its native one."""

from xml.sax.saxutils import escape

from . import certificates
from .process import Server, answers, find_program, free_port

PASSWORD = "demo-password"

CONFIG = """<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>{address}</listen_host>
  {ports}
  <openSSL><server>
    <certificateFile>{directory}/server.crt</certificateFile>
    <privateKeyFile>{directory}/server.key</privateKeyFile>
    <caConfig>{directory}/client-ca.crt</caConfig>
    <verificationMode>{verification}</verificationMode>
    <loadDefaultCAFile>false</loadDefaultCAFile>
    <cacheSessions>false</cacheSessions>
    {tls}
  </server></openSSL>
  <path>{directory}/data/</path>
  <tmp_path>{directory}/tmp/</tmp_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>5368709</mark_cache_size>
</yandex>
"""

USERS = """<yandex>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password>{password}</password><networks><ip>::/0</ip></networks><profile>default</profile>
      <quota>default</quota></default>
    <app><password>{password}</password><networks><ip>::/0</ip></networks><profile>default</profile>
      <quota>default</quota></app>
  </users>
</yandex>
"""


class ClickHouse(Server):
    """The HTTP port. `identity` None: the one without TLS. `demand_client_certificate` maps to verificationMode strict,
    `tls` are further elements of openSSL.server."""

    engine = "clickhouse"
    native = False

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, demand_client_certificate=False,
                 password=PASSWORD, tls="", **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.demand = demand_client_certificate
        self.password = password
        self.tls = tls

    def prepare(self):
        for name in ("data", "tmp"):
            (self.directory / name).mkdir(exist_ok=True)
        if self.identity:
            pem = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
            certificates.write(self.directory / "server.crt", pem)
            certificates.write(self.directory / "server.key", self.identity.key_pem(), 0o600)
            certificates.write(self.directory / "client-ca.crt", self.client_ca or self.identity.certificate_pem())
        config = CONFIG.format(address=self.address, directory=self.directory, ports=self.ports(), tls=self.tls,
                               verification="strict" if self.demand else "none")
        certificates.write(self.directory / "config.xml", config.encode())
        users = USERS.format(password=escape(self.password))
        certificates.write(self.directory / "users.xml", users.encode())

    def ports(self):
        """It wants both plaintext ports, and names them to whoever mistakes one for the other."""
        names = {(False, False): "http_port", (False, True): "https_port", (True, False): "tcp_port",
                 (True, True): "tcp_port_secure"}
        ports = {"http_port": free_port(), "tcp_port": free_port(), "interserver_http_port": free_port()}
        ports[names[self.native, bool(self.identity)]] = self.port
        return "".join(f"<{name}>{port}</{name}>" for name, port in ports.items())

    def command(self):
        return [find_program("clickhouse-server"), f"--config-file={self.directory}/config.xml"]

    def ready(self):
        return answers(self.address, self.port)


class NativeClickHouse(ClickHouse):
    """The port of clickhouse-client."""

    native = True
