#include "drivers/sqlserver/library_settings.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <limits>

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr const char* kForEveryServer =
    "[global]\n"
    "host = 127.0.0.1\n"
    "tds version = 7.4\n"
    "encryption = off\n"
    "client charset = UTF-8\n";

}  // namespace

LibrarySettings::LibrarySettings()
    : file_(::memfd_create("tlswarden-freetds.conf", MFD_CLOEXEC)),
      known_(std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1) {
  if (write(kForEveryServer)) path_ = "/proc/self/fd/" + std::to_string(file_);
}

LibrarySettings::~LibrarySettings() {
  if (file_ >= 0) ::close(file_);
}

bool LibrarySettings::write(const std::string& text) const {
  return file_ >= 0 && ::write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::string LibrarySettings::server_at(std::uint16_t port) {
  const std::string number = std::to_string(port);
  std::string name = "tlswarden-" + number;
  const std::scoped_lock lock(mutex_);
  if (path_.empty()) return {};
  if (!known_[port] && !write("[" + name + "]\nport = " + number + "\n")) return {};
  known_[port] = true;
  return name;
}

}  // namespace tlswarden::drivers::sqlserver
