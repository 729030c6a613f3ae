#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "kube/api_error.hpp"
#include "kube/api_request.hpp"
#include "kube/cancellation.hpp"
#include "kube/cluster_access.hpp"
#include "kube/write_budget.hpp"

namespace tlswarden::kube {

struct ApiClientOptions {
  std::string user_agent;         ///< see user_agent()
  WriteBudget* writes = nullptr;  ///< asked before every write; null: no limit
  /// Told of every attempt, from the thread that made it: 0 where no answer came. For metrics.
  std::function<void(Verb, int code)> observer = {};
  /// Told of every warning of the server, from the thread that made the request: printable, bounded, and as
  /// often as the server repeats it.
  std::function<void(const std::string&)> warned = {};
};

/// What tlswarden calls itself to the server: `<binary>/<version> (<os>/<arch>) kubernetes/<commit>` in
/// client-go's form; field managers are named after its beginning.
std::string user_agent(std::string_view version);

/// Talks to one API server as one user. Blocking; safe from any thread, each request on a connection of its
/// own, of which a few are kept for the next ones.
///
/// Asks again, up to 10 times within the request's timeout, where client-go does: after 429 and 5xx that
/// carry Retry-After, though twice as long after each further one, up to half a minute; and a GET after a
/// connection that broke before the answer. Beyond that, after a 401 once, if the credentials have changed by
/// then. A write whose answer did not come is not repeated: its outcome is unknown, and the caller looks.
///
/// The process must ignore SIGPIPE.
class ApiClient {
 public:
  /// All but `access` must outlive this object. Cancelling ends what is under way and refuses what follows.
  ApiClient(const ClusterAccess& access, ApiClientOptions options, const base::Clock& clock, Pause& pause,
            const Cancellation& cancellation);
  ~ApiClient();
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  /// The body of a success (2xx).
  base::Result<std::string, ApiError> call(const ApiRequest& request);
  /// As call(), read as JSON; kMalformed when it is none.
  base::Result<nlohmann::ordered_json, ApiError> call_json(const ApiRequest& request);

  /// Takes a piece of a body; false when that is enough.
  using Sink = std::function<bool(std::string_view)>;
  enum class StreamEnd { kEnded, kStopped };
  /// Gives the body of a success to `sink` as it comes, in pieces with arbitrary borders; an empty one tells
  /// that the server has agreed, for nothing else may come for long. Once a byte was given nothing is
  /// repeated. `request.largest_answer` is not looked at.
  base::Result<StreamEnd, ApiError> stream(const ApiRequest& request, const Sink& sink);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::kube
