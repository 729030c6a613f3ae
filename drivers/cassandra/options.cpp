#include "drivers/cassandra/options.hpp"

#include "drivers/cassandra/body.hpp"

namespace tlswarden::drivers::cassandra {

std::optional<Supported> read_supported(base::ByteView bytes) {
  Body body(bytes);
  Supported supported;
  bool cql = false, astra = false;
  for (auto keys = body.u16(); keys > 0 && body.sound(); --keys) {
    const auto key = body.string();
    if (key == "CQL_VERSION") cql = true;
    if (key.starts_with("SCYLLA_")) supported.scylla = true;
    for (auto values = body.u16(); values > 0 && body.sound(); --values) {
      // How the drivers of DataStax recognise their cloud.
      if (body.string() == "DATASTAX_APOLLO" && key == "PRODUCT_TYPE") astra = true;
    }
  }
  if (!body.sound() || !cql) return std::nullopt;
  supported.product = "Cassandra";
  if (astra) supported.product = "DataStax Astra";
  if (supported.scylla) supported.product = "ScyllaDB";
  return supported;
}

OptionsAnswer::State OptionsAnswer::feed(base::ByteView bytes) {
  reader_.feed(bytes);
  auto next = reader_.next();
  if (!next) {
    broken_ = next.error();
    return State::kBroken;
  }
  const auto& frame = *next;
  if (!frame) return State::kReading;
  if (frame->opcode == Opcode::kError) {
    error_ = read_error(frame->body);
    return State::kError;
  }
  auto supported = frame->opcode == Opcode::kSupported ? read_supported(frame->body) : std::nullopt;
  if (!supported) {
    broken_ = probe::Cause::kMalformedMessage;
    return State::kBroken;
  }
  supported_ = *std::move(supported);
  return State::kSupported;
}

}  // namespace tlswarden::drivers::cassandra
