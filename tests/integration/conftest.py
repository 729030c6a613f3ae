import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from servers import certificates  # noqa: E402
from servers.mariadb import MariaDB  # noqa: E402
from servers.postgresql import PostgreSQL  # noqa: E402


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    """A directory that server accounts may enter."""
    directory = tmp_path_factory.mktemp("fleet")
    for parent in [directory, *directory.parents]:
        if parent == Path("/tmp"):
            break
        os.chmod(parent, 0o755)
    return directory


class Templates(dict):
    def __init__(self, workspace):
        super().__init__()
        self.workspace = workspace
        self.backend = None

    def __contains__(self, engine):
        return engine in ("postgresql", "mariadb", "redshift", "cockroachdb")

    def __missing__(self, engine):
        if engine in ("redshift", "cockroachdb"):
            if self.backend is None:
                self.backend = PostgreSQL(self.workspace / "backend", template=self["postgresql"]).start()
            return self.backend
        make = {"postgresql": PostgreSQL, "mariadb": MariaDB}[engine].make_template
        self[engine] = make(self.workspace / f"template-{engine}")
        return self[engine]


@pytest.fixture(scope="session")
def templates(workspace):
    """Prepared data directories, and a running PostgreSQL for the fronts of its family, made when first asked for."""
    templates = Templates(workspace)
    yield templates
    if templates.backend:
        templates.backend.stop()


@pytest.fixture(scope="session")
def authority():
    return certificates.Authority("Demo")


@pytest.fixture(scope="session")
def stranger():
    """An authority that nobody trusts."""
    return certificates.Authority("Stranger")


@pytest.fixture(scope="session")
def files(workspace, authority, stranger):
    """PEM files as users would have them: name -> path."""
    directory = workspace / "files"
    directory.mkdir()
    os.chmod(directory, 0o755)
    good, unknown = authority.client(), stranger.client()
    content = {
        "ca": authority.root.certificate_pem(),
        "wrong-ca": stranger.root.certificate_pem(),
        "good.crt": good.chain_pem(),
        "unknown.crt": unknown.chain_pem(),
    }
    keys = {"good.key": good.key_pem(), "unknown.key": unknown.key_pem(), "good-encrypted.key": good.key_pem(b"open sesame")}
    paths = {name: certificates.write(directory / name, pem) for name, pem in content.items()}
    paths.update({name: certificates.write(directory / name, pem, 0o600) for name, pem in keys.items()})
    return paths


@pytest.fixture
def server_directory(workspace):
    """Short: a unix socket's path may have 107 bytes."""
    return Path(tempfile.mkdtemp(prefix="s", dir=workspace))
