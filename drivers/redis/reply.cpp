#include "drivers/redis/reply.hpp"

#include <new>
#include <utility>

#include "drivers/redis/hiredis.hpp"

namespace tlswarden::drivers::redis {
namespace {

constexpr std::size_t kMaxReply = std::size_t{64} * 1024;
constexpr std::size_t kMaxTotal = std::size_t{256} * 1024;
// In all replies together: nested arrays would multiply a bound on each.
constexpr std::size_t kMaxElements = 4096;
// hiredis before 1.0 goes no deeper; later ones know no end.
constexpr int kMaxDepth = 7;

// hiredis builds replies through these; a null makes it give up. Building our own values bounds arrays before
// memory is reserved for them, which hiredis would do for whatever count the peer claims.

/// Where the reader stands in the tree: the root is new, an element already has its place in the parent.
Reply* place_for(const redisReadTask* task) noexcept {
  if (task->parent == nullptr) return new (std::nothrow) Reply;
  auto* parent = static_cast<Reply*>(task->parent->obj);
  const auto index = static_cast<std::size_t>(task->idx);
  return index < parent->elements.size() ? &parent->elements[index] : nullptr;
}

std::optional<Reply::Type> text_type(int type) {
  switch (type) {
    case REDIS_REPLY_STATUS:
      return Reply::Type::kStatus;
    case REDIS_REPLY_ERROR:
      return Reply::Type::kError;
    case REDIS_REPLY_STRING:
      return Reply::Type::kString;
    default:
      return std::nullopt;
  }
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) noexcept {
  const auto type = text_type(task->type);
  if (!type) return nullptr;
  auto* reply = place_for(task);
  if (reply == nullptr) return nullptr;
  reply->type = *type;
  reply->text.assign(text, size);
  return reply;
}

int depth_of(const redisReadTask* task) noexcept {
  int depth = 0;
  while (task->parent != nullptr && depth <= kMaxDepth) {
    task = task->parent;
    ++depth;
  }
  return depth;
}

void* create_array(const redisReadTask* task, std::size_t count) noexcept {
  if (depth_of(task) > kMaxDepth) return nullptr;
  auto& room = *static_cast<std::size_t*>(task->privdata);
  if (task->type != REDIS_REPLY_ARRAY || count > room) return nullptr;
  room -= count;
  auto* reply = place_for(task);
  if (reply == nullptr) return nullptr;
  reply->type = Reply::Type::kArray;
  reply->elements.resize(count);
  return reply;
}

void* create_integer(const redisReadTask* task, long long value) noexcept {
  auto* reply = place_for(task);
  if (reply == nullptr) return nullptr;
  reply->type = Reply::Type::kInteger;
  reply->integer = value;
  return reply;
}

void* create_nil(const redisReadTask* task) noexcept {
  return place_for(task);
}
void free_reply(void* reply) noexcept {
  delete static_cast<Reply*>(reply);
}

/// The count of an array is an int up to hiredis 0.14 and a size_t since 1.0, which also knows types of
/// RESP3: never negotiated, so refused. Without a function hiredis would hand out a small number as if it
/// were a reply.
template <class Functions>
Functions reply_functions() {
  Functions functions{};
  functions.createString = create_string;
  functions.createArray = [](const redisReadTask* task, auto count) -> void* {
    return create_array(task, static_cast<std::size_t>(count));
  };
  functions.createInteger = create_integer;
  functions.createNil = create_nil;
  functions.freeObject = free_reply;
  if constexpr (requires { functions.createDouble; }) {
    functions.createDouble = [](const redisReadTask*, double, char*, std::size_t) -> void* {
      return nullptr;
    };
  }
  if constexpr (requires { functions.createBool; }) {
    functions.createBool = [](const redisReadTask*, int) -> void* { return nullptr; };
  }
  return functions;
}

}  // namespace

base::Secret format_command(std::initializer_list<std::string_view> arguments) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const auto& argument : arguments) {
    words.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  char* command = nullptr;
  const auto size =
      redisFormatCommandArgv(&command, static_cast<int>(words.size()), words.data(), sizes.data());
  if (size < 0 || command == nullptr) return {};
  const auto length = static_cast<std::size_t>(size);
  base::Secret copy(std::string_view(command, length));
  base::wipe_memory(command, length);
  redisFreeCommand(command);
  return copy;
}

bool Reply::is_error(std::string_view code) const {
  return type == Type::kError && std::string_view(text).starts_with(code) &&
         (text.size() == code.size() || text[code.size()] == ' ');
}

struct ReplyReader::Impl {
  Impl() {
    if (reader) reader->privdata = &room;
  }
  redisReplyObjectFunctions functions = reply_functions<redisReplyObjectFunctions>();
  ReaderPtr reader{redisReaderCreateWithFunctions(&functions)};
  std::size_t room = kMaxElements;
  std::size_t pending = 0;  ///< bytes fed since the last whole reply
  std::size_t total = 0;
  bool any = false;
  std::optional<probe::Cause> broken;
};

ReplyReader::ReplyReader() : impl_(std::make_unique<Impl>()) {}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(base::ByteView bytes) {
  impl_->pending += bytes.size();
  impl_->total += bytes.size();
  if (impl_->broken) return;
  if (impl_->pending > kMaxReply || impl_->total > kMaxTotal) {
    impl_->broken = probe::Cause::kMessageTooLarge;
  } else if (!impl_->reader ||
             redisReaderFeed(impl_->reader.get(), reinterpret_cast<const char*>(bytes.data()),
                             bytes.size()) != REDIS_OK) {
    impl_->broken = probe::Cause::kInternal;
  }
}

base::Result<std::optional<Reply>, probe::Cause> ReplyReader::next() {
  auto& broken = impl_->broken;
  if (broken) return tl::unexpected(*broken);
  void* raw = nullptr;
  if (redisReaderGetReply(impl_->reader.get(), &raw) != REDIS_OK) {
    const auto cause = impl_->any ? probe::Cause::kMalformedMessage : probe::Cause::kNotThisProtocol;
    broken = cause;
    return tl::unexpected(cause);
  }
  if (raw == nullptr) return std::nullopt;
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(raw));
  impl_->pending = 0;
  impl_->any = true;
  return std::move(*reply);
}

}  // namespace tlswarden::drivers::redis
