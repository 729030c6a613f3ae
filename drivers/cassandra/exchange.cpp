#include "drivers/cassandra/exchange.hpp"

#include <utility>

#include "drivers/cassandra/server_error.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::drivers::cassandra {

using probe::Stage;

Exchange::Exchange(net::ByteStream& stream, const probe::SessionContext& context)
    : stream_(stream), deadline_(context.deadline()), peer_(net::to_string(context.address())) {}

net::Awaitable<base::Result<Frame, probe::Failure>> Exchange::ask(base::Secret request) {
  const auto written = co_await stream_.write_all(request.bytes(), deadline_);
  if (!written) co_return tl::unexpected(probe::failure_from(written.error(), Stage::kSession, peer_));
  while (true) {
    auto next = reader_.next();
    if (!next) co_return tl::unexpected(broken_answer(next.error(), Stage::kSession));
    auto& frame = *next;
    if (frame) co_return *std::move(frame);
    const auto count = co_await stream_.read_some(buffer_, deadline_);
    if (!count) co_return tl::unexpected(probe::failure_from(count.error(), Stage::kSession, peer_));
    reader_.feed(base::ByteView(buffer_).first(*count));
  }
}

}  // namespace tlswarden::drivers::cassandra
