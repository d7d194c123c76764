//! What was learnt of the parts that tickets need, beside what people say: for whoever wants to know why a part is
//! proposed, and to correct it. Read from the tables, not from dispatch's memory, so that an edit is seen at once.

use std::collections::BTreeMap;

use actix_web::{get, web};
use db::Conn;
use db::types::{PartId, PartNeedId};
use dispatch::needs::{Fault, LearntLevel, Outlook};
use inventory::needs::{self, PartNeed};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::needs::{LONGEST_KIND, known, named};
use super::reservations::Nothing;
use super::words::{self, NamedPart};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Checks, Params};

/// Most faults that one answer lists.
const MOST_FAULTS: usize = 5_000;

/// A kind of ticket, the model of its asset and its symptom, of which something is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KnownFault {
    /// The kind of ticket.
    pub ticket_kind: String,
    /// The model of the asset; empty for all, or where it was not known.
    pub asset_model: String,
    /// The symptom; empty for all, or where it was not known.
    pub symptom: String,
    /// How many tickets with exactly this fault were closed and counted.
    pub tickets: i64,
    /// How many edits say something of exactly this.
    pub edits: i64,
}

/// Of which faults something was counted or said, in order.
#[utoipa::path(tag = "part needs", responses((status = 200, body = Page<KnownFault>)))]
#[get("/part-needs/faults")]
pub async fn faults(
    app: web::Data<App>,
    _by: By<STOCK>,
    _params: Params<Nothing>,
) -> Result<web::Json<Page<KnownFault>>, Error> {
    let read = |conn: &mut Conn| Ok::<_, Error>((needs::counted(conn)?.0, needs::all_said(conn)?));
    let (cases, edits) = app.db.read(read).await?;
    let mut found: BTreeMap<(String, String, String), (i64, i64)> = BTreeMap::new();
    for case in cases {
        let of = case.fault;
        found.entry((of.ticket_kind, of.asset_model, of.symptom)).or_default().0 += case.tickets.max(0);
    }
    for edit in edits {
        found.entry((edit.ticket_kind, edit.asset_model, edit.symptom)).or_default().1 += 1;
    }
    let rows = found.into_iter().take(MOST_FAULTS).map(|((ticket_kind, asset_model, symptom), counts)| {
        KnownFault { ticket_kind, asset_model, symptom, tickets: counts.0, edits: counts.1 }
    });
    Ok(web::Json(Page::whole(rows.collect())))
}

/// Of which tickets.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// The kind of ticket.
    pub ticket_kind: String,
    /// The model of the asset; absent for all.
    #[serde(default)]
    pub asset_model: String,
    /// The symptom; absent for all.
    #[serde(default)]
    pub symptom: String,
}

/// What somebody says at one level.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NeedEdit {
    /// Its id, by which it is taken back.
    pub id: PartNeedId,
    /// How much, when it is needed.
    pub quantity: i64,
    /// From 0 to 1.
    pub probability: f64,
    /// As much as so many tickets that were seen; none if it is so whatever was seen.
    pub weight: Option<f64>,
}

/// What one level says of a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NeedLevel {
    /// Empty for all models.
    pub asset_model: String,
    /// Empty for all symptoms.
    pub symptom: String,
    /// What the broader level before it says, from 0 to 1.
    pub prior: f64,
    /// So many like tickets were closed.
    pub tickets: u32,
    /// So many of them used the part.
    pub uses: u32,
    /// So much of it in all.
    pub used_quantity: i64,
    /// What this level says: the prior, what was seen, and what people say.
    pub probability: f64,
    /// What people say at exactly this level.
    pub edits: Vec<NeedEdit>,
}

/// A part with all that its probability rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LearntNeed {
    /// Which.
    pub part: NamedPart,
    /// From 0 to 1.
    pub probability: f64,
    /// How much, if it is needed.
    pub quantity: i64,
    /// How much on average over all such tickets.
    pub expected_quantity: f64,
    /// Whether it is probable enough to be proposed.
    pub proposed: bool,
    /// From the broadest to the narrowest.
    pub levels: Vec<NeedLevel>,
}

/// What is known of the parts that such tickets need.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Learnt {
    /// The kind of ticket.
    pub ticket_kind: String,
    /// Empty for all.
    pub asset_model: String,
    /// Empty for all.
    pub symptom: String,
    /// What a broader level counts for at the next narrower one, in tickets.
    pub prior_tickets: f64,
    /// What is less probable is not proposed.
    pub least_probability: f64,
    /// The most probable first.
    pub parts: Vec<LearntNeed>,
}

fn level(of: LearntLevel, part_id: PartId, edits: &[PartNeed]) -> NeedLevel {
    let LearntLevel { fault, prior, tickets, uses, used_quantity, probability } = of;
    let (asset_model, symptom) = (fault.asset_model.unwrap_or_default(), fault.symptom.unwrap_or_default());
    let here = |edit: &&PartNeed| {
        (&edit.ticket_kind, &edit.asset_model, &edit.symptom, edit.part_id)
            == (&fault.kind, &asset_model, &symptom, part_id)
    };
    let said = |edit: &PartNeed| NeedEdit {
        id: edit.id,
        quantity: edit.quantity,
        probability: edit.probability,
        weight: edit.weight,
    };
    let edits = edits.iter().filter(here).map(said).collect();
    NeedLevel { asset_model, symptom, prior, tickets, uses, used_quantity, probability, edits }
}

fn read(conn: &mut Conn, asked: Asked) -> Result<Learnt, Error> {
    let Asked { ticket_kind, asset_model, symptom } = asked;
    let outlook = Outlook::default();
    let fault =
        Fault { kind: ticket_kind.clone(), asset_model: named(&asset_model), symptom: named(&symptom) };
    let found = known(conn)?.learnt(&fault, &outlook);
    let edits = needs::all_said(conn)?;
    let names = words::parts(conn, found.iter().map(|one| PartId::from_uuid(one.part.part_id)))?;
    let parts = found.into_iter().filter_map(|one| {
        let id = PartId::from_uuid(one.part.part_id);
        Some(LearntNeed {
            part: names.get(&id)?.clone(),
            probability: one.part.probability,
            quantity: one.part.quantity,
            expected_quantity: one.part.expected_quantity,
            proposed: one.part.probability > 0.0 && one.part.probability >= outlook.least_probability,
            levels: one.levels.into_iter().map(|of| level(of, id, &edits)).collect(),
        })
    });
    let parts = parts.collect();
    let Outlook { prior_tickets, least_probability } = outlook;
    Ok(Learnt { ticket_kind, asset_model, symptom, prior_tickets, least_probability, parts })
}

/// What was learnt of the parts that such tickets need, level by level, beside what people say.
#[utoipa::path(
    tag = "part needs",
    params(Asked),
    responses((status = 200, body = Learnt), (status = 422, body = Problem)),
)]
#[get("/part-needs/learnt")]
pub async fn learnt(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Asked>,
) -> Result<web::Json<Learnt>, Error> {
    let asked = params.0;
    let mut checks = Checks::new();
    checks
        .name("ticket_kind", &asked.ticket_kind, LONGEST_KIND)
        .text("asset_model", &asked.asset_model, 200)
        .text("symptom", &asked.symptom, 200)
        .finish()?;
    Ok(web::Json(app.db.read(move |conn: &mut Conn| read(conn, asked)).await?))
}
