//! Tasks: what another department has to do for a ticket, from the shipment of a part to the refund. A ticket shows how
//! far they are, and is not closed by the office, a rule or the customer's silence while one is open that has to be
//! done. What an engineer completed is completed all the same, and a customer who confirms is never sent away.

use actix_web::{HttpResponse, delete, get, post, web};
use db::schema::{tasks, tickets};
use db::types::{Id, TaskId, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, OFFICE, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path, rows};
use crate::tickets::{Ticket, TicketStatus, store};

/// Most tasks of a ticket.
const MOST: i64 = 50;

/// What another department has to do for a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = tasks, treat_none_as_null = true)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// Who is to do it: the warehouse, accounting, …
    pub department: String,
    /// What.
    pub text: String,
    /// Whether the office cannot close the ticket before.
    pub required: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// By whom, or by rules.
    pub created_by: String,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// Who said so.
    pub done_by: Option<String>,
}

impl Entity for Task {
    const ENTITY: &'static str = "tasks";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// A task to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    /// Who is to do it; at most 100 characters.
    pub department: String,
    /// What; at most 500 characters.
    pub text: String,
    /// Whether the office cannot close the ticket before.
    #[serde(default)]
    pub required: bool,
}

impl NewTask {
    /// Notes what is wrong with it; `at` is where it stands, and ends in a dot if it is not empty.
    pub fn check(&self, checks: &mut Checks, at: &str) {
        checks.name(&format!("{at}department"), &self.department, 100);
        checks.name(&format!("{at}text"), &self.text, 500);
    }

    /// Refuses what is wrong with it.
    ///
    /// # Errors
    /// Faults by field.
    pub fn checked(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        self.check(&mut checks, "");
        checks.finish()
    }
}

/// Adds a task to a ticket.
///
/// # Errors
/// 404; 409 when the ticket is over, or has too many.
pub fn add(tx: &mut Tx<'_>, ticket_id: TicketId, new: &NewTask) -> Result<Task, Error> {
    let ticket = store::hold(tx, ticket_id)?;
    if matches!(ticket.status, TicketStatus::Closed | TicketStatus::Cancelled) {
        let detail = format!("The ticket is {}.", ticket.status.as_str());
        return Err(Problem::conflict("ticket_ended", detail).into());
    }
    check_room(tx, ticket_id, 1)?;
    let task = Task {
        id: Id::new(),
        ticket_id,
        department: new.department.trim().to_owned(),
        text: new.text.trim().to_owned(),
        required: new.required,
        created_at: tx.now(),
        created_by: tx.actor().name.clone(),
        done_at: None,
        done_by: None,
    };
    diesel::insert_into(tasks::table).values(task.clone()).execute(tx.conn())?;
    tx.created(&task)?;
    Ok(task)
}

/// What is still to be done for a ticket is to be done for another, into which it is merged.
///
/// # Errors
/// 409 when that has too many.
pub fn hand_over(tx: &mut Tx<'_>, from: TicketId, to: TicketId) -> Result<(), Error> {
    let of_ticket = tasks::table.filter(tasks::ticket_id.eq(from)).filter(tasks::done_at.is_null());
    let open: Vec<Task> = of_ticket.order(tasks::id).load(tx.conn())?;
    check_room(tx, to, open.len() as i64)?;
    for task in open {
        diesel::update(tasks::table.find(task.id)).set(tasks::ticket_id.eq(to)).execute(tx.conn())?;
        tx.changed(&Task { ticket_id: to, ..task })?;
    }
    Ok(())
}

fn check_room(tx: &mut Tx<'_>, ticket_id: TicketId, more: i64) -> Result<(), Error> {
    let there: i64 = tasks::table.filter(tasks::ticket_id.eq(ticket_id)).count().get_result(tx.conn())?;
    if more > 0 && there + more > MOST {
        return Err(Problem::conflict("too_many_tasks", "A ticket has at most 50 tasks.").into());
    }
    Ok(())
}

/// Tickets for which something has to be done before they are closed.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn that_must_be_done() -> _ {
    tasks::table.filter(tasks::required.eq(true)).filter(tasks::done_at.is_null())
}

/// Refuses to close a ticket while something has to be done for it.
///
/// # Errors
/// 409 with how many.
pub fn check_close(tx: &mut Tx<'_>, ticket_id: TicketId) -> Result<(), Error> {
    // Nobody adds one in between.
    store::hold(tx, ticket_id)?;
    let of_ticket = that_must_be_done().filter(tasks::ticket_id.eq(ticket_id));
    let open: i64 = of_ticket.count().get_result(tx.conn())?;
    if open == 0 {
        return Ok(());
    }
    let detail = format!("{open} tasks have to be done before the ticket is closed.");
    Err(Problem::conflict("tasks_open", detail).with("tasks", open).into())
}

