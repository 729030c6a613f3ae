#pragma once

// The one place that includes FreeTDS.
#include <sybfront.h>
// After its types.
#include <sybdb.h>

#include <memory>

namespace tlswarden::drivers::sqlserver {

struct LoginRecordReleaser {
  void operator()(LOGINREC* record) const { dbloginfree(record); }
};
struct ProcessReleaser {
  void operator()(DBPROCESS* process) const { dbclose(process); }
};
using LoginRecordPtr = std::unique_ptr<LOGINREC, LoginRecordReleaser>;
using ProcessPtr = std::unique_ptr<DBPROCESS, ProcessReleaser>;

}  // namespace tlswarden::drivers::sqlserver
