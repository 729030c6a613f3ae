#include "cli/explain_engine.hpp"

#include "base/text.hpp"
#include "cli/client_text.hpp"
#include "resource/client_catalogue.hpp"
#include "verdict/runbook.hpp"

namespace tlswarden::cli {
namespace {

using resource::EngineFacts;
using resource::TlsMode;

std::string ways(const EngineFacts& facts) {
  const std::string since =
      facts.direct_since.empty() ? "" : " (direct from version " + facts.direct_since + " on)";
  if (facts.in_band && facts.direct) return "in-band or direct" + since;
  return facts.in_band ? "in-band" : "direct";
}

std::string fallback(const EngineFacts& facts) {
  switch (facts.fallback) {
    case resource::PreferFallback::kNative:
      return "The client itself goes on in plaintext when TLS does not come about.";
    case resource::PreferFallback::kTwoPass:
      return "Plaintext only after an error of TLS itself, never after one of the network or of "
             "authentication.";
    case resource::PreferFallback::kLoginOnly:
      return "The client encrypts only the login, and what follows it only where the server insists. It goes "
             "on in plaintext where the server offers no TLS, never after a failed handshake.";
    case resource::PreferFallback::kNone:
      break;
  }
  return "The client has no fallback, so prefer is the same as require.";
}

std::string listed(const std::vector<std::uint16_t>& ports) {
  std::vector<std::string> words;
  words.reserve(ports.size());
  for (const std::uint16_t port : ports)
    words.push_back(std::to_string(port));
  return words.empty() ? "none of its own" : base::join(words, ", ");
}

Table own_spelling(const EngineFacts& facts) {
  Table table{{"MODE", "AS " + facts.client + " SPELLS IT"}, {}};
  for (const TlsMode mode : resource::kAllModes) {
    table.rows.push_back(
        {{std::string(to_string(mode))}, {facts.spelling.at(static_cast<std::size_t>(mode))}});
  }
  return table;
}

std::string driver_spelling(const resource::ClientFacts& client, TlsMode mode) {
  const TlsMode given = client.effective(mode);
  if (given != mode) return "- (nearest: " + std::string(to_string(given)) + ")";
  const std::string words = spelling_in_words(client, mode);
  return words.empty() ? "(nothing)" : words;
}

Table drivers(resource::Engine engine) {
  Table table{{"CLIENT", "MODE", "SPELLING"}, {}};
  for (const resource::ClientFacts* client : resource::clients_of(engine)) {
    for (const TlsMode mode : resource::kAllModes) {
      table.rows.push_back({{mode == TlsMode::kDisable ? client->id : ""},
                            {std::string(to_string(mode))},
                            {driver_spelling(*client, mode)}});
    }
  }
  return table;
}

void explain_reload(const resource::CertificateReload& reload, ExplainPage& page) {
  page.steps("A NEW CERTIFICATE" + (reload.versions.empty() ? "" : ", VERSION " + reload.versions),
             {reload.place, verdict::reload_step(reload), reload.client_ca, "Source: " + reload.source});
}

}  // namespace

void explain_engine(const EngineFacts& facts, ExplainPage& page) {
  page.title(facts.title + " (engine: " + std::string(to_string(facts.engine)) + ")");
  page.section("DEFAULTS", "port " + std::to_string(facts.port) + ", mode " +
                               std::string(to_string(facts.default_mode)) + ", TLS starts " + ways(facts));
  page.section("PORTS", "plaintext: " + listed(facts.plain_ports) + "; TLS: " + listed(facts.tls_ports));
  page.section("MODE PREFER", fallback(facts));
  page.table("MODES", own_spelling(facts));
  page.table("CLIENTS (tlswarden explain client -f FILE --for CLIENT prints the text)",
             drivers(facts.engine));
  page.section("SWITCHING TLS ON", facts.enable);
  for (const resource::CertificateReload& reload : facts.reloads)
    explain_reload(reload, page);
  page.section("ACCOUNT FOR A LOGIN CHECK", facts.grant);
}

}  // namespace tlswarden::cli
