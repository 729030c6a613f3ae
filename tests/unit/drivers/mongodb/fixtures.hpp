#pragma once

#include <cstdlib>
#include <string>

#include "base/bytes.hpp"
#include "drivers/mongodb/libmongoc.hpp"

/// What a server sends, with documents written as JSON.
namespace tlswarden::drivers::mongodb::fixtures {

inline const std::string kMongod =
    R"({"ismaster": true, "maxBsonObjectSize": 16777216, "maxWireVersion": 21, "minWireVersion": 0, "ok": 1.0})";
inline const std::string kMongod34 = R"({"ismaster": true, "maxWireVersion": 5, "ok": 1.0})";
inline const std::string kMongos =
    R"({"ismaster": true, "msg": "isdbgrid", "maxWireVersion": 25, "ok": 1.0})";
inline const std::string kAtlas =
    R"({"ismaster": true, "setName": "atlas-1x2y3z-shard-0", "maxWireVersion": 25,
        "me": "ac-abc123-shard-00-00.xyz.mongodb.net:27017", "ok": 1.0})";
inline const std::string kBuildInfo =
    R"({"version": "7.0.14", "gitVersion": "unknown", "bits": 64, "ok": 1.0})";
inline const std::string kFerretBuildInfo =
    R"({"version": "7.0.42", "ferretdbVersion": "v1.24.0", "ok": 1.0})";
inline const std::string kUnauthorized =
    R"({"ok": 0.0, "errmsg": "Command buildInfo requires authentication", "code": 13, "codeName": "Unauthorized"})";
inline const std::string kWrongPassword =
    R"({"ok": 0.0, "errmsg": "Authentication failed.", "code": 18, "codeName": "AuthenticationFailed"})";
inline const std::string kShutdown =
    R"({"ok": 0.0, "errmsg": "The server is in quiesce mode", "code": 91, "codeName": "ShutdownInProgress"})";

inline base::Bytes bson(const std::string& json) {
  bson_error_t error;
  const BsonPtr document(bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                            static_cast<ssize_t>(json.size()), &error));
  if (document.get() == nullptr) std::abort();
  const std::uint8_t* bytes = bson_get_data(document.get());
  return {bytes, bytes + document.get()->len};
}

inline void put(base::Bytes& out, std::uint32_t number) {
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(number >> shift));
}

/// Any message: header, then `body`.
inline base::Bytes message(std::uint32_t operation, std::uint32_t answers, const base::Bytes& body) {
  base::Bytes out;
  put(out, static_cast<std::uint32_t>(16 + body.size()));
  put(out, 4711);
  put(out, answers);
  put(out, operation);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

inline base::Bytes op_msg(std::uint32_t answers, const std::string& json) {
  base::Bytes body(5, 0);
  const auto document = bson(json);
  body.insert(body.end(), document.begin(), document.end());
  return message(2013, answers, body);
}

inline base::Bytes op_reply(std::uint32_t answers, const std::string& json) {
  base::Bytes body(16, 0);
  body[0] = 8;  // AwaitCapable, as mongod has it
  put(body, 1);
  const auto document = bson(json);
  body.insert(body.end(), document.begin(), document.end());
  return message(1, answers, body);
}

/// OP_QUERY {isMaster: 1, helloOk: true}, written out.
inline base::Bytes is_master() {
  using namespace std::string_literals;
  return base::to_bytes("\x44\0\0\0\x01\0\0\0\0\0\0\0\xd4\x07\0\0"s +
                        "\0\0\0\0admin.$cmd\0\0\0\0\0\xff\xff\xff\xff"s +
                        "\x1d\0\0\0\x10isMaster\0\x01\0\0\0\x08helloOk\0\x01\0"s);
}
/// OP_MSG {buildInfo: 1, $db: "admin"}, written out.
inline base::Bytes build_info() {
  using namespace std::string_literals;
  return base::to_bytes("\x38\0\0\0\x02\0\0\0\0\0\0\0\xdd\x07\0\0"s + "\0\0\0\0\0"s + "\x23\0\0\0\x10"s +
                        "buildInfo\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0"s);
}
/// OP_QUERY {buildInfo: 1}, written out.
inline base::Bytes legacy_build_info() {
  using namespace std::string_literals;
  return base::to_bytes("\x3b\0\0\0\x02\0\0\0\0\0\0\0\xd4\x07\0\0"s +
                        "\0\0\0\0admin.$cmd\0\0\0\0\0\xff\xff\xff\xff"s + "\x14\0\0\0\x10"s +
                        "buildInfo\0\x01\0\0\0\0"s);
}

}  // namespace tlswarden::drivers::mongodb::fixtures
