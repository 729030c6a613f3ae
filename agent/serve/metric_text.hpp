#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tlswarden::serve {

/// Takes a page piece by piece, in its order.
using TextSink = std::function<void(std::string_view)>;

/// Writes gauges in Prometheus' text format 0.0.4, in pieces: the series of tens of thousands of endpoints
/// are never held as objects, nor their page as a whole. Not thread-safe.
class MetricText {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  /// `sink` must outlive it.
  explicit MetricText(const TextSink& sink) : sink_(sink) {}
  MetricText(const MetricText&) = delete;
  MetricText& operator=(const MetricText&) = delete;
  /// Gives the rest to the sink.
  ~MetricText();

  /// What follows are series of this family.
  void family(const char* name, const char* help);
  /// `common` are labels as append_label() wrote them.
  void series(std::string_view common, std::initializer_list<Label> more, std::int64_t value);

  /// Appends `label` to others, with a comma where there are any.
  static void append_label(std::string& labels, const Label& label);

 private:
  const TextSink& sink_;
  const char* name_ = "";
  std::string text_;
};

}  // namespace tlswarden::serve
