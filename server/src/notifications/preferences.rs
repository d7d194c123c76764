//! What somebody wants to be told, and how: each kind by the bell, by mail, by both. Who has not said anything is told
//! by both, of a ticket's steps by the bell alone. That a promise runs out nobody can turn off altogether: then there
//! would be nobody left who knows.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{get, put, web};
use db::schema::{notification_preferences as preferences, users};
use db::types::UserId;
use db::{Conn, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NotificationKind;
use crate::app::App;
use crate::auth::{ANYBODY, By};
use crate::error::Error;
use crate::http::{Body, Checks};

/// How somebody wants to be told of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Queryable, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preference {
    /// Of what.
    pub kind: NotificationKind,
    /// By the bell of the console.
    pub bell: bool,
    /// By mail.
    pub mail: bool,
}

/// How somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preferences {
    /// Where he is written to; empty: nowhere. An administrator enters it.
    pub email: String,
    /// Whether this server sends mail at all.
    pub is_mail_sent: bool,
    /// Every kind once.
    pub items: Vec<Preference>,
}

/// What somebody wants; a kind that is not named stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreferences {
    items: Vec<Preference>,
}

impl NotificationKind {
    /// Whether nobody may be left without it.
    const fn must_arrive(self) -> bool {
        matches!(self, Self::ResponseDue | Self::ResolutionDue)
    }

    /// Whether it is mailed to who has not said anything: a ticket has many steps.
    const fn usually_mailed(self) -> bool {
        !matches!(self, Self::StatusChanged)
    }
}

/// How these people are told of this kind: whom by the bell, whom by mail.
pub(super) struct Ways {
    said: BTreeMap<UserId, (bool, bool)>,
    reachable: BTreeSet<UserId>,
    kind: NotificationKind,
}

impl Ways {
    /// Reads what they have said.
    pub fn of(conn: &mut Conn, people: &[UserId], kind: NotificationKind) -> Result<Self, Error> {
        let rows: Vec<(UserId, bool, bool)> = preferences::table
            .filter(preferences::user_id.eq_any(people))
            .filter(preferences::kind.eq(kind))
            .select((preferences::user_id, preferences::bell, preferences::mail))
            .load(conn)?;
        let with_address = users::table.filter(users::id.eq_any(people)).filter(users::active.eq(true));
        let reachable: Vec<UserId> = with_address.filter(users::email.ne("")).select(users::id).load(conn)?;
        let said = rows.into_iter().map(|(user, bell, mail)| (user, (bell, mail))).collect();
        Ok(Self { said, reachable: reachable.into_iter().collect(), kind })
    }

    /// Whether he is told by mail.
    pub fn mail(&self, user: UserId) -> bool {
        self.reachable.contains(&user)
            && self.said.get(&user).map_or(self.kind.usually_mailed(), |(_, mail)| *mail)
    }

    /// Whether he is told by the bell: also if he wanted mail alone, and has no address any more.
    pub fn bell(&self, user: UserId) -> bool {
        self.said.get(&user).is_none_or(|(bell, _)| *bell) || (self.kind.must_arrive() && !self.mail(user))
    }
}

fn of(conn: &mut Conn, user: UserId) -> Result<Vec<Preference>, Error> {
    let said: Vec<Preference> = preferences::table
        .filter(preferences::user_id.eq(user))
        .select((preferences::kind, preferences::bell, preferences::mail))
        .load(conn)?;
    let usual = |kind: NotificationKind| Preference { kind, bell: true, mail: kind.usually_mailed() };
    let of_kind = |kind| said.iter().find(|one| one.kind == kind).copied().unwrap_or_else(|| usual(kind));
    Ok(NotificationKind::ALL.iter().map(|kind| of_kind(*kind)).collect())
}

fn check(wanted: &NewPreferences, is_mail_sent: bool) -> Result<(), Error> {
    let mut checks = Checks::new();
    let mut seen = BTreeSet::new();
    for (nth, one) in wanted.items.iter().enumerate() {
        let field = |name: &str| format!("items[{nth}].{name}");
        checks.require(seen.insert(one.kind), &field("kind"), "duplicate", "is named twice");
        let arrives = one.bell || (one.mail && is_mail_sent) || !one.kind.must_arrive();
        checks.require(arrives, &field("bell"), "one_way", "must arrive by the bell or by mail");
    }
    checks.finish()
}

async fn shown(app: &App, user: UserId) -> Result<web::Json<Preferences>, Error> {
    let read = move |conn: &mut Conn| {
        let email: String = users::table.find(user).select(users::email).first(conn)?;
        Ok::<_, Error>((email, of(conn, user)?))
    };
    let (email, items) = app.db.read(read).await?;
    Ok(web::Json(Preferences { email, is_mail_sent: !app.config.mail_host.is_empty(), items }))
}

/// How the caller is told.
#[utoipa::path(tag = "notifications", responses((status = 200, body = Preferences)))]
#[get("/notifications/preferences")]
pub async fn show(app: web::Data<App>, by: By<ANYBODY>) -> Result<web::Json<Preferences>, Error> {
    shown(&app, by.0.user_id).await
}

/// Change how the caller is told.
#[utoipa::path(
    tag = "notifications",
    request_body = NewPreferences,
    responses((status = 200, body = Preferences), (status = 422, body = crate::error::Problem)),
)]
#[put("/notifications/preferences")]
pub async fn change(
    app: web::Data<App>,
    by: By<ANYBODY>,
    body: Body<NewPreferences>,
) -> Result<web::Json<Preferences>, Error> {
    let (user, wanted) = (by.0.user_id, body.0);
    check(&wanted, !app.config.mail_host.is_empty())?;
    let run = move |tx: &mut Tx<'_>| {
        for one in &wanted.items {
            let his = preferences::table.find((user, one.kind));
            diesel::delete(his).execute(tx.conn())?;
            let row = (
                preferences::user_id.eq(user),
                preferences::kind.eq(one.kind),
                preferences::bell.eq(one.bell),
                preferences::mail.eq(one.mail),
            );
            diesel::insert_into(preferences::table).values(row).execute(tx.conn())?;
        }
        Ok::<_, Error>(())
    };
    app.db.write(by.0.actor(), run).await?;
    shown(&app, user).await
}
