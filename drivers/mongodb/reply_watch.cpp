#include "drivers/mongodb/reply_watch.hpp"

#include <utility>

namespace tlswarden::drivers::mongodb {

base::Result<base::Bytes, probe::Failure> ReplyWatch::to_library(base::ByteView bytes) {
  heard_ = true;
  if (!lost_) watch(bytes);
  return RelayFilter::to_library(bytes);
}

void ReplyWatch::watch(base::ByteView bytes) {
  reader_.feed(bytes);
  for (;;) {
    auto next = reader_.next();
    // What is wrong with the stream is the library's to find.
    lost_ = !next;
    if (lost_) last_error_.reset();
    if (lost_ || !*next) return;
    auto& reply = **next;
    last_error_.reset();
    if (!reply.document.ok()) last_error_ = std::move(reply.document);
  }
}

}  // namespace tlswarden::drivers::mongodb
