#include "drivers/oracle/session.hpp"

namespace tlswarden::drivers::oracle {

net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext&) {
  probe::SessionObservation seen;
  seen.failure = probe::Failure{.stage = probe::Stage::kSession,
                                .cause = probe::Cause::kUnsupported,
                                .message =
                                    "This build does not log in to Oracle, so whether the session is "
                                    "encrypted and the database's own version are not known; remove "
                                    "spec.auth.password to do without.",
                                .peer_text = {},
                                .code = {}};
  co_return seen;
}

}  // namespace tlswarden::drivers::oracle
