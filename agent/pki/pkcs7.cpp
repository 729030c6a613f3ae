#include "pki/bundle_forms.hpp"

#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

void release_lists(STACK_OF(X509_CRL) * lists) {
  sk_X509_CRL_pop_free(lists, X509_CRL_free);
}

using MessagePtr = std::unique_ptr<CMS_ContentInfo, Releaser<CMS_ContentInfo_free>>;
using ListStackPtr = std::unique_ptr<STACK_OF(X509_CRL), Releaser<release_lists>>;

/// The DER of what OpenSSL holds; empty if it cannot be had.
template <class Handle, class Encode>
base::Bytes encoded(Handle* handle, Encode encode) {
  unsigned char* data = nullptr;
  const int size = encode(handle, &data);
  if (size <= 0) return {};
  const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(data);
  return {data, data + size};
}

std::string other_type(const CMS_ContentInfo& message) {
  const int type = OBJ_obj2nid(CMS_get0_type(&message));
  const char* name = type == NID_undef ? nullptr : OBJ_nid2ln(type);
  return name != nullptr ? " (" + std::string(name) + ")" : std::string();
}

}  // namespace

Added read_pkcs7(base::ByteView content, const std::string& name, BundleBuilder& into) {
  const unsigned char* position = content.data();
  ERR_clear_error();
  const MessagePtr message(d2i_CMS_ContentInfo(nullptr, &position, static_cast<long>(content.size())));
  if (!message) {
    return invalid_bundle(name + " is broken or cut short (" + openssl_reason() + "); fetch the file anew");
  }
  if (position != content.data() + content.size()) {
    return invalid_bundle(name + " is followed by other bytes; fetch the file anew");
  }
  if (OBJ_obj2nid(CMS_get0_type(message.get())) != NID_pkcs7_signed) {
    return invalid_bundle(name + " is of a type that carries no certificates" + other_type(*message) +
                          "; make it with: openssl crl2pkcs7 -nocrl -certfile ca.pem -out ca.p7b");
  }
  const X509StackPtr certificates(CMS_get1_certs(message.get()));
  const ListStackPtr lists(CMS_get1_crls(message.get()));
  const std::size_t before = into.certificates() + into.lists();
  for (int i = 0; i < sk_X509_num(certificates.get()); ++i) {
    const base::Bytes der = encoded(sk_X509_value(certificates.get(), i), i2d_X509);
    const Added added = into.add_certificate(der, "certificate " + std::to_string(i + 1) + " of " + name);
    if (!added) return added;
  }
  for (int i = 0; i < sk_X509_CRL_num(lists.get()); ++i) {
    const base::Bytes der = encoded(sk_X509_CRL_value(lists.get(), i), i2d_X509_CRL);
    const Added added = into.add_list(der, "revocation list " + std::to_string(i + 1) + " of " + name);
    if (!added) return added;
  }
  ERR_clear_error();
  if (into.certificates() + into.lists() > before) return {};
  return invalid_bundle(name +
                        " holds no certificate; make it with: "
                        "openssl crl2pkcs7 -nocrl -certfile ca.pem -out ca.p7b");
}

}  // namespace tlswarden::pki
