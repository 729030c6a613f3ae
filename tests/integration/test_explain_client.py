"""What `explain client` prints, as it stands, in the hands of the real client: it connects where the mode says so and is
refused where the mode says so. The servers that can demand a client certificate do, so that the printed one is shown
as well."""

import json
import re
import tempfile
from pathlib import Path

import pytest
import yaml

from client_programs import (PASSWORD, PYTHON, TOP_LEVEL_AWAIT, Django, Java, Odbc, OptionFile, Script, Shell, node, php,
                             python, ruby)
from engines import BY_NAME
from faults import Fault, make_server
from program import endpoint, login_secret, run

PG = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
MY = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
TDS = "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID"
TNS = "SELECT SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL') FROM DUAL"
CURSOR = "cursor = connection.cursor()\ncursor.execute({query!r})\nprint('encrypted=%s' % cursor.fetchone()[{column}])\n"
DATABASES = {"postgresql": "postgres", "mariadb": "information_schema"}
# SQL Server demands no client certificate of anybody.
WITHOUT_CLIENT_CERTIFICATES = {"sqlserver"}

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
    ("sqlserver", "freetds"): Shell(f"{PASSWORD}\n{TDS}\ngo\nexit\n"),
    ("sqlserver", "jdbc"): Java(TDS, 1),
    ("sqlserver", "node-tedious"): node(
        "connection.on('error', (error) => { console.error(error); process.exit(1); });\n"
        "connection.connect((error) => {\n  if (error) { console.error(error); process.exit(1); }\n"
        f"  const request = new (require('tedious').Request)('{TDS}', () => connection.close());\n"
        "  request.on('row', (columns) => console.log('encrypted=' + columns[0].value));\n"
        "  connection.execSqlBatch(request);\n});\n", "tedious"),
    ("sqlserver", "pymssql"): python(CURSOR.format(query=TDS, column=0)),
    ("oracle", "jdbc"): Java(TNS, 1),
    ("oracle", "python-oracledb"): python(CURSOR.format(query=TNS, column=0)),
    ("oracle", "node-oracledb"): node(
        "connecting.then(async (connection) => {\n"
        f"  console.log('encrypted=' + (await connection.execute(\"{TNS}\")).rows[0][0]);\n"
        "  await connection.close();\n});\n", "node-oracledb"),
    ("redis", "redis-cli"): Shell("PING\n"),
    ("redis", "redis-py"): python("print(connection.ping() and 'PONG')\n"),
    ("redis", "ioredis"): node(
        "client.on('error', (error) => { console.error(error); process.exit(1); });\n"
        "client.ping().then((answer) => { console.log(answer); client.disconnect(); });\n"),
    ("clickhouse", "curl"): Shell("SELECT 'PONG'"),
    ("clickhouse_native", "clickhouse-client"): Shell("SELECT 'PONG'"),
    # By itself PyMongo tries for half a minute before it gives up.
    ("mongodb", "pymongo"): Script(
        (PYTHON,), "program.py", "print(client.admin.command('ping')['ok'] and 'PONG')\n",
        before="import pymongo.common\npymongo.common.SERVER_SELECTION_TIMEOUT = 3\n"),
    ("cassandra", "python-driver"): python(
        "print(session.execute('SELECT release_version FROM system.local').one() and 'PONG')\n"),
    ("etcd", "etcdctl"): Shell(),
    ("etcd", "curl"): Shell(),
}
CLIENTS = {case: runner for case, runner in CLIENTS.items() if case[0] in BY_NAME}
# What a client prints once it is connected, and encrypted where the server can tell.
CONNECTED = re.compile(r"encrypted=(?:t|true|True|TRUE|1|tcps|TLS\w+)\s|encrypt_option\sTRUE|Value: TLS\w+|"
                       r"Ssl_cipher\s*\|\s*TLS\w+|PONG|is healthy|etcdserver")
# etcdctl says no more than that its time is over, FreeTDS no more than that there is no connection.
REFUSED = re.compile(r"(?i)certificate|verif|hostname|ssl|tls|deadline exceeded|Adaptive Server connection failed")
# These can be told another name than that of the host they connect to.
TAKE_A_SERVER_NAME = [("postgresql", client) for client in (
    "psql", "libpq-uri", "psycopg2", "sqlalchemy", "django", "node-pg", "ruby-pg", "pdo", "odbc")] + [
        ("sqlserver", "jdbc"), ("sqlserver", "node-tedious"), ("redis", "ioredis")]
