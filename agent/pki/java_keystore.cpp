#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "pki/bundle_forms.hpp"
#include "pki/java_key_protector.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::pki {
namespace {

// Everything is big-endian: magic, version, count, entries, and an SHA-1 digest at the end. Described by
// OpenJDK's JavaKeyStore.java and JceKeyStore.java.
constexpr std::uint32_t kJceksMagic = 0xCECECECE;
constexpr std::uint32_t kKeyEntry = 1;
constexpr std::uint32_t kCertificateEntry = 2;
constexpr std::uint32_t kSecretKeyEntry = 3;  // JCEKS alone
constexpr std::size_t kDigestSize = 20;
constexpr std::size_t kAliasShown = 64;
constexpr std::size_t kSmallestEntry = 4 + 2 + 8 + 4;  // tag, alias, date, length

/// Takes numbers and pieces off the front of a store. Once something is missing, everything is.
class Reader {
 public:
  explicit Reader(base::ByteView content) : content_(content) {}

  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : piece(size))
      value = value << 8U | byte;
    return value;
  }
  std::uint32_t number32() { return static_cast<std::uint32_t>(number(4)); }
  base::ByteView piece(std::size_t size) {
    if (size > left()) failed_ = true;
    if (failed_) return {};
    const base::ByteView taken = content_.subspan(position_, size);
    position_ += size;
    return taken;
  }
  std::size_t left() const { return content_.size() - position_; }
  std::size_t position() const { return position_; }
  bool failed() const { return failed_; }

 private:
  base::ByteView content_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

/// An entry as it stands in the store.
struct Entry {
  std::string name;    ///< "entry 3 ('rds-ca')"
  base::ByteView key;  ///< encrypted; empty for a trusted certificate
  std::vector<base::ByteView> certificates;
};

class JavaKeystore {
 public:
  JavaKeystore(base::ByteView content, const base::Secret* password)
      : content_(content),
        reader_(content.first(content.size() - std::min(content.size(), kDigestSize))),
        password_(password) {}

  base::Result<Bundle, BundleError> read() && {
    form_ = reader_.number32() == kJceksMagic ? "the JCEKS store" : "the JKS store";
    // The shape first: a file cut short is said to be just that, rather than to have a wrong password.
    Added done = read_entries();
    if (done) done = check_digest();
    if (done) done = decode_entries();
    if (!done) return tl::unexpected<BundleError>(done.error());
    return std::move(builder_).finish(form_);
  }

 private:
  Added read_entries() {
    version_ = reader_.number32();
    const std::uint32_t count = reader_.number32();
    if (reader_.failed()) return invalid_bundle(form_ + " is cut short in its header; fetch the file anew");
    if (version_ != 1 && version_ != 2) {
      return invalid_bundle(form_ + " is of version " + std::to_string(version_) +
                            ", which is unknown; the file may be damaged, fetch it anew");
    }
    if (count > kMaxBundleCertificates) {
      return invalid_bundle(form_ + " claims to hold " + std::to_string(count) + " entries; the limit is " +
                            std::to_string(kMaxBundleCertificates));
    }
    entries_.reserve(std::min<std::size_t>(count, reader_.left() / kSmallestEntry));
    for (std::uint32_t i = 1; i <= count; ++i) {
      const Added added = read_entry(i);
      if (!added) return added;
    }
    if (reader_.left() == 0) return {};
    return invalid_bundle(form_ + " is cut short inside its digest, or followed by other bytes, at byte " +
                          std::to_string(reader_.position()) + "; fetch the file anew");
  }

