"""MongoDB's protocol (FerretDB behind mongod's way with TLS) and PyMongo."""

import tempfile
import threading
from pathlib import Path

import pymongo
from pymongo.monitoring import ServerHeartbeatListener

from clients import PATIENCE, SYSTEM_BUNDLE, Outcome
from servers.mongodb import MongoDB

NAME = "mongodb"
SERVER = MongoDB
ACCOUNT = {"user": "app"}
TLS12 = {"tls12_only": True}
OPTIONS = {
    "tls-required": {"tls_mode": "requireTLS"},
    "tls12-only": TLS12,
    "client-certificate-unknown-tls12": TLS12,
}
REASONS = {}


def left_open(fault, declared, rung):
    return False


class FirstContact(ServerHeartbeatListener):
    """How the first attempt to connect went. The client itself tries again until its time is up."""

    def __init__(self):
        self.over, self.error = threading.Event(), None

    def started(self, event):
        pass

    def succeeded(self, event):
        self.over.set()

    def failed(self, event):
        if not self.over.is_set():
            self.error = event.reply
        self.over.set()


def client(server, mode, material, host="localhost", user="app", password="demo-password"):
    # This client has no fallback: prefer is require.
    tls = {
        "disable": {"tls": False},
        "prefer": {"tls": True, "tlsAllowInvalidCertificates": True},
        "require": {"tls": True, "tlsAllowInvalidCertificates": True},
        "verify-ca": {"tls": True, "tlsCAFile": material.ca or SYSTEM_BUNDLE, "tlsAllowInvalidHostnames": True},
        "verify-full": {"tls": True, "tlsCAFile": material.ca or SYSTEM_BUNDLE},
    }[mode]
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
        if material.certificate and mode != "disable":
            both.write(Path(material.certificate).read_text() + Path(material.key).read_text())
            both.flush()
            tls["tlsCertificateKeyFile"] = both.name
        contact = FirstContact()
        connection = pymongo.MongoClient(host, server.port, username=user, password=password, authSource="admin",
                                         directConnection=True, event_listeners=[contact], **tls)
        try:
            assert contact.over.wait(PATIENCE), "no attempt to connect has ended"
            if contact.error:
                return Outcome(False, None, str(contact.error))
            connection.admin.command("ping")
            return Outcome(True, None, "")
        except pymongo.errors.PyMongoError as error:
            return Outcome(False, None, str(error))
        finally:
            connection.close()