LOCALHOST_IS_A_SOCKET = {("mariadb", "mysqli"), ("mariadb", "pdo"), ("mariadb", "ruby-mysql2")}
# What these are given instead: at 127.0.0.1 MariaDB's library compares no name from 3.4 on.
OTHER_LOOPBACK = "127.0.0.2"
# What each mode accepts, and one question about each difference between them.
ACCEPTED = {"require": {"good", "wrong-name", "stranger"}, "verify-ca": {"good", "wrong-name"}, "verify-full": {"good"}}
QUESTIONS = [("require", "stranger"), ("verify-ca", "wrong-name"), ("verify-ca", "stranger"), ("verify-full", "good"),
             ("verify-full", "wrong-name")]


@pytest.fixture(scope="module")
def servers(workspace, authority, stranger, templates):
    """(engine, kind) -> a running server, started when first asked for. Kinds: good; wrong-name; stranger, whose
    certificate is of an authority that nobody trusts. Where the engine can, it demands a client certificate of the
    trusted one."""
    running = {}

    def get(engine, kind):
        if (engine, kind) not in running:
            issuer = stranger if kind == "stranger" else authority
            names = {"dns": ["db.elsewhere.example"], "ips": ()} if kind == "wrong-name" else {"ips": ["127.0.0.1", OTHER_LOOPBACK]}
            options = {"identity": issuer.server(usage=["server", "client"], **names)}
            if engine == "mariadb":
                options["settings"] = [f"--bind-address=127.0.0.1,{OTHER_LOOPBACK}"]
            if engine not in WITHOUT_CLIENT_CERTIFICATES:
                options["client_ca"] = authority.root.certificate_pem()
            fault = Fault("client-certificate-given", lambda _: options)
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
        host = "127.0.0.1" if server_name else OTHER_LOOPBACK if (engine, client) in LOCALHOST_IS_A_SOCKET else "localhost"
        question = (engine, mode, kind, host, server_name)
        if question not in answers:
            account = {"database": DATABASES.get(engine), **BY_NAME[engine].ACCOUNT}
            document = endpoint("orders", engine.removesuffix("_native"), servers(engine, kind).port, host=host, ca=files["ca"],
                                certificate=files["good.crt"], key=files["good.key"],
                                tls={"serverName": server_name} if server_name else None, **account)
            result = run("explain", "client", "-f", "-", "--mode", mode, "-o", "json",
                         stdin=yaml.safe_dump_all([login_secret(), document]))
            assert result.returncode == 0, result.stderr
            answers[question] = {c["id"]: c for c in json.loads(result.stdout)["items"][0]["clients"]}
        return answers[question][client]

    return get


@pytest.mark.parametrize("case", CLIENTS, ids="-".join)
def test_the_printed_text_connects_and_is_refused(case, printed, tmp_path):
    for mode, kind in QUESTIONS:
        directory = tmp_path / f"{mode}-{kind}"
        directory.mkdir()
        text = printed(*case, mode, kind)
        # Where the client has no such mode the text says what it asks for instead.
        assert text["hasMode"] == (text["mode"] == mode)
        code, out = CLIENTS[case](text["parts"], directory)
        connected = code == 0 and CONNECTED.search(out) is not None
        assert connected == (kind in ACCEPTED[text["mode"]]), f"{mode}, {kind}: exit code {code}\n{out}"
        if not connected:
            assert REFUSED.search(out), out


@pytest.mark.parametrize("case", TAKE_A_SERVER_NAME, ids="-".join)
def test_the_server_name_is_what_the_certificate_is_compared_with(case, printed, tmp_path):
    for name, expected in (("db.elsewhere.example", True), ("db.nowhere.example", False)):
        directory = tmp_path / name
        directory.mkdir()
        code, out = CLIENTS[case](printed(*case, "verify-full", "wrong-name", name)["parts"], directory)
        assert (code == 0 and CONNECTED.search(out) is not None) == expected, out
