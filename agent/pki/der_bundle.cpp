#include "pki/bundle_forms.hpp"

#include <optional>

#include "pki/content_kind.hpp"
#include "pki/der.hpp"

namespace tlswarden::pki {

base::Result<Bundle, BundleError> parse_der_bundle(base::ByteView content) {
  BundleBuilder builder;
  base::ByteView rest = content;
  while (!rest.empty()) {
    const std::string place = " (byte " + std::to_string(content.size() - rest.size()) + ")";
    const std::string name = "certificate " + std::to_string(builder.certificates() + 1) + place;
    const std::optional<DerElement> element = take_der_element(rest);
    if (!element || element->tag != kSequence) {
      return invalid_bundle("there are bytes that belong to no certificate" + place +
                            "; fetch the file anew, or save it as PEM");
    }
    if (!element->complete) return invalid_bundle(name + " is cut short; fetch the file anew");
    const bool list = recognise_content(element->whole) == ContentKind::kDerRevocationList;
    const Added added = list ? builder.add_list(element->whole, "revocation list" + place)
                             : builder.add_certificate(element->whole, name);
    if (!added) return tl::unexpected<BundleError>(added.error());
  }
  return std::move(builder).finish("the DER content");
}

}  // namespace tlswarden::pki
