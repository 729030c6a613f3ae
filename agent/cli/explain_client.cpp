#include "cli/explain_client.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "cli/client_text.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/explain_page.hpp"
#include "cli/manifest_loader.hpp"

namespace tlswarden::cli {
namespace {

using resource::ClientFacts;
using resource::DatabaseEndpoint;

/// The answer for one endpoint.
struct Answer {
  const DatabaseEndpoint& endpoint;
  resource::TlsMode mode;
  std::vector<std::string> remarks;
  std::vector<ClientText> clients;
};

bool is_called(const ClientFacts& client, const std::string& word) {
  return base::equal_ignoring_case(client.id, word) ||
         std::any_of(client.aliases.begin(), client.aliases.end(),
                     [&](const std::string& alias) { return base::equal_ignoring_case(alias, word); });
}

base::Result<std::vector<const ClientFacts*>> choose(resource::Engine engine, const std::string& wanted) {
  std::vector<const ClientFacts*> clients = resource::clients_of(engine);
  if (wanted.empty()) return clients;
  const auto found = std::find_if(clients.begin(), clients.end(),
                                  [&](const ClientFacts* client) { return is_called(*client, wanted); });
  if (found != clients.end()) return std::vector<const ClientFacts*>{*found};
  std::vector<std::string> ids, words;
  for (const ClientFacts* client : clients) {
    ids.push_back(client->id);
    words.insert(words.end(), client->aliases.begin(), client->aliases.end());
  }
  words.insert(words.begin(), ids.begin(), ids.end());
  const auto near = base::nearest(wanted, words);
  return base::fail("--for: " + resource::engine_facts(engine).title + " has no client '" +
                    base::printable(wanted, 60) + "' here; use one of " + base::join(ids, ", ") +
                    (near ? "; did you mean " + *near + "?" : ""));
}

/// With `file` references as one finds them from here: they are relative to the manifest.
DatabaseEndpoint as_seen_from_here(const resource::Manifest::Located& located) {
  DatabaseEndpoint endpoint = located.endpoint;
  const auto directory = std::filesystem::path(located.file == "-" ? "" : located.file).parent_path();
  resource::TlsSpec& tls = endpoint.spec.tls;
  for (auto* reference : {&tls.ca, &tls.client_certificate, &tls.client_key}) {
    if (!*reference || (*reference)->kind != resource::Reference::Kind::kFile) continue;
    (*reference)->text = (directory / (*reference)->text).string();
  }
  return endpoint;
}

base::Result<Answer> answer(const DatabaseEndpoint& endpoint, const ClientQuestion& question) {
  const auto clients = choose(endpoint.spec.engine, question.wanted);
  if (!clients) return tl::unexpected(clients.error());
  ClientSetup setup = client_setup(endpoint);
  Answer result{endpoint,
                resource::parse_mode(question.mode).value_or(endpoint.spec.tls.mode),
                std::move(setup.remarks),
                {}};
  for (const ClientFacts* client : *clients)
    result.clients.push_back(write_client(*client, setup, result.mode));
  return result;
}

/// What several clients need is said once.
template <class Item>
void gather(std::vector<std::pair<std::string, std::string>>& rows, const std::vector<Item>& items,
            auto&& row) {
  for (const Item& item : items) {
    const auto next = row(item);
    if (std::find(rows.begin(), rows.end(), next) == rows.end()) rows.push_back(next);
  }
}

Table rows_of(std::vector<std::string> headings,
              const std::vector<std::pair<std::string, std::string>>& rows) {
  Table table{std::move(headings), {}};
  for (const auto& [name, text] : rows)
    table.rows.push_back({{name}, {text}});
  return table;
}

void print(const Answer& answer, ExplainPage& page) {
  const resource::EndpointSpec& spec = answer.endpoint.spec;
  page.title(answer.endpoint.metadata.name + ": " + resource::engine_facts(spec.engine).title + " at " +
             spec.host + " port " + std::to_string(spec.port) + ", mode " +
             std::string(to_string(answer.mode)));
  std::vector<std::pair<std::string, std::string>> files, variables;
  for (const ClientText& client : answer.clients) {
    gather(files, client.files, [](const SetupFile& file) {
      return std::pair(file.path, file.source + (file.command.empty() ? "" : ": " + file.command));
    });
    gather(variables, client.variables,
           [](const SetupVariable& variable) { return std::pair(variable.name, variable.holds); });
  }
  page.table("FILES TO WRITE", rows_of({"FILE", "FROM"}, files));
  page.table("ENVIRONMENT", rows_of({"VARIABLE", "HOLDS"}, variables));
  page.list("BEFORE USE", answer.remarks);
  for (const ClientText& client : answer.clients) {
    page.heading("[" + client.client->id + "] " + client.client->title);
    for (const ClientText::Part& part : client.parts) {
      page.heading(part.where + ":");
      page.verbatim(part.text);
    }
    for (const std::string& note : client.notes)
      page.remark(note);
  }
}

nlohmann::ordered_json json_of(const ClientText& client, resource::TlsMode wanted) {
  nlohmann::ordered_json json{{"id", client.client->id},
                              {"title", client.client->title},
                              {"kind", client.client->kind},
                              {"mode", to_string(client.mode)},
                              {"hasMode", client.mode == wanted}};
  json["parts"] = nlohmann::ordered_json::array();
  for (const ClientText::Part& part : client.parts)
    json["parts"].push_back({{"where", part.where}, {"text", part.text}});
  json["notes"] = client.notes;
  json["files"] = nlohmann::ordered_json::array();
  for (const SetupFile& file : client.files)
    json["files"].push_back({{"path", file.path}, {"from", file.source}, {"command", file.command}});
  json["environment"] = nlohmann::ordered_json::array();
  for (const SetupVariable& variable : client.variables)
    json["environment"].push_back({{"name", variable.name}, {"holds", variable.holds}});
  return json;
}

nlohmann::ordered_json json_of(const Answer& answer) {
  nlohmann::ordered_json json{{"endpoint", answer.endpoint.key()},
                              {"engine", to_string(answer.endpoint.spec.engine)},
                              {"mode", to_string(answer.mode)},
                              {"remarks", answer.remarks}};
  json["clients"] = nlohmann::ordered_json::array();
  for (const ClientText& client : answer.clients)
    json["clients"].push_back(json_of(client, answer.mode));
  return json;
}

}  // namespace

int explain_client(const ClientQuestion& question, const Surroundings& surroundings) {
  if (question.files.empty()) {
    return usage_error(surroundings.err, "explain",
                       "name the endpoint's manifest: client -f FILE, a directory or -");
  }
  const resource::Manifest manifest = load_manifests(question.files, surroundings.input);
  print_diagnostics(surroundings.err, manifest.diagnostics);
  auto all = nlohmann::ordered_json::array();
  ExplainPage page(surroundings);
  for (const resource::Manifest::Located& located : manifest.endpoints) {
    const DatabaseEndpoint endpoint = as_seen_from_here(located);
    const auto found = answer(endpoint, question);
    if (!found) return usage_error(surroundings.err, "explain", found.error().message);
    if (question.output == "json") {
      all.push_back(json_of(*found));
    } else {
      print(*found, page);
    }
  }
  if (question.output == "json" && !manifest.endpoints.empty()) {
    surroundings.out << nlohmann::ordered_json{{"items", std::move(all)}}.dump(2) << "\n";
  }
  return manifest.has_errors() || manifest.endpoints.empty() ? kExitUnknown : kExitOk;
}

}  // namespace tlswarden::cli
