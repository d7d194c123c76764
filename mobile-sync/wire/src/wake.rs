//! `/sync/v1/push-subscription`: how a closed app in a browser is woken, through the push service of its browser
//! (RFC 8030, 8291, 8292).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a browser says of its subscription: `PushSubscription.toJSON()`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// The address at the push service.
    pub endpoint: String,
    /// Not looked at: a subscription that has ended is noticed.
    #[serde(default, rename = "expirationTime")]
    #[schema(value_type = Option<f64>)]
    pub expiration_time: Value,
    /// What is needed to write to this browser alone.
    pub keys: Keys,
}

/// The keys of a browser, base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Its point on P-256, uncompressed.
    pub p256dh: String,
    /// Its secret.
    pub auth: String,
}

/// Whether this phone is woken, and with which key a browser has to subscribe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushState {
    /// The server's public key, base64url: `applicationServerKey`.
    pub public_key: String,
    /// There is an address for this phone.
    pub subscribed: bool,
}
