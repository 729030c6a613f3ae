#include "pki/verification.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "pki/chain_verifier.hpp"
#include "pki/missing_issuer.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "pki/prepared_store.hpp"

namespace tlswarden::pki {
namespace {

struct PathError {
  int code = X509_V_OK;
  int depth = 0;
};
using PathErrors = std::vector<PathError>;

constexpr std::size_t kMaxPathErrors = 64;

/// Lets OpenSSL go on after every error, so that one run tells them all.
int gather_error(int ok, X509_STORE_CTX* context) {
  auto* errors = static_cast<PathErrors*>(X509_STORE_CTX_get_app_data(context));
  if (ok == 0 && errors->size() < kMaxPathErrors) {
    errors->push_back({X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context)});
  }
  return 1;
}

bool says_unanchored(int code) {
  switch (code) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return true;
    default:
      return false;
  }
}

IssuerRule rule_behind(int code) {
  switch (code) {
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return IssuerRule::kPathLength;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return IssuerRule::kNames;
    default:
      return IssuerRule::kMayIssue;
  }
}

/// One run of X509_verify_cert and what it left behind.
class Verifier {
 public:
  Verifier(const Chain& served, const PreparedStore& store) : served_(served), store_(store) {}

  ChainVerification run(Purpose purpose, base::WallTime at) {
    ChainVerification result;
    if (served_.empty()) {
      result.faults.push_back(ChainFault::kNoCertificate);
      result.detail = "the peer sent no certificate";
      return result;
    }
    if (!prepare(purpose, at)) return failed_to_start();
    const int verdict = X509_verify_cert(context_.get());
    if (verdict <= 0 && errors_.empty()) errors_.push_back({X509_STORE_CTX_get_error(context_.get()), 0});
    read_path(result);
    read_faults(result);
    result.revocation = check_revocation(result.path, store_.lists(), at);
    ERR_clear_error();
    return result;
  }

