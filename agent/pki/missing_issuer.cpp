#include "pki/missing_issuer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

std::string name_part(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  return at < 0 ? std::string()
                : base::lower_ascii(to_utf8(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
}

/// The words of a common name that tell one authority from another.
std::set<std::string> distinctive_words(const std::string& text) {
  constexpr std::array<std::string_view, 24> kCommon = {
      "root",         "intermediate", "issuing",  "authority",   "certification", "certificate",
      "certificates", "server",       "sub",      "subordinate", "signing",       "trust",
      "secure",       "security",     "internal", "private",     "public",        "global",
      "development",  "the",          "tls",      "ssl",         "rsa",           "ecc"};
  std::set<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (word.size() > 2 && std::find(kCommon.begin(), kCommon.end(), word) == kCommon.end())
      words.insert(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80;
    if (letter) {
      word.push_back(c);
    } else {
      finish();
    }
  }
  finish();
  return words;
}

/// Whether two names look like those of one authority: the same organisation or, where one of them names
/// none, a distinctive word in both common names.
bool look_related(const X509_NAME* a, const X509_NAME* b, bool compare_words) {
  const std::string organisation_a = name_part(a, NID_organizationName);
  const std::string organisation_b = name_part(b, NID_organizationName);
  if (!organisation_a.empty() && !organisation_b.empty()) return organisation_a == organisation_b;
  if (!compare_words) return false;
  const std::set<std::string> words_a = distinctive_words(name_part(a, NID_commonName));
  const std::set<std::string> words_b = distinctive_words(name_part(b, NID_commonName));
  return std::any_of(words_a.begin(), words_a.end(),
                     [&](const std::string& word) { return words_b.contains(word); });
}

/// authorityKeyIdentifier may name the issuer of the missing issuer (RFC 5280 section 4.2.1.1). If that is
/// the missing issuer itself, it is a root; nothing if the extension does not say.
std::optional<bool> issuer_is_a_root(X509& certificate) {
  const GENERAL_NAMES* names = X509_get0_authority_issuer(&certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DIRNAME) continue;
    return X509_NAME_cmp(name->d.directoryName, X509_get_issuer_name(&certificate)) == 0;
  }
  return std::nullopt;
}

ChainFault decide(const PathEnd& end, const PreparedStore& store) {
  if (const std::optional<bool> root = issuer_is_a_root(end.handle)) {
    return *root ? ChainFault::kUnknownIssuer : ChainFault::kIncompleteChain;
  }
  // A server that sends an intermediate usually sends all of them: what is missing then is the root.
  if (end.path_length > 1) return ChainFault::kUnknownIssuer;
  const bool sent_something_unconnected = end.served > 1;
  if (sent_something_unconnected || !end.last.facts.ca_issuers_urls.empty())
    return ChainFault::kIncompleteChain;
  const X509_NAME* issuer = X509_get_issuer_name(&end.handle);
  const bool related = std::any_of(store.anchors().begin(), store.anchors().end(), [&](const auto& anchor) {
    return look_related(issuer, X509_get_subject_name(anchor.handle.get()), !store.system());
  });
  return related ? ChainFault::kIncompleteChain : ChainFault::kUnknownIssuer;
}

bool has_anchor_named(const PreparedStore& store, const X509_NAME* name) {
  return std::any_of(store.anchors().begin(), store.anchors().end(), [&](const auto& anchor) {
    return X509_NAME_cmp(X509_get_subject_name(anchor.handle.get()), name) == 0;
  });
}

}  // namespace

MissingIssuer examine_missing_issuer(const PathEnd& end, const PreparedStore& store) {
  const std::string& issuer = end.last.facts.issuer;
  const std::string& last = end.last.facts.subject;
  if (has_anchor_named(store, X509_get_issuer_name(&end.handle))) {
    return {ChainFault::kUnknownIssuer,
            "the trust store has a certificate named " + issuer +
                ", but with another key than the one that signed " + last +
                ": the CA was renewed with a new key, or another CA bears the same name"};
  }
  if (end.from_store) {
    return {ChainFault::kUnknownIssuer, "the trust store holds " + last + " but not its issuer " + issuer +
                                            ": add the certificates up to the root"};
  }
  const ChainFault fault = decide(end, store);
  if (fault == ChainFault::kIncompleteChain) {
    return {fault, "the server did not send the certificate of " + issuer + ", which issued " + last +
                       ": it should send that intermediate; if " + issuer +
                       " is a root, the trust store lacks it instead"};
  }
  return {fault, "the trust store lacks " + issuer + ", which issued " + last +
                     ": declare the CA that this server's certificate comes from; if " + issuer +
                     " is an intermediate, the server should send it instead"};
}

}  // namespace tlswarden::pki
