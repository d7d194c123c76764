//! `POST /sync/v1/push`: what a phone did, up; what became of it, back.
//!
//! Each mutation is a command of its own, so that one which fails is undone alone; all of a window are sent to the
//! writer at once, so that they share its commits. The count of the device, taken in the same transaction, keeps the
//! order whatever happens: behind one that failed, the others find a gap and are held, and take effect in the next
//! round, after the one that failed was stored as `rejected_kept`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use db::{Conn, Db, Failure, Tx};
use futures_util::future::join_all;
use mobile_sync_wire::event_time::Stamp;
use mobile_sync_wire::limits::{MAX_NUMBER, PUSH_MUTATIONS};
use mobile_sync_wire::mutants::{self, Mutant};
use mobile_sync_wire::push::{Kept, MutationResult, Op, Outcome, PushResponse, Received, read_push};
use mobile_sync_wire::{Collection, SCHEMA, policy, shapes};
use serde_json::Value;

use crate::devices::Standing;
use crate::docs::{self, Key};
use crate::office::Office;
use crate::take::{Item, Taken, take};
use crate::{Error, Phone, cards, epochs, feed, inbox};

/// Mutations that are with the writer at once: one group of commits, so that others have their turn in between.
const WINDOW: usize = 128;
/// Most rounds of one push. Each costs at most one pass over the batch; what is still held then, the phone sends
/// again.
const ROUNDS: usize = 16;

/// Where a result belongs: the place of its mutation in the request, if it came with this one.
type Slot = Option<usize>;

/// Takes a push.
///
/// # Errors
/// What is wrong with the whole request, or a failure of the database; then the phone sends it again.
pub async fn push<O: Office>(
    db: &Db,
    office: &Arc<O>,
    phone: &Phone,
    body: &[u8],
) -> Result<PushResponse, Error> {
    let unreadable = |e: serde_json::Error| Error::Invalid { field: "body", problem: e.to_string() };
    let request = read_push(body).map_err(unreadable)?;
    let epoch = epochs::current(db).await?;
    let who = phone.clone();
    db.read(move |conn| Standing::of(conn, &who).map(|_| ())).await?;
    if request.epoch != epoch {
        return Err(Error::EpochChanged { epoch });
    }
    if request.mutations.len() > PUSH_MUTATIONS {
        return Err(Error::TooLarge);
    }
    let count = request.mutations.len();
    // One app was built for one schema; of a batch that says otherwise the oldest is understood by all.
    let schemas = request.mutations.iter().filter_map(|received| Some(received.parsed.as_ref().ok()?.schema));
    let schema = schemas.min().unwrap_or(SCHEMA);
    let pushing = Pushing { db, office, phone, sent: request.sent };
    let mut taken = pushing.all(in_order(request.mutations)).await?;
    if mutants::on(Mutant::TruthWithRefusal) {
        taken.values_mut().for_each(Taken::forget_the_row);
    }
    let again: HashSet<Key> = taken.values().flat_map(|taken| taken.again.iter().cloned()).collect();
    pushing.tell_again(again.into_iter().collect()).await?;
    let results: Vec<Taken> = (0..count).filter_map(|at| taken.remove(&Some(at))).collect();
    let who = phone.clone();
    let (acked_seq, results) = db.read(move |conn| finish(conn, &who, schema, results)).await?;
    Ok(PushResponse { epoch, acked_seq, server_time: db.clock().now().millis(), results })
}

/// Numbered mutations by number; events without one, which come in no order, by their own count.
fn in_order(mutations: Vec<Received>) -> Vec<(Slot, Received)> {
    let mut all: Vec<(Slot, Received)> =
        mutations.into_iter().enumerate().map(|(at, received)| (Some(at), received)).collect();
    let dseq = |received: &Received| match &received.parsed {
        Ok(m) if m.c == Collection::TicketEvents && matches!(m.op, Op::Insert | Op::Intent) => {
            m.set.get("dseq").and_then(Value::as_i64)
        }
        _ => None,
    };
    // Stable: what has neither stays where it was, after what is numbered.
    all.sort_by_key(|(_, received)| match received.seq {
        Some(seq) => (0, seq),
        None if mutants::on(Mutant::DseqColumn) => (1, 0),
        None => (1, dseq(received).unwrap_or(MAX_NUMBER)),
    });
    all
}

