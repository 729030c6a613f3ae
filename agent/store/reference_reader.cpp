#include "store/reference_reader.hpp"

#include <utility>

#include "pki/content_digest.hpp"

namespace tlswarden::store {
namespace {

using Problem = pki::MaterialProblem;
using resource::Reference;

/// A file that changes while it is read is read again, this often at most.
constexpr int kReadings = 3;

template <class Content>
std::optional<Content> take(const std::string& field, base::Result<Content, ContentError> content,
                            Problems& problems) {
  if (content) return std::move(*content);
  const auto kind =
      content.error().found ? Problem::Kind::kReferenceInvalid : Problem::Kind::kReferenceNotFound;
  problems.push_back({kind, field, std::move(content.error().message)});
  return std::nullopt;
}

base::Result<StampedContent, ContentError> read_steadily(const Reference& reference,
                                                         const ContentScope& scope) {
  auto content = read_stamped(reference, scope);
  for (int i = 1; i < kReadings && content && content->stamp && !content->steady; ++i)
    content = read_stamped(reference, scope);
  return content;
}

/// A key store's password that is wrong is a wrong passphrase where the store is the client's own.
Problem::Kind kind_of(const pki::BundleError& error, const std::string& field) {
  if (field != "spec.tls.clientCertificate") return Problem::Kind::kReferenceInvalid;
  return error.kind == pki::BundleError::Kind::kPasswordIncorrect ? Problem::Kind::kPassphraseIncorrect
                                                                  : Problem::Kind::kReferenceInvalid;
}

}  // namespace

std::optional<base::Secret> ReferenceReader::content(const std::string& field, const Reference& reference,
                                                     Problems& problems) const {
  return take(field, read_content(reference, scope_), problems);
}

std::optional<base::Secret> ReferenceReader::line(const std::string& field, const Reference& reference,
                                                  Problems& problems) const {
  return take(field, read_line(reference, scope_), problems);
}

std::optional<std::string> ReferenceReader::unchanged_digest(const Reference& reference) const {
  if (reference.kind != Reference::Kind::kFile) return std::nullopt;
  const auto file = permitted_file(reference, scope_);
  const auto stamp = file ? base::stamp_of(*file) : std::nullopt;
  return stamp ? cache_.digest_of(file_of(reference, scope_.directory), *stamp) : std::nullopt;
}

std::optional<MaterialCache::Parsed> ReferenceReader::read_and_parse(const std::string& field,
                                                                     const Reference& reference,
                                                                     const base::Secret* password,
                                                                     std::string& name,
                                                                     Problems& problems) const {
  const auto content = take(field, read_steadily(reference, scope_), problems);
  if (!content) return std::nullopt;
  const std::string digest = pki::content_digest(content->bytes.bytes());
  if (content->stamp && content->steady)
    cache_.remember(file_of(reference, scope_.directory), *content->stamp, digest);
  name = MaterialCache::name_of(digest, password);
  return cache_.parse(name, content->bytes.bytes(), password);
}

std::optional<NamedBundle> ReferenceReader::bundle(const std::string& field, const Reference& reference,
                                                   Problems& problems) const {
  std::optional<base::Secret> password;
  if (reference.password) {
    password = line(field + ".password", *reference.password, problems);
    if (!password) return std::nullopt;
  }
  const base::Secret* opener = password ? &*password : nullptr;
  std::string name;
  std::optional<MaterialCache::Parsed> parsed;
  if (const auto digest = unchanged_digest(reference)) {
    name = MaterialCache::name_of(*digest, opener);
    parsed = cache_.find(name);
  }
  if (!parsed) parsed = read_and_parse(field, reference, opener, name, problems);
  if (!parsed) return std::nullopt;
  if (*parsed) return NamedBundle{std::move(name), std::move(**parsed)};
  const pki::BundleError& error = parsed->error();
  problems.push_back({kind_of(error, field), field, resource::describe(reference) + ": " + error.message});
  return std::nullopt;
}

std::string ReferenceReader::declaration(const std::optional<Reference>& reference) const {
  if (!reference) return "-";
  std::string text = resource::describe(*reference);
  if (reference->kind == Reference::Kind::kFile) {
    text = file_of(*reference, scope_.directory).string();
  } else if (reference->kind == Reference::Kind::kInline || reference->kind == Reference::Kind::kValue) {
    text += pki::content_digest(base::as_bytes(reference->text));
  }
  if (reference->password) text += "|" + declaration(*reference->password);
  return text;
}

}  // namespace tlswarden::store
