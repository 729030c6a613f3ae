#include "drivers/cassandra/exchange.hpp"

#include <utility>

#include "drivers/cassandra/server_error.hpp"
#include "probe/io_failure.hpp"

namespace tlswarden::drivers::cassandra {

using probe::Stage;

Exchange::Exchange(const probe::SessionChannel& channel, const probe::SessionContext& context)
    : stream_(*channel.stream),
      deadline_(context.deadline()),
      peer_(net::to_string(context.address())),
      may_be_tls_only_(!channel.encrypted) {}

net::Awaitable<base::Result<Frame, probe::Failure>> Exchange::ask(base::Secret request) {
  const auto written = co_await stream_.write_all(request.bytes(), deadline_);
  if (!written) co_return tl::unexpected(probe::failure_from(written.error(), Stage::kSession, peer_));
  while (true) {
    auto next = reader_.next();
    if (!next) co_return tl::unexpected(broken_answer(next.error(), Stage::kSession));
    auto& frame = *next;
    if (frame) co_return *std::move(frame);
    const auto read = co_await read_more();
    if (!read) co_return tl::unexpected(read.error());
  }
}

net::Awaitable<base::Result<void, probe::Failure>> Exchange::read_more() {
  using Kind = net::IoError::Kind;
  const auto count = co_await stream_.read_some(buffer_, deadline_);
  if (!count) {
    const auto kind = count.error().kind;
    const bool hung_up = kind == Kind::kPeerClosed || kind == Kind::kConnectionReset;
    if (may_be_tls_only_ && hung_up) co_return tl::unexpected(tls_only(Stage::kSession));
    co_return tl::unexpected(probe::failure_from(count.error(), Stage::kSession, peer_));
  }
  const auto bytes = base::ByteView(buffer_).first(*count);
  if (may_be_tls_only_ && is_tls_alert(bytes)) co_return tl::unexpected(tls_only(Stage::kSession));
  may_be_tls_only_ = false;
  reader_.feed(bytes);
  co_return base::Result<void, probe::Failure>{};
}

}  // namespace tlswarden::drivers::cassandra
