"""python-oracledb in thin mode, alone in its process: oracle_login.py takes its arguments as JSON on standard input and
answers with what the login told, as JSON. `verify` false is what python's ssl calls CERT_NONE: neither this client nor
any other of Oracle's has a mode that encrypts without verifying, so the module's default is changed under it."""

import json
import ssl
import sys

import oracledb

arguments = json.load(sys.stdin)
if not arguments.pop("verify", True):
    ssl.create_default_context = ssl._create_unverified_context  # pylint: disable=protected-access
try:
    connection = oracledb.connect(**arguments)
except (oracledb.Error, OSError) as error:
    json.dump({"words": str(error)}, sys.stdout)
    sys.exit(1)
cursor = connection.cursor()
cursor.execute("SELECT SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL') FROM DUAL")
answer = {"version": connection.version, "protocol": cursor.fetchone()[0], "thin": connection.thin}
connection.close()
json.dump(answer, sys.stdout)
