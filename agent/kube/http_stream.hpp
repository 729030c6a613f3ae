#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "kube/http_library.hpp"
#include "kube/socket_link.hpp"

namespace tlswarden::kube {

/// How the HTTP library reads from and writes to a SocketLink. The library reads heads and chunk sizes byte
/// by byte into lines that it does not bound everywhere, and matches the first line with a recursive matcher:
/// so lines are bounded here. Lives for one exchange; what it held is wiped, for it may have been a secret.
class HttpStream final : public httplib::Stream {
 public:
  HttpStream(SocketLink& link, int socket) : link_(link), socket_(socket) {}
  ~HttpStream() override { base::wipe_memory(buffer_.data(), buffer_.size()); }

  /// The head is over; what follows is bounded by whoever takes it.
  void head_is_over() { in_head_ = false; }
  bool exceeded() const { return exceeded_; }
  /// Whether anything came at all.
  bool heard() const { return end_ != 0; }
  /// The values of the head's Warning lines as they were sent: the library would take percent signs in them
  /// for an encoding. No more than the first few.
  const std::vector<std::string>& warnings() const { return warnings_; }

  bool is_readable() const override { return begin_ != end_ || link_.readable(); }
  bool is_writable() const override { return link_.writable(); }
  ssize_t read(char* data, size_t size) override;
  ssize_t write(const char* data, size_t size) override { return link_.write(data, size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  /// Whether one more byte of a line is too many.
  bool too_long(char byte);
  void keep_warning(char byte);

  SocketLink& link_;
  const int socket_;
  std::array<char, std::size_t{16} << 10U> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t line_ = 0, head_ = 0;
  bool in_head_ = true, first_line_ = true, exceeded_ = false;
  std::string header_;  ///< the line of the head that is being read
  std::vector<std::string> warnings_;
};

}  // namespace tlswarden::kube
