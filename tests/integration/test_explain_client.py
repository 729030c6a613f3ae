"""What `explain client` prints, as it stands, in the hands of the real client: it connects where the mode says so and is
refused where the mode says so. The servers demand a client certificate, so that the printed one is shown as well."""

import json
import re
import tempfile
from pathlib import Path

import pytest
import yaml

from client_programs import (PYTHON, TOP_LEVEL_AWAIT, Django, Java, Odbc, OptionFile, Script, Shell, node, php, python,
                             ruby)
from engines import BY_NAME
from faults import Fault, make_server
from program import endpoint, login_secret, run

PG = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
MY = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
CURSOR = "cursor = connection.cursor()\ncursor.execute({query!r})\nprint('encrypted=%s' % cursor.fetchone()[{column}])\n"
DATABASES = {"postgresql": "postgres", "mariadb": "information_schema"}

CLIENTS = {
    ("postgresql", "psql"): Shell(f"\\pset format unaligned\n\\pset tuples_only\n\\qecho -n encrypted=\n{PG};\n"),
    ("postgresql", "libpq-uri"): Shell(after=f'echo "encrypted=$(psql -XAtc "{PG}" "$DATABASE_URL")"\n'),
    ("postgresql", "jdbc"): Java(PG, 1),
    ("postgresql", "psycopg2"): python(CURSOR.format(query=PG, column=0)),
    ("postgresql", "sqlalchemy"): python(
        f"print('encrypted=%s' % engine.connect().exec_driver_sql({PG!r}).scalar())\n"),
    ("postgresql", "django"): Django(PG, 0),
    ("postgresql", "asyncpg"): Script(
        (PYTHON, "-c", TOP_LEVEL_AWAIT), "program.py", f"print('encrypted=%s' % await connection.fetchval({PG!r}))\n"),
    ("postgresql", "node-pg"): node(
        f"client.connect().then(() => client.query('{PG}')).then((r) => console.log('encrypted=' + r.rows[0].ssl))"
        ".finally(() => client.end());\n"),
    ("postgresql", "ruby-pg"): ruby(f"puts \"encrypted=#{{connection.exec('{PG}').getvalue(0, 0)}}\"\n"),
    ("postgresql", "pdo"): php(f"echo 'encrypted=', $connection->query('{PG}')->fetchColumn() ? 'true' : 'false', \"\\n\";\n"),
    ("postgresql", "odbc"): Odbc("SELECT 'encrypted=' || ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
    ("mariadb", "mariadb"): Shell(f"{MY}\\G\n"),
    ("mariadb", "my.cnf"): OptionFile(("mariadb",), f"{MY}\\G\n"),
    ("mariadb", "mysqli"): php(f"echo 'encrypted=', $connection->query(\"{MY}\")->fetch_row()[1], \"\\n\";\n"),
    ("mariadb", "pdo"): php(f"echo 'encrypted=', $connection->query(\"{MY}\")->fetch()[1], \"\\n\";\n"),
    ("mariadb", "jdbc"): Java(MY, 2),
    ("mariadb", "mariadb-jdbc"): Java(MY, 2),
    ("mariadb", "pymysql"): python(CURSOR.format(query=MY, column=1)),
    ("mariadb", "django-pymysql"): Django(MY, 1),
    ("mariadb", "node-mysql2"): node(
        f"connection.query(\"{MY}\", (error, rows) => {{ if (error) throw error; console.log('encrypted=' + rows[0].Value);"
        " connection.end(); });\n"),
    ("mariadb", "ruby-mysql2"): ruby(f"puts \"encrypted=#{{connection.query(\"{MY}\").first['Value']}}\"\n"),
    ("mariadb", "odbc"): Odbc(MY),
    ("redis", "redis-cli"): Shell("PING\n"),
    ("redis", "redis-py"): python("print(connection.ping() and 'PONG')\n"),
    ("redis", "ioredis"): node(
        "client.on('error', (error) => { console.error(error); process.exit(1); });\n"
        "client.ping().then((answer) => { console.log(answer); client.disconnect(); });\n"),
    ("clickhouse", "curl"): Shell("SELECT 'PONG'"),
    ("clickhouse_native", "clickhouse-client"): Shell("SELECT 'PONG'"),
    ("etcd", "etcdctl"): Shell(),
    ("etcd", "curl"): Shell(),
}
CLIENTS = {case: runner for case, runner in CLIENTS.items() if case[0] in BY_NAME}
# What a client prints once it is connected, and encrypted where the server can tell.
CONNECTED = re.compile(r"encrypted=(?:t|true|True|1|TLS\w+)\s|Value: TLS\w+|Ssl_cipher\s*\|\s*TLS\w+|PONG|is healthy|etcdserver")
# These can be told another name than that of the host they connect to.
TAKE_A_SERVER_NAME = [("postgresql", client) for client in (
    "psql", "libpq-uri", "psycopg2", "sqlalchemy", "django", "node-pg", "ruby-pg", "pdo", "odbc")] + [("redis", "ioredis")]
LOCALHOST_IS_A_SOCKET = {("mariadb", "mysqli"), ("mariadb", "pdo"), ("mariadb", "ruby-mysql2")}
# These have no such mode, and the text says so.
COMPARE_NO_NAMES = {("redis", "redis-cli")}


def mutual(**names):
    return lambda authority: {"identity": authority.server(**names), "client_ca": authority.root.certificate_pem()}


@pytest.fixture(scope="module")
def servers(workspace, authority, templates):
    """(engine, "good" or "wrong-name") -> a running server, started when first asked for."""
    running = {}

    def get(engine, kind):
        if (engine, kind) not in running:
            names = {} if kind == "good" else {"dns": ["db.elsewhere.example"], "ips": ()}
            fault = Fault("client-certificate-given", mutual(usage=["server", "client"], **names))
            server = make_server(BY_NAME[engine], fault, authority, Path(tempfile.mkdtemp(prefix="e", dir=workspace)), templates)
            running[engine, kind] = server.start()
        return running[engine, kind]

    yield get
    for server in running.values():
        server.stop()


@pytest.fixture(scope="module")
def printed(servers, files):
    """What is printed for one client, from one run of the program for all clients of an engine."""
    answers = {}

    def get(engine, client, mode, kind, server_name=None):
        host = "127.0.0.1" if server_name or (engine, client) in LOCALHOST_IS_A_SOCKET else "localhost"
        question = (engine, mode, kind, host, server_name)
        if question not in answers:
            document = endpoint("orders", engine.removesuffix("_native"), servers(engine, kind).port, host=host, ca=files["ca"],
                                certificate=files["good.crt"], key=files["good.key"], database=DATABASES.get(engine),
                                tls={"serverName": server_name} if server_name else None, **BY_NAME[engine].ACCOUNT)
            result = run("explain", "client", "-f", "-", "--mode", mode, "-o", "json",
                         stdin=yaml.safe_dump_all([login_secret(), document]))
            assert result.returncode == 0, result.stderr
            answers[question] = {c["id"]: c for c in json.loads(result.stdout)["items"][0]["clients"]}
        return answers[question][client]

    return get


@pytest.mark.parametrize("case", CLIENTS, ids="-".join)
def test_the_printed_text_connects_and_is_refused(case, printed, tmp_path):
    def attempt(mode, kind):
        directory = tmp_path / f"{mode}-{kind}"
        directory.mkdir()
        text = printed(*case, mode, kind)
        assert text["mode"] == mode or not text["hasMode"]
        code, out = CLIENTS[case](text["parts"], directory)
        return code == 0 and CONNECTED.search(out) is not None, f"{mode}, {kind}: exit code {code}\n{out}"

    for mode, kind in (("require", "good"), ("require", "wrong-name"), ("verify-full", "good")):
        connected, out = attempt(mode, kind)
        assert connected, out
    connected, out = attempt("verify-full", "wrong-name")
    assert connected == (case in COMPARE_NO_NAMES), out
    if not connected:
        assert re.search(r"(?i)certificate|verif|hostname|ssl|tls", out), out


@pytest.mark.parametrize("case", TAKE_A_SERVER_NAME, ids="-".join)
def test_the_server_name_is_what_the_certificate_is_compared_with(case, printed, tmp_path):
    for name, expected in (("db.elsewhere.example", True), ("db.nowhere.example", False)):
        directory = tmp_path / name
        directory.mkdir()
        code, out = CLIENTS[case](printed(*case, "verify-full", "wrong-name", name)["parts"], directory)
        assert (code == 0 and CONNECTED.search(out) is not None) == expected, out


@pytest.mark.parametrize("case", [("postgresql", "psql"), ("mariadb", "mysqli"), ("redis", "redis-py")], ids="-".join)
def test_an_authority_that_did_not_issue_the_certificate_is_refused(case, printed, files, tmp_path):
    text = printed(*case, "verify-full", "good")
    parts = [{**part, "text": part["text"].replace(files["ca"], files["wrong-ca"])} for part in text["parts"]]
    assert parts != text["parts"]
    code, out = CLIENTS[case](parts, tmp_path)
    assert code != 0 and re.search(r"(?i)certificate", out), out
