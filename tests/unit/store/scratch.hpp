#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tlswarden::store {

/// A directory of the test's own, gone when the test is.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "tlswarden-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    root_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path operator/(std::string_view name) const { return root_ / name; }

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const std::filesystem::path path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    return path;
  }
  /// As careful writers do it: a new file that takes the name in one step.
  void replace(std::string_view name, std::string_view text) const {
    const std::filesystem::path fresh = write(std::string(name) + ".tmp", text);
    std::filesystem::rename(fresh, root_ / name);
  }

 private:
  std::filesystem::path root_;
};

}  // namespace tlswarden::store
