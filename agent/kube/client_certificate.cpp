#include "kube/client_certificate.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "pki/bundle.hpp"

namespace tlswarden::kube {
namespace {

constexpr base::Seconds kInterval = std::chrono::minutes(5);

}  // namespace

base::Result<IdentityPtr> read_identity(const base::Secret& certificate, const base::Secret& key) {
  auto bundle = pki::parse_bundle(certificate.bytes());
  if (!bundle) return base::fail("the client certificate for the API server: " + bundle.error().message);
  if (bundle->certificates.empty()) {
    return base::fail(
        "the client certificate for the API server holds no certificate; name a PEM file with one");
  }
  auto parsed = pki::parse_private_key(key, nullptr);
  if (!parsed) return base::fail("the client key for the API server: " + parsed.error().message);
  auto identity = pki::make_client_identity(std::move(bundle->certificates), *parsed);
  if (!identity) {
    return base::fail("the client certificate and key for the API server: " + identity.error().message);
  }
  return std::make_shared<const pki::ClientIdentity>(std::move(*identity));
}

PemContent::PemContent(const PemSource& source, const base::Clock& clock) : data_(source.data.copy()) {
  if (!source.file.empty()) file_.emplace(source.file, kInterval, clock);
}

base::Result<base::Secret> PemContent::content() {
  if (!file_) return data_.copy();
  return file_->content();
}

void PemContent::distrust(base::MonoTime moment) {
  if (file_) file_->distrust(moment);
}

ClientCertificate::ClientCertificate(const PemSource& certificate, const PemSource& key,
                                     const base::Clock& clock)
    : clock_(clock), certificate_(certificate, clock), key_(key, clock) {}

base::Result<IdentityPtr> ClientCertificate::current() {
  const std::scoped_lock lock(mutex_);
  auto certificate = certificate_.content();
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = key_.content();
  if (!key) return tl::unexpected(key.error());
  if (identity_ && certificate->reveal() == known_certificate_.reveal() &&
      key->reveal() == known_key_.reveal()) {
    return identity_;
  }
  auto identity = read_identity(*certificate, *key);
  if (!identity) {
    // The other file may follow at any moment: do not wait out the interval.
    certificate_.distrust(clock_.monotonic());
    key_.distrust(clock_.monotonic());
    if (!identity_) return identity;
    if (std::exchange(problem_, identity.error().message) != problem_) {
      spdlog::warn("{}; the pair that was read before is still used", problem_);
    }
    return identity_;
  }
  problem_.clear();
  identity_ = *identity;
  known_certificate_ = std::move(*certificate);
  known_key_ = std::move(*key);
  return identity_;
}

}  // namespace tlswarden::kube
