//! All promises in memory, compiled: which policy and calendar a ticket has is found without asking the database.
//! The board keeps them up to date from the change log, as it does with the policies of dispatch.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use ::sla::{Calendar, CalendarSpec, Policy, Subject};
use db::Conn;
use db::types::CustomerId;

use super::store::{self, Contract, PolicyTable, Settings, WorkCalendar};
use crate::error::Error;
use crate::tickets::Ticket;

/// Calendars that are laid out at once: each zone in which there are sites has its own.
const MOST_COMPILED: usize = 64;

/// For policies that ask no calendar: all that is used of it is its zone.
const NO_CALENDAR: &str =
    r#"{"name": "None", "time_zone": "UTC", "years": [2000], "week": {"monday": ["00:00-24:00"]}}"#;

/// Every policy, calendar and contract.
pub struct Promises {
    settings: Settings,
    policies: BTreeMap<String, Promise>,
    calendars: BTreeMap<String, WorkCalendar>,
    contracts: HashMap<CustomerId, Vec<Contract>>,
    /// By calendar and zone.
    compiled: RwLock<HashMap<(String, String), Arc<Calendar>>>,
}

struct Promise {
    table: PolicyTable,
    /// Of its rows, in their order.
    policies: Vec<Policy>,
}

/// What holds for one ticket.
pub struct Held<'a> {
    /// The contract, if it is by one.
    pub contract: Option<&'a Contract>,
    /// The table of policies.
    pub table: &'a PolicyTable,
    /// The row of the table, and what it says; none if nothing is promised.
    pub row: Option<(&'a str, &'a Policy)>,
    /// The calendar.
    pub calendar: &'a WorkCalendar,
}

impl Default for Promises {
    /// Those of a new server.
    fn default() -> Self {
        let (policies, calendars) = (store::shipped_policies(), store::shipped_calendars());
        Self::of(Settings::default(), policies, calendars, Vec::new())
    }
}

impl Promises {
    /// Reads all of them.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn load(conn: &mut Conn) -> Result<Self, Error> {
        let (policies, calendars) = (store::policies(conn)?, store::calendars(conn)?);
        Ok(Self::of(store::settings(conn)?.body.0, policies, calendars, store::contracts(conn)?))
    }

    fn of(
        settings: Settings,
        policies: Vec<PolicyTable>,
        calendars: Vec<WorkCalendar>,
        contracts: Vec<Contract>,
    ) -> Self {
        let promise = |table: PolicyTable| {
            let policies = table.body.0.policies();
            (table.id.clone(), Promise { table, policies })
        };
        let mut by_customer: HashMap<CustomerId, Vec<Contract>> = HashMap::new();
        for contract in contracts {
            by_customer.entry(contract.customer_id).or_default().push(contract);
        }
        Self {
            settings,
            policies: policies.into_iter().map(promise).collect(),
            calendars: calendars.into_iter().map(|row| (row.id.clone(), row)).collect(),
            contracts: by_customer,
            compiled: RwLock::default(),
        }
    }

    /// The same with another table of policies in place of the one of its id: what would be if it were saved.
    #[must_use]
    pub fn with_policy(&self, table: PolicyTable) -> Self {
        let mut tables: Vec<PolicyTable> =
            self.policies.values().map(|promise| promise.table.clone()).collect();
        tables.retain(|known| known.id != table.id);
        tables.push(table);
        let contracts = self.contracts.values().flatten().cloned().collect();
        Self::of(self.settings.clone(), tables, self.calendars.values().cloned().collect(), contracts)
    }

    /// What holds without a contract, and the steps of escalations.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What a table of policies is called; its id if it is not there any more.
    pub fn policy_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.policies.get(id).map_or(id, |promise| &promise.table.body.0.name)
    }

    /// What holds for a ticket: its contract's policy, or that of everybody, and the first row of it that fits. None
    /// if there is no such policy or calendar, which nobody can save.
    pub fn held(&self, ticket: &Ticket) -> Option<Held<'_>> {
        let contract = self.contract(ticket);
        let policy_id = contract.map_or(&self.settings.policy_id, |contract| &contract.policy_id);
        let promise = self.policies.get(policy_id)?;
        let calendar_id = contract.and_then(|contract| contract.calendar_id.as_ref());
        let calendar = self.calendars.get(calendar_id.unwrap_or(&self.settings.calendar_id))?;
        let (priority, customer) = (ticket.priority.to_string(), ticket.customer_id.to_string());
        let subject = Subject {
            priority: &priority,
            ticket_type: &ticket.kind,
            customer: &customer,
            contract: contract.map_or("", |contract| &contract.number),
            channel: &ticket.sla.0.channel,
        };
        let (rows, policies) = (&promise.table.body.0.rows, &promise.policies);
        let row = promise.table.body.0.row_for(&subject);
        let row = row.and_then(|row| Some((rows.get(row)?.name.as_str(), policies.get(row)?)));
        Some(Held { contract, table: &promise.table, row, calendar })
    }

    /// One for the ticket's site goes before one for all of them, and the later one before the earlier.
    fn contract(&self, ticket: &Ticket) -> Option<&Contract> {
        let at = ticket.created_at;
        self.contracts
            .get(&ticket.customer_id)?
            .iter()
            .filter(|contract| contract.site_id.is_none_or(|site| site == ticket.site_id))
            .filter(|contract| contract.valid_from <= at && contract.valid_until.is_none_or(|end| at < end))
            .max_by_key(|contract| (contract.site_id.is_some(), contract.valid_from, contract.id))
    }

    /// The calendar as it holds in a site's time zone, laid out; kept for the next ticket.
    pub fn calendar(&self, row: &WorkCalendar, site_zone: &str) -> Option<Arc<Calendar>> {
        let zone = if row.in_site_zone && !site_zone.is_empty() { site_zone } else { &row.body.0.time_zone };
        self.compiled(&row.id, zone, &row.body.0)
    }

    /// A calendar of this zone that knows next to nothing, for policies that ask none: laying out 80 years for
    /// nothing takes a while.
    pub fn no_calendar(&self, row: &WorkCalendar, site_zone: &str) -> Option<Arc<Calendar>> {
        let zone = if row.in_site_zone && !site_zone.is_empty() { site_zone } else { &row.body.0.time_zone };
        self.compiled("", zone, &serde_json::from_str(NO_CALENDAR).ok()?)
    }

    fn compiled(&self, id: &str, zone: &str, spec: &CalendarSpec) -> Option<Arc<Calendar>> {
        let key = (id.to_owned(), zone.to_owned());
        if let Some(known) = self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(known.clone());
        }
        let there = CalendarSpec { time_zone: zone.to_owned(), ..spec.clone() };
        // A site whose zone is none that we know is taken for one that has none.
        let calendar = Calendar::compile(&there).or_else(|_| Calendar::compile(spec));
        let calendar =
            Arc::new(calendar.inspect_err(|faults| tracing::error!(id, %faults, "no calendar")).ok()?);
        let mut compiled = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        if compiled.len() >= MOST_COMPILED {
            compiled.clear();
        }
        compiled.insert(key, calendar.clone());
        Some(calendar)
    }
}
