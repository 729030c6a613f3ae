#include "pki/prompts.hpp"

#include "pki/openssl.hpp"

namespace tlswarden::pki {

void forbid_passphrase_prompts() {
  UI_set_default_method(UI_null());
}

}  // namespace tlswarden::pki
