#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tlswarden::cli {

/// What placeholders stand for; a flag is a name with an empty value.
using TemplateValues = std::map<std::string, std::string, std::less<>>;

/// Fills in a text of schema/clients.yaml. The language is a part of Mustache:
///   {{name}}             the value, escaped by `quoting`
///   {{name|uri|adonet}}  the value through these rules of cli/quoting.hpp, then through `quoting`
///   {{#name}}…{{/name}}  left out where there is no such value; {{^name}}…{{/name}} left out where there is
///   {{#shell}}…{{/shell}}  for any rule of cli/quoting.hpp: what is inside becomes one value, escaped by it;
///                        a placeholder inside has only the rules that it names itself
/// A line that holds nothing but the beginning or end of a section leaves no line behind.
/// An Error when the template itself is wrong (a placeholder without a value among it), or when a value
/// cannot be written where it stands.
base::Result<std::string> fill_template(std::string_view text, const TemplateValues& values,
                                        std::string_view quoting);

/// `part` with `spelling` in place of {{mode}}; where that stands alone on its line, each line of `spelling`
/// is indented like it.
std::string insert_spelling(std::string_view part, std::string_view spelling);

}  // namespace tlswarden::cli
