#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tlswarden::cli {

/// How a value must be written so that a program reads back exactly that value and nothing else from where
/// it stands. Pure.
///
///   none        as it is: what is named in the text itself suffices
///   shell       a word of a POSIX shell, quoted where it must be
///   double      between the double quotes of Java, C#, Go, JavaScript, Python, HOCON and JSON
///   ruby        between the double quotes of Ruby
///   single      between the single quotes of PHP
///   xml         character data
///   properties  the value of a Java property
///   line        the rest of a line that knows no escapes (ini files)
///   tns         a value of Oracle Net's parameter files
///   conninfo    a value of libpq's keyword/value string (PostgreSQL manual 34.1.1.1)
///   dsn         a value of a PDO or sqlsrv data source name, which knows no escapes
///   uri         a component of a URI, everything but unreserved characters percent-encoded (RFC 3986)
///   uripath     the same, "/" left alone
///   authority   the host of a URI: an IPv6 address in brackets
///   adonet      a value of a .NET connection string
///   odbc        a value of an ODBC connection string
///   jdbcsql     a value of a mssql-jdbc URL
///
/// Nothing when the value cannot be written there at all (a line end where a line ends the value), or when
/// there is no rule of that name.
std::optional<std::string> quoted(std::string_view rule, std::string_view value);
bool is_quoting(std::string_view rule);

}  // namespace tlswarden::cli