struct Pushing<'a, O> {
    db: &'a Db,
    office: &'a Arc<O>,
    phone: &'a Phone,
    sent: Option<Stamp>,
}

impl<O: Office> Pushing<'_, O> {
    /// Takes all of them, and whatever was held for them.
    async fn all(&self, mutations: Vec<(Slot, Received)>) -> Result<HashMap<Slot, Taken>, Error> {
        let by_mid: HashMap<String, usize> =
            mutations.iter().filter_map(|(slot, r)| Some((r.mid.clone()?, (*slot)?))).collect();
        let mut taken = HashMap::new();
        let mut round: Vec<(Slot, Item)> =
            mutations.into_iter().map(|(slot, received)| (slot, Item { received, refused: None })).collect();
        for _ in 0..ROUNDS {
            round = self.round(round, &mut taken).await?;
            let device_id = self.phone.device_id;
            let limit = i64::try_from(PUSH_MUTATIONS).unwrap_or(i64::MAX);
            // Behind those that failed, the held ones follow as soon as they are counted.
            let coming: Vec<i64> = round.iter().filter_map(|(_, item)| item.received.seq).collect();
            let held = self.db.read(move |conn| inbox::waiting(conn, device_id, &coming, limit)).await?;
            for body in held {
                let raw = serde_json::value::RawValue::from_string(body).map_err(db::Error::from)?;
                let received = Received::read(raw);
                // One that was held before it failed is on its way already.
                if round.iter().any(|(_, item)| item.received.mid == received.mid && item.refused.is_some()) {
                    continue;
                }
                let slot = received.mid.as_ref().and_then(|mid| by_mid.get(mid)).copied();
                round.push((slot, Item { received, refused: None }));
            }
            if round.is_empty() {
                break;
            }
        }
        Ok(taken)
    }

    /// Sends them to the writer, window by window. Returns those whose effect failed.
    async fn round(
        &self,
        items: Vec<(Slot, Item)>,
        taken: &mut HashMap<Slot, Taken>,
    ) -> Result<Vec<(Slot, Item)>, Error> {
        let mut failed = Vec::new();
        let items: Vec<(Slot, Arc<Item>)> =
            items.into_iter().map(|(slot, item)| (slot, Arc::new(item))).collect();
        for window in items.chunks(WINDOW) {
            let mut answers = Vec::with_capacity(window.len());
            for (_, item) in window {
                let queued = self.one(item.clone()).await;
                answers.push(queued.map_err(|error| db::Error::Group(error.to_string()))?);
            }
            let results = join_all(answers).await;
            for ((slot, item), result) in window.iter().zip(results) {
                match result {
                    Ok(result) => {
                        taken.insert(*slot, result);
                    }
                    Err(error) => failed.push((*slot, self.refuse(item, &error)?)),
                }
            }
        }
        Ok(failed)
    }

    /// Puts one into the writer's queue. What this returns ends when it is committed.
    async fn one(
        &self,
        item: Arc<Item>,
    ) -> Result<impl Future<Output = Result<Taken, O::Error>> + use<O>, O::Error> {
        let (office, phone, sent) = (self.office.clone(), self.phone.clone(), self.sent.clone());
        let run = move |tx: &mut Tx<'_>| take(tx, &*office, &phone, sent.as_ref(), &item);
        let answer = self.db.queue(self.phone.actor.clone(), run).await?;
        Ok(async {
            let (mut taken, numbers) = answer.await?;
            if let Some((collection, id)) = &taken.row
                && let Some(table) = docs::table(*collection)
            {
                taken.result.v = numbers.version(table, id);
            }
            Ok(taken)
        })
    }

    /// A mutation whose effect failed is stored without it; one that cannot even be stored is the database's
    /// failure, and so is what failed with its whole group.
    fn refuse(&self, item: &Item, error: &O::Error) -> Result<Item, Error> {
        let whole =
            error.database().is_some_and(|e| !matches!(e, db::Error::Query(_) | db::Error::Serialise(_)));
        if whole || item.refused.is_some() {
            return Err(db::Error::Group(error.to_string()).into());
        }
        let raw = item.received.raw.clone();
        Ok(Item { received: Received::read(raw), refused: Some(self.office.code(error)) })
    }

    /// Puts rows into the phone's feed again, as whatever they are to it.
    async fn tell_again(&self, keys: Vec<Key>) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let engineer_id = self.phone.engineer_id;
        let run = move |tx: &mut Tx<'_>| feed::again(tx.conn(), engineer_id.as_str(), &keys);
        Ok(self.db.write(self.phone.actor.clone(), run).await?)
    }
}

