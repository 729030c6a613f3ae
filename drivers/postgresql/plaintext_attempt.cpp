#include "drivers/postgresql/plaintext_attempt.hpp"

#include <utility>

#include "drivers/postgresql/startup_conversation.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Tristate;

class PlaintextAttempt final : public StartupConversation {
 public:
  explicit PlaintextAttempt(const probe::Target& target)
      : StartupConversation(target, probe::Stage::kPlaintext) {}

 private:
  void admitted() override { findings_.plaintext_accepted = Tristate::kYes; }

  probe::Action refused(probe::Failure failure) override {
    if (failure.cause == probe::Cause::kTlsRequired) {
      findings_.plaintext_accepted = Tristate::kNo;
      return probe::Refused{std::move(failure)};
    }
    findings_.notice = std::move(failure);
    return probe::Done{};
  }
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt(const probe::Target& target) {
  return std::make_unique<PlaintextAttempt>(target);
}

}  // namespace tlswarden::drivers::postgresql
