#include "store/content_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>
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
Content read_document(const char* kind, const Map& documents,
                      const std::map<Documents::Name, std::string>& unreadable,
                      const resource::Reference& reference, const std::string& ns) {
  const std::string shown = std::string(kind) + " " + reference.name;
  const auto document = documents.find({ns, reference.name});
  if (document == documents.end()) {
    const auto problem = unreadable.find({ns, reference.name});
    if (problem != unreadable.end()) return unusable(problem->second);
    std::vector<std::string> names;
    for (auto near = documents.lower_bound({ns, ""}); near != documents.end() && near->first.first == ns;
         ++near) {
      names.push_back(near->first.second);
    }
    const auto near = base::nearest(reference.name, names);
    return missing(shown + " does not exist in namespace " + ns + "; " +
                   (near ? "did you mean " + *near + "?" : "add it there or correct the name"));
  }
  const auto& data = *document->second;
  const auto entry = data.find(reference.key);
  if (entry == data.end()) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : data)
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

/// Neither may end in a separator.
bool lies_below(const std::filesystem::path& path, const std::filesystem::path& root) {
  return path != root &&
         std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

/// By its name alone, so that nobody can ask what exists elsewhere.
bool named_below(const std::filesystem::path& file, const std::filesystem::path& root) {
  const std::filesystem::path normal = (root / "").lexically_normal();
  return lies_below(file.lexically_normal(), normal.parent_path());
}

/// Of any kind but a file.
Content read_elsewhere(const resource::Reference& reference, const ContentScope& scope) {
  using Kind = resource::Reference::Kind;
  switch (reference.kind) {
    case Kind::kSecretKey:
      return read_document("Secret", scope.documents.objects->secrets,
                           scope.documents.objects->unreadable_secrets, reference, scope.ns);
    case Kind::kConfigMapKey:
      return read_document("ConfigMap", scope.documents.objects->config_maps,
                           scope.documents.objects->unreadable_config_maps, reference, scope.ns);
    case Kind::kEnv:
      if (scope.documents.policy.in_cluster) {
        return unusable(resource::describe(reference) +
                        " would be the agent's own, which no endpoint in a cluster may use; put the value "
                        "into a Secret and refer to it by secretKeyRef");
      }
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

base::Result<std::filesystem::path, ContentError> permitted_file(const resource::Reference& reference,
                                                                 const ContentScope& scope) {
  namespace fs = std::filesystem;
  const ReferencePolicy& policy = scope.documents.policy;
  fs::path file = file_of(reference, scope.directory);
  if (!policy.in_cluster) return file;
  const std::string shown = resource::describe(reference);
  const std::string instead = "put the content into a Secret or ConfigMap and refer to that";
  if (policy.files.empty()) {
    return unusable(shown + " is not read, for the agent's operator allows no files; " + instead);
  }
  const auto elsewhere = [&] {
    return unusable(shown + " is not below " + policy.files.string() +
                    ", where the agent's operator allows files; mount it there, or " + instead);
  };
  if (!named_below(file, policy.files)) return elsewhere();
  std::error_code failed;
  const fs::path root = fs::canonical(policy.files, failed);
  fs::path resolved = failed ? fs::path() : fs::canonical(file, failed);
  if (failed == std::errc::no_such_file_or_directory || failed == std::errc::not_a_directory) {
    return missing(shown + " does not exist below " + policy.files.string() +
                   " in the agent's pod; mount it there, or " + instead);
  }
  if (failed) return unusable(shown + " cannot be read: " + failed.message() + "; " + instead);
  if (!lies_below(resolved, root)) return elsewhere();
  return resolved;
}

Stamped read_stamped(const resource::Reference& reference, const ContentScope& scope) {
  if (reference.kind == resource::Reference::Kind::kFile) {
    const auto file = permitted_file(reference, scope);
    if (!file) return tl::unexpected<ContentError>(file.error());
    return read_named_file(*file);
  }
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
