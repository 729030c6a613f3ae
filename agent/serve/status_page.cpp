#include "serve/status_page.hpp"

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace tlswarden::serve {
namespace {

using reconcile::EndpointViewPtr;
using verdict::Severity;

constexpr const char* kHead = R"html(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30"><title>tlswarden</title><style>
:root { color-scheme: light dark; --edge: #d5dae1; --dim: #5b6675; --ok: #1a7f37; --warn: #946200; --bad: #c62828; }
@media (prefers-color-scheme: dark) {
  :root { --edge: #3a424d; --dim: #9aa5b4; --ok: #4cc469; --warn: #e0a92e; --bad: #ff7b72; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; }
h1 { font-size: 1.3rem; margin: 0; } p { color: var(--dim); }
div { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--edge); }
th { color: var(--dim); font-weight: 600; white-space: nowrap; } td.fit { white-space: nowrap; }
.ok { color: var(--ok); } .warning { color: var(--warn); } .critical { color: var(--bad); } .unknown { color: var(--dim); }
</style></head><body><h1>tlswarden</h1>
)html";

struct Mark {
  const char* style;
  const char* word;
};

Mark mark_of(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return {"ok", "OK"};
    case Severity::kWarning:
      return {"warning", "WARNING"};
    case Severity::kCritical:
      return {"critical", "CRITICAL"};
    case Severity::kUnknown:
      break;
  }
  return {"unknown", "UNKNOWN"};
}

int rank(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return 0;
    case Severity::kWarning:
      return 1;
    case Severity::kUnknown:
      return 2;
    case Severity::kOk:
      break;
  }
  return 3;
}

std::string cell(std::string_view text, bool narrow = true) {
  return std::string(narrow ? "<td class=\"fit\">" : "<td>") + escaped_html(text.empty() ? "–" : text) +
         "</td>";
}

std::string expiry_text(const resource::EndpointStatus& status, base::WallTime now) {
  if (!status.expiry) return {};
  return status.expiry->role + " " + base::format_date(status.expiry->not_after) + ", " +
         base::describe_distance(now, status.expiry->not_after);
}

std::string row(const reconcile::EndpointView& view, base::WallTime now) {
  const resource::EndpointSpec& spec = view.endpoint->spec;
  const resource::EndpointStatus& status = view.status;
  const Mark mark = mark_of(view.severity);
  std::string html = "<tr><td class=\"fit " + std::string(mark.style) + "\">" + mark.word + "</td>";
  html += cell(view.endpoint->key());
  html += cell(resource::to_string(spec.engine));
  html += cell(spec.host + ":" + std::to_string(spec.port));
  html += cell(resource::to_string(spec.tls.mode));
  html += cell(status.strongest_mode ? resource::to_string(*status.strongest_mode) : "");
  html += cell(expiry_text(status, now));
  html += cell(status.server.version.value_or(""));
  html += cell(view.last_check ? base::describe_distance(now, *view.last_check) : "not yet");
  return html + cell(view.headline, false) + "</tr>\n";
}

std::string summary(const std::vector<EndpointViewPtr>& views, base::WallTime now, bool synced) {
  const auto count = [&](Severity severity) {
    return std::to_string(std::count_if(views.begin(), views.end(),
                                        [&](const auto& view) { return view->severity == severity; }));
  };
  std::string text = std::to_string(views.size()) + " endpoints: " + count(Severity::kCritical) +
                     " critical, " + count(Severity::kWarning) + " warning, " + count(Severity::kUnknown) +
                     " unknown, " + count(Severity::kOk) + " OK. As of " + base::format_rfc3339(now) + ".";
  if (!synced) text += " They are still being read.";
  return "<p>" + text + " <a href=\"/metrics\">Metrics</a></p>\n";
}

std::string paragraph(const char* style, const std::string& text) {
  return std::string("<p class=\"") + style + "\">" + escaped_html(text) + "</p>\n";
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// Namespaces that are done without; empty when there are none.
std::string unread(const std::map<std::string, bool>& namespaces) {
  std::string names;
  for (const auto& [ns, refused] : namespaces)
    if (refused) names += (names.empty() ? "" : ", ") + ns;
  if (names.empty()) return {};
  return paragraph("critical", "Not followed, for this agent may not: the endpoints of the namespaces " +
                                   names +
                                   ". Give its user the rights get, list and watch on "
                                   "databaseendpoints.tlswarden.dev there, with a Role and a RoleBinding.");
}

/// What the table is a part of, and whether it can be trusted to be that.
std::string standing(const reconcile::ClusterLoad& cluster, std::size_t shown, bool synced) {
  std::string html;
  if (cluster.members == 0) {
    html += paragraph("critical",
                      "This replica is cut off: it checks nothing until it can write its Lease again. "
                      "Meanwhile its share is for "
                      "the replicas that can. Its log says why.");
  } else if (synced && cluster.members == 1) {
    html += paragraph("share", "This replica alone checks the " + counted(cluster.endpoints, "endpoint") +
                                   " in the cluster.");
    // What was refused, or waits for its Secrets, is on no replica's page.
    if (cluster.endpoints > shown) {
      html += paragraph("warning", "Not checked: " + std::to_string(cluster.endpoints - shown) +
                                       " of them; kubectl get dbe -A tells why.");
    }
  } else if (synced) {
    html += paragraph("share", "Only this replica's share: " + std::to_string(shown) + " of " +
                                   counted(cluster.endpoints, "endpoint") + " in the cluster, which " +
                                   counted(cluster.members, "replica") +
                                   " check together. All of them: kubectl get dbe -A");
  }
  html += unread(cluster.namespaces);
  if (!cluster.problem.empty()) {
    html += paragraph("critical", "Changes of the cluster do not arrive: " + cluster.problem + ".");
  }
  if (cluster.pending_writes != 0) {
    html += paragraph("warning", "Not yet written to the cluster: the status of " +
                                     counted(cluster.pending_writes, "endpoint") + ".");
  }
  return html;
}

}  // namespace

std::string escaped_html(std::string_view text) {
  std::string escaped;
  // Nothing here is longer; a bound all the same, since some of it came from a server.
  for (const char c : base::printable(text, 2000)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped.push_back(c);
    }
  }
  return escaped;
}

std::string status_page(const std::vector<EndpointViewPtr>& views, base::WallTime now, bool synced,
                        const reconcile::ClusterLoad* cluster) {
  std::vector<EndpointViewPtr> sorted = views;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return rank(a->severity) < rank(b->severity); });
  std::string html = kHead + summary(views, now, synced);
  if (cluster != nullptr) html += standing(*cluster, views.size(), synced);
  html +=
      "<div><table><thead><tr><th>State</th><th>Endpoint</th><th>Engine</th><th>Address</th><th>Mode</th>"
      "<th>Strongest</th><th>Expires first</th><th>Version</th><th>Checked</th><th>What "
      "matters</th></tr></thead>"
      "<tbody>\n";
  for (const EndpointViewPtr& view : sorted)
    html += row(*view, now);
  return html + "</tbody></table></div></body></html>\n";
}

}  // namespace tlswarden::serve
