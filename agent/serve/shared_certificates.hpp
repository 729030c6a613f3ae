#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "reconcile/board.hpp"
#include "reconcile/stored_certificates.hpp"

namespace tlswarden::serve {

/// The series by which one alert can speak of many endpoints: when a certificate expires that several may
/// depend on, when the first of them calls for a new one, and how many do in each namespace. For every
/// intermediate, CA and client certificate, and for a server's certificate that at least two of `views` and
/// `others` share; `others` are endpoints that are not among `views`, because other replicas check them.
///
/// At most verdict::kMostServedInPath certificates of a server, as many of the client and one CA count, so
/// that the number of series is bounded by the number of endpoints; in practice there are few, for they are
/// shared. What a certificate calls itself is a label only where it can be believed
/// (PathCertificate::verified): at most 128 characters, escaped. Time is linear in the number of endpoints.
std::vector<prometheus::MetricFamily> shared_certificate_metrics(
    const std::vector<reconcile::EndpointViewPtr>& views,
    const reconcile::StoredCertificates::Entries& others = {});

/// The same of what no status tells, so that the leader of the replicas that are not this one cannot know it:
/// client certificates with what is presented along with them, and what only further members serve.
std::vector<prometheus::MetricFamily> untold_certificate_metrics(
    const std::vector<reconcile::EndpointViewPtr>& views);

}  // namespace tlswarden::serve
