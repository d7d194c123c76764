//! The outbox. Whoever sends takes a batch for [`LEASE_MINUTES`]: of two servers one gets each mail, and what a server
//! that was killed had taken is free again afterwards.

use db::schema::{mails, notes, sites, tickets, users};
use db::types::{EngineerId, Id, Json, MailId, NoteId, TicketId, UserId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;

use super::post::Outcome;
use crate::auth::Role;
use crate::error::Error;
use crate::notifications::{Notification, NotificationKind};
use crate::sla::TicketSla;
use crate::tickets::notes::NoteAudience;

/// Mails that are taken at once.
pub const A_BATCH: i64 = 8;
/// For how long: what one server has taken no other sends meanwhile.
pub const LEASE_MINUTES: i64 = 10;
/// Minutes after which a mail that was not taken is tried again, as many times; then it is given up.
pub const RETRY_MINUTES: [i64; 8] = [1, 5, 15, 30, 60, 120, 240, 480];
/// What was put back because the mail server fell silent waits so long.
const PUT_BACK_MINUTES: i64 = 1;
/// What was sent is forgotten after so many days; what is dead after three times as many.
const KEPT_DAYS: i64 = 30;
/// Where no mail is sent, what waits is forgotten after so many days: nobody wants yesterday's alarms when it is.
const NEWS_DAYS: i64 = 1;
/// Longest reason of a failure that is kept, in characters.
const LONGEST_ERROR: usize = 500;

/// Something that somebody is to be told by mail.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = mails)]
pub struct Mail {
    /// Its id, and the first part of its `Message-ID`.
    pub id: MailId,
    /// Whom.
    pub user_id: UserId,
    /// About which ticket.
    pub ticket_id: TicketId,
    /// What.
    pub kind: NotificationKind,
    /// When that was so.
    pub at: Timestamp,
    /// The rule by which he is told, in English.
    pub rule_en: Option<String>,
    /// The same in Chinese.
    pub rule_zh: Option<String>,
    /// So often it was tried, or is being tried.
    pub attempts: i32,
    /// When it is tried next; none: it was taken, or given up.
    pub due_at: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// Why it was not taken the last time.
    pub error: String,
    /// The note that he is told of.
    pub note_id: Option<NoteId>,
    /// The state that the ticket came to.
    pub status: Option<String>,
}

/// A mail with what its words are made of.
#[derive(Debug, Clone, Queryable)]
pub struct Letter {
    /// The mail.
    pub mail: Mail,
    /// Where it goes.
    pub email: String,
    /// To whom.
    pub name: String,
    /// His language.
    pub locale: String,
    /// What he may see.
    pub role: Role,
    /// Whether he works here.
    pub active: bool,
    /// What people call the ticket.
    pub number: i64,
    /// The ticket in one line.
    pub title: String,
    /// To be solved by.
    pub ticket_due_at: Timestamp,
    /// Whether that is promised.
    #[diesel(deserialize_as = String)]
    pub sla: Json<TicketSla>,
    /// Of its site; empty: unknown.
    pub time_zone: String,
    /// Who wrote the note that he is told of.
    pub note_author: Option<String>,
    /// What it says now.
    pub note_text: Option<String>,
}

/// For whom the note is, which engineer the reader is, and who has the ticket.
type Readers = (Option<NoteAudience>, Option<EngineerId>, Option<EngineerId>);

/// Writes down that somebody is told by mail too.
///
/// # Errors
/// A failure of the database.
pub fn note(tx: &mut Tx<'_>, told: &Notification) -> Result<(), Error> {
    let now = tx.now();
    let mail = Mail {
        id: Id::new(),
        user_id: told.user_id,
        ticket_id: told.ticket_id,
        kind: told.kind,
        at: told.at,
        rule_en: told.rule_en.clone(),
        rule_zh: told.rule_zh.clone(),
        attempts: 0,
        due_at: Some(now),
        created_at: now,
        sent_at: None,
        error: String::new(),
        note_id: told.note_id,
        status: told.status.clone(),
    };
    diesel::insert_into(mails::table).values(mail).execute(tx.conn())?;
    Ok(())
}

/// Forgets what these people were to be told of a ticket, where nobody has tried yet to send it.
///
/// # Errors
/// A failure of the database.
pub fn forget_unsent(
    tx: &mut Tx<'_>,
    people: &[UserId],
    ticket_id: TicketId,
    kind: NotificationKind,
) -> Result<(), Error> {
    let of_ticket = mails::table.filter(mails::ticket_id.eq(ticket_id)).filter(mails::kind.eq(kind));
    let untried = of_ticket.filter(mails::attempts.eq(0)).filter(mails::due_at.is_not_null());
    diesel::delete(untried.filter(mails::user_id.eq_any(people))).execute(tx.conn())?;
    Ok(())
}

/// Whether something is to be sent.
///
/// # Errors
/// A failure of the database.
pub fn is_due(conn: &mut Conn, now: Timestamp) -> Result<bool, Error> {
    let first: Option<MailId> =
        mails::table.filter(mails::due_at.le(now)).select(mails::id).first(conn).optional()?;
    Ok(first.is_some())
}

/// Takes what is due for a while. What nobody can get any more is dropped.
///
/// # Errors
/// A failure of the database.
pub fn claim(tx: &mut Tx<'_>) -> Result<Vec<Letter>, Error> {
    let now = tx.now();
    let due: Vec<(Letter, Readers)> = mails::table
        .inner_join(users::table)
        .inner_join(tickets::table.inner_join(sites::table))
        .left_join(notes::table.on(mails::note_id.eq(notes::id.nullable())))
        .filter(mails::due_at.le(now))
        .order((mails::due_at, mails::id))
        .limit(A_BATCH)
        .select((
            (
                mails::all_columns,
                users::email,
                users::display_name,
                users::locale,
                users::role,
                users::active,
                tickets::number,
                tickets::title,
                tickets::due_at,
                tickets::sla,
                sites::time_zone,
                notes::author.nullable(),
                notes::text.nullable(),
            ),
            (notes::audience.nullable(), users::engineer_id, tickets::engineer_id),
        ))
        .load(tx.conn())?;
    let mut claimed = Vec::new();
    for (mut letter, (audience, he, whose)) in due {
        letter.note_text = NoteAudience::shown(audience, letter.note_text, letter.role, (he, whose));
        let this = mails::table.find(letter.mail.id).filter(mails::due_at.eq(letter.mail.due_at));
        if !letter.active || letter.email.is_empty() {
            diesel::delete(this).execute(tx.conn())?;
            continue;
        }
        if wait_minutes(letter.mail.attempts).is_none() {
            // Its last attempt ended with whoever made it.
            diesel::update(this).set(mails::due_at.eq(None::<Timestamp>)).execute(tx.conn())?;
            continue;
        }
        letter.mail.attempts += 1;
        let taken = diesel::update(this)
            .set((
                mails::attempts.eq(letter.mail.attempts),
                mails::due_at.eq(Some(now.plus_minutes(LEASE_MINUTES))),
            ))
            .execute(tx.conn())?;
        if taken == 1 {
            claimed.push(letter);
        }
    }
    Ok(claimed)
}

/// How long a mail waits that was tried so often; none: it is tried no more.
fn wait_minutes(attempts: i32) -> Option<i64> {
    match usize::try_from(attempts).ok()?.checked_sub(1) {
        None => Some(0),
        Some(nth) => RETRY_MINUTES.get(nth).copied(),
    }
}

/// Notes what came of an attempt, unless the mail is somebody else's by now.
///
/// # Errors
/// A failure of the database.
pub fn settle(tx: &mut Tx<'_>, mail: &Mail, outcome: &Outcome) -> Result<(), Error> {
    let now = tx.now();
    let this = mails::table.find(mail.id).filter(mails::attempts.eq(mail.attempts));
    let this = this.filter(mails::sent_at.is_null());
    let later = |minutes: Option<i64>| minutes.map(|minutes| now.plus_minutes(minutes));
    let (due_at, why) = match outcome {
        Outcome::Taken => {
            let taken =
                (mails::due_at.eq(None::<Timestamp>), mails::sent_at.eq(Some(now)), mails::error.eq(""));
            diesel::update(this).set(taken).execute(tx.conn())?;
            return Ok(());
        }
        Outcome::Unsent => {
            let back =
                (mails::attempts.eq(mail.attempts - 1), mails::due_at.eq(later(Some(PUT_BACK_MINUTES))));
            diesel::update(this).set(back).execute(tx.conn())?;
            return Ok(());
        }
        Outcome::Later(why) | Outcome::Unreached(why) => (later(wait_minutes(mail.attempts)), why),
        Outcome::Refused(why) => (None, why),
    };
    tracing::warn!(%why, mail = %mail.id, dead = due_at.is_none(), "a mail was not taken");
    let why: String = why.chars().take(LONGEST_ERROR).collect();
    diesel::update(this).set((mails::due_at.eq(due_at), mails::error.eq(why))).execute(tx.conn())?;
    Ok(())
}

/// Forgets what was sent, what has long been dead, and what nobody sends.
///
/// # Errors
/// A failure of the database.
pub fn forget_old(tx: &mut Tx<'_>, is_sent: bool) -> Result<(), Error> {
    let now = tx.now();
    let before = |days: i64| now.plus_minutes(days * -24 * 60);
    let over = mails::table.filter(mails::due_at.is_null());
    diesel::delete(over.filter(mails::sent_at.lt(before(KEPT_DAYS)))).execute(tx.conn())?;
    diesel::delete(over.filter(mails::created_at.lt(before(3 * KEPT_DAYS)))).execute(tx.conn())?;
    if !is_sent {
        let waits = mails::table.filter(mails::due_at.is_not_null());
        diesel::delete(waits.filter(mails::created_at.lt(before(NEWS_DAYS)))).execute(tx.conn())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_nine_times() {
        let waits: Vec<Option<i64>> = (0..=9).map(wait_minutes).collect();
        assert_eq!(waits.iter().flatten().count(), 9);
        assert_eq!((waits[0], waits[1], waits[8], waits[9]), (Some(0), Some(1), Some(480), None));
    }
}
