#include "drivers/oracle/session.hpp"
