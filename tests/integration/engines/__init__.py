"""One module for each engine that the ladder is held against: its server, what its faults need, its own client.

NAME     of the file; spec.engine is SERVER.engine
SERVER   class in tests/servers: SERVER(directory, identity or None, **options) is a context manager with .engine, .address,
         .port
OPTIONS  fault name -> keyword arguments for SERVER; an optional fault applies only when it is named here
REASONS  fault name -> (exit code, reason, action) in test_reasons.py where it is not the usual one; None: not asked
ACCOUNT  keyword arguments of program.endpoint: user, database
client(server, mode, material) -> clients.Outcome: what the engine's own client gets
left_open(fault, declared, rung) -> bool: what cannot be told without a password on too weak a channel
"""

import importlib
import pkgutil

MODULES = [importlib.import_module(f"engines.{m.name}") for m in pkgutil.iter_modules(__path__)]
BY_NAME = {module.NAME: module for module in MODULES}
