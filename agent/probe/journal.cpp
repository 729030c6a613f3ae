#include "probe/journal.hpp"

#include <utility>

namespace tlswarden::probe {

Journal::Entry::Entry(Journal& journal, Stage stage)
    : journal_(journal), stage_(stage), began_(journal.clock_.monotonic()) {
  if (journal_.progress_) journal_.progress_(stage);
}

Journal::Entry::~Entry() {
  if (!detail_.empty()) journal_.transcript_.note(stage_, detail_);
  journal_.stages_.push_back({stage_, journal_.clock_.monotonic() - began_, std::move(detail_)});
}

}  // namespace tlswarden::probe
