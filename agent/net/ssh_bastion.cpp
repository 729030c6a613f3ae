#include "net/ssh_bastion.hpp"

#include <algorithm>
#include <utility>

#include "net/ssh_login.hpp"
#include "net/ssh_patience.hpp"
#include "net/ssh_session.hpp"

namespace tlswarden::net {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kFirstPause{500}, kLongestPause{30'000};
constexpr std::chrono::minutes kForgottenAfter{10};

}  // namespace

SshBastion::SshBastion(SshSettingsPtr settings, const base::Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      last_order_(clock.monotonic()),
      thread_([this] { run(); }) {}

SshBastion::~SshBastion() {
  orders_.stop();
  thread_.join();
}

bool SshBastion::is_for(const SshSettings& other) const {
  const SshSettings& own = *settings_;
  const bool same_passphrase = own.passphrase.has_value() == other.passphrase.has_value() &&
                               (!own.passphrase || own.passphrase->reveal() == other.passphrase->reveal());
  return own.host == other.host && own.port == other.port && own.user == other.user && same_passphrase &&
         own.key.reveal() == other.key.reveal() && own.known_hosts == other.known_hosts;
}

void SshBastion::place(SshOrderPtr order) {
  last_order_ = clock_.monotonic();
  orders_.put(std::move(order));
}

bool SshBastion::forgotten() const {
  return resting_ && orders_.empty() && clock_.monotonic() - last_order_.load() > kForgottenAfter;
}

void SshBastion::run() {
  while (!orders_.stopped()) {
    if (orders_.empty()) {
      resting_ = true;
      orders_.wait();
      continue;
    }
    resting_ = false;
    if (last_failure_ && clock_.monotonic() < next_attempt_) {
      answer_all(*last_failure_);
    } else {
      serve();
    }
  }
  answer_all({TunnelError::Kind::kCancelled, "The check was cancelled."});
}

void SshBastion::serve() {
  SshPatience patience(orders_, clock_);
  auto session = log_in_to_bastion(*settings_, patience);
  if (session) {
    last_failure_.reset();
    pause_ = milliseconds(0);
    SshSession(*settings_, orders_, clock_, std::move(*session)).serve();
    return;
  }
  const bool left_alone = !orders_.patience() && !orders_.outlasted(clock_.monotonic());
  answer_all(session.error());
  if (left_alone || session.error().kind == TunnelError::Kind::kCancelled) return;
  last_failure_ = std::move(session.error());
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  next_attempt_ = clock_.monotonic() + pause_;
}

void SshBastion::answer_all(const TunnelError& error) {
  for (const SshOrderPtr& order : orders_.take())
    order->answer(tl::unexpected(error));
}

}  // namespace tlswarden::net
