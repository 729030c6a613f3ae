#include "verdict/mode_change.hpp"

#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {

using resource::RungOutcome;
using resource::TlsMode;

std::optional<ModeChange> judge_mode_change(const Assessment& assessment) {
  const TlsMode declared_mode = assessment.mode();
  const Rung& declared = assessment.declared();
  const auto strongest = assessment.ladder.strongest();
  const std::string declared_name(to_string(declared_mode));
  if (strongest && *strongest > declared_mode && *strongest > TlsMode::kPrefer) {
    const std::string strongest_name(to_string(*strongest));
    if (declared.outcome == RungOutcome::kRejected) {
      return ModeChange{
          *strongest,
          {declared.finding.reason, declared.finding.sentence + "; " + strongest_name + " would work today",
           declared.finding.peer_text}};
    }
    return ModeChange{*strongest,
                      {reason::kStrongerModeWorks,
                       strongest_name + " would work today, but " + declared_name + " is declared",
                       {}}};
  }
  if (declared_mode == TlsMode::kPrefer && declared.finding.reason == reason::kFallbackToPlaintext) {
    return ModeChange{TlsMode::kRequire, declared.finding};
  }
  const bool name_alone = declared_mode == TlsMode::kVerifyFull &&
                          declared.outcome == RungOutcome::kRejected &&
                          declared.finding.reason == reason::kHostnameMismatch;
  if (name_alone && assessment.ladder.at(TlsMode::kVerifyCa).outcome == RungOutcome::kWorks) {
    return ModeChange{
        TlsMode::kVerifyCa,
        {reason::kHostnameMismatch, declared.finding.sentence + "; verify-ca works as an interim step", {}},
        true};
  }
  return std::nullopt;
}

}  // namespace tlswarden::verdict
