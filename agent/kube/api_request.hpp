#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "kube/cancellation.hpp"

namespace tlswarden::kube {

enum class Verb { kGet, kPost, kPut, kPatch, kDelete };

/// "GET", "POST" …
const char* to_string(Verb verb);

/// The media types that this agent sends.
inline constexpr const char* kJson = "application/json";
inline constexpr const char* kMergePatch = "application/merge-patch+json";
/// Server-side apply: JSON is YAML, so the body may be either.
inline constexpr const char* kApplyPatch = "application/apply-patch+yaml";
/// Asks for lists and objects as the server's own rows and columns (meta.k8s.io/v1 Table), as kubectl does.
inline constexpr const char* kTable = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

using Query = std::vector<std::pair<std::string, std::string>>;

/// One request to the API. Everything in it is replayed when the server asks to come again later.
struct ApiRequest {
  Verb verb = Verb::kGet;
  std::string path;               ///< "/apis/…", its segments already encoded where they need it
  Query query = {};               ///< not yet encoded
  std::string content_type = {};  ///< empty: no body
  std::string body = {};
  /// For the whole, pauses between attempts included.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  std::size_t largest_answer = std::size_t{16} << 20U;  ///< bytes, decompressed; more is an error
  /// Ends this request alone: a child of the client's own. Null: only the client's does.
  const Cancellation* cancellation = nullptr;
  std::string accept = kJson;  ///< the form of the answer; an error is always JSON
};

/// PATH?KEY=VALUE&…, percent-encoded (RFC 3986).
std::string target_of(const ApiRequest& request);
/// A segment of a path, percent-encoded: for names that a person gave.
std::string path_segment(const std::string& name);

}  // namespace tlswarden::kube
