#include "drivers/redis/exchange.hpp"

#include <utility>

#include "drivers/redis/server_error.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::drivers::redis {

using probe::Stage;

Exchange::Exchange(net::ByteStream& stream, const probe::SessionContext& context)
    : stream_(stream), deadline_(context.deadline()), peer_(net::to_string(context.address())) {}

net::Awaitable<base::Result<Reply, probe::Failure>> Exchange::ask(base::Secret command) {
  const auto written = co_await stream_.write_all(command.bytes(), deadline_);
  if (!written) co_return tl::unexpected(probe::failure_from(written.error(), Stage::kSession, peer_));
  while (true) {
    auto next = reader_.next();
    if (!next) co_return tl::unexpected(broken_answer(next.error(), Stage::kSession));
    auto& reply = *next;
    if (reply) co_return *std::move(reply);
    const auto count = co_await stream_.read_some(buffer_, deadline_);
    if (!count) co_return tl::unexpected(probe::failure_from(count.error(), Stage::kSession, peer_));
    reader_.feed(base::ByteView(buffer_).first(*count));
  }
}

}  // namespace tlswarden::drivers::redis
