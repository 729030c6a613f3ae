"""A real Apache Cassandra: one node on its own, in the JVM that the tests have."""

import json
import signal
import socket
import struct
import time
from pathlib import Path

from . import certificates
from .process import Server, answers, copy_tree, counterpart, find_program, free_port

# The second user may log in and no more.
USER, BARE_USER, PASSWORD = "app", "bare", "demo-password"

# What bin/cassandra of the distribution passes to Java 11 and later (conf/jvm17-server.options), as far as a single node
# needs it; and the leave to install a security manager that Java 18 and later ask for.
EXPORTS = ["java.base/jdk.internal.misc", "java.base/jdk.internal.ref", "java.base/sun.nio.ch", "java.rmi/sun.rmi.registry",
           "java.rmi/sun.rmi.server", "java.rmi/sun.rmi.transport", "java.rmi/sun.rmi.transport.tcp", "java.sql/java.sql"]
OPENS = ["java.base/java.io", "java.base/java.lang", "java.base/java.lang.module", "java.base/java.lang.reflect",
         "java.base/java.net", "java.base/java.nio", "java.base/java.util", "java.base/java.util.concurrent",
         "java.base/java.util.concurrent.atomic", "java.base/jdk.internal.loader", "java.base/jdk.internal.math",
         "java.base/jdk.internal.module", "java.base/jdk.internal.ref", "java.base/jdk.internal.reflect",
         "java.base/jdk.internal.util.jar", "java.base/sun.nio.ch", "jdk.management/com.sun.management.internal"]
# One node, for seconds: no waiting for others, small heaps, only the quick compiler, cheap hashes.
FLAGS = ["-Xms128m", "-Xmx512m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
         "-Djava.security.manager=allow", "-Dcassandra.initial_token=0", "-Dcassandra.ring_delay_ms=0",
         "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.superuser_setup_delay_ms=0",
         "-Dcassandra.auth_bcrypt_gensalt_log2_rounds=4", "-Dcassandra.memtable.row_overhead_size=181",
         "-Dcassandra.shutdown_announce_in_ms=0", "-Dcassandra-foreground=yes"]
LOGGING = b"""<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level [%thread] %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <logger name="org.apache.cassandra.transport" level="INFO"/>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
"""


