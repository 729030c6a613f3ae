#include "drivers/sqlserver/prelogin.hpp"

#include <gtest/gtest.h>