  Added read_entry(std::uint32_t number) {
    const std::size_t start = reader_.position();
    Entry entry;
    const std::uint32_t tag = reader_.number32();
    const std::string alias(base::as_text(reader_.piece(reader_.number(2))));
    entry.name = "entry " + std::to_string(number) +
                 (alias.empty() ? std::string() : " ('" + base::printable(alias, kAliasShown) + "')");
    reader_.number(8);  // when it was made
    if (!reader_.failed() && tag != kKeyEntry && tag != kCertificateEntry)
      return other_entry(entry, tag, start);
    std::size_t certificates = 1;
    if (tag == kKeyEntry) {
      entry.key = reader_.piece(reader_.number32());
      certificates = reader_.number32();
    }
    for (std::size_t i = 0; i < certificates && !reader_.failed(); ++i) {
      if (version_ == 2) {
        const auto type = base::as_text(reader_.piece(reader_.number(2)));
        if (!reader_.failed() && type != "X.509" && type != "X509") {
          return invalid_bundle(form_ + " is broken: " + entry.name +
                                " holds a certificate of a type other than "
                                "X.509; take it out with: keytool -delete");
        }
      }
      entry.certificates.push_back(reader_.piece(reader_.number32()));
    }
    if (reader_.failed()) {
      return invalid_bundle(form_ + " is cut short: " + entry.name + " ends at byte " +
                            std::to_string(content_.size()) +
                            " of the file, before it is complete; fetch the file "
                            "anew");
    }
    entries_.push_back(std::move(entry));
    return {};
  }

  /// A secret key is a Java object, whose length nothing says.
  Added other_entry(const Entry& entry, std::uint32_t tag, std::size_t start) const {
    if (tag == kSecretKeyEntry) {
      return invalid_bundle(
          entry.name + " of " + form_ +
          " is a secret key, which only Java can read past; take it out of a copy with: keytool "
          "-delete -alias ALIAS -keystore FILE -storetype JCEKS");
    }
    return invalid_bundle(form_ + " is broken: at byte " + std::to_string(start) +
                          " an entry of an unknown kind begins; fetch the file anew");
  }

  /// SHA-1 of password, "Mighty Aphrodite" and everything before the digest.
  Added check_digest() const {
    if (password_ == nullptr) return {};
    constexpr std::string_view kWhitener = "Mighty Aphrodite";
    const base::Secret hashed = java_password(password_->reveal());
    const base::ByteView body = content_.first(content_.size() - kDigestSize);
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    const std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    const bool done = context && EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), hashed.bytes().data(), hashed.bytes().size()) == 1 &&
                      EVP_DigestUpdate(context.get(), kWhitener.data(), kWhitener.size()) == 1 &&
                      EVP_DigestUpdate(context.get(), body.data(), body.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
    ERR_clear_error();
    if (!done) return invalid_bundle(form_ + " cannot be checked: this OpenSSL does not offer SHA-1");
    if (CRYPTO_memcmp(digest.data(), content_.last(kDigestSize).data(), kDigestSize) == 0) return {};
    return password_incorrect(form_);
  }

  Added decode_entries() {
    for (const Entry& entry : entries_) {
      for (std::size_t i = 0; i < entry.certificates.size(); ++i) {
        const std::string name =
            entry.key.empty() ? entry.name : "certificate " + std::to_string(i + 1) + " of " + entry.name;
        const Added added = builder_.add_certificate(entry.certificates[i], name);
        if (!added) return added;
      }
    }
    for (const Entry& entry : entries_) {
      if (!entry.key.empty()) add_key(entry);
    }
    return {};
  }

  void add_key(const Entry& entry) {
    std::optional<base::Secret> key;
    // Of several none is kept: only the first is worth the work.
    if (password_ != nullptr && builder_.keys() == 0)
      key = open_java_key(entry.key, password_->reveal(), budget_);
    builder_.add_key(key ? *std::move(key) : base::Secret());
  }

  base::ByteView content_;
  Reader reader_;
  const base::Secret* password_;
  std::string form_;
  std::uint32_t version_ = 0;
  std::vector<Entry> entries_;
  KdfBudget budget_;
  BundleBuilder builder_;
};

}  // namespace

base::Result<Bundle, BundleError> parse_java_keystore(base::ByteView content, const base::Secret* password) {
  return JavaKeystore(content, password).read();
}

}  // namespace tlswarden::pki
