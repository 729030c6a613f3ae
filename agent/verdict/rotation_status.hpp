#pragma once

#include <optional>

#include "resource/status.hpp"
#include "verdict/assessment.hpp"

namespace tlswarden::verdict {

/// How far the rotation of what expires first has come, and the last rotation that was seen: a leaf or
/// client certificate in the place of the one that the last status knows. Nothing while no certificate was
/// ever known.
///
/// A server's certificate has been rotated when, under the same spec, the server serves another one that is
/// no older (served_history.hpp). With several members it has been once none of them serves the old one any
/// more (member_rotations.hpp). It has not when the name leads to several servers of which this is another
/// one, when it came back to what the last rotation replaced (which is a matter of drift), or when the
/// certificate was there before the last rotation was seen: several servers that take turns behind one
/// address then show at most one rotation instead of one at each check.
std::optional<resource::RotationStatus> rotation_status(const Assessment& assessment);

}  // namespace tlswarden::verdict
