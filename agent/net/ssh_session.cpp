#include "net/ssh_session.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.hpp"
#include "net/ssh_dial.hpp"
#include "net/ssh_login.hpp"

namespace tlswarden::net {
namespace {

using Kind = TunnelError::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kUnusedFor{60};            ///< after which the connection is ended
constexpr milliseconds kQuietFor{10'000};    ///< after which the bastion is asked whether it is still there
constexpr milliseconds kUnansweredFor{500};  ///< the same while it owes an answer about a channel
constexpr seconds kSilentFor{25};            ///< after which it counts as gone
constexpr std::size_t kMostChannels = 256;
/// Channels that nobody waits for any more, but that the bastion still tries to open: it may try for minutes.
constexpr std::size_t kMostForgotten = 1024;
constexpr int kMostRepetitions = 3;
/// The number that libssh gives to the first channel of a session. Were it another one, a refusal would only
/// be asked for twice.
constexpr unsigned kFirstChannel = 43;

/// Whatever the bastion asks of us, such as opening a channel of its own, is refused.
int refuse(ssh_session, ssh_message, void*) {
  return 1;
}

/// "Channel opening failure: channel 43 error (1) open failed" (libssh's words, then the bastion's).
struct Refusal {
  unsigned channel = 0;
  unsigned long code = 0;
  std::string words;
};
std::optional<Refusal> parse_refusal(const std::string& text) {
  constexpr std::string_view kChannel = "failure: channel ", kError = " error (", kEnd = ") ";
  const std::size_t channel = text.find(kChannel);
  const std::size_t error = text.find(kError, channel);
  const std::size_t end = text.find(kEnd, error);
  if (channel == std::string::npos || error == std::string::npos || end == std::string::npos)
    return std::nullopt;
  Refusal found;
  std::from_chars(text.data() + channel + kChannel.size(), text.data() + error, found.channel);
  std::from_chars(text.data() + error + kError.size(), text.data() + end, found.code);
  found.words = text.substr(end + kEnd.size());
  return found;
}

}  // namespace

SshSession::SshSession(const SshSettings& settings, SshOrders& orders, const base::Clock& clock,
                       SshSessionPtr session)
    : settings_(settings),
      orders_(orders),
      clock_(clock),
      session_(std::move(session)),
      event_(ssh_event_new()),
      last_used_(clock.monotonic()),
      last_heard_(last_used_),
      last_asked_(last_used_) {
  ssh_set_counters(session_.get(), nullptr, &received_);
  ssh_set_message_callback(session_.get(), refuse, nullptr);
  broken_ = !event_ || ssh_event_add_session(event_.get(), session_.get()) != SSH_OK;
}

SshSession::~SshSession() {
  // Channels belong to the session, and the session to the event.
  forwards_.clear();
  openings_.clear();
  if (event_) ssh_event_remove_session(event_.get(), session_.get());
}

bool SshSession::alive() const {
  return !broken_ && ssh_is_connected(session_.get()) != 0;
}

void SshSession::serve() {
  while (alive() && !orders_.stopped()) {
    // Any call of libssh's may take in what is meant for another channel: only when nothing came since all
    // were looked at is there nothing to do.
    const auto heard = received_.in_packets;
    take_up_orders();
    open_channels();
    ask_openings();
    const bool moved = carry();
    if (received_.in_packets != heard) note_heard();
    const base::MonoTime now = clock_.monotonic();
    if (!forwards_.empty() || wanted() > 0 || !wishes_.empty()) last_used_ = now;
    if (now - last_used_ > kUnusedFor) return;
    keep_alive();
    if (alive()) wait(moved || received_.in_packets != heard || may_begin());
  }
  lose();
}

void SshSession::take_up_orders() {
  for (SshOrderPtr& order : orders_.take()) {
    last_used_ = clock_.monotonic();
    if (order->host().empty()) {
      order->answer({});
    } else {
      wishes_.push_back({std::move(order)});
    }
  }
}

std::size_t SshSession::wanted() const {
  return static_cast<std::size_t>(std::count_if(openings_.begin(), openings_.end(),
                                                [](const Wish& wish) { return !wish.order->abandoned(); }));
}

bool SshSession::may_begin() const {
  if (wishes_.empty() || !alive() || openings_.size() >= kMostForgotten) return false;
  if (wanted() + forwards_.size() >= kMostChannels) return false;
  const bool alone = wishes_.front().overheard > 0;
  return openings_.empty() || (!alone && openings_.front().overheard == 0);
}

void SshSession::open_channels() {
  while (may_begin()) {
    Wish wish = std::move(wishes_.front());
    wishes_.pop_front();
    if (!wish.order->abandoned()) begin(std::move(wish));
  }
}

void SshSession::begin(Wish wish) {
  wish.channel.reset(ssh_channel_new(session_.get()));
  if (!wish.channel) {
    wish.order->answer(tl::unexpected(TunnelError{Kind::kInternal, "There is no memory for a channel."}));
    return;
  }
  wish.number = kFirstChannel + opened_++;
  wish.order->asked = true;
  openings_.push_back(std::move(wish));
  // An answer to this one comes at once, whatever the server behind the bastion does.
  last_asked_ = {};
}

/// The first call sends the question, the others look for the answer.
void SshSession::ask_openings() {
  for (auto next = openings_.begin(); next != openings_.end() && alive();) {
    const auto wish = next++;
    const SshOrder& order = *wish->order;
    const int code =
        ssh_channel_open_forward(wish->channel.get(), order.host().c_str(), order.port(), "127.0.0.1", 0);
    if (code == SSH_AGAIN || !alive()) continue;
    Wish answered = std::move(*wish);
    openings_.erase(wish);
    if (code != SSH_OK) {
      refused(std::move(answered));
    } else if (!answered.order->abandoned()) {
      forwards_.push_back({std::make_unique<SshForward>(answered.order, std::move(answered.channel))});
      answered.order->answer({});
    }
  }
}

/// libssh keeps one error for all channels: the one at hand may be about another.
void SshSession::refused(Wish wish) {
  const auto said = parse_refusal(ssh_words(session_.get()));
  const bool certain = said && (said->channel == wish.number || wish.overheard > 0);
  if (!certain && wish.overheard < kMostRepetitions) {
    wish.channel.reset();
    ++wish.overheard;
    wishes_.push_front(std::move(wish));
    return;
  }
  const Refusal told = said.value_or(Refusal{});
  wish.order->answer(tl::unexpected(refusal(*wish.order, told.code, told.words)));
}

/// The codes are those of RFC 4254, section 5.1.
TunnelError SshSession::refusal(const SshOrder& order, unsigned long code, std::string words) const {
  constexpr unsigned long kConnectFailed = 2, kResourceShortage = 4;
  const std::string who = bastion_name(settings_);
  const std::string there = to_string(Address{order.host(), order.port()});
  if (code == kConnectFailed) {
    return {Kind::kTargetUnreachable,
            "The bastion " + who + " cannot connect to " + there +
                "; see whether the server runs there, and whether the bastion knows its name and has a way "
                "to it.",
            std::move(words)};
  }
  if (code == kResourceShortage) {
    return {Kind::kForwardingRefused,
            "The bastion " + who + " has no resources left to connect to " + there +
                "; see what its SSH server's log says.",
            std::move(words)};
  }
  return {Kind::kForwardingRefused,
          "The bastion " + who + " does not let the user " + settings_.user + " connect to " + there +
              "; permit it in its SSH server's configuration (AllowTcpForwarding, PermitOpen) and in that "
              "user's authorized_keys.",
          std::move(words)};
}

/// Whether anything moved.
bool SshSession::carry() {
  bool more = false;
  for (auto next = forwards_.begin(); next != forwards_.end() && alive();) {
    const auto carried = next++;
    switch (carried->forward->move(carried->ready)) {
      case SshForward::Moved::kSome:
        more = true;
        break;
      case SshForward::Moved::kOver:
        if (alive()) forwards_.erase(carried);
        break;
      case SshForward::Moved::kHostile:
        broken_ = true;
        break;
      case SshForward::Moved::kNothing:
        break;
    }
  }
  return more;
}

void SshSession::wait(bool more_to_do) {
  const bool sending = (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0;
  std::vector<pollfd> entries{
      {ssh_get_fd(session_.get()), static_cast<short>(POLLIN | (sending ? POLLOUT : 0)), 0},
      {orders_.descriptor(), POLLIN, 0}};
  for (const Carried& carried : forwards_) {
    const short events = carried.forward->events();
    // A hang-up would be told again and again while there is nothing to do about it.
    entries.push_back({events == 0 ? -1 : carried.forward->descriptor(), events, 0});
  }
  const milliseconds longest = wanted() == 0 ? milliseconds(1000) : kUnansweredFor;
  ::poll(entries.data(), entries.size(), more_to_do ? 0 : static_cast<int>(longest.count()));
  if (entries[1].revents != 0) orders_.calm();
  std::size_t index = 2;
  for (Carried& carried : forwards_)
    carried.ready = entries[index++].revents != 0;
  if (entries[0].revents == 0) return;
  // sshd leaves Nagle's algorithm on for forwarded connections: it would wait for acknowledgements that the
  // kernel delays.
  const int now = 1;
  ::setsockopt(entries[0].fd, IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
  const auto heard = received_.in_packets;
  if (ssh_event_dopoll(event_.get(), 0) == SSH_ERROR) broken_ = true;
  if (received_.in_packets != heard) note_heard();
}

void SshSession::note_heard() {
  last_heard_ = clock_.monotonic();
  for (const Wish& wish : openings_)
    wish.order->heard = true;
}

void SshSession::keep_alive() {
  const base::MonoTime now = clock_.monotonic();
  const milliseconds patience = wanted() == 0 ? kQuietFor : kUnansweredFor;
  const bool new_question = last_asked_ == base::MonoTime{};
  if (now - last_heard_ > kSilentFor && last_asked_ > last_heard_) {
    broken_ = true;
  } else if (new_question || now - std::max(last_heard_, last_asked_) >= patience) {
    last_asked_ = now;
    if (ssh_send_keepalive(session_.get()) == SSH_ERROR) broken_ = true;
  }
}

void SshSession::lose() {
  const TunnelError lost{Kind::kLost, "The SSH connection to the bastion " + bastion_name(settings_) +
                                          " broke off; look at the SSH server's log."};
  const TunnelError cancelled{Kind::kCancelled, "The check was cancelled."};
  const TunnelError& why = orders_.stopped() ? cancelled : lost;
  for (const Carried& carried : forwards_)
    carried.forward->lose();
  for (const Wish& wish : openings_)
    wish.order->answer(tl::unexpected(why));
  for (const Wish& wish : wishes_)
    wish.order->answer(tl::unexpected(why));
}

}  // namespace tlswarden::net
