import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from engines import BY_NAME  # noqa: E402
from servers import certificates  # noqa: E402
from servers.process import counterparts  # noqa: E402

# There where this machine's release of Debian has no ClickHouse.
os.environ["PATH"] += f"{os.pathsep}{counterparts() / 'clickhouse'}"


@pytest.fixture(scope="session")
def workspace():
    """A directory that server accounts may enter. Not below pytest's own, which each run closes to all but its user."""
    with tempfile.TemporaryDirectory(prefix="tlswarden-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


class Templates(dict):
    def __init__(self, workspace):
        super().__init__()
        self.workspace = workspace

    def __contains__(self, engine):
        return hasattr(BY_NAME[engine].SERVER, "make_template")

    def __missing__(self, engine):
        self[engine] = BY_NAME[engine].SERVER.make_template(self.workspace / f"template-{engine}")
        return self[engine]


@pytest.fixture(scope="session")
def templates(workspace):
    """Prepared data directories, and a running PostgreSQL for the fronts of its family, made when first asked for."""
    templates = Templates(workspace)
    yield templates
    for template in templates.values():
        if hasattr(template, "stop"):
            template.stop()


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
