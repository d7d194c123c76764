//! A log to seal: notes and visits of tickets, written as features write them.

use db::testing::{TestDb, raw};
use db::types::{Id, of};
use db::{Actor, Conn, Entity, Tx};
use diesel::connection::SimpleConnection;
use record::seal::Sealer;
use record::verify::{Report, verify};
use record::{Bundle, Error, Signer};
use serde::Serialize;

/// Something of a ticket; its text tells of people.
#[derive(Clone, Serialize)]
pub struct Note {
    pub id: String,
    pub ticket_id: Option<String>,
    pub text: String,
}

impl Entity for Note {
    const ENTITY: &'static str = "notes";

    fn row_id(&self) -> String {
        self.id.clone()
    }

    fn ticket_id(&self) -> Option<String> {
        self.ticket_id.clone()
    }
}

pub fn note(ticket: &str, text: &str) -> Note {
    let ticket_id = (!ticket.is_empty()).then(|| ticket.to_owned());
    Note { id: Id::<of::Note>::new().to_string(), ticket_id, text: text.to_owned() }
}

/// A database with what seals it.
pub struct Record {
    pub test: TestDb,
    pub sealer: Sealer,
}

impl Record {
    pub fn of(test: TestDb) -> Self {
        Self { test, sealer: Sealer::new(Signer::from_seed([7; 32])) }
    }

    /// So many changes, in turn of ticket `a`, of ticket `b` and of none; sealed.
    pub async fn with(test: TestDb, changes: usize) -> Self {
        let record = Self::of(test);
        record.write(changes).await;
        record.seal().await;
        record
    }

    pub async fn write(&self, changes: usize) {
        let notes: Vec<Note> =
            (0..changes).map(|i| note(["a", "b", ""][i % 3], &format!("text {i}"))).collect();
        let write = move |tx: &mut Tx<'_>| notes.iter().try_for_each(|note| tx.changed(note));
        self.test.db.write(Actor::system("tests"), write).await.unwrap();
    }

    pub async fn note(&self, note: &Note) {
        let note = note.clone();
        let write = move |tx: &mut Tx<'_>| tx.changed(&note);
        self.test.db.write(Actor::system("tests"), write).await.unwrap();
    }

    pub async fn seal(&self) -> usize {
        self.sealer.seal(&self.test.db, "e1").await.unwrap()
    }

    pub async fn verified(&self) -> Report {
        let key = self.sealer.signer().public();
        self.test.db.read(move |conn: &mut Conn| verify(conn, &[key], None)).await.unwrap()
    }

    /// What is found wrong, in words.
    pub async fn faults(&self) -> Vec<String> {
        self.verified().await.faults.iter().map(ToString::to_string).collect()
    }

    pub async fn bundle(&self, ticket: &str) -> Bundle {
        let (ticket, signer) = (ticket.to_owned(), Signer::from_seed([7; 32]));
        let now = self.test.db.clock().now();
        let export = move |conn: &mut Conn| record::export::export(conn, &signer, &ticket, now);
        self.test.db.read::<_, Error, _>(export).await.unwrap().unwrap()
    }

    /// Goes past the server, as somebody with the database's password would.
    pub fn sql(&self, statements: &str) {
        raw(&self.test.url).batch_execute(statements).unwrap();
    }
}
