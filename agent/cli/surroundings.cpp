#include "cli/surroundings.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace tlswarden::cli {
namespace {

std::string_view variable(const char* name) {
  // The environment is only read, and before any thread starts.
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value ? value : std::string_view{};
}

std::size_t output_width() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view columns = variable("COLUMNS");
  std::size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  return width > 0 ? width : kUsual;
}

}  // namespace

Terminal detect_terminal() {
  Terminal terminal;
  terminal.output = isatty(STDOUT_FILENO) == 1;
  terminal.errors = isatty(STDERR_FILENO) == 1;
  terminal.colour = terminal.output && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  if (terminal.output) terminal.width = output_width();
  return terminal;
}

}  // namespace tlswarden::cli
