#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pki/bundle_forms.hpp"
#include "pki/kdf_budget.hpp"
#include "pki/legacy_library.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "pki/pkcs8_decryption.hpp"

namespace tlswarden::pki {
namespace {

void release_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
void release_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

using StoreHandle = std::unique_ptr<PKCS12, Releaser<PKCS12_free>>;
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), Releaser<release_safes>>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), Releaser<release_bags>>;
using Encrypted = PKCS7_ENC_CONTENT;

constexpr const char* kForm = "the PKCS#12 store";
constexpr int kMaxNesting = 4;  // bags within bags; every known maker writes none
constexpr const char* kMakeAnew =
    "; make it anew with: keytool -importkeystore -srckeystore FILE -destkeystore new.p12 -deststoretype "
    "PKCS12";

/// PBMAC1 (RFC 9579) came with OpenSSL 3.4; asked of the library that runs, not of the one at build time.
bool knows_pbmac1() {
  return OPENSSL_version_major() > 3 || (OPENSSL_version_major() == 3 && OPENSSL_version_minor() >= 4);
}

tl::unexpected<BundleError> too_costly() {
  return invalid_bundle(std::string(kForm) + " " + over_budget_text() + kMakeAnew);
}

template <class Handle, class Encode>
base::Bytes encoded(Handle* handle, Encode encode) {
  unsigned char* data = nullptr;
  const int size = handle != nullptr ? encode(handle, &data) : 0;
  if (size <= 0) return {};
  const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(data);
  return {data, data + size};
}

/// Opens one store. Null data() of a password stands for an absent one: OpenSSL's clients, and so this, try
/// absent and empty in turn, since the makers of stores do not agree on which is which.
class Pkcs12Reader {
 public:
  explicit Pkcs12Reader(const base::Secret* password) : password_(password) {
    if (password == nullptr || password->empty()) {
      passwords_ = {std::string_view(), std::string_view("")};
    } else {
      passwords_ = {password->reveal()};
    }
  }