fn get_task(conn: &mut Conn, id: TaskId) -> Result<Task, Error> {
    let found: Option<Task> = tasks::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("task").into())
}

/// A task with its ticket, which nobody else changes meanwhile.
fn held(tx: &mut Tx<'_>, id: TaskId) -> Result<(Ticket, Task), Error> {
    let ticket_id = get_task(tx.conn(), id)?.ticket_id;
    let ticket = store::hold(tx, ticket_id)?;
    Ok((ticket, get_task(tx.conn(), id)?))
}

/// What had to be done before it was closed stays as it was then.
fn check_open(ticket: &Ticket) -> Result<(), Error> {
    if ticket.status != TicketStatus::Closed {
        return Ok(());
    }
    Err(Problem::conflict("ticket_ended", "The ticket is closed.").into())
}

/// The tasks of a ticket, in the order in which they were added.
#[utoipa::path(
    tag = "tasks",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Task>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/tasks")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Task>>, Error> {
    let read = move |conn: &mut Conn| {
        store::get(conn, id.0)?;
        let of_ticket = tasks::table.filter(tasks::ticket_id.eq(id.0));
        Ok::<_, Error>(of_ticket.order((tasks::created_at, tasks::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Add a task to a ticket.
#[utoipa::path(
    tag = "tasks",
    params(("id" = TicketId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTask,
    responses((status = 201, body = Task), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/tickets/{id}/tasks")]
pub async fn add_to_ticket(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<TicketId>,
    body: Body<NewTask>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.checked()?;
    let asked = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        let task = add(tx, id.0, &new)?;
        Created::new(format!("/api/v1/tickets/{}/tasks", id.0), &task)
    };
    key.create(&app.db, by.0, &asked, run).await
}

/// A task with what people call its ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, ToSchema)]
pub struct TaskView {
    /// What is to be done.
    #[serde(flatten)]
    pub task: Task,
    /// The ticket's number.
    pub ticket_number: i64,
    /// The ticket in one line.
    pub ticket_title: String,
}

/// Which ones.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of this department.
    department: Option<String>,
    /// At most so many, 1 to 200.
    limit: Option<i64>,
}

/// What departments have to do for tickets that are not over, the longest waiting first.
#[utoipa::path(tag = "tasks", params(Filter), responses((status = 200, body = Page<TaskView>)))]
#[get("/tasks")]
pub async fn list_open(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Filter>,
) -> Result<web::Json<Page<TaskView>>, Error> {
    let Params(filter) = params;
    let limit = page::limit(filter.limit)?;
    let read = move |conn: &mut Conn| {
        let mut query = tasks::table
            .inner_join(tickets::table)
            .filter(tasks::done_at.is_null())
            .filter(
                tickets::status
                    .ne_all([TicketStatus::Closed, TicketStatus::Cancelled].map(TicketStatus::as_str)),
            )
            .select((tasks::all_columns, tickets::number, tickets::title))
            .into_boxed();
        if let Some(department) = filter.department {
            query = query.filter(tasks::department.eq(department));
        }
        Ok::<_, Error>(query.order((tasks::created_at, tasks::id)).limit(limit).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Whether it is done.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskDone {
    /// `false`: it is not, after all.
    pub done: bool,
}

/// Say that a task is done, or that it is not after all, unless its ticket is closed. Said again, the first word stays.
#[utoipa::path(
    tag = "tasks",
    params(("id" = TaskId, Path)),
    request_body = TaskDone,
    responses((status = 200, body = Task), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[post("/tasks/{id}/done")]
pub async fn set_done(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<TaskId>,
    body: Body<TaskDone>,
) -> Result<HttpResponse, Error> {
    let done = body.0.done;
    let run = move |tx: &mut Tx<'_>| {
        let (ticket, mut task) = held(tx, id.0)?;
        if task.done_at.is_some() != done {
            if !done {
                check_open(&ticket)?;
            }
            task.done_at = done.then(|| tx.now());
            task.done_by = done.then(|| tx.actor().name.clone());
            diesel::update(tasks::table.find(task.id)).set(task.clone()).execute(tx.conn())?;
            tx.changed(&task)?;
        }
        Ok::<_, Error>(task)
    };
    Ok(HttpResponse::Ok().json(app.db.write(by.0.actor(), run).await?))
}

/// Remove a task that nobody has to do any more, unless its ticket is closed. The record keeps that it was there.
#[utoipa::path(
    tag = "tasks",
    params(("id" = TaskId, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[delete("/tasks/{id}")]
pub async fn remove(app: web::Data<App>, by: By<OFFICE>, id: Path<TaskId>) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let (ticket, task) = held(tx, id.0)?;
        check_open(&ticket)?;
        diesel::delete(tasks::table.find(task.id)).execute(tx.conn())?;
        Ok(tx.removed(&task)?)
    };
    rows::remove(&app.db, &by.0, run).await
}
