#pragma once

// The one place that includes hiredis: its reader and its formatter only. Its connections are not used, as
// hiredis before 1.0 has no TLS.
#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <memory>

namespace tlswarden::drivers::redis {

struct ReaderFreer {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
using ReaderPtr = std::unique_ptr<redisReader, ReaderFreer>;

}  // namespace tlswarden::drivers::redis
