#include "pki/revocation_check.hpp"

#include <map>
#include <utility>

#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

using DistributionPointPtr = std::unique_ptr<ISSUING_DIST_POINT, Releaser<ISSUING_DIST_POINT_free>>;
using KeyIdentifierPtr = std::unique_ptr<AUTHORITY_KEYID, Releaser<AUTHORITY_KEYID_free>>;
using EnumeratedPtr = std::unique_ptr<ASN1_ENUMERATED, Releaser<ASN1_ENUMERATED_free>>;

/// The lists of one CA are few: one, or one for each of a handful of scopes, and their predecessors.
constexpr std::size_t kMostListsOfOneIssuer = 64;

bool has_extension(const X509_CRL* list, int nid) {
  return X509_CRL_get_ext_by_NID(list, nid, -1) >= 0;
}

std::string unknown_critical_extension(const X509_CRL* list) {
  for (int at = -1; (at = X509_CRL_get_ext_by_critical(list, 1, at)) >= 0;) {
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(X509_CRL_get_ext(list, at)));
    if (nid != NID_issuing_distribution_point && nid != NID_delta_crl)
      return "it has a critical extension that this program does not know";
  }
  return {};
}

void read_scope(PreparedList& prepared) {
  const X509_CRL* list = prepared.handle.get();
  prepared.unsupported = unknown_critical_extension(list);
  if (has_extension(list, NID_delta_crl)) prepared.unsupported = "it lists only the changes to another list";
  const int at = X509_CRL_get_ext_by_NID(list, NID_issuing_distribution_point, -1);
  if (at < 0) return;
  prepared.scope = raw_text(*X509_EXTENSION_get_data(X509_CRL_get_ext(list, at)));
  const DistributionPointPtr point(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, nullptr, nullptr)));
  if (!point) {
    prepared.unsupported = "its scope cannot be read";
    return;
  }
  // DER leaves out what is false.
  prepared.only_leaves = point->onlyuser > 0;
  prepared.only_cas = point->onlyCA > 0;
  if (point->indirectCRL > 0) prepared.unsupported = "it covers the certificates of other CAs";
  if (point->onlyattr > 0) prepared.unsupported = "it covers attribute certificates only";
}

/// Whether the list says itself that this certificate's key signs it.
bool names_key(const X509_CRL* list, X509* issuer) {
  const KeyIdentifierPtr named(static_cast<AUTHORITY_KEYID*>(
      X509_CRL_get_ext_d2i(list, NID_authority_key_identifier, nullptr, nullptr)));
  const ASN1_OCTET_STRING* own = X509_get0_subject_key_id(issuer);
  return named && named->keyid != nullptr && own != nullptr && ASN1_OCTET_STRING_cmp(named->keyid, own) == 0;
}

std::string reason_of(const X509_REVOKED* entry) {
  const EnumeratedPtr code(
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
  return code ? revocation_reason(ASN1_ENUMERATED_get(code.get())) : std::string();
}

/// The lists by which one issuer speaks about one certificate.
class Lookup {
 public:
  Lookup(const CertificatePtr& subject, const Certificate& issuer, base::WallTime at, RevocationCheck& check)
      : subject_(subject), issuer_handle_(to_x509(issuer)), at_(at), check_(check) {}

  void run(const PreparedLists& lists) {
    if (!issuer_handle_) return;
    std::size_t considered = 0;
    for (const PreparedList& list : lists) {
      if (X509_NAME_cmp(X509_CRL_get_issuer(list.handle.get()),
                        X509_get_subject_name(issuer_handle_.get())) == 0 &&
          considered++ < kMostListsOfOneIssuer)
        consider(list);
    }
    bool revoked = false;
    for (const auto& [scope, list] : newest_) {
      if (list->list->next_update && *list->list->next_update < at_)
        check_.stale.push_back({list->list->issuer, *list->list->next_update});
      revoked = revoked || look_up(*list);
    }
  }

 private:
  void consider(const PreparedList& list) {
    if (!is_signed(list)) return;
    const bool is_ca = subject_->facts.is_ca;
    if (is_ca ? list.only_leaves : list.only_cas) return;
    check_.dates.push_back(list.list->this_update);
    if (list.list->next_update) check_.dates.push_back(*list.list->next_update + base::Seconds(1));
    if (list.list->this_update > at_) return;
    if (!list.unsupported.empty()) {
      check_.unusable.push_back({list.list->issuer, list.unsupported});
      return;
    }
    const PreparedList*& newest = newest_[list.scope];
    if (newest == nullptr || newest->list->this_update < list.list->this_update) newest = &list;
  }

  bool is_signed(const PreparedList& list) {
    const bool verified = X509_CRL_verify(list.handle.get(), X509_get0_pubkey(issuer_handle_.get())) == 1;
    ERR_clear_error();
    if (!verified && names_key(list.handle.get(), issuer_handle_.get()))
      check_.unusable.push_back({list.list->issuer, "its signature is wrong"});
    return verified;
  }

  bool look_up(const PreparedList& list) {
    const X509Ptr subject = to_x509(*subject_);
    X509_REVOKED* entry = nullptr;
    // 2 says that an entry takes a revocation back, which only a list of changes may.
    if (!subject ||
        X509_CRL_get0_by_serial(list.handle.get(), &entry, X509_get0_serialNumber(subject.get())) != 1)
      return false;
    const auto revoked_at = to_wall_time(X509_REVOKED_get0_revocationDate(entry));
    check_.revoked.push_back({subject_, revoked_at.value_or(list.list->this_update), reason_of(entry)});
    return true;
  }

  const CertificatePtr& subject_;
  X509Ptr issuer_handle_;
  base::WallTime at_;
  RevocationCheck& check_;
  std::map<std::string, const PreparedList*> newest_;
};

}  // namespace

std::string revocation_reason(long code) {
  switch (code) {
    case CRL_REASON_KEY_COMPROMISE:
      return "key compromise";
    case CRL_REASON_CA_COMPROMISE:
      return "CA compromise";
    case CRL_REASON_AFFILIATION_CHANGED:
      return "affiliation changed";
    case CRL_REASON_SUPERSEDED:
      return "superseded";
    case CRL_REASON_CESSATION_OF_OPERATION:
      return "cessation of operation";
    case CRL_REASON_CERTIFICATE_HOLD:
      return "on hold";
    case CRL_REASON_PRIVILEGE_WITHDRAWN:
      return "privilege withdrawn";
    case CRL_REASON_AA_COMPROMISE:
      return "attribute authority compromise";
    default:
      return {};
  }
}

PreparedLists prepare_lists(const RevocationLists& lists) {
  PreparedLists prepared;
  for (const RevocationListPtr& list : lists) {
    const unsigned char* position = list->der.data();
    PreparedList one{
        list, RevocationListHandle(d2i_X509_CRL(nullptr, &position, static_cast<long>(list->der.size())))};
    if (!one.handle) continue;
    read_scope(one);
    prepared.push_back(std::move(one));
  }
  ERR_clear_error();
  return prepared;
}

RevocationCheck check_revocation(const Chain& path, const PreparedLists& lists, base::WallTime at) {
  RevocationCheck check;
  if (lists.empty()) return check;
  for (std::size_t i = 0; i + 1 < path.size(); ++i)
    Lookup(path[i], *path[i + 1], at, check).run(lists);
  ERR_clear_error();
  return check;
}

}  // namespace tlswarden::pki
