#include "store/content_reader.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/unit/store/object_maker.hpp"
#include "tests/unit/store/scratch.hpp"

namespace tlswarden::store {
namespace {

using resource::Reference;
using ::testing::HasSubstr;
using Kind = Reference::Kind;

class ContentReaderTest : public ::testing::Test {
 protected:
  ContentReaderTest() {
    objects_.secret("payments", "orders-tls", {{"tls.crt", "from the secret"}})
        .config_map("payments", "orders-ca", {{"ca.crt", "from the map"}});
    documents_.objects = objects_.done();
  }

  static Reference ref(Kind kind, std::string name_or_text, std::string key = {}) {
    const bool document = kind == Kind::kSecretKey || kind == Kind::kConfigMapKey;
    Reference reference;
    reference.kind = kind;
    (document ? reference.name : reference.text) = std::move(name_or_text);
    reference.key = std::move(key);
    return reference;
  }
  ContentScope scope() const { return {documents_, ns_, scratch_.root()}; }
  std::string read(const Reference& reference) const {
    const auto content = read_content(reference, scope());
    return content ? std::string(content->reveal()) : "error: " + content.error().message;
  }
  ContentError error(const Reference& reference) const { return read_content(reference, scope()).error(); }

  Scratch scratch_;
  ObjectMaker objects_;
  Documents documents_;
  std::string ns_ = "payments";
};

TEST_F(ContentReaderTest, each_kind_gives_its_content) {
  scratch_.write("ca.pem", "from the file");
  ::setenv("TLSWARDEN_TEST_CA", "from the environment", 1);
  EXPECT_EQ(read(ref(Kind::kSecretKey, "orders-tls", "tls.crt")), "from the secret");
  EXPECT_EQ(read(ref(Kind::kConfigMapKey, "orders-ca", "ca.crt")), "from the map");
  EXPECT_EQ(read(ref(Kind::kFile, "ca.pem")), "from the file");
  EXPECT_EQ(read(ref(Kind::kFile, (scratch_ / "ca.pem").string())), "from the file");
  EXPECT_EQ(read(ref(Kind::kEnv, "TLSWARDEN_TEST_CA")), "from the environment");
  EXPECT_EQ(read(ref(Kind::kInline, "inline")), "inline");
  EXPECT_EQ(read(ref(Kind::kValue, "value")), "value");
}

TEST_F(ContentReaderTest, what_is_not_there_is_not_found_and_the_nearest_name_is_offered) {
  ::unsetenv("TLSWARDEN_TEST_NOTHING");
  const std::vector<std::pair<Reference, std::string>> cases{
      {ref(Kind::kSecretKey, "order-tls", "tls.crt"), "did you mean orders-tls?"},
      {ref(Kind::kSecretKey, "orders-tls", "tls.crtt"), "did you mean tls.crt?"},
      {ref(Kind::kConfigMapKey, "orders-ca", "absent-entirely"), "has no key absent-entirely"},
      {ref(Kind::kFile, "nothing.pem"), "does not exist"},
      {ref(Kind::kFile, "ca.pem/below"), "does not exist"},
      {ref(Kind::kEnv, "TLSWARDEN_TEST_NOTHING"), "TLSWARDEN_TEST_NOTHING is not set"}};
  for (const auto& [reference, message] : cases) {
    const ContentError found = error(reference);
    EXPECT_FALSE(found.found) << found.message;
    EXPECT_THAT(found.message, HasSubstr(message));
  }
}

TEST_F(ContentReaderTest, documents_of_another_namespace_are_out_of_reach) {
  ns_ = "shop";
  EXPECT_THAT(error(ref(Kind::kSecretKey, "orders-tls", "tls.crt")).message,
              HasSubstr("does not exist in namespace shop"));
}

TEST_F(ContentReaderTest, a_file_must_be_a_regular_one_of_bounded_size) {
  std::filesystem::create_directory(scratch_ / "directory");
  ASSERT_EQ(::mkfifo((scratch_ / "pipe").c_str(), 0600), 0);
  scratch_.write("large", std::string(kMaxContent + 1, 'x'));
  const std::vector<std::pair<std::string, std::string>> cases{{"directory", "is a directory"},
                                                               {"pipe", "is no regular file"},
                                                               {"/dev/null", "is no regular file"},
                                                               {"large", "is larger than 4 MiB"}};
  for (const auto& [name, message] : cases) {
    const ContentError found = error(ref(Kind::kFile, name));
    EXPECT_TRUE(found.found);
    EXPECT_THAT(found.message, HasSubstr(message));
  }
  scratch_.write("just-fits", std::string(kMaxContent, 'x'));
  EXPECT_EQ(read(ref(Kind::kFile, "just-fits")).size(), kMaxContent);
  EXPECT_THAT(error(ref(Kind::kInline, std::string(kMaxContent + 1, 'x'))).message, HasSubstr("4 MiB"));
}

TEST_F(ContentReaderTest, a_link_to_a_file_is_followed) {
  scratch_.write("versions/2/ca.pem", "second version");
  std::filesystem::create_symlink("versions/2", scratch_ / "..data");
  std::filesystem::create_symlink("..data/ca.pem", scratch_ / "ca.pem");
  EXPECT_EQ(read(ref(Kind::kFile, "ca.pem")), "second version");
}

struct Line {
  std::string content, expected;
};
class ReadLineTest : public ContentReaderTest, public ::testing::WithParamInterface<Line> {};

TEST_P(ReadLineTest, a_line_from_a_file_loses_one_line_end_only) {
  scratch_.write("password", GetParam().content);
  const auto line = read_line(ref(Kind::kFile, "password"), scope());
  ASSERT_TRUE(line);
  EXPECT_EQ(line->reveal(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Lines, ReadLineTest,
                         ::testing::Values(Line{"secret\n", "secret"}, Line{"secret\r\n", "secret"},
                                           Line{"secret", "secret"}, Line{"secret\n\n", "secret\n"},
                                           Line{" secret ", " secret "}, Line{"", ""}));

TEST_F(ContentReaderTest, a_line_from_a_document_is_taken_as_it_stands) {
  documents_.objects = objects_.config_map("payments", "user", {{"name", "app\n"}}).done();
  EXPECT_EQ(read_line(ref(Kind::kConfigMapKey, "user", "name"), scope())->reveal(), "app\n");
}

TEST_F(ContentReaderTest, a_zero_byte_is_refused_and_not_shown) {
  scratch_.write("password", std::string_view("sec\0ret", 7));
  const auto line = read_line(ref(Kind::kFile, "password"), scope());
  ASSERT_FALSE(line);
  EXPECT_THAT(line.error().message, HasSubstr("zero byte"));
  EXPECT_THAT(line.error().message, ::testing::Not(HasSubstr("ret")));
}

}  // namespace
}  // namespace tlswarden::store
