//! Signed notes and checkpoints as the C2SP describes them (`signed-note`, `tlog-checkpoint`): a few lines of text and
//! an Ed25519 signature under them, so that tools for transparency logs can read our heads.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use db::Timestamp;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::tree::{Hash, hex};

/// The name of all our keys.
pub const NAME: &str = "fettle-record";
/// What the first line of a checkpoint begins with; the epoch follows.
const ORIGIN: &str = "fettle-record/";
/// The first line of what is signed about one ticket.
const TICKET: &str = "fettle-record-ticket";
/// Ed25519, in keys of signed notes.
const ALGORITHM: u8 = 1;

/// A public key: `fettle-record+<8 hexadecimal digits>+<base64>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads a key; none if it is no such thing.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = STANDARD.decode(key).ok()?;
        let (&ALGORITHM, key) = bytes.split_first()? else { return None };
        let key = Self(VerifyingKey::from_bytes(key.try_into().ok()?).ok()?);
        (name == NAME && id == hex(&key.id())).then_some(key)
    }

    /// As text that [`parse`](Self::parse) reads.
    pub fn text(&self) -> String {
        format!("{NAME}+{}+{}", hex(&self.id()), STANDARD.encode(self.typed()))
    }

    /// SHA-256 of the key in hexadecimal: what two people read to each other over the telephone.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }

    fn typed(&self) -> Vec<u8> {
        [&[ALGORITHM], self.0.as_bytes().as_slice()].concat()
    }

    fn id(&self) -> [u8; 4] {
        let hash =
            Sha256::new().chain_update(NAME).chain_update([b'\n']).chain_update(self.typed()).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The text of a note that this key has signed; none if it has not.
    pub fn open<'a>(&self, note: &'a str) -> Option<&'a str> {
        let (text, signature) = note.split_once("\n\n— ")?;
        let text = note.get(..=text.len())?;
        let signature = signature.strip_prefix(NAME)?.strip_prefix(' ')?.strip_suffix('\n')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, signature) = bytes.split_at_checked(4)?;
        let signature = Signature::from_slice(signature).ok()?;
        (id == self.id() && self.0.verify_strict(text.as_bytes(), &signature).is_ok()).then_some(text)
    }
}

/// A private key.
pub struct Signer(SigningKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.public().text())
    }
}

impl Signer {
    /// The key of these 32 bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The bytes to keep.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Its public key.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs a text that ends with a line's end.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.0.sign(text.as_bytes()).to_bytes();
        let signature = [self.public().id().as_slice(), &signature].concat();
        format!("{text}\n— {NAME} {}\n", STANDARD.encode(signature))
    }
}

/// A head of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The life of the server, which ends with a restore from a backup.
    pub epoch: String,
    /// How many leaves the tree has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// When it was signed, on the server's clock.
    pub at: Timestamp,
}

impl Head {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let Self { epoch, size, root, at } = self;
        format!("{ORIGIN}{epoch}\n{size}\n{}\nat {}\n", STANDARD.encode(root), at.millis())
    }

    /// Reads a text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let head = Self {
            epoch: lines.next()?.strip_prefix(ORIGIN)?.to_owned(),
            size: lines.next()?.parse().ok()?,
            root: STANDARD.decode(lines.next()?).ok()?.try_into().ok()?,
            at: Timestamp::from_millis(lines.next()?.strip_prefix("at ")?.parse().ok()?),
        };
        (head.text() == text).then_some(head)
    }
}

/// What the server says of one ticket: how many entries it has, and which is the last, so that none can be left out
/// at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The ticket.
    pub ticket_id: String,
    /// How many entries it has.
    pub entries: i64,
    /// The last one's leaf hash, in hexadecimal.
    pub last: String,
    /// What is not shown, since it was erased: `3p` for the personal part of the third entry, `3o` for the other.
    pub erased: Vec<String>,
    /// The size of the head that they are proved by.
    pub size: u64,
    /// When, on the server's clock.
    pub at: Timestamp,
}

impl Statement {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let Self { ticket_id, entries, last, erased, size, at } = self;
        let erased: String = erased.iter().map(|part| format!(" {part}")).collect();
        format!("{TICKET}\n{ticket_id}\n{entries}\n{last}\nerased{erased}\n{size}\nat {}\n", at.millis())
    }

    /// Reads a text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(TICKET)?.strip_prefix('\n')?.lines();
        let statement = Self {
            ticket_id: lines.next()?.to_owned(),
            entries: lines.next()?.parse().ok()?,
            last: lines.next()?.to_owned(),
            erased: lines.next()?.strip_prefix("erased")?.split_whitespace().map(str::to_owned).collect(),
            size: lines.next()?.parse().ok()?,
            at: Timestamp::from_millis(lines.next()?.strip_prefix("at ")?.parse().ok()?),
        };
        (statement.text() == text).then_some(statement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::from_seed([7; 32])
    }

    fn head() -> Head {
        let root = [9; 32];
        Head { epoch: "e1".to_owned(), size: 3, root, at: Timestamp::from_millis(1_772_442_000_000) }
    }

    #[test]
    fn a_signed_note_opens_with_its_key_alone() {
        let note = signer().sign(&head().text());
        let text = signer().public().open(&note).unwrap();
        assert_eq!(Head::parse(text), Some(head()));
        assert_eq!(Signer::from_seed([8; 32]).public().open(&note), None);
    }

    #[test]
    fn a_note_with_another_letter_does_not_open() {
        let note = signer().sign(&head().text());
        for (from, to) in [("\n3\n", "\n4\n"), ("e1", "e2"), ("at 1", "at 2"), ("— fettle", "— mettle")] {
            let altered = note.replacen(from, to, 1);
            assert_ne!(altered, note);
            assert_eq!(signer().public().open(&altered), None, "{altered}");
        }
        assert_eq!(signer().public().open(""), None);
        assert_eq!(signer().public().open(&head().text()), None);
    }

    #[test]
    fn a_public_key_reads_back_and_a_mistyped_one_is_refused() {
        let text = signer().public().text();
        assert_eq!(PublicKey::parse(&text), Some(signer().public()));
        assert_eq!(PublicKey::parse(&text.replace("fettle", "mettle")), None);
        let mistyped: String = text.replacen(|c: char| c.is_ascii_digit(), "x", 1);
        assert_eq!(PublicKey::parse(&mistyped), None);
    }

    #[test]
    fn a_statement_reads_back_and_has_no_second_way_to_be_written() {
        let at = Timestamp::from_millis(5);
        let erased = vec!["1p".to_owned(), "2o".to_owned()];
        let statement =
            Statement { ticket_id: "t".to_owned(), entries: 2, last: "ab".to_owned(), erased, size: 9, at };
        assert_eq!(Statement::parse(&statement.text()), Some(statement.clone()));
        assert_eq!(Statement::parse(&statement.text().replace("\n2\n", "\n02\n")), None);
        assert_eq!(Statement::parse(&format!("{}more\n", statement.text())), None);
    }
}
