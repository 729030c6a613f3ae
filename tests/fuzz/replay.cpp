#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// In place of a fuzzer's main: runs the target over every file of the directories named, whole and cut to
/// each half of what is left. Fails where there is nothing to run over.
int main(int count, char** arguments) {
  std::size_t files = 0;
  for (int i = 1; i < count; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::vector<char> content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
      const std::vector<std::uint8_t> bytes(content.begin(), content.end());
      ++files;
      for (std::size_t size = bytes.size(); size > 0; size /= 2)
        LLVMFuzzerTestOneInput(bytes.data(), size);
    }
  }
  std::printf("%zu files\n", files);
  return files > 0 ? 0 : 1;
}
