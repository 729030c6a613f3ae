#include "net/dns_client.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <mutex>
#include <utility>

#include "base/bytes.hpp"
#include "net/offload_pool.hpp"
#include "net/wakeup.hpp"

namespace tlswarden::net {
namespace {

constexpr std::size_t kLargestAnswer = 65535;
constexpr int kTries = 2;

tl::unexpected<IoError> failed(IoError::Kind kind, std::string message) {
  return tl::unexpected(IoError{kind, std::move(message)});
}

/// The C library's resolver, set up for one question on one thread.
class ResolverState {
 public:
  ResolverState() : ready_(::res_ninit(&state_) == 0) {}
  ResolverState(const ResolverState&) = delete;
  ResolverState& operator=(const ResolverState&) = delete;
  ~ResolverState() {
    if (ready_) ::res_nclose(&state_);
  }

  bool ready() const { return ready_; }
  bool use(const Address& server) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    if (::inet_pton(AF_INET, server.ip.c_str(), &address.sin_addr) != 1) return false;
    state_.nscount = 1;
    state_.nsaddr_list[0] = address;
    return true;
  }
  /// The first round waits `retrans` for each server, the second twice that for all of them together.
  void be_patient(std::chrono::nanoseconds patience) {
    const auto rounds = std::max(1, state_.nscount) + 2;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience / rounds).count();
    state_.retry = kTries;
    state_.retrans = static_cast<int>(std::clamp<std::int64_t>(seconds, 1, 30));
  }
  IoResult<base::Bytes> ask(const std::string& name, ns_type type) {
    base::Bytes answer(kLargestAnswer);
    const int size =
        ::res_nquery(&state_, name.c_str(), ns_c_in, type, answer.data(), static_cast<int>(answer.size()));
    if (size < 0) return error();
    answer.resize(std::min(static_cast<std::size_t>(size), answer.size()));
    return answer;
  }

 private:
  IoResult<base::Bytes> error() const {
    switch (state_.res_h_errno) {
      case NO_DATA:
        return base::Bytes();
      case HOST_NOT_FOUND:
        return failed(IoError::Kind::kNameNotFound, "the name does not exist");
      case TRY_AGAIN:
        return failed(IoError::Kind::kResolverFailure, "no server gave an answer");
      default:
        return failed(IoError::Kind::kResolverFailure, "the server refused the question");
    }
  }

  struct __res_state state_{};
  bool ready_;
};

/// Blocks. Empty where the name has no records of this type.
IoResult<base::Bytes> ask(const std::string& name, ns_type type, const std::optional<Address>& server,
                          std::chrono::nanoseconds patience) {
  ResolverState resolver;
  if (!resolver.ready()) return failed(IoError::Kind::kResolverFailure, "the resolver cannot be set up");
  if (server && !resolver.use(*server))
    return failed(IoError::Kind::kResolverFailure, server->ip + " is not the IPv4 address of a DNS server");
  resolver.be_patient(patience);
  return resolver.ask(name, type);
}

/// One question under way, shared by the thread that asks it and the coroutine that may give up on it.
class Question {
 public:
  explicit Question(Executor executor) : wakeup_(std::make_shared<Wakeup>(std::move(executor))) {}

  void finish(IoResult<base::Bytes> answer) {
    {
      const std::lock_guard lock(mutex_);
      answer_ = std::move(answer);
    }
    wakeup_->notify();
  }
  Awaitable<IoResult<base::Bytes>> answer(std::chrono::nanoseconds left) {
    const auto woken = co_await wakeup_->wait(left);
    const std::lock_guard lock(mutex_);
    if (answer_) co_return *std::move(answer_);
    if (woken == Wakeup::Woken::kCancelled) co_return failed(IoError::Kind::kCancelled, "cancelled");
    co_return failed(IoError::Kind::kTimedOut, "no answer from the DNS in time");
  }

 private:
  std::shared_ptr<Wakeup> wakeup_;
  std::mutex mutex_;
  std::optional<IoResult<base::Bytes>> answer_;
};

class SystemDnsClient final : public DnsClient {
 public:
  SystemDnsClient(OffloadPool& pool, const base::Clock& clock, std::optional<Address> server)
      : pool_(pool), clock_(clock), server_(std::move(server)) {}

  Awaitable<IoResult<std::vector<SrvRecord>>> srv(std::string name, base::Deadline deadline) override {
    const auto answer = co_await message(std::move(name), ns_t_srv, deadline);
    co_return read(answer, srv_records);
  }
  Awaitable<IoResult<std::vector<std::string>>> txt(std::string name, base::Deadline deadline) override {
    const auto answer = co_await message(std::move(name), ns_t_txt, deadline);
    co_return read(answer, txt_records);
  }

 private:
  template <class Record>
  static IoResult<std::vector<Record>> read(const IoResult<base::Bytes>& message,
                                            std::optional<std::vector<Record>> (*parse)(base::ByteView)) {
    if (!message) return tl::unexpected(message.error());
    if (message->empty()) return std::vector<Record>();
    auto records = parse(*message);
    if (!records) return failed(IoError::Kind::kResolverFailure, "the DNS server's answer is broken");
    return *std::move(records);
  }

  Awaitable<IoResult<base::Bytes>> message(std::string name, ns_type type, base::Deadline deadline) {
    // The C library would read the name only up to the NUL.
    if (name.empty() || name.find('\0') != std::string::npos)
      co_return failed(IoError::Kind::kNameNotFound, "not a name");
    const auto question = std::make_shared<Question>(co_await boost::asio::this_coro::executor);
    const auto left = deadline.left(clock_.monotonic());
    pool_.post([question, name = std::move(name), type, server = server_, left] {
      question->finish(ask(name, type, server, left));
    });
    co_return co_await question->answer(left);
  }

  OffloadPool& pool_;
  const base::Clock& clock_;
  std::optional<Address> server_;
};

}  // namespace

std::unique_ptr<DnsClient> make_system_dns_client(OffloadPool& pool, const base::Clock& clock,
                                                  std::optional<Address> server) {
  return std::make_unique<SystemDnsClient>(pool, clock, std::move(server));
}

}  // namespace tlswarden::net
