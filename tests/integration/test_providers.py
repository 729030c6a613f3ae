"""Hosted services: every line of the products' tables of them is known, and advice speaks of the service."""

import json

import pytest

from engines import BY_NAME
from faults import FAULTS, make_server
from program import check, endpoint, run

FAULT = {fault.name: fault for fault in FAULTS}

# Line of the tables "Required for hosted services" and "Cloud provider examples", engine, a host of that service, its id
# ("" in place of a host: nothing but the declaration tells), what trusting it takes.
LINES = [
    ("AWS RDS (PostgreSQL)", "postgresql", "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds", "global-bundle.pem"),
    ("AWS RDS (MySQL)", "mysql", "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds", "global-bundle.pem"),
    ("AWS RDS (MariaDB)", "mariadb", "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds", "global-bundle.pem"),
    ("Aurora", "postgresql", "a.cluster-c9akciq32.us-east-1.rds.amazonaws.com", "aws-aurora", "global-bundle.pem"),
    ("Google Cloud SQL (PostgreSQL)", "postgresql", "0.a.europe-west1.sql.goog", "google-cloud-sql", "server-ca.pem"),
    ("Google Cloud SQL (MySQL)", "mysql", "0.a.europe-west1.sql.goog", "google-cloud-sql", "server-ca.pem"),
    ("Google Cloud SQL (SQL Server)", "sqlserver", "0.a.europe-west1.sql.goog", "google-cloud-sql", "server-ca.pem"),
    ("Azure SQL Database", "sqlserver", "myserver.database.windows.net", "azure-sql", "trust store"),
    ("Azure Database for PostgreSQL", "postgresql", "s.postgres.database.azure.com", "azure-database",
     "DigiCertGlobalRootG2.crt.pem"),
    ("Azure Database for MySQL", "mysql", "s.mysql.database.azure.com", "azure-database", "DigiCertGlobalRootG2.crt.pem"),
    ("Heroku Postgres", "postgresql", "", "heroku-postgres", "no CA"),
    ("Supabase", "postgresql", "db.abcdefgh.supabase.co", "supabase", "prod-ca-2021.crt"),
    ("Neon", "postgresql", "ep-a-1.eu-central-1.aws.neon.tech", "neon", "trust store"),
    ("PlanetScale", "mysql", "aws.connect.psdb.cloud", "planetscale", "trust store"),
    ("MongoDB Atlas", "mongodb", "cluster0.abcde.mongodb.net", "mongodb-atlas", "trust store"),
    ("Redis Cloud", "redis", "redis-1.c1.us-east-1-2.ec2.redns.redis-cloud.com", "redis-cloud", "redis_ca.pem"),
    ("Upstash", "redis", "eu1-able-cat-1.upstash.io", "upstash", "trust store"),
    ("AWS ElastiCache encrypted endpoints", "redis", "master.c.abc.use1.cache.amazonaws.com", "aws-elasticache", "trust store"),
    ("AstraDB / DataStax Astra (Cassandra)", "cassandra", "0-eu-west-1.db.astra.datastax.com", "datastax-astra", "ca.crt"),
    ("Oracle Autonomous Database", "oracle", "adb.eu-frankfurt-1.oraclecloud.com", "oracle-autonomous", "ewallet.pem"),
    ("ClickHouse Cloud", "clickhouse", "abc.eu-west-1.aws.clickhouse.cloud", "clickhouse-cloud", "trust store"),
    ("TencentDB for MySQL: CA package, restart", "mysql", "bj-cdb-1.sql.tencentcdb.com", "tencentdb-mysql",
     "TencentDB-CA-Chain.zip"),
    ("TencentDB for SQL Server: CA package, one year", "sqlserver", "mssql-1.sql.tencentcdb.com", "tencentdb-sqlserver",
     "TencentDB-SSL-CA.zip"),
    ("Redshift", "redshift", "dw.abc.us-east-1.redshift.amazonaws.com", "aws-redshift", "amazon-trust-ca-bundle.crt"),
]
REQUIRED = {"azure-sql", "azure-database", "heroku-postgres", "neon", "planetscale", "mongodb-atlas", "upstash",
            "datastax-astra", "oracle-autonomous", "clickhouse-cloud"}


@pytest.mark.parametrize("line,engine,host,service,trust", LINES, ids=[line[0] for line in LINES])
def test_the_service_is_known(line, engine, host, service, trust):
    page = run("explain", f"provider/{service}")
    assert page.returncode == 0, page.stderr
    words = " ".join(page.stdout.split())
    assert trust in words and engine in words
    assert ("Required: plaintext" in words) == (service in REQUIRED)
    # Whoever declares plaintext for a service that refuses it hears of it before the first check.
    if service in REQUIRED and host:
        document = endpoint("e", engine, 1234, host=host, mode="disable", user=None)
        assert "refuses connections without TLS" in run("validate", "-f", "-", stdin=json.dumps(document)).stderr


@pytest.mark.parametrize("engine", ["postgresql", "redis"])
def test_advice_names_the_file_of_the_service(engine, authority, templates, server_directory):
    lines = [line for line in LINES if line[1] == engine]
    with make_server(BY_NAME[engine], FAULT["healthy"], authority, server_directory, templates) as server:
        # No CA is declared, and the system's does not know this one.
        seen = check([endpoint(service, engine, server.port, mode="verify-full", user=None, provider=service)
                      for _, _, _, service, _ in lines])
    for _, _, _, service, trust in lines:
        first = seen.status(service)["advice"][0]
        assert first["reason"] in ("UnknownIssuer", "SelfSignedInChain"), first
        assert "this is " in first["message"] and trust in first["message"], first


def test_a_renewal_at_a_service_is_not_ours_to_do(authority, templates, server_directory, files):
    """TencentDB restarts the instance for a new certificate; nobody can run a reload there."""
    with make_server(BY_NAME["postgresql"], FAULT["expired"], authority, server_directory, templates) as server:
        seen = check([endpoint("own", "postgresql", server.port, mode="verify-full", ca=files["ca"], user=None),
                      endpoint("theirs", "postgresql", server.port, mode="verify-full", ca=files["ca"], user=None,
                               provider="supabase")])
    assert any("pg_reload_conf" in step for step in seen.status("own")["advice"][0]["steps"])
    steps = seen.status("theirs")["advice"][0]["steps"]
    assert any(step.startswith("Supabase: ") for step in steps) and not any("pg_reload_conf" in step for step in steps)
