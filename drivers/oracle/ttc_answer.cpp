#include "drivers/oracle/ttc_answer.hpp"

#include <algorithm>

#include "drivers/oracle/ttc_value.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;

enum Message : std::uint8_t {
  kProtocol = 1,
  kDataTypes = 2,
  kError = 4,
  kRowHeader = 6,
  kRow = 7,
  kParameters = 8,
  kStatus = 9,
  kWarning = 15,
  kDescription = 16,
  kPiggyback = 23,
};
enum Piggyback : std::uint8_t {
  kCacheInvalidation = 1,
  kProcess = 2,
  kTrace = 3,
  kSession = 4,
  kSync = 5,
  kTransaction = 7,
  kReplay = 8,
  kExtendedSync = 9,
};

constexpr std::uint32_t kNoData = 1403;
constexpr std::uint64_t kMostElements = 256;
constexpr std::size_t kFieldsAt = 7;
constexpr std::uint8_t kWithColumnId = 8;  // 12.2
constexpr std::uint8_t kVarchar = 1;
constexpr std::uint8_t kChar = 96;

class Parser {
 public:
  Parser(base::ByteView bytes, Asked asked, std::uint8_t fields)
      : in_(bytes), asked_(asked), fields_(fields) {}

  base::Result<std::optional<TtcAnswer>, Cause> run() {
    bool over = false;
    while (in_.good() && !over)
      over = take_message();
    if (in_.is_broken()) return tl::unexpected(Cause::kMalformedMessage);
    if (in_.is_short()) return std::nullopt;
    return std::move(answer_);
  }

 private:
  /// True when it is the last one of an answer.
  bool take_message() {
    const std::uint8_t message = in_.byte();
    switch (message) {
      case kProtocol:
        take_protocol();
        return true;
      case kDataTypes:
        take_data_types();
        return true;
      case kError:
        take_error();
        return true;
      case kStatus:
        in_.skip_values("nn");
        return true;
      case kParameters:
        asked_ == Asked::kLogin ? take_login_parameters() : skip_query_parameters();
        return false;
      case kWarning:
        take_warning();
        return false;
      case kPiggyback:
        skip_piggyback();
        return false;
      default:
        asked_ == Asked::kQuery ? take_result(message) : in_.fail();
        return false;
    }
  }

  void take_result(std::uint8_t message) {
    switch (message) {
      case kDescription:
        return take_description();
      case kRowHeader:
        in_.skip_values("bnnnntt");
        return;
      case kRow:
        if (!described_) return in_.fail();
        if (std::string value = in_.text(); !answer_.value) answer_.value = std::move(value);
        return;
      default:
        in_.fail();
    }
  }

  /// One column of characters; nothing else is asked for.
  void take_description() {
    in_.text();
    in_.number();
    if (in_.number() != 1 && in_.good()) return in_.fail();
    in_.skip(1);
    const std::uint8_t type = in_.byte();
    if (type != kVarchar && type != kChar && in_.good()) return in_.fail();
    in_.skip_values("bbbnnntnnbn");  // sizes, character set
    if (fields_ >= kWithColumnId) in_.number();
    in_.skip_values("bbtttnn");  // its name, and that of a type
    in_.skip_values("tnnnnt");   // of the cursor
    described_ = true;
  }

  void take_protocol() {
    in_.skip(2);
    while (in_.good() && in_.byte() != 0) {
    }
    in_.skip(3);  // character set, flags
    const std::uint8_t low = in_.byte();
    in_.skip(std::uint64_t{5} * (low | in_.byte() << 8));
    in_.skip(in_.big_endian16());
    const std::string compiled = in_.text();
    in_.text();
    if (!in_.good()) return;
    if (compiled.size() <= kFieldsAt) return in_.fail();
    answer_.fields = static_cast<std::uint8_t>(compiled[kFieldsAt]);
  }

  void take_data_types() {
    while (in_.good() && in_.big_endian16() != 0) {
      if (in_.big_endian16() != 0) in_.skip(4);
    }
  }

  std::uint64_t count() {
    const std::uint64_t value = in_.number();
    if (value > kMostElements) in_.fail();
    return in_.good() ? value : 0;
  }

  void take_error() {
    in_.skip_values("nnnnnnnn");     // status, sequence, row, number, two of an array, cursor, position
    in_.skip_values("bbbbbbnnbnn");  // flags, the row's address
    in_.skip_values("nbbnnt");       // the system's error, another address
    // Errors of single rows, which no query of ours has.
    for (int i = 0; i < 3; ++i) {
      if (in_.number() != 0) in_.fail();
    }
    answer_.error = static_cast<std::uint32_t>(in_.number());
    in_.number();
    if (answer_.error != 0) answer_.error_text = in_.text();
    if (asked_ == Asked::kQuery && answer_.error == kNoData) answer_.error = 0;
  }

  void take_login_parameters() {
    const std::uint64_t many = count();
    for (std::uint64_t i = 0; i < many && in_.good(); ++i) {
      std::string key = in_.optional_text();
      std::string value = in_.optional_text();
      const auto flags = static_cast<std::uint32_t>(in_.number());
      if (key == "AUTH_VFR_DATA") answer_.verifier_type = flags;
      answer_.parameters.emplace_back(std::move(key), std::move(value));
    }
  }

  void skip_query_parameters() {
    for (std::uint64_t left = count(); left > 0 && in_.good(); --left)
      in_.number();
    in_.skip(in_.number());
    skip_elements(count());
    in_.skip(in_.number());
  }

  void take_warning() {
    const std::uint64_t number = in_.number();
    const std::uint64_t size = in_.number();
    in_.number();
    if (number != 0 && size > 0) in_.text();
  }

  void skip_piggyback() {
    switch (in_.byte()) {
      case kCacheInvalidation:
      case kTrace:
        return;
      case kProcess:
        return skip_process();
      case kTransaction:
        return in_.skip_values("t");
      case kSession:
        in_.skip_values("nb");
        if (const auto many = count(); many > 0) {
          in_.skip(1);
          skip_elements(many);
        }
        return in_.skip_values("nnn");
      case kSync:
        return skip_sync();
      case kReplay:
        return in_.skip_values("nbnnbt");
      case kExtendedSync:
        return in_.skip_values("nb");
      default:
        in_.fail();
    }
  }

  void skip_process() {
    const std::uint64_t size = in_.number();
    in_.skip(1);
    in_.skip(size);
  }

  void skip_sync() {
    in_.skip_values("nb");
    const std::uint64_t many = count();
    in_.skip(1);
    skip_elements(many);
    in_.number();
  }

  void skip_elements(std::uint64_t many) {
    for (; many > 0 && in_.good(); --many)
      in_.skip_values("ttn");
  }

  TtcReader in_;
  Asked asked_;
  std::uint8_t fields_;
  TtcAnswer answer_;
  bool described_ = false;
};

}  // namespace

std::string TtcAnswer::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == parameters.end() ? std::string() : found->second;
}

base::Result<std::optional<TtcAnswer>, Cause> parse_answer(base::ByteView bytes, Asked asked,
                                                           std::uint8_t fields) {
  return Parser(bytes, asked, fields).run();
}

}  // namespace tlswarden::drivers::oracle
