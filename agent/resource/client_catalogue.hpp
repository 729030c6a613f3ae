#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resource/engine.hpp"

namespace tlswarden::resource {

/// One text to be written in one place, with placeholders; schema/clients.yaml says how they are written.
struct ClientPart {
  std::string where;    ///< the file or place: "my.cnf", "a shell"
  std::string quoting;  ///< how values are escaped there: a name of cli/quoting.hpp
  std::string text;     ///< ends with a line end
};

/// What is known of one client of some engines: an entry of schema/clients.yaml. Plain data, immutable.
struct ClientFacts {
  std::string id;                    ///< as in --for: "psql"; unique among the clients of an engine
  std::vector<std::string> aliases;  ///< other words for it
  std::string title;                 ///< for people: "pgjdbc (PostgreSQL JDBC driver)"
  std::string kind;                  ///< "command line", or the language: "Java"
  std::vector<Engine> engines;
  std::vector<ClientPart> parts;  ///< in the order in which they are to be done
  /// How it spells each mode, index = TlsMode: what stands at {{mode}}. Nothing where it has no such mode.
  std::array<std::optional<std::string>, 5> spelling;
  /// What comes nearest to a mode that it does not have; set exactly where `spelling` is not.
  std::array<std::optional<TlsMode>, 5> nearest;
  std::array<std::string, 5> notes;  ///< where it is looser or stricter than the mode's name promises
  std::string note;                  ///< what holds in every mode; may be empty

  bool serves(Engine engine) const;
  /// The mode that it is given when `mode` is wanted.
  TlsMode effective(TlsMode mode) const;
};

/// Reads a text in the form of schema/clients.yaml; the Error names the client and the field.
base::Result<std::vector<ClientFacts>> parse_client_catalogue(std::string_view yaml);

/// The embedded schema/clients.yaml. Lives as long as the program.
std::span<const ClientFacts> all_clients();
/// Those of one engine, its own command-line client first.
std::vector<const ClientFacts*> clients_of(Engine engine);

}  // namespace tlswarden::resource
