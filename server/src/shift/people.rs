//! Who is really there: on shift, and heard of lately.

use db::schema::absences;
use db::types::EngineerId;
use db::{Conn, Timestamp};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::engineers;
use crate::error::Error;
use crate::schedule::Board;

/// Somebody who is on shift and of whom nothing has been heard for long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShiftSilent)]
pub struct Silent {
    /// Who.
    pub engineer_id: EngineerId,
    /// When his position was last known, if ever.
    pub seen_at: Option<Timestamp>,
    /// His telephone; empty if nobody knows it.
    pub phone: String,
}

/// Somebody who is away though he has a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShiftAway)]
pub struct Away {
    /// Who.
    pub engineer_id: EngineerId,
    /// Until when.
    pub until: Timestamp,
    /// Why, as it was entered.
    pub reason: String,
    /// Open tickets that he has all the same.
    pub tickets: u32,
}

/// Who is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShiftPeople)]
pub struct People {
    /// On shift now and not absent.
    pub on_shift: usize,
    /// Those of them whose position is so fresh that dispatch counts on it.
    pub heard_of: usize,
    /// Those of them whose position is not.
    pub silent: Vec<Silent>,
    /// Absent during a shift, now or before the end of the time looked at.
    pub away: Vec<Away>,
    /// Shifts that begin before that end.
    pub to_come: usize,
}

pub struct There {
    pub people: People,
    /// When the first of those on shift began.
    pub began_at: Option<Timestamp>,
}

/// Who is there now, and who will not be before `until`.
pub fn there(conn: &mut Conn, board: &Board, now: Timestamp, until: Timestamp) -> Result<There, Error> {
    let everybody = engineers::all_active(conn, now)?;
    let absent: Vec<(EngineerId, Timestamp, Timestamp, String)> = absences::table
        .filter(absences::starts_at.lt(until))
        .filter(absences::ends_at.gt(now))
        .order((absences::engineer_id, absences::ends_at.desc()))
        .select((absences::engineer_id, absences::starts_at, absences::ends_at, absences::reason))
        .load(conn)?;
    let fresh_from = Timestamp::from_millis(board.policies().general.positions_since(now.millis()));
    let (mut people, mut began_at) = (People::default(), None::<Timestamp>);
    for one in everybody {
        let engineer_id = one.engineer.id;
        let Some(shift) = one.shift.filter(|shift| shift.starts_at < until) else { continue };
        let away = absent
            .iter()
            .find(|(id, from, to, _)| *id == engineer_id && *from < shift.ends_at && *to > shift.starts_at);
        if let Some((_, _, until, reason)) = away {
            let (until, reason, tickets) = (*until, reason.clone(), one.in_hand.tickets);
            people.away.push(Away { engineer_id, until, reason, tickets });
        }
        if !one.on_shift {
            people.to_come += usize::from(away.is_none());
            continue;
        }
        people.on_shift += 1;
        began_at = Some(began_at.map_or(shift.starts_at, |known| known.min(shift.starts_at)));
        let seen_at = one.position.map(|position| position.at);
        if seen_at.is_some_and(|at| at >= fresh_from) {
            people.heard_of += 1;
        } else {
            people.silent.push(Silent { engineer_id, seen_at, phone: one.engineer.phone });
        }
    }
    Ok(There { people, began_at })
}
