#include "pki/trust_store.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/time_text.hpp"
#include "tests/support/mint.hpp"

namespace tlswarden::pki {
namespace {

using test_support::chain_of;
using testing::HasSubstr;

const base::WallTime kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();

TEST(TrustStore, HasOneFingerprintForOneContent) {
  const auto demo = test_support::demo_pki(kNow);
  const auto store = make_trust_store(chain_of({&demo.root, &demo.intermediate}), "a");
  EXPECT_EQ(store->fingerprint,
            make_trust_store(chain_of({&demo.intermediate, &demo.root}), "b")->fingerprint);
  EXPECT_NE(store->fingerprint, make_trust_store(chain_of({&demo.root}), "a")->fingerprint);
  EXPECT_EQ(store->origin, "a");
  EXPECT_FALSE(store->system);
}

class SystemTrustStore : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tlswarden-trust-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    std::filesystem::create_directory(directory_ / "certs");
    use(directory_ / "none.pem", directory_ / "certs");
  }
  void TearDown() override {
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    std::filesystem::remove_all(directory_);
  }

  static void use(const std::filesystem::path& file, const std::string& directories) {
    setenv("SSL_CERT_FILE", file.c_str(), 1);
    setenv("SSL_CERT_DIR", directories.c_str(), 1);
  }
  std::filesystem::path write(const std::string& name, const std::string& content) {
    const std::filesystem::path path = directory_ / name;
    std::ofstream(path) << content;
    return path;
  }
  std::vector<std::string> subjects() {
    const auto store = load_system_trust_store();
    std::vector<std::string> names;
    if (!store) return {store.error().message};
    EXPECT_TRUE((*store)->system);
    EXPECT_EQ((*store)->origin, "the system trust store");
    for (const CertificatePtr& anchor : (*store)->anchors)
      names.push_back(anchor->facts.common_name);
    return names;
  }

  const test_support::DemoPki demo_ = test_support::demo_pki(kNow);
  std::filesystem::path directory_;
};

TEST_F(SystemTrustStore, IsTheFileAndTheHashedNamesOfTheDirectories) {
  std::filesystem::create_directory(directory_ / "more");
  use(write("bundle.pem", demo_.root.certificate_pem),
      (directory_ / "certs").string() + ":" + (directory_ / "more").string());
  write("certs/0a1b2c3d.0", demo_.intermediate.certificate_pem);
  write("certs/ignored.pem", demo_.leaf.certificate_pem);
  write("certs/0a1b2c3d.r0", demo_.leaf.certificate_pem);
  write("more/ffffffff.12", demo_.leaf.certificate_pem);
  EXPECT_THAT(subjects(), testing::ElementsAre("Demo Root CA", "Demo Intermediate CA", "localhost"));
}

TEST_F(SystemTrustStore, SkipsWhatCannotBeReadAndWhatComesTwice) {
  write("certs/00000000.0", "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n");
  write("certs/00000001.0", demo_.root.certificate_pem);
  write("certs/00000002.0", demo_.root.certificate_pem);
  std::filesystem::create_symlink("/nowhere", directory_ / "certs/00000003.0");
  std::filesystem::create_directory(directory_ / "certs/00000004.0");
  EXPECT_THAT(subjects(), testing::ElementsAre("Demo Root CA"));
}

TEST_F(SystemTrustStore, NamesThePlacesWhenThereIsNothing) {
  const auto store = load_system_trust_store();
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().message, HasSubstr((directory_ / "none.pem").string()));
  EXPECT_THAT(store.error().message, HasSubstr((directory_ / "certs").string()));
  EXPECT_THAT(store.error().message, HasSubstr("ca-certificates"));
}

}  // namespace
}  // namespace tlswarden::pki
