#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tlswarden::drivers::sqlserver {

/// FreeTDS's configuration, which it reads anew for every connection: a file in memory, with a section for
/// each relay. A server that is found there is looked for nowhere else, neither in the environment's files
/// nor in the home directory nor in /etc. Thread-safe: sections are only ever added.
class LibrarySettings {
 public:
  LibrarySettings();
  ~LibrarySettings();
  LibrarySettings(const LibrarySettings&) = delete;
  LibrarySettings& operator=(const LibrarySettings&) = delete;

  /// For dbsetifile(); empty when there is no such file.
  const std::string& path() const { return path_; }
  /// The name by which FreeTDS finds the relay on that port of 127.0.0.1; empty when it cannot be told.
  std::string server_at(std::uint16_t port);

 private:
  bool write(const std::string& text) const;

  int file_ = -1;
  std::string path_;
  std::mutex mutex_;
  std::vector<bool> known_;  ///< by port
};

}  // namespace tlswarden::drivers::sqlserver