/// Adds the rows, which are those of now, and their versions.
fn finish(
    conn: &mut Conn,
    phone: &Phone,
    schema: u32,
    taken: Vec<Taken>,
) -> Result<(i64, Vec<MutationResult>), Error> {
    let acked_seq = Standing::of(conn, phone)?.acked_seq;
    let shown = |t: &&Taken| !matches!(t.result.result, Outcome::Applied | Outcome::Held);
    let keys: HashSet<Key> = taken.iter().filter(shown).filter_map(|t| t.row.clone()).collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    let visible = feed::visible(conn, phone.engineer_id.as_str(), &keys)?;
    let mut rows = docs::load(conn, keys)?;
    rows.retain(|key, row| visible.contains(key) || is_own(phone, key, row));
    for ((collection, _), row) in &mut rows {
        shapes::down(*collection, &mut row.doc, schema);
    }
    let repeated: Vec<String> = taken
        .iter()
        .filter(|t| t.result.result == Outcome::Duplicate)
        .filter_map(|t| t.result.conflict.clone())
        .collect();
    let mut kept: BTreeMap<String, BTreeMap<String, Kept>> = cards::kept(conn, &repeated)?;
    let unchanged = unchanged(conn, &taken)?;
    let results = taken.into_iter().map(|t| {
        let mut result = t.result;
        match (result.result, t.row) {
            (Outcome::Held, _) => result.need_from = Some(acked_seq + 1),
            (_, None) => {}
            (Outcome::Applied, Some(key)) => result.v = result.v.or_else(|| unchanged.get(&key).copied()),
            (_, Some(key)) => {
                let row = rows.get(&key).cloned();
                result.v = row.as_ref().map(|row| row.v);
                result.doc = row.map(|row| row.stamped(&key.1));
            }
        }
        if result.result == Outcome::Duplicate {
            result.kept = kept.remove(&result.mid).unwrap_or_default();
        }
        result
    });
    Ok((acked_seq, results.collect()))
}

/// The versions of rows that were right already, so that nothing was written.
fn unchanged(conn: &mut Conn, taken: &[Taken]) -> Result<HashMap<Key, i64>, Error> {
    let mut ids: HashMap<Collection, Vec<String>> = HashMap::new();
    for t in taken.iter().filter(|t| t.result.result == Outcome::Applied && t.result.v.is_none()) {
        if let Some((collection, id)) = &t.row {
            ids.entry(*collection).or_default().push(id.clone());
        }
    }
    let mut versions = HashMap::new();
    for (collection, ids) in ids {
        let Some(table) = docs::table(collection) else { continue };
        let found = docs::versions(conn, table, &ids)?;
        versions.extend(found.into_iter().map(|(id, v)| ((collection, id), v)));
    }
    Ok(versions)
}

/// What the engineer wrote himself he may see, wherever the ticket is now.
fn is_own(phone: &Phone, (collection, _): &Key, row: &docs::Row) -> bool {
    *collection != Collection::Tickets
        && policy::takes_inserts(*collection)
        && row.doc.get("engineer_id").and_then(Value::as_str) == Some(phone.engineer_id.as_str())
}
