#include "kube/kubeconfig.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"
#include "resource/manifest_material.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;
using Entry = KubeconfigEntries::Entry;

/// Reads members of one entry; the first thing wrong stays.
class EntryReader {
 public:
  EntryReader(const Entry& entry, std::string what) : entry_(entry), what_(std::move(what)) {}

  /// An unquoted number is no text for kubectl either.
  std::string text(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return {};
    if (found->is_string()) return found->get<std::string>();
    refuse(std::string(key) + " is no text; put it in quotes");
    return {};
  }
  std::string text(const char* key) { return text(entry_.value, key); }
  bool flag(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return false;
    if (found->is_boolean()) return found->get<bool>();
    refuse(std::string(key) + " is neither true nor false; correct it");
    return false;
  }
  /// Relative to the file that the entry came from.
  std::string path(const char* key) {
    const std::string name = text(key);
    return name.empty() ? name : (entry_.directory / name).lexically_normal().string();
  }
  base::Secret secret(const char* key) {
    std::string value = text(key);
    base::Secret kept(value);
    base::wipe_memory(value.data(), value.size());
    return kept;
  }
  /// KEY-data, base64, wins over the file KEY.
  PemSource pem(const char* key) {
    const std::string data_key = std::string(key) + "-data";
    const base::Secret encoded = secret(data_key.c_str());
    PemSource source;
    if (encoded.empty()) {
      source.file = path(key);
      return source;
    }
    auto decoded = resource::decode_base64(encoded.reveal());
    if (!decoded || decoded->empty()) {
      refuse(data_key + " is no base64; write the file's content with base64 -w0");
      return source;
    }
    source.data = base::Secret(*decoded);
    base::wipe_memory(decoded->data(), decoded->size());
    return source;
  }
  /// What this client would have to obey and cannot.
  void unsupported(const char* key, const std::string& instead) {
    const auto found = entry_.value.find(key);
    if (found == entry_.value.end() || found->is_null()) return;
    if (found->is_string() && found->get_ref<const std::string&>().empty()) return;
    if (found->is_structured() && found->empty()) return;
    refuse(std::string(key) + " is not supported; " + instead);
  }
  void refuse(const std::string& why) {
    if (problem_.empty()) problem_ = "kubeconfig " + entry_.file + ": " + what_ + ": " + why;
  }
  const std::string& problem() const { return problem_; }
  const Json& value() const { return entry_.value; }
  const fs::path& directory() const { return entry_.directory; }

 private:
  const Entry& entry_;
  std::string what_;
  std::string problem_;
};

void read_cluster(EntryReader& reader, ClusterAccess& access) {
  const auto server = parse_server_address(reader.text("server"));
  if (!server) return reader.refuse(server.error().message);
  access.server = *server;
  reader.unsupported("proxy-url", "make the API server reachable without a proxy and remove it");
  if (!access.server.secure) return;
  access.authority = reader.pem("certificate-authority");
  access.skip_verification = reader.flag(reader.value(), "insecure-skip-tls-verify");
  access.tls_server_name = reader.text("tls-server-name");
  if (access.skip_verification && access.authority.declared()) {
    reader.refuse(
        "a certificate authority and insecure-skip-tls-verify exclude each other; remove the latter");
  }
}

ExecPlugin read_exec(EntryReader& reader, const Json& exec) {
  ExecPlugin plugin;
  plugin.api_version = reader.text(exec, "apiVersion");
  plugin.command = reader.text(exec, "command");
  plugin.install_hint = reader.text(exec, "installHint");
  plugin.wants_cluster = reader.flag(exec, "provideClusterInfo");
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    reader.refuse("exec.apiVersion is neither client.authentication.k8s.io/v1 nor …/v1beta1; correct it");
  }
  if (plugin.command.empty()) reader.refuse("exec.command is missing; name the program");
  if (plugin.command.find('/') != std::string::npos) {
    plugin.command = (reader.directory() / plugin.command).lexically_normal().string();
  }
  for (const Json& argument : exec.value("args", Json::array())) {
    if (argument.is_string())
      plugin.arguments.push_back(argument.get<std::string>());
    else
      reader.refuse("exec.args holds something that is no text; put it in quotes");
  }
  for (const Json& variable : exec.value("env", Json::array())) {
    if (variable.is_object())
      plugin.environment.emplace_back(reader.text(variable, "name"), reader.text(variable, "value"));
    else
      reader.refuse("exec.env holds something without name and value; correct it");
  }
  return plugin;
}

