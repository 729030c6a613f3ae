#include "drivers/etcd/protocol_step.hpp"

#include <utility>

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/etcd/answer.hpp"
#include "drivers/etcd/request.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using common::HttpReader;
using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;

class ProtocolStep final : public probe::Conversation {
 public:
  ProtocolStep(const probe::Target& target, const probe::TlsObservation& tls)
      : version_request_(version_request(target, false)),
        health_request_(health_request(target)),
        when_passed_(common::outcome_when_passed(tls)) {}

  Action start() override { return probe::Send{version_request_, probe::Send::Next::kRead}; }
  Action receive(base::ByteView bytes) override { return act(reader_.feed(bytes)); }
  Action peer_closed() override {
    gone_ = true;
    return act(reader_.end());
  }
  const probe::Findings& findings() const override { return findings_; }

 private:
  Action act(HttpReader::State state) {
    if (state == HttpReader::State::kReading) return probe::NeedMore{};
    if (asked_health_) return take_health(state);
    if (state == HttpReader::State::kBroken) return fail(reader_.broken());
    if (const auto version = version_of(reader_.response())) accept(*version);
    const bool can_ask = reader_.response().keeps_open && !gone_;
    if (!can_ask) return is_etcd_ ? Action{probe::Done{}} : fail(Cause::kNotThisProtocol);
    asked_health_ = true;
    reader_.next();
    return probe::Send{health_request_, probe::Send::Next::kRead};
  }

  Action take_health(HttpReader::State state) {
    const bool whole = state == HttpReader::State::kWhole;
    const auto healthy = whole ? healthy_by(reader_.response()) : Tristate::kUnknown;
    if (healthy != Tristate::kUnknown) accept({});
    if (!is_etcd_) return fail(Cause::kNotThisProtocol);
    if (healthy == Tristate::kNo) findings_.notice = unwell();
    return probe::Done{};
  }

  void accept(const std::string& version) {
    is_etcd_ = true;
    findings_.client_certificate = when_passed_;
    findings_.server_product = "etcd";
    if (!version.empty()) findings_.server_version = version;
  }

  probe::Failure unwell() const {
    return {.stage = Stage::kProtocolStep,
            .cause = Cause::kServerError,
            .message =
                "etcd says that it is not well: it has no leader or an alarm is raised; see etcdctl "
                "endpoint health.",
            .peer_text = reader_.response().body.substr(0, 2048),
            .code = "health"};
  }

  static Action fail(Cause cause) { return probe::Fail{broken_answer(cause, Stage::kProtocolStep)}; }

  base::Bytes version_request_, health_request_;
  probe::ClientCertificateOutcome when_passed_;
  HttpReader reader_;
  bool asked_health_ = false, is_etcd_ = false, gone_ = false;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(target, tls);
}

}  // namespace tlswarden::drivers::etcd
