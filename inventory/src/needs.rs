//! What tickets used, counted by their kind, the model of their asset and their symptom; and what people say beside
//! that. What follows from it for a ticket is worked out in `dispatch`, which knows no database.

use std::collections::BTreeMap;

use db::schema::{need_cases, need_uses, part_needs};
use db::types::{Id, PartId, PartNeedId};
use db::{Conn, Entity, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, MAX_QUANTITY, PAGE, parts};

/// What tickets are compared on; an empty model or symptom of a ticket: not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// The kind of ticket.
    pub ticket_kind: String,
    /// The model of its asset.
    pub asset_model: String,
    /// Its symptom.
    pub symptom: String,
}

/// So many tickets were finished with this fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Which one.
    pub fault: Fault,
    /// How many.
    pub tickets: i64,
}

/// So many of them used a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Which fault.
    pub fault: Fault,
    /// Which part.
    pub part_id: PartId,
    /// On how many tickets.
    pub tickets: i64,
    /// How much of it in all.
    pub quantity: i64,
}

/// Counts a finished ticket and what it used.
///
/// # Errors
/// A failure of the database.
pub fn learn(tx: &mut Tx<'_>, fault: &Fault, used: &BTreeMap<PartId, i64>) -> Result<(), Error> {
    count(tx, fault, used, 1)
}

/// Takes a ticket that was counted out of the counts, and what it used.
///
/// # Errors
/// A failure of the database.
pub fn unlearn(tx: &mut Tx<'_>, fault: &Fault, used: &BTreeMap<PartId, i64>) -> Result<(), Error> {
    count(tx, fault, used, -1)
}

fn count(tx: &mut Tx<'_>, fault: &Fault, used: &BTreeMap<PartId, i64>, tickets: i64) -> Result<(), Error> {
    let case = Case { fault: fault.clone(), tickets };
    let uses = used.iter().map(|(part_id, quantity)| Use {
        fault: fault.clone(),
        part_id: *part_id,
        tickets,
        quantity: *quantity * tickets,
    });
    add(tx, &[case], &uses.collect::<Vec<_>>())
}

