#include "drivers/sqlserver/handshake_packets.hpp"

#include <algorithm>

#include "drivers/sqlserver/packet.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

class HandshakePackets final : public probe::HandshakeFraming {
 public:
  base::Bytes wrap(base::ByteView records) override { return encode_message(kPreloginPacket, records); }

  base::Bytes unwrap(base::ByteView bytes) override {
    base::Bytes out;
    while (!bytes.empty()) {
      std::size_t taken = bytes.size();
      if (bare_ || left_ > 0) {
        if (!bare_) taken = std::min(taken, left_);
        out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
        if (!bare_) left_ -= taken;
      } else {
        taken = std::min(taken, kHeaderSize - header_.size());
        header_.insert(header_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
        read_header(out);
      }
      bytes = bytes.subspan(taken);
    }
    return out;
  }

 private:
  void read_header(base::Bytes& out) {
    const bool packet = header_[0] == kPreloginPacket || header_[0] == kReplyPacket;
    if (packet && header_.size() < kHeaderSize) return;
    const std::size_t length = packet ? std::size_t{header_[2]} << 8U | header_[3] : 0;
    if (length >= kHeaderSize) {
      left_ = length - kHeaderSize;
    } else {
      // A TLS alert without a packet around it, or no TDS at all.
      bare_ = true;
      out.insert(out.end(), header_.begin(), header_.end());
    }
    header_.clear();
  }

  base::Bytes header_;
  std::size_t left_ = 0;  ///< of the present packet's content
  bool bare_ = false;
};

}  // namespace

probe::HandshakeFramingPtr make_handshake_packets() {
  return std::make_unique<HandshakePackets>();
}

}  // namespace tlswarden::drivers::sqlserver
