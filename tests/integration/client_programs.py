"""How the text that `explain client` prints for a client is run, as it stands, with a query behind it.

Each runner takes the printed parts and a directory, and returns (exit code, everything that was printed).
"""

import os
import re
import subprocess
from dataclasses import dataclass

from servers.process import counterpart

PYTHON = "/usr/bin/python3"
PASSWORD = "demo-password"
# Runs a file that awaits outside of any function.
TOP_LEVEL_AWAIT = """
import ast, asyncio, sys
code = compile(open(sys.argv[1]).read(), sys.argv[1], "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
asyncio.run(eval(code, {}))
"""


def start(command, directory, stdin="", **environment):
    result = subprocess.run(command, cwd=directory, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=180, errors="replace", start_new_session=True,  # a password is not asked of a terminal
                            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
                                 "DB_PASSWORD": PASSWORD, "STORE_PASSWORD": "store-password", **environment})
    return result.returncode, result.stdout


def prepare(parts, directory):
    """Runs what is to be done once in a shell and writes configuration files; the rest is returned."""
    rest = []
    for part in parts:
        if part["where"].startswith("In a shell, once"):
            code, out = start(["bash", "-ec", part["text"]], directory)
            assert code == 0, out
        elif name := re.fullmatch(r"In ([\w.]+\.(?:cnf|xml|conf))", part["where"]):
            (directory / name[1]).write_text(part["text"])
        else:
            rest.append(part)
    return rest


def only(parts, directory):
    rest = prepare(parts, directory)
    assert len(rest) == 1, rest
    return rest[0]


@dataclass
class Shell:
    stdin: str = ""
    after: str = ""

    def __call__(self, parts, directory):
        script = "".join(part["text"] for part in prepare(parts, directory))
        return start(["bash", "-ec", script + self.after], directory, self.stdin)


@dataclass
class OptionFile:
    """For programs that read ~/.my.cnf."""

    command: tuple
    stdin: str

    def __call__(self, parts, directory):
        (directory / ".my.cnf").write_text(only(parts, directory)["text"])
        return start(list(self.command), directory, self.stdin, HOME=str(directory), MYSQL_PWD=PASSWORD)


@dataclass
class Script:
    command: tuple
    name: str
    after: str
    before: str = ""
    package: str = ""  # the counterpart that brings the modules

    def __call__(self, parts, directory):
        part = only(parts, directory)
        (directory / self.name).write_text(self.before + part["text"] + self.after)
        environment = dict(re.findall(r"started with (\w+)=(\S+)", part["where"]))
        if self.package:
            environment["NODE_PATH"] = str(counterpart(self.package) / "node_modules")
        return start([*self.command, self.name], directory, **environment)


def python(after):
    return Script((PYTHON,), "program.py", after)


def php(after):
    return Script(("php",), "program.php", after, "<?php\nmysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);\n")


def ruby(after):
    return Script(("ruby",), "program.rb", after)


def node(after, package="clients"):
    return Script(("node",), "program.js", after, package=package)


@dataclass
class Django:
    query: str
    column: int

    def __call__(self, parts, directory):
        (directory / "settings.py").write_text(only(parts, directory)["text"])
        program = ("import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\nimport django; django.setup()\n"
                   "from django.db import connection\ncursor = connection.cursor()\n"
                   f"cursor.execute({self.query!r})\nprint('encrypted=%s' % cursor.fetchone()[{self.column}])\n")
        return start([PYTHON, "-c", program], directory, PYTHONPATH=str(directory))


@dataclass
class Java:
    query: str
    column: int

    def __call__(self, parts, directory):
        body = only(parts, directory)["text"]
        (directory / "Program.java").write_text(
            "import java.sql.*;\nimport java.util.Properties;\npublic class Program {\n"
            f"  public static void main(String[] arguments) throws Exception {{\n{body}"
            f'    ResultSet rows = connection.createStatement().executeQuery("{self.query}");\n'
            f'    rows.next();\n    System.out.println("encrypted=" + rows.getString({self.column}));\n  }}\n}}\n')
        return start(["java", "-XX:TieredStopAtLevel=1", "-cp", f"{counterpart('clients')}/jars/*", "Program.java"], directory)


@dataclass
class Odbc:
    query: str

    def __call__(self, parts, directory):
        text = only(parts, directory)["text"].strip()
        return start(["isql", "-b", "-v", "-k", f"{text};PWD={PASSWORD}"], directory, self.query + "\n")
