#include "cli/interruption.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tlswarden::cli {

Interruption::Interruption(kube::Cancellation& cancellation) {
  sigset_t caught{};
  sigemptyset(&caught);
  sigaddset(&caught, SIGINT);
  sigaddset(&caught, SIGTERM);
  signals_ = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  pthread_sigmask(SIG_BLOCK, &caught, &before_);
  thread_ = std::thread([this, &cancellation] { wait(cancellation); });
}

Interruption::~Interruption() {
  over_.cancel();
  thread_.join();
  // Whoever asked twice was heard.
  signalfd_siginfo pending{};
  while (read(signals_, &pending, sizeof pending) > 0) {
  }
  close(signals_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::wait(kube::Cancellation& cancellation) const {
  std::array<pollfd, 2> waits{{{signals_, POLLIN, 0}, {over_.descriptor(), POLLIN, 0}}};
  while (poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
  }
  if ((waits[0].revents & POLLIN) != 0) cancellation.cancel();
}

}  // namespace tlswarden::cli
