#include "drivers/oracle/ttc_value.hpp"

#include <gtest/gtest.h>

namespace tlswarden::drivers::oracle {
namespace {

TEST(OracleTtc, WritesNumbersInAsManyBytesAsTheyNeed) {
  TtcWriter writer;
  writer.number(0).number(1).number(255).number(256).number(0x7FFFFFFF).number(0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(base::to_hex(writer.take()),
            "00"
            "0101"
            "01ff"
            "020100"
            "047fffffff"
            "08ffffffffffffffff");
}

TEST(OracleTtc, ReadsWhatItWrites) {
  const std::string longest(252, 'a');
  const std::string pieces(70000, 'b');
  TtcWriter writer;
  writer.number(0xFFFFFFFFFFFFFFFF)
      .text("")
      .text("abc")
      .text(longest)
      .text(pieces)
      .pair("KEY", "", 7)
      .byte(9);
  const auto bytes = writer.take();
  TtcReader reader(bytes);
  EXPECT_EQ(reader.number(), 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.text(), "abc");
  EXPECT_EQ(reader.text(), longest);
  EXPECT_EQ(reader.text(), pieces);
  EXPECT_EQ(reader.optional_text(), "KEY");
  EXPECT_EQ(reader.optional_text(), "");
  EXPECT_EQ(reader.number(), 7U);
  EXPECT_EQ(reader.byte(), 9);
  EXPECT_TRUE(reader.good());
  EXPECT_TRUE(reader.at_end());
}

TEST(OracleTtc, DropsTheSignOfANumber) {
  const base::Bytes bytes{0x81, 5, 0x80};
  TtcReader reader(bytes);
  EXPECT_EQ(reader.number(), 5U);
  EXPECT_EQ(reader.number(), 0U);
  EXPECT_TRUE(reader.good());
}

TEST(OracleTtc, TellsShortFromBroken) {
  for (const base::Bytes& bytes : {base::Bytes{}, base::Bytes{2, 1}, base::Bytes{8, 1, 2, 3}}) {
    TtcReader reader(bytes);
    EXPECT_EQ(reader.number(), 0U);
    EXPECT_TRUE(reader.is_short()) << base::to_hex(bytes);
    EXPECT_FALSE(reader.is_broken());
  }
  const base::Bytes too_long{9, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  TtcReader broken(too_long);
  EXPECT_EQ(broken.number(), 0U);
  EXPECT_TRUE(broken.is_broken());
}

TEST(OracleTtc, ReservesNothingOnThePeersWord) {
  // A piece of eighteen quintillion bytes.
  const base::Bytes bytes{0xFE, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 'x'};
  TtcReader reader(bytes);
  EXPECT_EQ(reader.text(), "");
  EXPECT_TRUE(reader.is_short());
  EXPECT_EQ(reader.byte(), 0) << "went on after the end";
}

}  // namespace
}  // namespace tlswarden::drivers::oracle