/// Adds to the counts: of one ticket, or of a record that somebody kept elsewhere.
///
/// # Errors
/// A failure of the database.
pub fn add(tx: &mut Tx<'_>, cases: &[Case], uses: &[Use]) -> Result<(), Error> {
    for Case { fault, tickets } in cases {
        let of = (
            need_cases::ticket_kind.eq(&fault.ticket_kind),
            need_cases::asset_model.eq(&fault.asset_model),
            need_cases::symptom.eq(&fault.symptom),
        );
        each_backend!(tx.conn(), |c| diesel::insert_into(need_cases::table)
            .values((of, need_cases::tickets.eq(tickets)))
            .on_conflict((need_cases::ticket_kind, need_cases::asset_model, need_cases::symptom))
            .do_update()
            .set(need_cases::tickets.eq(need_cases::tickets + tickets))
            .execute(c))?;
    }
    for Use { fault, part_id, tickets, quantity } in uses {
        let of = (
            need_uses::ticket_kind.eq(&fault.ticket_kind),
            need_uses::asset_model.eq(&fault.asset_model),
            need_uses::symptom.eq(&fault.symptom),
            need_uses::part_id.eq(part_id),
        );
        let key = (need_uses::ticket_kind, need_uses::asset_model, need_uses::symptom, need_uses::part_id);
        each_backend!(tx.conn(), |c| diesel::insert_into(need_uses::table)
            .values((of, need_uses::tickets.eq(tickets), need_uses::quantity.eq(quantity)))
            .on_conflict(key)
            .do_update()
            .set((
                need_uses::tickets.eq(need_uses::tickets + tickets),
                need_uses::quantity.eq(need_uses::quantity + quantity),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Kind, model, symptom.
type Key = (String, String, String);

/// Everything that was counted.
///
/// # Errors
/// A failure of the database.
pub fn counted(conn: &mut Conn) -> Result<(Vec<Case>, Vec<Use>), Error> {
    let fault = |(ticket_kind, asset_model, symptom): Key| Fault { ticket_kind, asset_model, symptom };
    let cases: Vec<(Key, i64)> = need_cases::table
        .select((
            (need_cases::ticket_kind, need_cases::asset_model, need_cases::symptom),
            need_cases::tickets,
        ))
        .load(conn)?;
    let uses: Vec<(Key, PartId, i64, i64)> = need_uses::table
        .select((
            (need_uses::ticket_kind, need_uses::asset_model, need_uses::symptom),
            need_uses::part_id,
            need_uses::tickets,
            need_uses::quantity,
        ))
        .load(conn)?;
    let cases = cases.into_iter().map(|(of, tickets)| Case { fault: fault(of), tickets });
    let uses = uses.into_iter().map(|(of, part_id, tickets, quantity)| {
        let fault = fault(of);
        Use { fault, part_id, tickets, quantity }
    });
    Ok((cases.collect(), uses.collect()))
}

/// What somebody says that tickets of a kind need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = part_needs)]
#[schema(as = NeedEntry)]
pub struct PartNeed {
    /// Its id.
    pub id: PartNeedId,
    /// The kind of ticket.
    pub ticket_kind: String,
    /// The model of the asset; empty for all.
    pub asset_model: String,
    /// The symptom; empty for all.
    pub symptom: String,
    /// Which part.
    pub part_id: PartId,
    /// How much, when it is needed.
    pub quantity: i64,
    /// How likely, from 0 to 1.
    pub probability: f64,
    /// As much as so many tickets that were seen; none if it is so whatever was seen.
    pub weight: Option<f64>,
}

impl Entity for PartNeed {
    const ENTITY: &'static str = "part_needs";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// Something to be said of tickets of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNeed {
    /// The kind of ticket.
    pub ticket_kind: String,
    /// The model of the asset; empty for all.
    #[serde(default)]
    pub asset_model: String,
    /// The symptom; empty for all.
    #[serde(default)]
    pub symptom: String,
    /// Which part.
    pub part_id: PartId,
    /// How much, when it is needed.
    pub quantity: i64,
    /// How likely, from 0 to 1.
    pub probability: f64,
    /// As much as so many tickets that were seen; none if it is so whatever was seen.
    pub weight: Option<f64>,
}

/// The most that anybody's word counts for, in tickets.
pub const HEAVIEST: f64 = 1_000_000.0;

/// Says what tickets of a kind need, instead of what was said of the same part before.
///
/// # Errors
/// A part that is not there, a probability or quantity that makes no sense.
pub fn say(tx: &mut Tx<'_>, new: NewNeed) -> Result<PartNeed, Error> {
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    if !(0.0..=1.0).contains(&new.probability) {
        return invalid("probability", "must be between 0 and 1");
    }
    if !(1..=MAX_QUANTITY).contains(&new.quantity) {
        return invalid("quantity", "must be positive and at most a million million");
    }
    if new.weight.is_some_and(|weight| !(0.0..=HEAVIEST).contains(&weight)) {
        return invalid("weight", "must be between 0 and a million");
    }
    if new.ticket_kind.trim().is_empty() {
        return invalid("ticket_kind", "must not be empty");
    }
    parts::get(tx.conn(), new.part_id)?;
    let known: Option<PartNeed> = part_needs::table
        .filter(part_needs::ticket_kind.eq(&new.ticket_kind))
        .filter(part_needs::asset_model.eq(&new.asset_model))
        .filter(part_needs::symptom.eq(&new.symptom))
        .filter(part_needs::part_id.eq(new.part_id))
        .first(tx.conn())
        .optional()?;
    let need = PartNeed {
        id: known.as_ref().map_or_else(Id::new, |known| known.id),
        ticket_kind: new.ticket_kind,
        asset_model: new.asset_model,
        symptom: new.symptom,
        part_id: new.part_id,
        quantity: new.quantity,
        probability: new.probability,
        weight: new.weight,
    };
    if known.is_some() {
        diesel::update(part_needs::table.find(need.id))
            .set((
                part_needs::quantity.eq(need.quantity),
                part_needs::probability.eq(need.probability),
                part_needs::weight.eq(need.weight),
            ))
            .execute(tx.conn())?;
    } else {
        diesel::insert_into(part_needs::table).values(&need).execute(tx.conn())?;
    }
    tx.changed(&need)?;
    Ok(need)
}

/// Takes back what was said.
///
/// # Errors
/// Nothing of this id was said.
pub fn unsay(tx: &mut Tx<'_>, id: PartNeedId) -> Result<(), Error> {
    let need: Option<PartNeed> = part_needs::table.find(id).first(tx.conn()).optional()?;
    let need = need.ok_or_else(|| Error::NotFound { what: "part need", id: id.to_string() })?;
    diesel::delete(part_needs::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&need)?)
}

/// What was said, of one kind of ticket or of all, in order of id, after the id `after`.
///
/// # Errors
/// A failure of the database.
pub fn said(
    conn: &mut Conn,
    ticket_kind: Option<&str>,
    after: Option<PartNeedId>,
    limit: i64,
) -> Result<Vec<PartNeed>, Error> {
    let mut query = part_needs::table.order(part_needs::id).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(kind) = ticket_kind {
        query = query.filter(part_needs::ticket_kind.eq(kind.to_owned()));
    }
    if let Some(after) = after {
        query = query.filter(part_needs::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// All that was ever said.
///
/// # Errors
/// A failure of the database.
pub fn all_said(conn: &mut Conn) -> Result<Vec<PartNeed>, Error> {
    Ok(part_needs::table.order(part_needs::id).load(conn)?)
}
