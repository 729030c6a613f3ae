#include "drivers/clickhouse/plaintext_attempt.hpp"

#include "drivers/clickhouse/first_word.hpp"
#include "drivers/common/tls_only.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Action;
using probe::Stage;
using probe::Tristate;
using State = FirstWord::State;

class PlaintextAttempt final : public probe::Conversation {
 public:
  explicit PlaintextAttempt(const probe::Target& target) : word_(target) {}

  Action start() override { return probe::Send{word_.opening(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    if (!word_.any() && common::begins_with_alert(bytes)) return tls_only();
    return act(word_.feed(bytes));
  }

  Action peer_closed() override {
    if (!word_.any()) return tls_only();
    return act(word_.end());
  }

  /// What a TLS listener does with bytes that are not TLS.
  std::optional<Action> peer_reset() override { return peer_closed(); }

  const probe::Findings& findings() const override { return findings_; }

 private:
  Action act(State state) {
    if (state == State::kReading) return probe::NeedMore{};
    if (state == State::kBroken) {
      if (word_.http() != nullptr && common::tells_of_tls(*word_.http())) return tls_only();
      return probe::Fail{word_.broken(Stage::kPlaintext)};
    }
    findings_.plaintext_accepted = Tristate::kYes;
    findings_.server_product = "ClickHouse";
    findings_.server_version = word_.server_version();
    return probe::Done{};
  }

  Action tls_only() {
    findings_.plaintext_accepted = Tristate::kNo;
    return common::refused_without_tls();
  }

  FirstWord word_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt(const probe::Target& target) {
  return std::make_unique<PlaintextAttempt>(target);
}

}  // namespace tlswarden::drivers::clickhouse
