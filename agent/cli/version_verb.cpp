#include "cli/version_verb.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/choices.hpp"
#include "drivers/mysql/connector_c.hpp"
#include "drivers/postgresql/libpq.hpp"
#include "drivers/redis/hiredis.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::cli {
namespace {

/// PQlibVersion counts 150020 for 15.20.
std::string libpq_version() {
  constexpr int kMajor = 10000;
  return std::to_string(PQlibVersion() / kMajor) + "." + std::to_string(PQlibVersion() % kMajor);
}

/// hiredis cannot be asked for its version at run time.
std::string hiredis_version() {
  return std::to_string(HIREDIS_MAJOR) + "." + std::to_string(HIREDIS_MINOR) + "." +
         std::to_string(HIREDIS_PATCH);
}

}  // namespace

CLI::App* add_version_verb(CLI::App& app, VersionOptions& options) {
  CLI::App* verb = app.add_subcommand("version", "Print the versions of the program and its libraries");
  verb->add_option("-o,--output", options.output, "text or json")
      ->check(one_of({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str();
  return verb;
}

int run_version(const VersionOptions& options, const Surroundings& surroundings) {
  const nlohmann::ordered_json versions = {{"tlswarden", TLSWARDEN_VERSION},
                                           {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
                                           {"libpq", libpq_version()},
                                           {"MariaDB Connector/C", mysql_get_client_info()},
                                           {"hiredis", hiredis_version()}};
  if (options.output == "json") {
    surroundings.out << versions.dump(2) << "\n";
    return 0;
  }
  for (const auto& [name, version] : versions.items()) {
    surroundings.out << name << " " << version.get_ref<const std::string&>() << "\n";
  }
  return 0;
}

}  // namespace tlswarden::cli
