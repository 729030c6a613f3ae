#include "verdict/rehearsal_steps.hpp"

#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using resource::Reference;

/// A key of a Secret as kubectl's jsonpath spells it: dots are its own.
std::string jsonpath_key(const std::string& key) {
  std::string path;
  for (const char c : key)
    path += c == '.' ? std::string("\\.") : std::string(1, c);
  return path;
}

/// A POSIX shell's word.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text)
    word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// Prints the bundle that a reference points at; empty where no command does.
std::string print_command(const Reference& reference, const std::string& ns) {
  switch (reference.kind) {
    case Reference::Kind::kSecretKey:
      return "kubectl -n " + ns + " get secret " + reference.name + " -o jsonpath='{.data." +
             jsonpath_key(reference.key) + "}' | base64 -d";
    case Reference::Kind::kConfigMapKey:
      return "kubectl -n " + ns + " get configmap " + reference.name + " -o jsonpath='{.data." +
             jsonpath_key(reference.key) + "}'";
    case Reference::Kind::kFile:
      return "cat " + shell_word(reference.text);
    default:
      return {};
  }
}

/// Puts both.pem where a reference points at, and leaves the other keys there alone.
std::string store_command(const Reference& reference, const std::string& ns) {
  switch (reference.kind) {
    case Reference::Kind::kSecretKey:
      return "kubectl -n " + ns + " patch secret " + reference.name + " --type merge -p " +
             R"("{\"data\":{\")" + reference.key + R"(\":\"$(base64 -w0 both.pem)\"}}")";
    case Reference::Kind::kConfigMapKey:
      return "kubectl -n " + ns + " create configmap " + reference.name + " --from-file=" + reference.key +
             "=both.pem --dry-run=client -o yaml | kubectl -n " + ns +
             " apply --server-side --force-conflicts -f -";
    case Reference::Kind::kFile:
      return "cp both.pem " + shell_word(reference.text);
    default:
      return {};
  }
}

std::vector<std::string> add_beside(const JudgeInput& input) {
  const resource::TlsSpec& tls = input.endpoint.spec.tls;
  const std::string& ns = input.endpoint.metadata.ns;
  if (!tls.ca) {
    return {"put the next CA (" + input.material.next_trust->origin +
            ") into /usr/local/share/ca-certificates as a .crt file and run update-ca-certificates, on each "
            "machine that connects; or declare a bundle with both in spec.tls.ca"};
  }
  const std::string present = print_command(*tls.ca, ns);
  const std::string coming = tls.next_ca ? print_command(*tls.next_ca, ns) : "";
  const std::string put = store_command(*tls.ca, ns);
  if (present.empty() || coming.empty()) return {"put both CAs into " + input.material.trust->origin};
  return {"{ " + present + "; echo; " + coming + "; } > both.pem", put};
}

}  // namespace

std::vector<std::string> rehearsal_steps(const JudgeInput& input, const std::string& reason) {
  if (!input.material.next_trust) return {};
  const std::string& next = input.material.next_trust->origin;
  if (reason == reason::kBundleMissingNextCa) return add_beside(input);
  if (reason == reason::kOldCaStillNeeded)
    return {"issue the server's certificate from the CA in spec.tls.nextCA (" + next +
            "), and serve it with its intermediates"};
  const bool switched = input.material.trust && input.material.ca_declared &&
                        input.material.trust->fingerprint == input.material.next_trust->fingerprint;
  if (reason == reason::kSafeToSwitch && !switched)
    return {"let spec.tls.ca refer to what spec.tls.nextCA refers to (" + next +
            "), and remove spec.tls.nextCA"};
  return {};
}

}  // namespace tlswarden::verdict
