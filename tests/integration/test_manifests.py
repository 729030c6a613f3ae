"""Every engine has one documented example in manifests/, and every example is accepted as it stands."""

from pathlib import Path

import pytest
import yaml

from program import run

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = sorted((ROOT / "manifests").glob("*.yaml"))
ENGINES = list(yaml.safe_load((ROOT / "schema" / "engines.yaml").read_text(encoding="utf-8"))["engines"])


def endpoints(path):
    documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return [d for d in documents if d and d["kind"] == "DatabaseEndpoint"]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_an_example_is_accepted(path):
    result = run("validate", "-f", path)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_an_example_is_commented_and_of_the_engine_it_is_named_after(path):
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert {example["spec"]["engine"] for example in endpoints(path)} == {path.stem}


def test_all_twelve_engines_have_an_example():
    assert len(ENGINES) == 12
    assert {path.stem for path in MANIFESTS} >= set(ENGINES)


def test_the_examples_can_be_loaded_together():
    result = run("validate", *[word for path in MANIFESTS for word in ("-f", path)])
    assert result.returncode == 0, result.stderr
