#include "verdict/chain_quality.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using pki::Chain;
using resource::Urgency;

constexpr std::size_t kMostNamed = 3;

bool may_have_issued(const pki::CertificateFacts& issuer, const pki::CertificateFacts& subject) {
  const bool keys_known = !issuer.subject_key_id.empty() && !subject.authority_key_id.empty();
  return issuer.subject == subject.issuer &&
         (!keys_known || issuer.subject_key_id == subject.authority_key_id);
}

std::optional<std::size_t> position_of(const Chain& chain, const pki::CertificateFacts& wanted) {
  const auto found = std::find_if(chain.begin(), chain.end(), [&](const pki::CertificatePtr& certificate) {
    return certificate->facts.sha256 == wanted.sha256;
  });
  if (found == chain.end()) return std::nullopt;
  return static_cast<std::size_t>(found - chain.begin());
}

/// For each served certificate, whether issuers lead to it from the leaf, on whatever path.
std::vector<bool> connected_to_leaf(const Chain& served) {
  std::vector<bool> connected(served.size(), false);
  std::vector<std::size_t> open{0};
  connected.front() = true;
  while (!open.empty()) {
    const pki::CertificateFacts& subject = served[open.back()]->facts;
    open.pop_back();
    for (std::size_t i = 0; i < served.size(); ++i) {
      if (connected[i] || !may_have_issued(served[i]->facts, subject)) continue;
      connected[i] = true;
      open.push_back(i);
    }
  }
  return connected;
}

/// RFC 5246 section 7.4.2: each certificate certifies the one before it. RFC 8446 lets clients cope.
std::optional<Remark> judge_order(const Chain& served, const Chain& path) {
  std::size_t last = 0;
  bool in_order = true;
  std::vector<std::string> wanted;
  for (const pki::CertificatePtr& certificate : path) {
    const auto position = position_of(served, certificate->facts);
    if (!position) continue;
    in_order = in_order && *position >= last;
    last = *position;
    wanted.push_back(quoted_name(certificate->facts));
  }
  if (in_order) return std::nullopt;
  return Remark{{reason::kChainOutOfOrder,
                 "the server sends its certificates out of order, which some clients refuse",
                 {},
                 "put them into the server's certificate file in this order: " + base::join(wanted, ", ")},
                Urgency::kPlanned};
}

std::optional<std::string> why_unneeded(const Chain& served, std::size_t position, bool connected,
                                        bool in_path, base::WallTime now) {
  const pki::CertificateFacts& facts = served[position]->facts;
  const std::string name = quoted_name(facts);
  if (*position_of(served, facts) != position) return name + " a second time";
  if (in_path) return std::nullopt;
  if (!connected) return name + ", which has nothing to do with its own certificate";
  if (now > facts.not_after && !facts.self_signed)
    return name + ", another certificate of an issuer, which expired " + when(now, facts.not_after);
  return std::nullopt;
}

std::optional<Remark> judge_extras(const Chain& served, const Chain& path, const std::vector<bool>& connected,
                                   base::WallTime now) {
  std::vector<std::string> extras;
  for (std::size_t i = 1; i < served.size(); ++i) {
    const bool in_path = position_of(path, served[i]->facts).has_value();
    if (auto why = why_unneeded(served, i, connected[i], in_path, now)) extras.push_back(*std::move(why));
  }
  if (extras.empty()) return std::nullopt;
  const std::size_t more = extras.size() > kMostNamed ? extras.size() - kMostNamed : 0;
  extras.resize(extras.size() - more);
  return Remark{{reason::kUnneededCertificate,
                 "the server also sends " + base::join(extras, ", and ") +
                     (more > 0 ? ", and " + std::to_string(more) + " more" : ""),
                 {}},
                Urgency::kPlanned};
}

std::optional<Remark> judge_root(const Chain& served, const std::vector<bool>& connected) {
  for (std::size_t i = 1; i < served.size(); ++i) {
    if (!connected[i] || !served[i]->facts.self_signed) continue;
    return Remark{{reason::kRootSent,
                   "the server also sends the root " + quoted_name(served[i]->facts) +
                       ", which clients take only from their own trust store",
                   {}},
                  Urgency::kConsider};
  }
  return std::nullopt;
}

std::optional<Remark> judge_leaf(const pki::CertificateFacts& leaf) {
  if (!leaf.is_ca) return std::nullopt;
  return Remark{{reason::kCaUsedForServer,
                 "the server's own certificate " + quoted_name(leaf) +
                     " is a CA certificate, which some clients refuse of a server",
                 {}},
                Urgency::kPlanned};
}

}  // namespace

std::string quoted_name(const pki::CertificateFacts& facts) {
  return "'" + (facts.common_name.empty() ? facts.subject : facts.common_name) + "'";
}

std::vector<Remark> judge_chain_quality(const Chain& served, const Chain& path, base::WallTime now) {
  std::vector<Remark> remarks;
  if (served.empty()) return remarks;
  const std::vector<bool> connected = connected_to_leaf(served);
  for (auto remark : {judge_order(served, path), judge_extras(served, path, connected, now),
                      judge_leaf(served.front()->facts), judge_root(served, connected)}) {
    if (remark) remarks.push_back(*std::move(remark));
  }
  return remarks;
}

}  // namespace tlswarden::verdict
