#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "probe/driver.hpp"
#include "reconcile/observer.hpp"

namespace tlswarden::cli {

/// What is known of the terminal that the program runs on, if it runs on one.
struct Terminal {
  bool output = false;  ///< standard output is a terminal
  bool errors = false;  ///< standard error is one
  bool colour = false;  ///< output is a terminal that shows colour, and the user did not say NO_COLOR
  /// Columns of standard output; none when it is no terminal: then nothing is cut or wrapped.
  std::optional<std::size_t> width;
};

/// Asks the standard streams and the environment (NO_COLOR, TERM, COLUMNS).
Terminal detect_terminal();

/// What a verb touches outside of itself; tests put their own in its place. Every reference outlives the
/// verb.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  int input = -1;  ///< the descriptor that `-f -` reads; not owned
  Terminal terminal;
  const base::Clock& clock;
  const probe::DriverRegistry& drivers;
  /// Makes what looks at endpoints, one for each worker thread.
  std::function<std::unique_ptr<reconcile::Observer>()> make_observer;
};

}  // namespace tlswarden::cli
