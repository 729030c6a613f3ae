#include "kube/kubeconfig_files.hpp"

#include <algorithm>
#include <utility>

#include "base/file_reader.hpp"
#include "base/text.hpp"
#include "kube/wiped_text.hpp"
#include "resource/manifest_yaml.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{4} << 20U;

/// kubectl ignores what it does not know, so nothing else of the file is looked at.
base::Result<void> merge_entries(Json& config, const char* list, const char* member, const fs::path& file,
                                 std::map<std::string, KubeconfigEntries::Entry>& entries) {
  const auto found = config.find(list);
  if (found == config.end() || found->is_null()) return {};
  if (!found->is_array()) {
    return base::fail("kubeconfig " + file.string() + ": " + list + " is no list; correct the file");
  }
  std::map<std::string, KubeconfigEntries::Entry> own;
  for (Json& item : *found) {
    const auto name = item.is_object() ? item.find("name") : item.end();
    if (!item.is_object() || name == item.end() || !name->is_string()) {
      return base::fail("kubeconfig " + file.string() + ": an entry of " + list +
                        " has no name; correct the file");
    }
    Json value = item.contains(member) ? std::move(item[member]) : Json::object();
    if (value.is_null()) value = Json::object();
    if (!value.is_object()) {
      return base::fail("kubeconfig " + file.string() + ": an entry of " + list + " has no mapping under " +
                        member + "; correct the file");
    }
    KubeconfigEntries::Entry entry{std::move(value), fs::absolute(file).parent_path(), file.string()};
    if (!own.emplace(name->get<std::string>(), std::move(entry)).second) {
      return base::fail("kubeconfig " + file.string() + ": two entries of " + list + " are named " +
                        base::printable(name->get<std::string>(), 100) + "; remove one");
    }
  }
  entries.merge(own);
  return {};
}

base::Result<void> merge_file(std::string_view text, const fs::path& file, KubeconfigEntries& merged) {
  auto yaml = resource::read_yaml(text, {.bytes = kLargestFile, .depth = 32, .nodes = 100'000});
  if (!yaml.errors.empty()) {
    return base::fail("kubeconfig " + file.string() + ":" + std::to_string(yaml.errors.front().line) + ": " +
                      yaml.errors.front().message);
  }
  if (yaml.documents.empty()) return {};
  Json& config = yaml.documents.front().value;
  if (yaml.documents.size() > 1 || !config.is_object()) {
    return base::fail("kubeconfig " + file.string() + " is not one mapping; name a kubeconfig file");
  }
  const auto& problems = yaml.documents.front().problems;
  if (!problems.empty()) {
    return base::fail("kubeconfig " + file.string() + ":" + std::to_string(problems.front().line) + ": " +
                      problems.front().message);
  }
  base::Result<void> done = merge_entries(config, "clusters", "cluster", file, merged.clusters);
  if (done) done = merge_entries(config, "users", "user", file, merged.users);
  if (done) done = merge_entries(config, "contexts", "context", file, merged.contexts);
  const auto current = config.find("current-context");
  if (done && merged.current_context.empty() && current != config.end() && current->is_string()) {
    merged.current_context = current->get<std::string>();
  }
  wipe_texts(config);
  return done;
}

std::vector<fs::path> candidates(const KubeconfigPlaces& places) {
  if (!places.explicit_file.empty()) return {places.explicit_file};
  std::vector<fs::path> files;
  if (places.environment && !places.environment->empty()) {
    for (const std::string_view part : base::split(*places.environment, ':')) {
      if (!part.empty() && std::find(files.begin(), files.end(), part) == files.end())
        files.emplace_back(part);
    }
  } else if (!places.home.empty()) {
    files.push_back(fs::path(places.home) / ".kube" / "config");
  }
  return files;
}

}  // namespace

KubeconfigEntries::~KubeconfigEntries() {
  for (auto& [name, user] : users)
    wipe_texts(user.value);
}

base::Result<KubeconfigEntries> read_kubeconfig_files(const KubeconfigPlaces& places) {
  KubeconfigEntries merged;
  std::vector<std::string> read, missing;
  for (const fs::path& file : candidates(places)) {
    auto content = base::read_file(file, kLargestFile);
    if (!content && !content.error().found && places.explicit_file.empty()) {
      missing.push_back(file.string());
      continue;
    }
    if (!content) return base::fail("kubeconfig: " + content.error().message);
    if (auto done = merge_file(content->reveal(), file, merged); !done) return tl::unexpected(done.error());
    read.push_back(file.string());
  }
  if (read.empty()) {
    return base::fail(missing.empty()
                          ? "there is no kubeconfig; give one with --kubeconfig, or set KUBECONFIG"
                          : "there is no kubeconfig: " + base::join(missing, ", ") +
                                " does not exist; give one with --kubeconfig, or set KUBECONFIG");
  }
  merged.described = base::join(read, ", ");
  return merged;
}

}  // namespace tlswarden::kube
