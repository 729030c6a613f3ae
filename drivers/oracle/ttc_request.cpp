#include "drivers/oracle/ttc_request.hpp"

#include <array>
#include <utility>

#include "drivers/oracle/data_types.hpp"
#include "drivers/oracle/ttc_value.hpp"

namespace tlswarden::drivers::oracle {
namespace {

enum : std::uint8_t { kProtocol = 1, kDataTypes = 2, kFunction = 3 };
enum : std::uint8_t { kLogoff = 9, kExecute = 94, kLoginSecond = 115, kLoginFirst = 118 };

constexpr std::string_view kName = "tlswarden";
// The version of the client whose messages these are.
constexpr std::string_view kClientVersion = "18878464";
constexpr std::string_view kUtf8 = "873";
constexpr std::uint32_t kLogOn = 0x0001;
constexpr std::uint32_t kWithPassword = 0x0100;

// The call's number on this connection; servers look at it for nothing but a trace.
constexpr std::uint8_t kFirstCall = 1;

TtcWriter function(std::uint8_t code, std::uint8_t call) {
  TtcWriter message;
  message.byte(kFunction).byte(code).byte(call);
  return message;
}

// Positions and values of python-oracledb's Capabilities, the zeros left out.
constexpr std::size_t kFieldsAt = 7;
constexpr std::array<std::pair<std::uint8_t, std::uint8_t>, 17> kCompiled{{{0, 6},
                                                                           {4, 0x6A},
                                                                           {7, kMostFields},
                                                                           {8, 1},
                                                                           {15, 0x29},
                                                                           {16, 0x90},
                                                                           {17, 3},
                                                                           {18, 7},
                                                                           {19, 3},
                                                                           {21, 1},
                                                                           {23, 3},
                                                                           {26, 4},
                                                                           {27, 1},
                                                                           {31, 0x10},
                                                                           {34, 12},
                                                                           {37, 0xB0},
                                                                           {40, 4}}};
constexpr std::size_t kCompiledSize = 45;
constexpr std::array<std::uint8_t, 7> kRuntime{2, 0, 0, 0, 0, 0, 5};

}  // namespace

base::Bytes protocol_request() {
  TtcWriter message;
  message.byte(kProtocol).byte(6).byte(0).characters(kName).byte(0);
  return message.take();
}

base::Bytes data_types_request(std::uint8_t fields) {
  // AL32UTF8 twice, of several bytes to a character.
  constexpr std::array<std::uint8_t, 5> kCharacterSets{0x69, 0x03, 0x69, 0x03, 0x01};
  base::Bytes compiled(kCompiledSize, 0);
  for (const auto& [at, value] : kCompiled)
    compiled[at] = value;
  compiled[kFieldsAt] = fields;
  TtcWriter message;
  message.byte(kDataTypes).bytes(kCharacterSets).byte(kCompiledSize).bytes(compiled);
  message.byte(kRuntime.size()).bytes(kRuntime).bytes(data_type_list());
  return message.take();
}

base::Bytes login_request(std::string_view user) {
  auto message = function(kLoginFirst, kFirstCall);
  message.byte(1).number(user.size()).number(kLogOn).byte(1).number(5).byte(0).byte(1).characters(user);
  message.pair("AUTH_TERMINAL", "unknown").pair("AUTH_PROGRAM_NM", kName).pair("AUTH_MACHINE", kName);
  message.pair("AUTH_PID", "1").pair("AUTH_SID", kName);
  return message.take();
}

base::Bytes login_answer(std::string_view user, const LogonAnswer& answer) {
  auto message = function(kLoginSecond, kFirstCall + 1);
  const bool speedy = !answer.speedy_key.empty();
  message.byte(1).number(user.size()).number(kLogOn | kWithPassword).byte(1).number(speedy ? 6 : 5);
  message.byte(1).byte(1).characters(user);
  message.pair("AUTH_SESSKEY", answer.session_key, 1).pair("AUTH_PASSWORD", answer.password);
  if (speedy) message.pair("AUTH_PBKDF2_SPEEDY_KEY", answer.speedy_key);
  message.pair("SESSION_CLIENT_CHARSET", kUtf8).pair("SESSION_CLIENT_DRIVER_NAME", kName);
  message.pair("SESSION_CLIENT_VERSION", kClientVersion);
  return message.take();
}

base::Bytes query_request(std::string_view sql, std::uint8_t fields) {
  constexpr std::uint32_t kParseExecuteFetch = 0x8061;
  constexpr std::uint32_t kRows = 2;
  constexpr std::uint32_t kLongest = 0x7FFFFFFF;
  constexpr std::uint32_t kImplicitResults = 0x8000;
  constexpr std::uint8_t kWithSignature = 8;  // 12.2
  constexpr std::uint8_t kWithChunks = 9;
  const auto zeros = [](TtcWriter& message, std::size_t count) { message.bytes(base::Bytes(count, 0)); };
  auto message = function(kExecute, kFirstCall + 2);
  message.number(kParseExecuteFetch).number(0).byte(1).number(sql.size()).byte(1).number(13);
  zeros(message, 3);  // nowhere to put results, no prefetch size
  message.number(kRows).number(kLongest);
  zeros(message, 11);  // no binds, no definitions, no registration, no objects
  message.byte(1);
  zeros(message, 8);
  if (fields >= kWithSignature) zeros(message, 5);
  if (fields >= kWithChunks) zeros(message, 2);
  message.characters(sql).number(1);
  zeros(message, 6);
  message.number(1).number(0).number(kImplicitResults);
  zeros(message, 3);
  return message.take();
}

base::Bytes logoff_request() {
  return function(kLogoff, kFirstCall + 3).take();
}

}  // namespace tlswarden::drivers::oracle
