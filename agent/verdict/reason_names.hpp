#pragma once

/// The names of every reason that a condition, a rung or an advice may carry. Each has an entry in
/// schema/reasons.yaml and each entry has its name here; a test compares the two.
namespace tlswarden::verdict::reason {

// Nothing is wrong.
inline constexpr const char* kHealthy = "Healthy";
inline constexpr const char* kConnected = "Connected";
inline constexpr const char* kModeWorks = "ModeWorks";
inline constexpr const char* kChainVerified = "ChainVerified";
inline constexpr const char* kClientCertificateAccepted = "ClientCertificateAccepted";
inline constexpr const char* kClientCertificateUsable = "ClientCertificateUsable";
inline constexpr const char* kVersionMatched = "VersionMatched";
inline constexpr const char* kEncryptionConfirmed = "EncryptionConfirmed";
inline constexpr const char* kRotationNotDue = "RotationNotDue";
inline constexpr const char* kModeIsStrongest = "ModeIsStrongest";
inline constexpr const char* kCheckCompleted = "CheckCompleted";
inline constexpr const char* kProceeding = "Proceeding";
inline constexpr const char* kNotDeclared = "NotDeclared";

// Where the agent stands with the resource.
inline constexpr const char* kFirstCheckPending = "FirstCheckPending";
inline constexpr const char* kSuspended = "Suspended";
inline constexpr const char* kRetrying = "Retrying";
inline constexpr const char* kEngineUnsupported = "EngineUnsupported";
inline constexpr const char* kSpecInvalid = "SpecInvalid";
inline constexpr const char* kCheckCancelled = "CheckCancelled";
inline constexpr const char* kInternalError = "InternalError";

// The way to the server.
inline constexpr const char* kDnsFailure = "DNSFailure";
inline constexpr const char* kConnectionRefused = "ConnectionRefused";
inline constexpr const char* kConnectTimeout = "ConnectTimeout";
inline constexpr const char* kNetworkUnreachable = "NetworkUnreachable";
inline constexpr const char* kConnectionReset = "ConnectionReset";
inline constexpr const char* kNegotiationTimeout = "NegotiationTimeout";
inline constexpr const char* kHandshakeTimeout = "HandshakeTimeout";
inline constexpr const char* kLoginTimeout = "LoginTimeout";

// The SSH tunnel to it.
inline constexpr const char* kTunnelUnreachable = "TunnelUnreachable";
inline constexpr const char* kTunnelHostKeyUnknown = "TunnelHostKeyUnknown";
inline constexpr const char* kTunnelHostKeyMismatch = "TunnelHostKeyMismatch";
inline constexpr const char* kTunnelKeyInvalid = "TunnelKeyInvalid";
inline constexpr const char* kTunnelAuthenticationFailed = "TunnelAuthenticationFailed";
inline constexpr const char* kTunnelForwardingRefused = "TunnelForwardingRefused";
inline constexpr const char* kTunnelTargetUnreachable = "TunnelTargetUnreachable";

// What answered there.
inline constexpr const char* kWrongProtocol = "WrongProtocol";
inline constexpr const char* kProtocolError = "ProtocolError";
inline constexpr const char* kUnexpectedBytes = "UnexpectedBytes";
inline constexpr const char* kHostBlocked = "HostBlocked";
inline constexpr const char* kHostNotAllowed = "HostNotAllowed";
inline constexpr const char* kServerBusy = "ServerBusy";
inline constexpr const char* kServerStarting = "ServerStarting";
inline constexpr const char* kServerError = "ServerError";

// TLS itself.
inline constexpr const char* kNotTls = "NotTLS";
inline constexpr const char* kTlsNotSupported = "TLSNotSupported";
inline constexpr const char* kDirectTlsUnsupported = "DirectTLSUnsupported";
inline constexpr const char* kTlsRefused = "TLSRefused";
inline constexpr const char* kServerRequiresTls = "ServerRequiresTLS";
inline constexpr const char* kPlaintextAccepted = "PlaintextAccepted";
inline constexpr const char* kPlaintextNotChecked = "PlaintextNotChecked";
inline constexpr const char* kLegacyProtocolAccepted = "LegacyProtocolAccepted";
inline constexpr const char* kProtocolVersionTooLow = "ProtocolVersionTooLow";
inline constexpr const char* kNoSharedCipher = "NoSharedCipher";
inline constexpr const char* kHandshakeFailure = "HandshakeFailure";
inline constexpr const char* kAlpnRefused = "ALPNRefused";
inline constexpr const char* kServerNameUnrecognised = "ServerNameUnrecognised";

// The server's certificate.
inline constexpr const char* kNoCertificateSeen = "NoCertificateSeen";
inline constexpr const char* kUnknownIssuer = "UnknownIssuer";
inline constexpr const char* kSelfSignedLeaf = "SelfSignedLeaf";
inline constexpr const char* kSelfSignedInChain = "SelfSignedInChain";
inline constexpr const char* kIncompleteChain = "IncompleteChain";
inline constexpr const char* kIntermediateNotSent = "IntermediateNotSent";
inline constexpr const char* kInvalidSignature = "InvalidSignature";
inline constexpr const char* kInvalidChain = "InvalidChain";
inline constexpr const char* kCertificateInvalid = "CertificateInvalid";
inline constexpr const char* kCertificateExpired = "CertificateExpired";
inline constexpr const char* kCertificateNotYetValid = "CertificateNotYetValid";
inline constexpr const char* kIntermediateExpired = "IntermediateExpired";
inline constexpr const char* kCaExpired = "CAExpired";
inline constexpr const char* kHostnameMismatch = "HostnameMismatch";
inline constexpr const char* kCommonNameOnly = "CommonNameOnly";
inline constexpr const char* kWrongPurpose = "WrongPurpose";
inline constexpr const char* kWeakKey = "WeakKey";
inline constexpr const char* kWeakSignature = "WeakSignature";
inline constexpr const char* kDefaultCertificate = "DefaultCertificate";
inline constexpr const char* kCaUsedForServer = "CAUsedForServer";
inline constexpr const char* kChainOutOfOrder = "ChainOutOfOrder";
inline constexpr const char* kUnneededCertificate = "UnneededCertificate";
inline constexpr const char* kRootSent = "RootSent";
inline constexpr const char* kCertificateRevoked = "CertificateRevoked";
inline constexpr const char* kStapleStale = "StapleStale";
inline constexpr const char* kStapleInvalid = "StapleInvalid";
inline constexpr const char* kStapleMissing = "StapleMissing";
inline constexpr const char* kRevocationListStale = "RevocationListStale";
inline constexpr const char* kRevocationListUnusable = "RevocationListUnusable";

// Rotation.
inline constexpr const char* kCertificateExpiring = "CertificateExpiring";
inline constexpr const char* kIntermediateExpiring = "IntermediateExpiring";
inline constexpr const char* kCaExpiring = "CAExpiring";
inline constexpr const char* kClientCertificateExpiring = "ClientCertificateExpiring";
inline constexpr const char* kNoMaintenanceWindow = "NoMaintenanceWindow";
inline constexpr const char* kMaintenanceWindowInvalid = "MaintenanceWindowInvalid";
inline constexpr const char* kRotationNeverFits = "RotationNeverFits";
inline constexpr const char* kRotationPending = "RotationPending";

// The rehearsal of a switch to another CA.
inline constexpr const char* kSafeToSwitch = "SafeToSwitch";
inline constexpr const char* kBundleMissingNextCa = "BundleMissingNextCA";
inline constexpr const char* kOldCaStillNeeded = "OldCAStillNeeded";
inline constexpr const char* kNextCaUnusable = "NextCAUnusable";
// Drift from the declared certificate.
inline constexpr const char* kDeclaredCertificateServed = "DeclaredCertificateServed";
inline constexpr const char* kReloadAwaited = "ReloadAwaited";
inline constexpr const char* kServedCertificateDiffers = "ServedCertificateDiffers";
inline constexpr const char* kCertificateReverted = "CertificateReverted";
inline constexpr const char* kDeclaredCertificateUnfit = "DeclaredCertificateUnfit";

// The client's certificate and the declared material.
inline constexpr const char* kClientCertificateRequired = "ClientCertificateRequired";
inline constexpr const char* kClientCertificateRejected = "ClientCertificateRejected";
inline constexpr const char* kClientCertificateExpired = "ClientCertificateExpired";
inline constexpr const char* kClientCertificateNotYetValid = "ClientCertificateNotYetValid";
inline constexpr const char* kClientCertificateWrongPurpose = "ClientCertificateWrongPurpose";
inline constexpr const char* kClientCertificateSelfSigned = "ClientCertificateSelfSigned";
inline constexpr const char* kClientCertificateChainBroken = "ClientCertificateChainBroken";
inline constexpr const char* kClientKeyMismatch = "ClientKeyMismatch";
inline constexpr const char* kClientKeyEncrypted = "ClientKeyEncrypted";
inline constexpr const char* kClientKeyPermissions = "ClientKeyPermissions";
inline constexpr const char* kPassphraseIncorrect = "PassphraseIncorrect";
inline constexpr const char* kReferenceNotFound = "ReferenceNotFound";
inline constexpr const char* kReferenceInvalid = "ReferenceInvalid";

// The login.
inline constexpr const char* kCredentialsRequired = "CredentialsRequired";
inline constexpr const char* kAuthenticationFailed = "AuthenticationFailed";
inline constexpr const char* kAccessRefused = "AccessRefused";
inline constexpr const char* kDatabaseNotFound = "DatabaseNotFound";
inline constexpr const char* kChannelTooWeak = "ChannelTooWeak";
inline constexpr const char* kLoginUnsupported = "LoginUnsupported";
inline constexpr const char* kSessionNotEncrypted = "SessionNotEncrypted";
inline constexpr const char* kEncryptionUnconfirmed = "EncryptionUnconfirmed";

// The server's version.
inline constexpr const char* kVersionMismatch = "VersionMismatch";
inline constexpr const char* kVersionUnknown = "VersionUnknown";

// The mode.
inline constexpr const char* kPreferHasNoFallback = "PreferHasNoFallback";
inline constexpr const char* kFallbackToPlaintext = "FallbackToPlaintext";
inline constexpr const char* kStrongerModeWorks = "StrongerModeWorks";
inline constexpr const char* kFixPreferred = "FixPreferred";
inline constexpr const char* kMembersDiffer = "MembersDiffer";

}  // namespace tlswarden::verdict::reason
