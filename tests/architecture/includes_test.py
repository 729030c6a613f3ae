#!/usr/bin/env python3
"""Shows that includes.py catches each kind of forbidden include and lets the allowed ones pass."""

import pathlib
import tempfile
import unittest

import includes


class Scan(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        for header in ("agent/base/clock.hpp", "agent/probe/observation.hpp", "agent/probe/prober.hpp", "agent/net/address.hpp",
                       "agent/verdict/judge.hpp", "drivers/registry.hpp", "drivers/mysql/driver.hpp",
                       "drivers/common/relay.hpp", "drivers/redis/driver.hpp", "schema/embedded.hpp"):
            self.write(header)

    def write(self, path, *names):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = ["#pragma once"] if path.endswith(".hpp") else []
        lines += [f"#include {name}" for name in names]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def assert_caught(self, path, name):
        self.write(path, name)
        found = includes.scan(self.root)
        self.assertEqual(len(found), 1, found)
        self.assertIn(path, found[0])
        self.assertIn(name.strip('"<>'), found[0])

    def assert_passes(self, path, *names):
        self.write(path, *names)
        self.assertEqual(includes.scan(self.root), [])

    def test_a_tree_without_includes_passes(self):
        self.assertEqual(includes.scan(self.root), [])

    def test_base_may_not_look_up(self):
        self.assert_caught("agent/base/clock.hpp", '"net/address.hpp"')

    def test_the_verdict_sees_the_observation(self):
        self.assert_passes("agent/verdict/judge.hpp", '"probe/observation.hpp"', '"base/clock.hpp"', '"schema/embedded.hpp"')

    def test_the_verdict_sees_nothing_else_of_the_probe(self):
        self.assert_caught("agent/verdict/judge.hpp", '"probe/prober.hpp"')

    def test_the_verdict_may_not_see_the_network(self):
        self.assert_caught("agent/verdict/judge.hpp", '"net/address.hpp"')

    def test_a_driver_may_not_see_another_engine(self):
        self.assert_caught("drivers/mysql/driver.hpp", '"drivers/redis/driver.hpp"')

    def test_a_driver_sees_the_common_folder_and_the_probe(self):
        self.assert_passes("drivers/mysql/driver.hpp", '"drivers/common/relay.hpp"', '"probe/observation.hpp"')

    def test_the_common_folder_may_not_see_an_engine(self):
        self.assert_caught("drivers/common/relay.hpp", '"drivers/mysql/driver.hpp"')

    def test_only_the_top_sees_the_registry(self):
        self.assert_passes("agent/main.cpp", '"drivers/registry.hpp"', '"verdict/judge.hpp"')
        self.assert_caught("agent/probe/prober.hpp", '"drivers/registry.hpp"')

    def test_the_registry_sees_the_engines(self):
        self.assert_passes("drivers/registry.cpp", '"drivers/registry.hpp"', '"drivers/mysql/driver.hpp"')

    def test_openssl_has_one_gate(self):
        self.assert_passes("agent/pki/openssl.hpp", "<openssl/ssl.h>")
        self.assert_caught("agent/probe/handshake.cpp", "<openssl/ssl.h>")

    def test_a_gate_holds_for_quoted_includes_too(self):
        self.assert_caught("agent/probe/handshake.cpp", '"openssl/ssl.h"')

    def test_each_client_library_has_one_gate(self):
        for path, name in (("drivers/redis/session.cpp", "<libpq-fe.h>"), ("drivers/mysql/session.cpp", "<mysql.h>"),
                           ("drivers/redis/reply.cpp", "<hiredis/read.h>"), ("agent/serve/api.cpp", "<sqlite3.h>")):
            with self.subTest(name):
                self.assert_caught(path, name)
                (self.root / path).unlink()

    def test_a_source_names_its_own_header_first(self):
        self.write("agent/net/address.cpp", "<string>", '"net/address.hpp"')
        self.assertEqual(includes.scan(self.root),
                         ['agent/net/address.cpp: its first include must be its own header, "net/address.hpp"'])

    def test_an_indented_include_counts(self):
        self.assert_caught("agent/net/address.hpp", ' "probe/prober.hpp"')

    def test_an_unknown_folder_may_include_nothing_of_the_project(self):
        self.assert_caught("agent/extras/thing.hpp", '"base/clock.hpp"')


if __name__ == "__main__":
    unittest.main()
