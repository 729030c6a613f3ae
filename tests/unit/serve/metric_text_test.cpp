#include "serve/metric_text.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

namespace tlswarden::serve {
namespace {

std::vector<std::string> pieces_of(const std::function<void(MetricText&)>& write) {
  std::vector<std::string> pieces;
  const TextSink sink = [&pieces](std::string_view piece) { pieces.emplace_back(piece); };
  MetricText text(sink);
  write(text);
  return pieces;
}

std::string joined(const std::function<void(MetricText&)>& write) {
  std::string all;
  const TextSink sink = [&all](std::string_view piece) { all.append(piece); };
  {
    MetricText text(sink);
    write(text);
  }
  return all;
}

TEST(MetricTextTest, a_family_is_told_before_its_series) {
  const std::string page = joined([](MetricText& text) {
    text.family("up", "Whether it is.");
    text.series(R"(name="a")", {}, 1);
    text.series(R"(name="b")", {{"role", "leaf"}, {"sha256", "0f"}}, 1795388800);
  });
  EXPECT_EQ(page,
            "# HELP up Whether it is.\n# TYPE up gauge\n"
            "up{name=\"a\"} 1\nup{name=\"b\",role=\"leaf\",sha256=\"0f\"} 1795388800\n");
}

TEST(MetricTextTest, whatever_a_label_holds_stays_in_its_quotes) {
  std::string labels;
  MetricText::append_label(labels, {"a", "say \"x\"} 1\nup 2"});
  MetricText::append_label(labels, {"b", "back\\slash"});
  EXPECT_EQ(labels, R"(a="say \"x\"} 1\nup 2",b="back\\slash")");
}

TEST(MetricTextTest, no_piece_is_much_of_a_long_page) {
  const auto pieces = pieces_of([](MetricText& text) {
    text.family("up", "Whether it is.");
    for (int i = 0; i < 100'000; ++i)
      text.series(R"(name="a")", {}, 1);
  });
  EXPECT_GT(pieces.size(), 10U);
  EXPECT_TRUE(std::all_of(pieces.begin(), pieces.end(), [](const auto& one) { return one.size() < 70'000; }));
}

}  // namespace
}  // namespace tlswarden::serve
