#include "drivers/etcd/plaintext_attempt.hpp"

#include "drivers/common/tls_only.hpp"
#include "drivers/etcd/answer.hpp"
#include "drivers/etcd/request.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using common::HttpReader;
using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;

class PlaintextAttempt final : public probe::Conversation {
 public:
  explicit PlaintextAttempt(const probe::Target& target) : request_(version_request(target, true)) {}

  Action start() override { return probe::Send{request_, probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    if (!any_ && common::begins_with_alert(bytes)) return tls_only();
    any_ = true;
    return act(reader_.feed(bytes));
  }

  Action peer_closed() override {
    if (!any_) return tls_only();
    return act(reader_.end());
  }

  /// What a TLS listener does with bytes that are not TLS.
  std::optional<Action> peer_reset() override { return peer_closed(); }

  const probe::Findings& findings() const override { return findings_; }

 private:
  Action act(HttpReader::State state) {
    if (state == HttpReader::State::kReading) return probe::NeedMore{};
    if (state == HttpReader::State::kBroken) return fail(reader_.broken());
    const auto& response = reader_.response();
    if (common::tells_of_tls(response)) return tls_only();
    const auto version = version_of(response);
    if (!version) return fail(Cause::kNotThisProtocol);
    findings_.plaintext_accepted = Tristate::kYes;
    findings_.server_product = "etcd";
    findings_.server_version = *version;
    return probe::Done{};
  }

  Action tls_only() {
    findings_.plaintext_accepted = Tristate::kNo;
    return common::refused_without_tls();
  }

  static Action fail(Cause cause) { return probe::Fail{broken_answer(cause, Stage::kPlaintext)}; }

  base::Bytes request_;
  HttpReader reader_;
  bool any_ = false;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt(const probe::Target& target) {
  return std::make_unique<PlaintextAttempt>(target);
}

}  // namespace tlswarden::drivers::etcd
