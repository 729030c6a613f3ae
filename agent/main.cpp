#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cli/command_line.hpp"
#include "drivers/registry.hpp"
#include "net/tunnels.hpp"
#include "pki/prompts.hpp"
#include "reconcile/prober_observer.hpp"

namespace {

/// Client libraries ask for passphrases on standard input, and some read them from a pipe: they get an empty
/// one. What was there is returned for those who were told to read it.
int take_standard_input() {
  constexpr int kAboveStandardStreams = 3;
  const int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, kAboveStandardStreams);
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) {
    std::cerr << "error: /dev/null cannot be opened; is it missing in this container?\n";
    std::exit(3);  // NOLINT(concurrency-mt-unsafe): no thread exists yet
  }
  if (nothing > STDERR_FILENO) close(nothing);
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  // A peer that went away is an error of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  const int input = take_standard_input();
  tlswarden::pki::forbid_passphrase_prompts();

  constexpr std::size_t kBlockingThreads = 8;
  const tlswarden::base::SystemClock clock;
  const auto tunnels = tlswarden::net::make_ssh_tunnels(clock);
  const auto drivers = tlswarden::drivers::make_registry();
  const tlswarden::cli::Surroundings surroundings{
      std::cout, std::cerr, input, tlswarden::cli::detect_terminal(), clock, *drivers, [&] {
        return tlswarden::reconcile::make_prober_observer(clock, *tunnels, *drivers, kBlockingThreads);
      }};
  return tlswarden::cli::run_command_line(std::vector<std::string>(argv + 1, argv + argc), surroundings);
}
