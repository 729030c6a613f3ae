"""The ladder against the truth: what each engine's own client gets in each mode with the same material."""

import os

import pytest

from clients import Material
from engines import BY_NAME, MODULES
from faults import FAULTS, applies, make_server
from program import MODES, check, endpoint, login_secret

CASES = [(module.NAME, fault) for fault in FAULTS for module in MODULES if applies(module, fault)]
TRUST = ["own-ca", "system", "wrong-ca"]
compared = {}


@pytest.fixture(scope="module", autouse=True)
def report_count():
    yield
    total = sum(compared.values())
    print(f"\nladder: {total} rungs compared with the clients ({compared})")
    report = os.environ.get("TLSWARDEN_LADDER_REPORT")
    if report:
        with open(report, "a", encoding="utf-8") as out:
            out.write(f"{total} {compared}\n")


def material_for(fault, trust, files):
    ca = {"own-ca": files["ca"], "system": None, "wrong-ca": files["wrong-ca"]}[trust]
    if not fault.client_certificate:
        return Material(ca)
    return Material(ca, files[f"{fault.client_certificate}.crt"], files[f"{fault.client_certificate}.key"])


@pytest.mark.parametrize("engine,fault", CASES, ids=[f"{e}-{f.name}" for e, f in CASES])
def test_every_rung_is_what_the_client_gets(engine, fault, authority, templates, files, server_directory):
    module = BY_NAME[engine]
    with make_server(module, fault, authority, server_directory, templates) as server:
        documents, truth = [login_secret()], {}
        for trust in TRUST:
            material = material_for(fault, trust, files)
            for mode in MODES:
                truth[trust, mode] = module.client(server, mode, material)
                documents.append(endpoint(
                    f"{trust}-{mode}", server.engine, server.port, mode=mode, ca=material.ca,
                    certificate=material.certificate, key=material.key, timeout="60s", checkInterval="5m", **module.ACCOUNT))
        seen = check(documents)
        disagreements = []
        for trust in TRUST:
            for declared in MODES:
                name = f"{trust}-{declared}"
                assert name in seen.resources, seen.err
                for mode in MODES:
                    rung, real = seen.rung(name, mode), truth[trust, mode]
                    if module.left_open(fault, declared, rung):
                        continue
                    compared[engine] = compared.get(engine, 0) + 1
                    if (rung["outcome"] == "Works") != real.works or rung["outcome"] == "Unknown":
                        disagreements.append(f"{trust}, declared {declared}, rung {mode}: ladder {rung}, client {real}")
        assert not disagreements, "\n".join(disagreements)