  base::Result<Bundle, BundleError> read(base::ByteView content) && {
    const unsigned char* position = content.data();
    ERR_clear_error();
    const StoreHandle store(d2i_PKCS12(nullptr, &position, static_cast<long>(content.size())));
    if (!store) {
      return invalid_bundle(std::string(kForm) + " is broken or cut short (" + openssl_reason() +
                            "); fetch the file anew");
    }
    if (position != content.data() + content.size()) {
      return invalid_bundle(std::string(kForm) + " is followed by other bytes; fetch the file anew");
    }
    if (const Added checked = check_mac(*store); !checked)
      return tl::unexpected<BundleError>(checked.error());
    const SafesPtr safes(PKCS12_unpack_authsafes(store.get()));
    if (!safes) {
      return invalid_bundle(std::string(kForm) +
                            " is broken, or protected by a signature instead of a password (" +
                            openssl_reason() + ")" + kMakeAnew);
    }
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      const Added added = add_safe(*sk_PKCS7_value(safes.get(), i));
      if (!added) return tl::unexpected<BundleError>(added.error());
    }
    return std::move(builder_).finish(kForm);
  }

 private:
  Added check_mac(PKCS12& store) {
    if (PKCS12_mac_present(&store) != 1) return {};
    const X509_ALGOR* algorithm = nullptr;
    const ASN1_INTEGER* iterations = nullptr;
    PKCS12_get0_mac(nullptr, &algorithm, nullptr, &iterations, &store);
    const ASN1_OBJECT* scheme = nullptr;
    X509_ALGOR_get0(&scheme, nullptr, nullptr, algorithm);
    const bool pbmac1 = OBJ_obj2nid(scheme) == NID_pbmac1;
    if (pbmac1 && !knows_pbmac1()) {
      return invalid_bundle(std::string(kForm) +
                            " is protected by PBMAC1, which needs OpenSSL 3.4 or newer; make it "
                            "anew there with: openssl pkcs12 -export without -pbmac1_pbkdf2");
    }
    for (const std::string_view password : passwords_) {
      if (!(pbmac1 ? budget_.spend(*algorithm) : budget_.spend(iterations))) return too_costly();
      ERR_clear_error();
      if (PKCS12_verify_mac(&store, password.data(), static_cast<int>(password.size())) == 1) {
        passwords_ = {password};
        return {};
      }
      if (says_unsupported(take_openssl_errors())) {
        return invalid_bundle(std::string(kForm) +
                              " is protected by a digest that this OpenSSL does not offer" + kMakeAnew);
      }
    }
    return wrong_password();
  }

  tl::unexpected<BundleError> wrong_password() const {
    return password_ == nullptr ? password_required(kForm) : password_incorrect(kForm);
  }

  Added add_safe(PKCS7& safe) {
    ERR_clear_error();
    BagsPtr bags;
    if (PKCS7_type_is_data(&safe)) {
      bags.reset(PKCS12_unpack_p7data(&safe));
    } else if (PKCS7_type_is_encrypted(&safe)) {
      if (safe.d.encrypted == nullptr || safe.d.encrypted->enc_data == nullptr) return broken();
      auto opened = open(*safe.d.encrypted->enc_data);
      if (!opened) return tl::unexpected<BundleError>(opened.error());
      bags = *std::move(opened);
    } else {
      return invalid_bundle(std::string(kForm) + " is encrypted for a certificate instead of by a password" +
                            kMakeAnew);
    }
    if (!bags) return broken();
    return add_bags(*bags, 0);
  }

  static tl::unexpected<BundleError> broken() {
    return invalid_bundle(std::string(kForm) + " is broken inside (" + openssl_reason() +
                          "); fetch the file anew");
  }

  base::Result<BagsPtr, BundleError> open(const Encrypted& encrypted) {
    if (encrypted.algorithm == nullptr || encrypted.enc_data == nullptr) return broken();
    for (const std::string_view password : passwords_) {
      if (!budget_.spend(*encrypted.algorithm)) return too_costly();
      BagsPtr bags = decrypt(encrypted, password, nullptr);
      std::vector<unsigned long> errors = take_openssl_errors();
      if (!bags && says_unsupported(errors)) {
        const LegacyLibrary library;
        if (!library.usable()) {
          return invalid_bundle(std::string(kForm) + " is encrypted with a cipher of " +
                                std::string(kLegacyProviderMissing) +
                                "; install it, or where it is installed" + std::string(kMakeAnew).substr(1));
        }
        bags = decrypt(encrypted, password, library.get());
        errors = take_openssl_errors();
      }
      if (bags) {
        passwords_ = {password};
        return bags;
      }
      if (says_unsupported(errors)) {
        return invalid_bundle(std::string(kForm) +
                              " is encrypted with a cipher that OpenSSL 3 does not offer" + kMakeAnew);
      }
    }
    return wrong_password();
  }

  static BagsPtr decrypt(const Encrypted& encrypted, std::string_view password, OSSL_LIB_CTX* library) {
    return BagsPtr(static_cast<STACK_OF(PKCS12_SAFEBAG)*>(PKCS12_item_decrypt_d2i_ex(
        encrypted.algorithm, ASN1_ITEM_rptr(PKCS12_SAFEBAGS), password.data(),
        static_cast<int>(password.size()), encrypted.enc_data, 1, library, nullptr)));
  }

  Added add_bags(const STACK_OF(PKCS12_SAFEBAG) & bags, int depth) {
    if (depth > kMaxNesting) return broken();
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(&bags); ++i) {
      const Added added = add_bag(*sk_PKCS12_SAFEBAG_value(&bags, i), depth);
      if (!added) return added;
    }
    return {};
  }

  Added add_bag(const PKCS12_SAFEBAG& bag, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(&bag)) {
      case NID_certBag:
        return add_certificate(bag);
      case NID_crlBag:
        return add_list(bag);
      case NID_keyBag:
        if (const PKCS8_PRIV_KEY_INFO* info = PKCS12_SAFEBAG_get0_p8inf(&bag)) {
          const PkeyPtr key(EVP_PKCS82PKEY(info));
          add_key(key.get());
        }
        return {};
      case NID_pkcs8ShroudedKeyBag:
        return add_encrypted_key(PKCS12_SAFEBAG_get0_pkcs8(&bag));
      case NID_safeContentsBag:
        if (const auto* inner = PKCS12_SAFEBAG_get0_safes(&bag)) return add_bags(*inner, depth + 1);
        return {};
      default:
        return {};  // secrets and what else there may be is of no use here
    }
  }

  Added add_certificate(const PKCS12_SAFEBAG& bag) {
    if (PKCS12_SAFEBAG_get_bag_nid(&bag) != NID_x509Certificate) return {};
    const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(&bag));
    return builder_.add_certificate(
        encoded(certificate.get(), i2d_X509),
        "certificate " + std::to_string(builder_.certificates() + 1) + " of " + kForm);
  }

  Added add_list(const PKCS12_SAFEBAG& bag) {
    if (PKCS12_SAFEBAG_get_bag_nid(&bag) != NID_x509Crl) return {};
    const RevocationListHandle list(PKCS12_SAFEBAG_get1_crl(&bag));
    return builder_.add_list(encoded(list.get(), i2d_X509_CRL),
                             "revocation list " + std::to_string(builder_.lists() + 1) + " of " + kForm);
  }

  /// A key that is there but cannot be used counts, so that it is never taken for the only one.
  void add_key(const EVP_PKEY* key) {
    std::optional<base::Secret> plain = key != nullptr ? encode_pkcs8(*key) : std::nullopt;
    builder_.add_key(plain ? *std::move(plain) : base::Secret());
  }

  Added add_encrypted_key(const X509_SIG* encrypted) {
    if (encrypted == nullptr) return {};
    for (const std::string_view password : passwords_) {
      const auto key = decrypt_pkcs8(*encrypted, password, budget_);
      if (key) {
        add_key(key->get());
        return {};
      }
      // Trust material is read for its certificates: a key that does not open keeps no one from them, but one
      // that would take hours shows what the file is.
      if (key.error().kind == KeyError::Kind::kNotAKey) return too_costly();
    }
    add_key(nullptr);
    return {};
  }

  const base::Secret* password_;
  std::vector<std::string_view> passwords_;  ///< to be tried; the right one alone as soon as it is known
  KdfBudget budget_;
  BundleBuilder builder_;
};

}  // namespace

base::Result<Bundle, BundleError> parse_pkcs12(base::ByteView content, const base::Secret* password) {
  auto bundle = Pkcs12Reader(password).read(content);
  ERR_clear_error();
  return bundle;
}

}  // namespace tlswarden::pki
