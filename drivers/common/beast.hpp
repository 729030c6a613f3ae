#pragma once

// The one place that includes Boost.Beast: its parser of responses only, fed by hand. Its streams are not
// used.
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