class Cassandra(Server):
    """`identity` None: no client_encryption_options. With one the port insists on TLS; `optional` lets it speak both.
    A `client_ca` makes it demand client certificates. `settings` go into cassandra.yaml."""

    engine = "cassandra"
    # There is nothing to keep, and a node takes its time to leave its ring.
    stop_signal = signal.SIGKILL

    def __init__(self, directory, identity=None, *, serve_chain=True, client_ca=None, optional=False, protocols=None,
                 settings=None, template=None, **where):
        super().__init__(directory, **where)
        self.identity = identity
        self.serve_chain = serve_chain
        self.client_ca = client_ca
        self.optional = optional
        self.protocols = protocols
        self.settings = settings or {}
        self.template = template
        self.storage_port = None
        self.fresh = False  # begin with no data at all
        self.flags = []

    @property
    def data(self):
        return self.directory / "data"

    @staticmethod
    def make_template(directory):
        """The data directory of a node that knows our user, and beside it an archive of the classes that such a node
        loads, which halves the time of every later start."""
        first = Cassandra(Path(directory))
        first.fresh = True
        first.stop_signal = signal.SIGTERM
        first.flags = ["-Xlog:cds=off", f"-XX:ArchiveClassesAtExit={first.directory / 'classes.jsa'}"]
        with first:
            roles = [f"CREATE ROLE {user} WITH PASSWORD = '{PASSWORD}' AND LOGIN = true" for user in (USER, BARE_USER)]
            statement_by_statement(first, roles + [
                f"GRANT SELECT ON system_views.clients TO {USER}"])
        return first.data

    def encryption(self):
        if not self.identity:
            return {"enabled": False}
        chain = self.identity.chain_pem() if self.serve_chain else self.identity.certificate_pem()
        options = {
            "enabled": True, "optional": self.optional, "require_client_auth": bool(self.client_ca),
            "ssl_context_factory": {"class_name": "org.apache.cassandra.security.PEMBasedSslContextFactory"},
            "keystore": certificates.write(self.directory / "server.pem", self.identity.key_pem() + chain, 0o600),
            "truststore": certificates.write(self.directory / "client-ca.pem", self.client_ca or chain)}
        if self.protocols:
            options["accepted_protocols"] = self.protocols
        return options

    def prepare(self):
        if not self.fresh and not self.data.exists():
            self.template = self.template or self.make_template(self.directory / "template")
            copy_tree(self.template, self.data, None)
        self.storage_port = free_port(self.address)
        data = {name: str(self.data / name) for name in ("commitlog", "saved_caches", "hints", "cdc_raw")}
        settings = {
            "cluster_name": "test", "num_tokens": 1, "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "authenticator": "PasswordAuthenticator", "authorizer": "CassandraAuthorizer",
            "role_manager": "CassandraRoleManager", "endpoint_snitch": "SimpleSnitch", "commitlog_sync": "periodic",
            "commitlog_sync_period": "10s", "commitlog_segment_size": "1MiB",
            "data_file_directories": [str(self.data / "data")],
            **{f"{name}_directory": place for name, place in data.items()},
            "listen_address": self.address, "rpc_address": self.address, "native_transport_port": self.port,
            "storage_port": self.storage_port, "client_encryption_options": self.encryption(),
            "seed_provider": [{"class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                               "parameters": [{"seeds": f"{self.address}:{self.storage_port}"}]}],
            **self.settings}
        # JSON is YAML.
        certificates.write(self.directory / "cassandra.yaml", json.dumps(settings).encode())
        certificates.write(self.directory / "logback.xml", LOGGING)

    def command(self):
        modules = [word for place in EXPORTS for word in ("--add-exports", f"{place}=ALL-UNNAMED")]
        modules += [word for place in OPENS for word in ("--add-opens", f"{place}=ALL-UNNAMED")]
        shared = [] if self.fresh else [f"-XX:SharedArchiveFile={Path(self.template).parent / 'classes.jsa'}", "-Xshare:auto"]
        # Later ones know no security manager, which this release insists on.
        java = find_program("java", "/usr/lib/jvm/java-17-*/bin/java", "/usr/lib/jvm/java-21-*/bin/java")
        return [java, *FLAGS, *shared, *self.flags, *modules,
                f"-Dcassandra.config=file://{self.directory}/cassandra.yaml", f"-Dcassandra.storagedir={self.data}",
                f"-Dlogback.configurationFile={self.directory}/logback.xml",
                # Native libraries are unpacked here, and would be left behind elsewhere.
                f"-Djava.io.tmpdir={self.directory}", f"-Djna.tmpdir={self.directory}",
                "-cp", f"{counterpart('cassandra')}/lib/*", "org.apache.cassandra.service.CassandraDaemon"]

    def ready(self):
        # Somebody else may have taken the port in the seconds that a node needs.
        listening = f"Starting listening for CQL clients on /{self.address}:{self.port}"
        return listening in self.log.read_text(errors="replace") and answers(self.address, self.port)


def statement_by_statement(server, statements):
    """Runs CQL as the superuser that a new node makes some time after it has opened its port."""
    deadline = time.monotonic() + 180
    while True:
        try:
            with Session(server) as session:
                for statement in statements:
                    session.ask(0x07, struct.pack(">I", len(statement)) + statement.encode() + b"\x00\x01\x00")
                return
        except Refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Refused(Exception):
    pass


class Session:
    """As much of the native protocol as it takes to create a role."""

    def __init__(self, server, user=b"cassandra", password=b"cassandra"):
        self.socket = socket.create_connection((server.address, server.port), timeout=30)
        self.ask(0x01, b"\x00\x01\x00\x0bCQL_VERSION\x00\x053.0.0")
        token = b"\0" + user + b"\0" + password
        self.ask(0x0F, struct.pack(">I", len(token)) + token)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, opcode, body):
        self.socket.sendall(struct.pack(">BBHBI", 4, 0, 0, opcode, len(body)) + body)
        with self.socket.makefile("rb") as stream:
            _, _, _, answer, length = struct.unpack(">BBHBI", stream.read(9))
            content = stream.read(length)
        if answer == 0x00:
            raise Refused(content[6:].decode(errors="replace"))
