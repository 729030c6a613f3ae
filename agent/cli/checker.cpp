#include "cli/checker.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::size_t kMaxWorkers = 4;
constexpr std::size_t kChecksPerWorker = 32;

/// What the workers share. Each result has one writer; the joining of the threads publishes them.
struct Work {
  const std::vector<probe::Target>& targets;
  std::vector<probe::Observation>& results;
  Progress& progress;
  std::atomic<std::size_t> next{0};
};

net::Awaitable<void> take_work(Work& work, reconcile::Observer& observer) {
  for (std::size_t i = work.next++; i < work.targets.size(); i = work.next++) {
    const probe::Target& target = work.targets[i];
    work.progress.begin(target.key);
    work.results[i] = co_await observer.observe(target);
    if (target.transcript) work.progress.print(transcript_of(target, work.results[i]));
    work.progress.end(target.key);
  }
}

void run_worker(Work& work, reconcile::Observer& observer) {
  boost::asio::io_context loop(1);
  for (std::size_t i = 0; i < std::min(kChecksPerWorker, work.targets.size()); ++i) {
    boost::asio::co_spawn(loop, take_work(work, observer), boost::asio::detached);
  }
  loop.run();
  observer.join();
}

std::string milliseconds(std::chrono::nanoseconds span) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", std::chrono::duration<double, std::milli>(span).count());
  return text.data();
}

}  // namespace

std::vector<probe::Observation> observe_all(const std::vector<probe::Target>& targets,
                                            const Surroundings& surroundings, Progress& progress) {
  std::vector<probe::Observation> results(targets.size());
  Work work{targets, results, progress};
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < std::min({kMaxWorkers, processors, targets.size()}); ++i) {
    workers.emplace_back([&] {
      const auto observer = surroundings.make_observer();
      run_worker(work, *observer);
    });
  }
  for (std::thread& worker : workers)
    worker.join();
  return results;
}

std::string transcript_of(const probe::Target& target, const probe::Observation& observation) {
  std::string text = "--- " + target.key + ": " + std::string(to_string(target.engine)) + " at " +
                     target.host + ":" + std::to_string(target.port) + "\n";
  for (const probe::StageRecord& stage : observation.stages) {
    text += "    " + std::string(to_string(stage.stage)) + " (" + milliseconds(stage.took) + ")" +
            (stage.detail.empty() ? "" : ": " + stage.detail) + "\n";
  }
  for (const std::string& line : observation.transcript)
    text += "    | " + base::printable(line, 2000) + "\n";
  if (observation.failure) {
    const probe::Failure& failure = *observation.failure;
    text += "    failed at " + std::string(to_string(failure.stage)) + ", " +
            std::string(to_string(failure.cause)) + ": " + failure.message + "\n";
    if (!failure.peer_text.empty())
      text += "    the server said: " + base::printable(failure.peer_text, 2000) + "\n";
  }
  return text;
}

}  // namespace tlswarden::cli
