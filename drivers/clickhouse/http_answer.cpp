#include "drivers/clickhouse/http_answer.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using common::HttpRequest;
using common::HttpResponse;

constexpr unsigned kOk = 200;
constexpr std::string_view kVersionQuery = "/?query=SELECT%20version()";
constexpr std::string_view kMadeUpUser = "tlswarden-probe";

base::Secret get(const probe::Target& target, HttpRequest request) {
  const auto host = common::http_host(target.host, target.port);
  request.host = host;
  return common::format_request(request);
}

/// "Code: 516. DB::Exception: …" and, before 21, "Code: 192, e.displayText() = DB::Exception: …".
int code_in(std::string_view text) {
  constexpr std::string_view kMark = "Code: ";
  int code = 0;
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  std::from_chars(text.data(), text.data() + text.size(), code);
  return code;
}

bool is_exception(std::string_view body) {
  return body.starts_with("Code: ") && body.find("DB::") != std::string_view::npos;
}

}  // namespace

base::Secret ping_request(const probe::Target& target, bool last) {
  HttpRequest request;
  request.target = "/ping";
  request.last = last;
  return get(target, std::move(request));
}

base::Secret made_up_query(const probe::Target& target) {
  HttpRequest request;
  request.target = kVersionQuery;
  request.fields = {{"X-ClickHouse-User", kMadeUpUser}};
  return get(target, std::move(request));
}

std::optional<base::Secret> version_query(const probe::Target& target) {
  const auto user = target.credentials->username.reveal();
  const auto key = target.credentials->password.reveal();
  if (!common::fits_field(user) || !common::fits_field(key)) return std::nullopt;
  std::string path(kVersionQuery);
  if (!target.database.empty()) path += "&database=" + base::percent_encoded(target.database);
  HttpRequest request;
  request.target = path;
  if (!user.empty()) request.fields.emplace_back("X-ClickHouse-User", user);
  if (!key.empty()) request.fields.emplace_back("X-ClickHouse-Key", key);
  return get(target, std::move(request));
}

Speaker speaker_of(const HttpResponse& response) {
  if (response.body.find("is for clickhouse-client program") != std::string::npos)
    return Speaker::kNativePort;
  const bool marked = std::any_of(response.fields.begin(), response.fields.end(),
                                  [](const auto& field) { return field.first.starts_with("x-clickhouse-"); });
  const bool pong = response.status == kOk && response.body == "Ok.\n";
  return marked || pong || is_exception(response.body) ? Speaker::kHttpInterface : Speaker::kOther;
}

std::optional<ServerError> error_in(const HttpResponse& response) {
  if (response.status == kOk && !is_exception(response.body)) return std::nullopt;
  const auto told = response.field("x-clickhouse-exception-code");
  return ServerError{code_in(told.empty() ? response.body : told), response.body};
}

std::string version_of(const HttpResponse& response) {
  constexpr std::size_t kMaxVersion = 64;
  if (error_in(response)) return version_in(response.body);
  const auto text = base::trimmed(response.body);
  const bool is_version = text.size() <= kMaxVersion && text.find('.') != std::string_view::npos &&
                          text.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_version ? std::string(text) : std::string();
}

}  // namespace tlswarden::drivers::clickhouse
