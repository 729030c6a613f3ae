#include "kube/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "base/deadline.hpp"
#include "base/text.hpp"

extern char** environ;

namespace tlswarden::kube {
namespace {

constexpr std::size_t kComplaintLimit = 2048;

tl::unexpected<ProcessError> fail(std::string message, bool not_found = false) {
  return tl::unexpected(ProcessError{not_found, std::move(message)});
}

/// Both ends of a pipe, closed when this dies.
struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  bool open() { return ::pipe2(ends, O_CLOEXEC) == 0; }
  void close_end(int which) {
    if (ends[which] >= 0) ::close(ends[which]);
    ends[which] = -1;
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts)
    list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// This process's environment with the additions in place of what they replace.
std::vector<std::string> environment_of(const ProcessRequest& request) {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(request.environment.begin(), request.environment.end(),
                                      [&](const auto& addition) { return addition.first == name; });
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : request.environment)
    all.push_back(base::join({name, value}, "="));
  return all;
}

/// posix_spawn's two objects, with their release.
struct SpawnSetting {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSetting() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnSetting(const SpawnSetting&) = delete;
  SpawnSetting& operator=(const SpawnSetting&) = delete;
  ~SpawnSetting() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

/// A process group of its own, to be killed whole, and signals as a program expects them at its start.
void set_up(SpawnSetting& setting, const Pipe& output, const Pipe& complaint) {
  ::posix_spawn_file_actions_addopen(&setting.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&setting.actions, output.ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&setting.actions, complaint.ends[1], STDERR_FILENO);
  sigset_t none, standard;
  ::sigemptyset(&none);
  ::sigemptyset(&standard);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP})
    ::sigaddset(&standard, signal);
  ::posix_spawnattr_setsigmask(&setting.attributes, &none);
  ::posix_spawnattr_setsigdefault(&setting.attributes, &standard);
  ::posix_spawnattr_setpgroup(&setting.attributes, 0);
  ::posix_spawnattr_setflags(&setting.attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/// False at the end of the stream. What exceeds `limit` is read and dropped, and noted.
bool read_some(int descriptor, base::Bytes& kept, std::size_t limit, bool& exceeded) {
  std::array<std::uint8_t, 4096> buffer;
  const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR;
  const std::size_t fits = std::min(static_cast<std::size_t>(count), limit - kept.size());
  kept.insert(kept.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(fits));
  exceeded = exceeded || fits < static_cast<std::size_t>(count);
  base::wipe_memory(buffer.data(), buffer.size());
  return count > 0;
}

/// A program under way: what it is waited for with, and what it printed so far.
struct Running {
  Pipe output, complaint, process;  ///< of `process` only the first end is used: a pidfd
  base::Bytes printed, complained;
  bool over() const { return output.ends[0] < 0 && complaint.ends[0] < 0 && process.ends[0] < 0; }
};

/// Null when the program ended; else why it must be killed.
const char* collect(Running& running, const ProcessRequest& request, const base::Clock& clock,
                    const Cancellation& cancellation) {
  const base::Deadline deadline = base::Deadline::after(clock, request.timeout);
  // Grown once: a reallocation would leave parts of a secret behind.
  running.printed.reserve(request.output_limit);
  bool too_much = false, ignored = false;
  while (!running.over()) {
    std::array<pollfd, 4> waited{{{running.output.ends[0], POLLIN, 0},
                                  {running.complaint.ends[0], POLLIN, 0},
                                  {running.process.ends[0], POLLIN, 0},
                                  {cancellation.descriptor(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left(clock.monotonic()));
    const int ready = ::poll(waited.data(), waited.size(), static_cast<int>(left.count()));
    if (cancellation.cancelled()) return "was stopped, for this program is ending";
    if (ready < 0 && errno != EINTR) return "could not be waited for";
    if (ready == 0) return "did not end within its time; run it by hand to see what it waits for";
    if (ready < 0) continue;
    if (waited[0].revents != 0 &&
        !read_some(running.output.ends[0], running.printed, request.output_limit, too_much)) {
      running.output.close_end(0);
    }
    if (too_much) return "printed more than any credential has";
    if (waited[1].revents != 0 &&
        !read_some(running.complaint.ends[0], running.complained, kComplaintLimit, ignored)) {
      running.complaint.close_end(0);
    }
    if (waited[2].revents != 0) running.process.close_end(0);
  }
  return nullptr;
}

}  // namespace

base::Result<ProcessOutcome, ProcessError> run_process(const ProcessRequest& request,
                                                       const base::Clock& clock,
                                                       const Cancellation& cancellation) {
  Running running;
  if (!running.output.open() || !running.complaint.open()) {
    return fail("cannot be started (" + std::generic_category().message(errno) + ")");
  }
  SpawnSetting setting;
  set_up(setting, running.output, running.complaint);
  std::vector<std::string> arguments{request.command};
  arguments.insert(arguments.end(), request.arguments.begin(), request.arguments.end());
  std::vector<std::string> environment = environment_of(request);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, request.command.c_str(), &setting.actions, &setting.attributes,
                                   pointers(arguments).data(), pointers(environment).data());
  if (error != 0) {
    const std::string why = std::generic_category().message(error);
    return fail("cannot be started (" + why + "); install it or correct its path", error == ENOENT);
  }
  running.output.close_end(1);
  running.complaint.close_end(1);
  // glibc 2.36 declares pidfd_open for C alone.
  running.process.ends[0] = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  const char* killed = running.process.ends[0] < 0 ? "could not be waited for"
                                                   : collect(running, request, clock, cancellation);
  // Its children too: none may stay behind.
  if (killed != nullptr) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ProcessOutcome outcome{.output = base::Secret(std::move(running.printed)),
                         .complaint = std::string(base::as_text(running.complained))};
  if (killed != nullptr) return fail(killed);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace tlswarden::kube
