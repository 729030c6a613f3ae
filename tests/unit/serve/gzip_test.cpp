#include "serve/gzip.hpp"

#include <gtest/gtest.h>

#define ZLIB_CONST
#include <zlib.h>

#include <cstdint>

namespace tlswarden::serve {
namespace {

std::string unpacked(const std::string& packed, std::size_t size) {
  std::string text(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<const Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  EXPECT_EQ(inflateEnd(&stream), Z_OK);
  return text;
}

TEST(GzipTest, any_text_comes_back_as_it_was) {
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 1'000'000; ++i)
    noise.push_back(static_cast<char>((state = state * 1664525 + 1013904223) >> 24U));
  for (const std::string& text : {std::string(), std::string("a"), std::string(1'000'000, 'x'), noise}) {
    const auto packed = gzip(text);
    ASSERT_TRUE(packed);
    EXPECT_TRUE(unpacked(*packed, text.size()) == text);
  }
  EXPECT_LT(gzip(std::string(1'000'000, 'x'))->size(), 20'000U);
}

TEST(GzipTest, it_is_sent_only_to_who_says_so) {
  for (const char* header : {"gzip", "GZIP", "deflate, gzip", "br;q=1.0, gzip;q=0.8", " gzip ;q=0.001"})
    EXPECT_TRUE(accepts_gzip(header)) << header;
  for (const char* header : {"", "br", "identity", "gzip;q=0", "gzip; q=0.000", "x-gzipped", ",;,"})
    EXPECT_FALSE(accepts_gzip(header)) << header;
}

}  // namespace
}  // namespace tlswarden::serve
