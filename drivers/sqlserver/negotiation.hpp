#pragma once

#include "probe/conversation.hpp"
#include "probe/observation.hpp"

/// PRELOGIN on a fresh connection. All of these leave the server's reply, packet header included, in
/// findings().greeting, for a session that goes on from there.
namespace tlswarden::drivers::sqlserver {

/// TDS 7, from connect to ClientHello: asks for encryption of everything. Refused with kTlsNotOffered where
/// the server has no TLS, and also where it would encrypt the login alone.
probe::ConversationPtr make_negotiation();

/// TDS 8, inside TLS: what a client says first; it tells the version. TDS 7 has no step between the handshake
/// and the login.
probe::ConversationPtr make_strict_step(const probe::TlsObservation& tls);

/// A connection of its own, by a client that has no TLS: the server's answer is its policy.
probe::ConversationPtr make_plaintext_attempt();

}  // namespace tlswarden::drivers::sqlserver
