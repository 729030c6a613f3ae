#pragma once

#include <optional>
#include <string_view>

#include "base/deadline.hpp"
#include "net/byte_stream.hpp"
#include "probe/conversation.hpp"
#include "probe/transcript.hpp"

namespace tlswarden::probe {

/// How a conversation ended.
struct Conversed {
  enum class End {
    kDone,
    kStartTls,
    kRefused,  ///< the peer said no, properly; the stream is in order
    kFailed,   ///< the protocol was broken, or the stream underneath
  };
  End end = End::kDone;
  std::optional<Failure> failure;  ///< with kRefused and kFailed; its stage is the one that was given
  Findings findings;               ///< whatever was learned, also where it failed
};

/// The surroundings of one conversation.
struct ConverseOptions {
  Stage stage{};
  base::Deadline deadline;
  std::string_view peer;  ///< for messages
  Transcript& transcript;
};

/// Does the I/O for a conversation until it ends. Reads at most 1 MiB in all. `stream` and `conversation`
/// must outlive the coroutine; the stream is left open.
net::Awaitable<Conversed> converse(net::ByteStream& stream, Conversation& conversation,
                                   ConverseOptions options);

}  // namespace tlswarden::probe
