#include "cli/signals.hpp"

#include <pthread.h>

#include <initializer_list>

namespace tlswarden::cli {

Signals::Signals() {
  sigemptyset(&set_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&set_, signal);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  // A peer that closes early must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
}

int Signals::wait() const {
  int signal = 0;
  while (sigwait(&set_, &signal) != 0) {
  }
  return signal;
}

void Signals::stop_catching() const {
  for (const int signal : {SIGTERM, SIGINT})
    std::signal(signal, SIG_DFL);
  std::signal(SIGHUP, SIG_IGN);
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace tlswarden::cli
