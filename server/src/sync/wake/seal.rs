//! What a push service is given: words that only one browser can read (RFC 8291 over RFC 8188, `aes128gcm`), and a
//! proof of who sends them (RFC 8292, VAPID). The curves and ciphers are those that TLS here is made of.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::rand::{SystemRandom, fill};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// A point on the curve, uncompressed.
pub const POINT: usize = 65;
/// The secret that a browser gives beside its point.
pub const AUTH: usize = 16;
/// One record holds everything.
const RECORD: u32 = 4_096;
/// After the last byte of the last record.
const END: u8 = 2;
/// How long a proof is good for; push services take a day at most.
const PROOF_SECONDS: i64 = 12 * 60 * 60;

/// A key or a message that the ciphers do not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this key is none")]
pub struct Unusable;

impl From<aws_lc_rs::error::Unspecified> for Unusable {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::KeyRejected> for Unusable {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        Self
    }
}

/// A length that HKDF is asked for.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unusable> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Length(N))?.fill(&mut out)?;
    Ok(out)
}

/// Seals words for the browser with this point and this secret.
///
/// # Errors
/// The point is none.
pub fn seal(words: &[u8], point: &[u8], auth: &[u8]) -> Result<Vec<u8>, Unusable> {
    let mut salt = [0; 16];
    fill(&mut salt)?;
    seal_with(words, point, auth, &PrivateKey::generate(&ECDH_P256)?, salt)
}

fn seal_with(
    words: &[u8],
    point: &[u8],
    auth: &[u8],
    ours: &PrivateKey,
    salt: [u8; 16],
) -> Result<Vec<u8>, Unusable> {
    let public = ours.compute_public_key()?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, point);
    let shared = agree(ours, peer, Unusable, |shared| Ok(shared.to_vec()))?;
    let secret: [u8; 32] = derive(auth, &shared, &[b"WebPush: info\0", point, public.as_ref()])?;
    let key: [u8; 16] = derive(&salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derive(&salt, &secret, &[b"Content-Encoding: nonce\0"])?;
    let mut sealed = [words, &[END]].concat();
    // The key is new, so the nonce cannot have been used with it.
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)?;
    let length = u8::try_from(POINT).unwrap_or(u8::MAX);
    Ok([&salt[..], &RECORD.to_be_bytes(), &[length], public.as_ref(), &sealed].concat())
}

/// The pair of keys by which push services know this server.
pub struct Sender(EcdsaKeyPair);

impl Sender {
    /// A new pair, as it is kept.
    ///
    /// # Errors
    /// No randomness is to be had.
    pub fn generate() -> Result<String, Unusable> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        Ok(URL_SAFE_NO_PAD.encode(pair.to_pkcs8v1()?.as_ref()))
    }

    /// The pair that was kept.
    ///
    /// # Errors
    /// It is none.
    pub fn read(kept: &str) -> Result<Self, Unusable> {
        let bytes = URL_SAFE_NO_PAD.decode(kept).map_err(|_| Unusable)?;
        Ok(Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes)?))
    }

    /// Its public half, as browsers want it.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref())
    }

    /// The `Authorization` of a request to this origin (`https://push.example`). `now` is in seconds; `contact` is a
    /// `mailto:` or an address.
    ///
    /// # Errors
    /// No randomness is to be had.
    pub fn proof(&self, origin: &str, contact: &str, now: i64) -> Result<String, Unusable> {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({"typ": "JWT", "alg": "ES256"}));
        let body = part(json!({"aud": origin, "exp": now + PROOF_SECONDS, "sub": contact}));
        let signature = self.0.sign(&SystemRandom::new(), format!("{head}.{body}").as_bytes())?;
        let signature = URL_SAFE_NO_PAD.encode(signature.as_ref());
        Ok(format!("vapid t={head}.{body}.{signature}, k={}", self.public_key()))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
    use serde_json::Value;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    // The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_rfc_comes_out_byte_for_byte() {
        let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let ours =
            PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let words = b"When I grow up, I want to be a watermelon";
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let sealed = seal_with(words, &bytes(point), &auth, &ours.unwrap(), salt).unwrap();
        let expected = concat!(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz",
            "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        );
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    #[test]
    fn no_two_messages_are_sealed_alike_and_a_point_off_the_curve_is_refused() {
        let theirs = PrivateKey::generate(&ECDH_P256).unwrap();
        let point = theirs.compute_public_key().unwrap();
        let seal = |point: &[u8]| seal(b"x", point, &[7; AUTH]);
        assert_ne!(seal(point.as_ref()), seal(point.as_ref()));
        assert_eq!(seal(&[4; POINT]), Err(Unusable));
        assert_eq!(seal(b""), Err(Unusable));
    }

    #[test]
    fn a_proof_names_the_service_the_contact_and_an_end_and_is_signed_by_the_key_beside_it() {
        let sender = Sender::read(&Sender::generate().unwrap()).unwrap();
        let proof = sender.proof("https://push.example", "mailto:office@fettle.example", 1_000).unwrap();
        let (token, key) = proof.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!((key, bytes(key).len()), (sender.public_key().as_str(), POINT));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let verifier = Verifier::new(&ECDSA_P256_SHA256_FIXED, bytes(key));
        verifier.verify(signed.as_bytes(), &bytes(signature)).unwrap();
        let (_, body) = signed.split_once('.').unwrap();
        let body: Value = serde_json::from_slice(&bytes(body)).unwrap();
        assert_eq!(body["aud"], "https://push.example");
        assert_eq!(body["sub"], "mailto:office@fettle.example");
        assert_eq!(body["exp"], 1_000 + PROOF_SECONDS);
    }

    #[test]
    fn a_pair_that_was_kept_is_the_same_one_and_anything_else_is_none() {
        let kept = Sender::generate().unwrap();
        assert_eq!(Sender::read(&kept).unwrap().public_key(), Sender::read(&kept).unwrap().public_key());
        assert!(Sender::read("AAAA").is_err() && Sender::read("?").is_err());
    }
}
