#include "store/content_reader.hpp"

#include <cstdlib>
#include <vector>

#include "base/suggest.hpp"

namespace tlswarden::store {
namespace {

using Content = base::Result<base::Secret, ContentError>;
using Stamped = base::Result<StampedContent, ContentError>;

tl::unexpected<ContentError> missing(std::string message) {
  return tl::unexpected<ContentError>(ContentError{false, std::move(message)});
}

tl::unexpected<ContentError> unusable(std::string message) {
  return tl::unexpected<ContentError>(ContentError{true, std::move(message)});
}

base::Secret copied(const base::Secret& value) {
  return value.copy();
}
base::Secret copied(const std::string& value) {
  return base::Secret(std::string_view(value));
}

/// `kind` is "Secret" or "ConfigMap".
template <class Map>
Content read_document(const char* kind, const Map& documents, const resource::Reference& reference,
                      const std::string& ns) {
  const std::string shown = std::string(kind) + " " + reference.name;
  const auto document = documents.find({ns, reference.name});
  if (document == documents.end()) {
    std::vector<std::string> names;
    for (const auto& [name, data] : documents) {
      if (name.first == ns) names.push_back(name.second);
    }
    const auto near = base::nearest(reference.name, names);
    return missing(shown + " does not exist in namespace " + ns + "; " +
                   (near ? "did you mean " + *near + "?" : "add it there or correct the name"));
  }
  const auto entry = document->second.find(reference.key);
  if (entry == document->second.end()) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : document->second)
      keys.push_back(key);
    const auto near = base::nearest(reference.key, keys);
    return missing(shown + " in namespace " + ns + " has no key " + reference.key + "; " +
                   (near ? "did you mean " + *near + "?" : "add it or correct the key"));
  }
  return copied(entry->second);
}

Stamped read_named_file(const std::filesystem::path& file) {
  auto content = base::read_stamped_file(file, kMaxContent);
  if (content) return StampedContent{std::move(content->bytes), content->stamp, content->steady};
  return tl::unexpected<ContentError>(
      ContentError{content.error().found, std::move(content.error().message)});
}

Content read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    return missing("environment variable " + name + " is not set; set it where the agent starts");
  return base::Secret(std::string_view(value));
}

/// Of any kind but a file.
Content read_elsewhere(const resource::Reference& reference, const ContentScope& scope) {
  using Kind = resource::Reference::Kind;
  switch (reference.kind) {
    case Kind::kSecretKey:
      return read_document("Secret", scope.documents.secrets, reference, scope.ns);
    case Kind::kConfigMapKey:
      return read_document("ConfigMap", scope.documents.config_maps, reference, scope.ns);
    case Kind::kEnv:
      return read_environment(reference.text);
    case Kind::kFile:
    case Kind::kInline:
    case Kind::kValue:
      break;
  }
  return base::Secret(std::string_view(reference.text));
}

}  // namespace

std::filesystem::path file_of(const resource::Reference& reference, const std::filesystem::path& directory) {
  return directory / reference.text;  // an absolute name stays as it is
}

Stamped read_stamped(const resource::Reference& reference, const ContentScope& scope) {
  if (reference.kind == resource::Reference::Kind::kFile)
    return read_named_file(file_of(reference, scope.directory));
  auto content = read_elsewhere(reference, scope);
  if (!content) return tl::unexpected<ContentError>(std::move(content.error()));
  if (content->bytes().size() > kMaxContent)
    return unusable(resource::describe(reference) + " is larger than 4 MiB");
  return StampedContent{std::move(*content), std::nullopt, false};
}

Content read_content(const resource::Reference& reference, const ContentScope& scope) {
  auto content = read_stamped(reference, scope);
  if (!content) return tl::unexpected<ContentError>(std::move(content.error()));
  return std::move(content->bytes);
}

Content read_line(const resource::Reference& reference, const ContentScope& scope) {
  auto content = read_content(reference, scope);
  if (!content) return content;
  std::string_view line = content->reveal();
  if (line.find('\0') != std::string_view::npos) {
    return unusable(resource::describe(reference) +
                    " holds a zero byte, which no user name or password may; " + "store it as plain text");
  }
  using Kind = resource::Reference::Kind;
  if (reference.kind != Kind::kFile && reference.kind != Kind::kEnv) return content;
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return base::Secret(line);
}

}  // namespace tlswarden::store
