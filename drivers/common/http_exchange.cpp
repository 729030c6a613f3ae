#include "drivers/common/http_exchange.hpp"

#include <utility>

#include "probe/io_failure.hpp"

namespace tlswarden::drivers::common {

using probe::Stage;
using State = HttpReader::State;

HttpExchange::HttpExchange(net::ByteStream& stream, const probe::SessionContext& context)
    : stream_(stream), deadline_(context.deadline()), peer_(net::to_string(context.address())) {}

HttpExchange::~HttpExchange() {
  base::wipe_memory(buffer_.data(), buffer_.size());
}

net::Awaitable<base::Result<HttpResponse, probe::Failure>> HttpExchange::ask(base::Secret request) {
  State state = asked_ ? reader_.next() : State::kReading;
  asked_ = true;
  const auto written = co_await stream_.write_all(request.bytes(), deadline_);
  if (!written) co_return tl::unexpected(probe::failure_from(written.error(), Stage::kSession, peer_));
  while (state == State::kReading) {
    const auto count = co_await stream_.read_some(buffer_, deadline_);
    if (count) {
      state = reader_.feed(base::ByteView(buffer_).first(*count));
    } else if (count.error().kind == net::IoError::Kind::kPeerClosed) {
      state = reader_.end();
    } else {
      co_return tl::unexpected(probe::failure_from(count.error(), Stage::kSession, peer_));
    }
  }
  if (state == State::kBroken) co_return tl::unexpected(broken_http(reader_.broken(), Stage::kSession));
  co_return reader_.take_response();
}

}  // namespace tlswarden::drivers::common
