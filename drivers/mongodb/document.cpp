#include "drivers/mongodb/document.hpp"

#include <algorithm>
#include <cmath>

#include "drivers/mongodb/libmongoc.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

/// A length in front and a zero byte at the end.
constexpr std::size_t kSmallest = 5;

std::size_t length_of(base::ByteView bytes) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i)
    length |= std::size_t{bytes[i]} << (8 * i);
  return length;
}

bool well_formed(base::ByteView bytes) {
  bson_t document;
  bson_iter_t element;
  if (!bson_init_static(&document, bytes.data(), bytes.size()) || !bson_iter_init(&element, &document))
    return false;
  while (bson_iter_next(&element)) {
  }
  // libbson tells a broken element from the end by this alone.
  return element.err_off == 0;
}

bool find(base::ByteView bytes, std::string_view path, bson_iter_t& found) {
  bson_t document;
  bson_iter_t root;
  return !bytes.empty() && bson_init_static(&document, bytes.data(), bytes.size()) &&
         bson_iter_init(&root, &document) &&
         bson_iter_find_descendant(&root, std::string(path).c_str(), &found);
}

}  // namespace

std::optional<Document> Document::at_front_of(base::ByteView bytes) {
  if (bytes.size() < kSmallest) return std::nullopt;
  const auto length = length_of(bytes);
  if (length < kSmallest || length > bytes.size() || !well_formed(bytes.first(length))) return std::nullopt;
  Document document;
  document.bytes_.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
  return document;
}

std::string Document::text(std::string_view path, std::size_t limit) const {
  bson_iter_t found;
  if (!find(bytes_, path, found) || !BSON_ITER_HOLDS_UTF8(&found)) return {};
  std::uint32_t length = 0;
  const char* text = bson_iter_utf8(&found, &length);
  return {text, std::min<std::size_t>(length, limit)};
}

std::optional<std::int64_t> Document::number(std::string_view path) const {
  bson_iter_t found;
  if (!find(bytes_, path, found)) return std::nullopt;
  if (BSON_ITER_HOLDS_DOUBLE(&found)) {
    constexpr double kExact = 9007199254740992.0;  // up to here a double holds every integer
    const double value = bson_iter_double(&found);
    if (!(std::abs(value) <= kExact)) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  if (!BSON_ITER_HOLDS_INT(&found) && !BSON_ITER_HOLDS_BOOL(&found)) return std::nullopt;
  return bson_iter_as_int64(&found);
}

}  // namespace tlswarden::drivers::mongodb
