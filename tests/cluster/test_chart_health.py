"""The health check that the chart's README gives to Argo CD, in a Lua of the version that Argo CD has: Redis's."""

import json
import os
import re
import tempfile

import pytest
import redis
import yaml

from chart import CHART
from documents import condition, endpoint
from servers.redis import PASSWORD, Redis


@pytest.fixture(scope="module")
def health():
    """A function: the health of a DatabaseEndpoint."""
    blocks = re.findall(r"```yaml\n(resource\.customizations.*?)```", (CHART / "README.md").read_text(encoding="utf-8"), re.S)
    (name, script), = yaml.safe_load(blocks[0]).items()
    assert name == "resource.customizations.health.tlswarden.dev_DatabaseEndpoint"
    program = f"local obj = cjson.decode(ARGV[1]) local function health() {script} end return cjson.encode(health())"
    with tempfile.TemporaryDirectory(prefix="tlswarden-") as directory:
        os.chmod(directory, 0o755)
        with Redis(os.path.join(directory, "redis")) as server:
            client = redis.Redis(host=server.address, port=server.port, password=PASSWORD)
            yield lambda resource: json.loads(client.eval(program, 0, json.dumps(resource)))
            client.close()


def resource(*conditions, observed=3, **spec):
    made = endpoint(**spec)
    made["metadata"]["generation"] = 3
    return {**made, "status": {"observedGeneration": observed, "conditions": list(conditions)}}


CASES = {
    "nobody has looked yet": ({**endpoint(), "status": {"observedGeneration": -1}}, "Progressing"),
    "without a status": (endpoint(), "Progressing"),
    "a new spec": (resource(condition("Ready"), observed=2), "Progressing"),
    "ready": (resource(condition("Reachable"), condition("Ready")), "Healthy"),
    "not ready": (resource(condition("Ready", "False"), condition("Reachable", "False")), "Degraded"),
    "nothing is known": (resource(condition("Ready", "Unknown")), "Progressing"),
    "stalled": (resource(condition("Ready", "Unknown"), condition("Stalled", "True")), "Degraded"),
    "suspended": (resource(condition("Ready"), suspend=True), "Suspended"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_health_is_the_conditions(health, case):
    seen, expected = CASES[case]
    told = health(seen)
    assert told["status"] == expected and told["message"]
