#include "cli/manifest_loader.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "temporary_directory.hpp"

namespace tlswarden::cli {
namespace {

using resource::Manifest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names(const Manifest& manifest) {
  std::vector<std::string> found;
  for (const auto& located : manifest.endpoints)
    found.push_back(located.endpoint.metadata.name);
  return found;
}

std::string only_message(const Manifest& manifest) {
  return manifest.diagnostics.size() == 1 ? manifest.diagnostics.front().text()
                                          : std::to_string(manifest.diagnostics.size()) + " diagnostics";
}

/// The reading end of a pipe that holds `text`.
class Input {
 public:
  explicit Input(std::string_view text) {
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
    writer_ = std::thread([this, text = std::string(text)] {
      for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = write(ends_[1], text.data() + done, text.size() - done);
        if (count < 0) break;
        done += static_cast<std::size_t>(count);
      }
      close(ends_[1]);
    });
  }
  ~Input() {
    close(ends_[0]);
    writer_.join();
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  int descriptor() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
  std::thread writer_;
};

TEST(LoadManifests, ReadsFilesInTheOrderGivenAndDirectoriesByName) {
  const TemporaryDirectory directory;
  directory.write("dir/b.yaml", manifest_of("b"));
  directory.write("dir/a.yml", manifest_of("a"));
  directory.write("dir/notes.txt", "not a manifest");
  const std::string file = directory.write("z.yaml", manifest_of("z"));
  const Manifest manifest = load_manifests({file, directory.path() + "/dir"}, -1);
  EXPECT_THAT(names(manifest), ElementsAre("z", "a", "b"));
  EXPECT_THAT(manifest.diagnostics, ::testing::IsEmpty());
}

TEST(LoadManifests, ReadsStandardInputOnceHoweverOftenItIsNamed) {
  const Input input(manifest_of("piped"));
  const Manifest manifest = load_manifests({"-", "-"}, input.descriptor());
  EXPECT_THAT(names(manifest), ElementsAre("piped"));
  EXPECT_EQ(manifest.endpoints.front().file, "-");
}

TEST(LoadManifests, ReadsANamedPipe) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << manifest_of("piped"); });
  const Manifest manifest = load_manifests({path}, -1);
  writer.join();
  EXPECT_THAT(names(manifest), ElementsAre("piped"));
}

TEST(LoadManifests, SaysThatAFileIsMissingAndStillReadsTheOthers) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.yaml", manifest_of("a"));
  const Manifest manifest = load_manifests({directory.path() + "/missing.yaml", file}, -1);
  EXPECT_THAT(names(manifest), ElementsAre("a"));
  EXPECT_TRUE(manifest.has_errors());
  EXPECT_THAT(only_message(manifest), HasSubstr("/missing.yaml does not exist"));
}

TEST(LoadManifests, SaysThatADirectoryHoldsNoManifest) {
  const TemporaryDirectory directory;
  EXPECT_THAT(only_message(load_manifests({directory.path()}, -1)),
              HasSubstr("no .yaml, .yml or .json file"));
}

TEST(LoadManifests, SaysThatNoEndpointIsDeclared) {
  const TemporaryDirectory directory;
  const std::string file =
      directory.write("a.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: v}\n");
  EXPECT_EQ(only_message(load_manifests({file}, -1)), file + ": no DatabaseEndpoint is declared here");
}

TEST(LoadManifests, RefusesAnEndlessStreamInsteadOfReadingItAll) {
  resource::ManifestLimits limits;
  limits.bytes = std::size_t{1} << 20U;
  const Input input(std::string(limits.bytes + 100'000, '#'));
  EXPECT_EQ(only_message(load_manifests({"-"}, input.descriptor(), limits)),
            "-: is larger than 1 MiB; split it up");
}

TEST(LoadManifests, SaysThatStandardInputIsClosed) {
  EXPECT_THAT(only_message(load_manifests({"-"}, -1)), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace tlswarden::cli
