#include "cli/client_text.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

using resource::ClientFacts;
using resource::TlsMode;

bool mentions(const ClientFacts& client, std::string_view placeholder) {
  const auto in = [&](const std::string& text) {
    for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at + 2)) {
      const std::string_view tag = std::string_view(text).substr(at + 2, text.find("}}", at) - at - 2);
      if (base::split(tag, '|').front() == placeholder) return true;
    }
    return false;
  };
  return std::any_of(client.parts.begin(), client.parts.end(),
                     [&](const auto& part) { return in(part.text); }) ||
         std::any_of(client.spelling.begin(), client.spelling.end(),
                     [&](const auto& spelling) { return spelling && in(*spelling); });
}

void set_mode(TlsMode mode, TemplateValues& values) {
  values[std::string(to_string(mode))] = "";
  if (mode >= TlsMode::kVerifyCa) values["verify"] = "";
  if (mode != TlsMode::kDisable) {
    values["tls"] = "";
    return;
  }
  for (const char* name : {"ca", "bundle", "trustStore", "certificate", "key", "pair", "keyDer", "keyStore",
                           "passphrase", "serverName", "address", "minVersion"}) {
    values.erase(name);
  }
}

/// Where a client compares the certificate with the host that it connects to, the verified name must be that.
void connect_by_name(const ClientFacts& client, TlsMode mode, TemplateValues& values,
                     std::vector<std::string>& notes) {
  const auto name = values.find("serverName");
  if (name == values.end() || mentions(client, "serverName")) return;
  if (mentions(client, "address") && values.contains("address")) return;
  if (mode != TlsMode::kVerifyFull) return;
  notes.push_back(
      "It compares the certificate with the host that it connects to, so that spec.tls.serverName stands "
      "there: " +
      name->second + " must lead to " + values["host"] + " (a line in /etc/hosts does).");
  values["host"] = name->second;
}

std::string instead(TlsMode wanted, TlsMode given) {
  std::string text = "It has no mode " + std::string(to_string(wanted)) + "; this asks for the nearest, " +
                     std::string(to_string(given)) + ", which is ";
  return text + (given < wanted
                     ? "weaker: it does not keep what " + std::string(to_string(wanted)) + " promises."
                     : "stricter.");
}

bool in_parts(const ClientText& text, const std::string& word) {
  return std::any_of(text.parts.begin(), text.parts.end(),
                     [&](const auto& part) { return part.text.find(word) != std::string::npos; });
}

void keep_what_is_named(const ClientSetup& setup, ClientText& text) {
  std::copy_if(setup.files.begin(), setup.files.end(), std::back_inserter(text.files),
               [&](const SetupFile& file) { return in_parts(text, file.path); });
  std::copy_if(setup.variables.begin(), setup.variables.end(), std::back_inserter(text.variables),
               [&](const SetupVariable& variable) { return in_parts(text, variable.name); });
}

}  // namespace

ClientText write_client(const ClientFacts& client, const ClientSetup& setup, TlsMode wanted) {
  ClientText text;
  text.client = &client;
  text.mode = client.effective(wanted);
  TemplateValues values = setup.values;
  set_mode(text.mode, values);
  if (text.mode != wanted) text.notes.push_back(instead(wanted, text.mode));
  connect_by_name(client, text.mode, values, text.notes);
  for (const std::string& note : {client.notes.at(static_cast<std::size_t>(wanted)), client.note}) {
    if (!note.empty()) text.notes.push_back(note);
  }
  const std::string spelling = client.spelling.at(static_cast<std::size_t>(text.mode)).value_or("");
  for (const resource::ClientPart& part : client.parts) {
    auto filled = fill_template(insert_spelling(part.text, spelling), values, part.quoting);
    if (!filled) {
      text.parts.clear();
      text.notes = {"What the endpoint declares cannot be written here: " + filled.error().message + "."};
      return text;
    }
    if (!base::trimmed(*filled).empty()) text.parts.push_back({part.where, std::move(*filled)});
  }
  keep_what_is_named(setup, text);
  return text;
}

std::string spelling_in_words(const ClientFacts& client, TlsMode mode) {
  const auto& spelling = client.spelling.at(static_cast<std::size_t>(mode));
  if (!spelling) return {};
  TemplateValues words{{"bundle", "FILE"},       {"ca", "FILE"},   {"name", "NAME"},
                       {"host", "HOST"},         {"port", "PORT"}, {"trustStore", "STORE"},
                       {"minVersion", "VERSION"}};
  set_mode(mode, words);
  const auto filled = fill_template(*spelling, words, "");
  if (!filled) return {};
  std::string line;
  for (const std::string_view piece : base::split(*filled, '\n')) {
    const std::string_view word = base::trimmed(piece);
    if (!word.empty()) line.append(line.empty() ? "" : " ").append(word);
  }
  return line;
}

}  // namespace tlswarden::cli
