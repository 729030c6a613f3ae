#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "probe/observation.hpp"
#include "probe/transcript.hpp"

namespace tlswarden::probe {

/// Keeps what happened when during one check. Lives as long as the check; used on its loop only.
class Journal {
 public:
  Journal(const base::Clock& clock, bool transcript, std::function<void(Stage)> progress)
      : clock_(clock), transcript_(transcript), progress_(std::move(progress)) {}

  /// One stage while it lasts; it is on record once this is gone.
  class Entry {
   public:
    Entry(Journal& journal, Stage stage);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();
    void say(std::string detail) { detail_ = std::move(detail); }
    void say(const Failure& failure) { detail_ = to_string(failure.cause); }

   private:
    Journal& journal_;
    Stage stage_;
    base::MonoTime began_;
    std::string detail_;
  };

  Transcript& transcript() { return transcript_; }
  std::vector<StageRecord> take_stages() { return std::move(stages_); }

 private:
  const base::Clock& clock_;
  Transcript transcript_;
  std::function<void(Stage)> progress_;
  std::vector<StageRecord> stages_;
};

}  // namespace tlswarden::probe