void read_user(EntryReader& reader, ClusterAccess& access) {
  constexpr std::array kImpersonation = {"as", "as-uid", "as-groups", "as-user-extra"};
  for (const char* key : kImpersonation)
    reader.unsupported(key, "give the user these rights itself");
  reader.unsupported("username",
                     "API servers dropped passwords in 1.19: use a token or a client certificate");
  reader.unsupported("auth-provider", "kubectl dropped it in 1.26: use the provider's exec plugin");
  access.client_certificate = reader.pem("client-certificate");
  access.client_key = reader.pem("client-key");
  if (access.client_certificate.declared() != access.client_key.declared()) {
    reader.refuse("a client certificate needs a client key and the other way round; give both");
  }
  access.token = reader.secret("token");
  access.token_file = reader.path("tokenFile");
  const auto exec = reader.value().find("exec");
  if (exec == reader.value().end() || exec->is_null()) return;
  if (!exec->is_object()) return reader.refuse("exec is no mapping; correct it");
  access.exec.push_back(read_exec(reader, *exec));
}

base::Result<const Entry*> choose(const std::map<std::string, Entry>& entries, const std::string& name,
                                  const char* kind, const std::string& files) {
  const auto found = entries.find(name);
  if (found != entries.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& entry : entries)
    known.push_back(base::printable(entry.first, 100));
  return base::fail("kubeconfig " + files + " has no " + kind + " '" + base::printable(name, 100) +
                    "'; it has " + (known.empty() ? "none" : base::join(known, ", ")));
}

}  // namespace

base::Result<ClusterAccess> load_kubeconfig(const KubeconfigPlaces& places, const KubeconfigChoice& choice) {
  auto entries = read_kubeconfig_files(places);
  if (!entries) return tl::unexpected(entries.error());
  const std::string& context_name = choice.context.empty() ? entries->current_context : choice.context;
  if (context_name.empty()) {
    return base::fail("kubeconfig " + entries->described +
                      " has no current-context; choose one with --context or kubectl config use-context");
  }
  const auto context = choose(entries->contexts, context_name, "context", entries->described);
  if (!context) return tl::unexpected(context.error());
  EntryReader context_reader(**context, "context " + base::printable(context_name, 100));
  const std::string cluster_name = choice.cluster.empty() ? context_reader.text("cluster") : choice.cluster;
  const std::string user_name = choice.user.empty() ? context_reader.text("user") : choice.user;
  ClusterAccess access;
  access.ns = context_reader.text("namespace");
  access.origin = "context " + base::printable(context_name, 100) + " of " + entries->described;
  if (!context_reader.problem().empty()) return base::fail(context_reader.problem());

  const auto cluster = choose(entries->clusters, cluster_name, "cluster", entries->described);
  if (!cluster) return tl::unexpected(cluster.error());
  EntryReader cluster_reader(**cluster, "cluster " + base::printable(cluster_name, 100));
  read_cluster(cluster_reader, access);
  if (!cluster_reader.problem().empty()) return base::fail(cluster_reader.problem());
  if (!access.server.secure || user_name.empty()) return access;

  const auto user = choose(entries->users, user_name, "user", entries->described);
  if (!user) return tl::unexpected(user.error());
  EntryReader user_reader(**user, "user " + base::printable(user_name, 100));
  read_user(user_reader, access);
  if (!user_reader.problem().empty()) return base::fail(user_reader.problem());
  return access;
}

}  // namespace tlswarden::kube