 private:
  bool prepare(Purpose purpose, base::WallTime at) {
    untrusted_.reset(sk_X509_new_null());
    if (!untrusted_) return false;
    for (const CertificatePtr& certificate : served_) {
      X509Ptr handle = to_x509(*certificate);
      if (!handle || sk_X509_push(untrusted_.get(), handle.get()) <= 0) return false;
      by_handle_.emplace(handle.release(), certificate);  // the stack owns it now
    }
    context_.reset(X509_STORE_CTX_new());
    X509* leaf = sk_X509_value(untrusted_.get(), 0);
    if (!context_ || X509_STORE_CTX_init(context_.get(), store_.handle(), leaf, untrusted_.get()) != 1)
      return false;
    X509_STORE_CTX_set_app_data(context_.get(), &errors_);
    X509_STORE_CTX_set_verify_cb(context_.get(), gather_error);
    // Purpose and trust as SSL_CTX sets them for the other side's certificate.
    X509_STORE_CTX_set_default(context_.get(), purpose == Purpose::kServer ? "ssl_server" : "ssl_client");
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context_.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(at.time_since_epoch().count()));
    X509_VERIFY_PARAM_set_auth_level(parameters, 0);
    return true;
  }

  static ChainVerification failed_to_start() {
    ChainVerification result;
    result.faults.push_back(ChainFault::kOther);
    result.openssl_error = X509_V_ERR_UNSPECIFIED;
    result.detail = openssl_reason("the verification could not be started");
    return result;
  }

  CertificatePtr find(const X509* handle) const {
    const auto found = by_handle_.find(handle);
    return found != by_handle_.end() ? found->second : store_.find(handle);
  }

  bool was_served(const Certificate& certificate) const {
    return std::any_of(served_.begin(), served_.end(), [&](const CertificatePtr& served) {
      return served->facts.sha256 == certificate.facts.sha256;
    });
  }

  void read_path(ChainVerification& result) {
    const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context_.get());
    from_server_ = static_cast<std::size_t>(std::max(0, X509_STORE_CTX_get_num_untrusted(context_.get())));
    for (int i = 0; i < sk_X509_num(path); ++i) {
      if (CertificatePtr certificate = find(sk_X509_value(path, i)))
        result.path.push_back(std::move(certificate));
    }
    result.anchored = from_server_ < result.path.size() &&
                      std::none_of(
                          errors_.begin(), errors_.end(),
                          [](const PathError& error) { return says_unanchored(error.code); });
    for (std::size_t i = from_server_; result.anchored && i + 1 < result.path.size(); ++i) {
      if (!was_served(*result.path[i])) result.intermediate_from_store = true;
    }
  }

  void read_faults(ChainVerification& result) {
    std::map<ChainFault, PathError>
        faults;  // in order of gravity, each with the first error that stands for it
    for (const PathError& error : errors_) {
      if (error.code != X509_V_OK) faults.emplace(classify(error, result), error);
    }
    for (const auto& [fault, error] : faults) {
      const auto depth = static_cast<std::size_t>(error.depth);
      result.faults.push_back(fault);
      result.evidence.push_back({X509_verify_cert_error_string(error.code),
                                 depth < result.path.size() ? result.path[depth] : nullptr,
                                 rule_behind(error.code)});
    }
    if (faults.empty()) return;
    result.openssl_error = faults.begin()->second.code;
    result.detail = result.evidence.front().detail;
  }

  ChainFault classify(const PathError& error, ChainVerification& result) {
    switch (error.code) {
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return ChainFault::kSelfSignedLeaf;
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return ChainFault::kSelfSignedInChain;
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return missing_issuer(result);
      case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
      case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
        return ChainFault::kBadSignature;
      case X509_V_ERR_CERT_HAS_EXPIRED:
        return date_fault(error.depth, ChainFault::kLeafExpired, result);
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return date_fault(error.depth, ChainFault::kLeafNotYetValid, result);
      case X509_V_ERR_INVALID_PURPOSE:
        // What is no CA is in OpenSSL's eyes also no CA for this purpose.
        return gathered(X509_V_ERR_INVALID_CA, error.depth) ? ChainFault::kNotACa : ChainFault::kWrongPurpose;
      case X509_V_ERR_INVALID_CA:
      case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      case X509_V_ERR_PERMITTED_VIOLATION:
      case X509_V_ERR_EXCLUDED_VIOLATION:
      case X509_V_ERR_SUBTREE_MINMAX:
      case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
      case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
      case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
        return ChainFault::kNotACa;
      default:
        return ChainFault::kOther;
    }
  }

  bool gathered(int code, int depth) const {
    return std::any_of(errors_.begin(), errors_.end(),
                       [&](const PathError& error) { return error.code == code && error.depth == depth; });
  }

  static ChainFault date_fault(int depth, ChainFault leaf_fault, const ChainVerification& result) {
    if (depth == 0) return leaf_fault;
    const bool at_anchor = result.anchored && static_cast<std::size_t>(depth) + 1 == result.path.size();
    return at_anchor ? ChainFault::kAnchorExpired : ChainFault::kIntermediateExpired;
  }

  ChainFault missing_issuer(ChainVerification& result) {
    const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context_.get());
    X509* last = sk_X509_value(path, sk_X509_num(path) - 1);
    if (last == nullptr || result.path.empty()) return ChainFault::kUnknownIssuer;
    const PathEnd end{*result.path.back(), *last, from_server_ < result.path.size(), result.path.size(),
                      served_.size()};
    MissingIssuer missing = examine_missing_issuer(end, store_);
    result.missing_issuer = end.last.facts.issuer;
    result.hint = std::move(missing.hint);
    return missing.fault;
  }

  const Chain& served_;
  const PreparedStore& store_;
  X509StackPtr untrusted_;
  std::map<const X509*, CertificatePtr> by_handle_;
  PathErrors errors_;
  StoreContextPtr context_;
  std::size_t from_server_ = 0;
};

}  // namespace

bool ChainVerification::has(ChainFault fault) const {
  return std::find(faults.begin(), faults.end(), fault) != faults.end();
}

ChainVerification verify_with(const Chain& served, const PreparedStore& store, Purpose purpose,
                              base::WallTime at) {
  return Verifier(served, store).run(purpose, at);
}

ChainVerification verify_chain(const Chain& served, const TrustStore& store, Purpose purpose,
                               base::WallTime at) {
  return verify_with(served, PreparedStore(store), purpose, at);
}

}  // namespace tlswarden::pki
