#include "kube/exec_credentials.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/file_reader.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "kube/process.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargestAuthority = std::size_t{1} << 20U;

base::Secret take_text(Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  auto& text = found->get_ref<std::string&>();
  base::Secret secret(text);
  base::wipe_memory(text.data(), text.size());
  return secret;
}

std::string encode_base64(base::ByteView bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string exec_info(const ExecPlugin& plugin, const std::string& cluster_info) {
  // Nobody sits at this program's terminal, whatever interactiveMode says.
  Json spec{{"interactive", false}};
  if (!cluster_info.empty()) spec["cluster"] = Json::parse(cluster_info);
  return Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}}.dump();
}

bool same(const IdentityPtr& a, const IdentityPtr& b) {
  return a && b && a->chain.front()->der == b->chain.front()->der && a->chain.size() == b->chain.size();
}

}  // namespace

base::Result<ExecCredential> parse_exec_credential(std::string_view printed, const std::string& api_version) {
  Json document = Json::parse(printed, nullptr, false);
  if (!document.is_object() || document.value("kind", Json()) != "ExecCredential" ||
      document.value("apiVersion", Json()) != api_version) {
    return base::fail("it printed no ExecCredential of " + api_version);
  }
  const auto status = document.find("status");
  if (status == document.end() || !status->is_object()) return base::fail("its ExecCredential has no status");
  ExecCredential credential;
  credential.token = take_text(*status, "token");
  const base::Secret certificate = take_text(*status, "clientCertificateData");
  const base::Secret key = take_text(*status, "clientKeyData");
  if (certificate.empty() != key.empty()) {
    return base::fail("its ExecCredential has a certificate without a key, or a key without a certificate");
  }
  if (!certificate.empty()) {
    auto identity = read_identity(certificate, key);
    if (!identity) return tl::unexpected(identity.error());
    credential.identity = *identity;
  }
  if (credential.token.empty() && !credential.identity) {
    return base::fail("its ExecCredential has neither a token nor a client certificate");
  }
  if (const auto expiry = status->find("expirationTimestamp");
      expiry != status->end() && expiry->is_string()) {
    const auto at = base::parse_rfc3339(expiry->get_ref<const std::string&>());
    if (!at) return base::fail("its ExecCredential has an expirationTimestamp that is no time");
    credential.expires = *at;
  }
  return credential;
}

std::string exec_cluster_info(const ClusterAccess& access) {
  Json cluster{{"server", to_string(access.server)}};
  base::Secret authority = access.authority.data.copy();
  if (!access.authority.file.empty()) {
    // A file that cannot be read is said where the server's certificate is verified.
    if (auto content = base::read_file(access.authority.file, kLargestAuthority))
      authority = std::move(*content);
  }
  if (!authority.empty()) cluster["certificate-authority-data"] = encode_base64(authority.bytes());
  if (!access.tls_server_name.empty()) cluster["tls-server-name"] = access.tls_server_name;
  if (access.skip_verification) cluster["insecure-skip-tls-verify"] = true;
  return cluster.dump();
}

ExecCredentials::ExecCredentials(ExecPlugin plugin, const std::string& cluster_info, const base::Clock& clock)
    : plugin_(std::move(plugin)), info_(exec_info(plugin_, cluster_info)), clock_(clock) {}

base::Result<ExecCredentials::Current> ExecCredentials::current(const Cancellation& cancellation) {
  const std::scoped_lock lock(mutex_);
  if (!known_ || (known_->expires && clock_.now() >= *known_->expires)) {
    auto credential = run(cancellation);
    if (!credential) {
      const std::string hint =
          plugin_.install_hint.empty() ? std::string() : "; " + base::printable(plugin_.install_hint);
      return base::fail("the credential plugin " + plugin_.command + ": " + credential.error().message +
                        hint);
    }
    if (same(credential->identity, last_identity_)) credential->identity = last_identity_;
    last_identity_ = credential->identity;
    known_ = std::move(*credential);
    obtained_ = clock_.monotonic();
  }
  return Current{known_->token.copy(), known_->identity};
}

void ExecCredentials::distrust(base::MonoTime moment) {
  const std::scoped_lock lock(mutex_);
  if (obtained_ <= moment) known_.reset();
}

base::Result<ExecCredential> ExecCredentials::run(const Cancellation& cancellation) const {
  ProcessRequest request{
      .command = plugin_.command, .arguments = plugin_.arguments, .environment = plugin_.environment};
  request.environment.emplace_back("KUBERNETES_EXEC_INFO", info_);
  const auto outcome = run_process(request, clock_, cancellation);
  if (!outcome) return base::fail("it " + outcome.error().message);
  if (outcome->status != 0) {
    const std::string said = base::printable(outcome->complaint);
    return base::fail("it ended with status " + std::to_string(outcome->status) +
                      (said.empty() ? "" : ": " + said));
  }
  return parse_exec_credential(outcome->output.reveal(), plugin_.api_version);
}

}  // namespace tlswarden::kube
