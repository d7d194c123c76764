//! Whatever happens in whatever order: movements sum to the balances, live reservations to what is reserved, what is
//! promised is there, and what was refused or crashed half-way has changed nothing.

use db::testing::{Backend, TestDb, block_on};
use db::types::{EngineerId, Id, LocationId, PartId, ReservationId, TicketId, VisitId};
use db::{Actor, Timestamp, Tx};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use inventory::ledger::{self, Receipt, Transfer, adjust, receive, transfer};
use inventory::reservations::{self, Filter, Request, expire_due, issue, pick, release, release_for_ticket};
use inventory::usage::{Outcome, Usage, use_part};
use inventory::{Error, Reservation, StockMovement, Tracking, pieces};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fixture::Shop;

/// Small numbers, so that shortages, splits and repeats are common. `which` picks among the reservations so far.
#[derive(Debug, Clone, Copy)]
enum Step {
    Receive {
        place: usize,
        quantity: i64,
    },
    Transfer {
        from: usize,
        to: usize,
        quantity: i64,
    },
    Count {
        place: usize,
        counted: i64,
    },
    Reserve {
        ticket: usize,
        place: usize,
        quantity: i64,
        minutes: Option<i64>,
        board: bool,
    },
    Pick {
        which: usize,
        quantity: Option<i64>,
    },
    PutBack {
        which: usize,
    },
    Issue {
        which: usize,
    },
    Return {
        which: usize,
        quantity: Option<i64>,
    },
    Release {
        which: usize,
    },
    EndTicket {
        ticket: usize,
    },
    Use {
        ticket: usize,
        quantity: i64,
        outcome: Outcome,
    },
    Wait {
        minutes: i64,
    },
    /// Takes back one of the last movements.
    Undo {
        which: usize,
        board: bool,
    },
    BoardsIn {
        place: usize,
        pieces: u8,
    },
    BoardsMove {
        from: usize,
        to: usize,
        pieces: u8,
    },
    BoardsFound {
        place: usize,
        pieces: u8,
    },
    BoardUsed {
        ticket: usize,
        piece: u8,
        removed: u8,
        outcome: Outcome,
    },
}

impl Step {
    /// Counts and use are believed, whatever was promised.
    fn is_believed(self) -> bool {
        matches!(
            self,
            Self::Count { .. } | Self::Use { .. } | Self::BoardsFound { .. } | Self::BoardUsed { .. }
        )
    }
}

/// The serial numbers that the bits stand for.
fn numbers(pieces: u8) -> Vec<String> {
    (0..5).filter(|bit| pieces & (1 << bit) != 0).map(|bit| format!("S{bit}")).collect()
}

fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let (place, ticket, which, some) = (0..4_usize, 0..3_usize, 0..8_usize, 1..5_i64);
    let outcome = prop_oneof![Just(Outcome::Used), Just(Outcome::Defective), Just(Outcome::Returned)];
    let board = proptest::bool::weighted(0.3);
    let step = prop_oneof![
        3 => (place.clone(), 1..9_i64).prop_map(|(place, quantity)| Step::Receive { place, quantity }),
        2 => (place.clone(), place.clone(), some.clone())
            .prop_map(|(from, to, quantity)| Step::Transfer { from, to, quantity }),
        1 => (place.clone(), 0..9_i64).prop_map(|(place, counted)| Step::Count { place, counted }),
        7 => (ticket.clone(), place.clone(), some.clone(), proptest::option::of(1..30_i64), board).prop_map(
            |(ticket, place, quantity, minutes, board)| Step::Reserve { ticket, place, quantity, minutes, board }
        ),
        3 => (which.clone(), proptest::option::of(some.clone()))
            .prop_map(|(which, quantity)| Step::Pick { which, quantity }),
        1 => which.clone().prop_map(|which| Step::PutBack { which }),
        2 => (which.clone(), board).prop_map(|(which, board)| Step::Undo { which, board }),
        3 => (place.clone(), 0..32_u8).prop_map(|(place, pieces)| Step::BoardsIn { place, pieces }),
        2 => (place.clone(), place.clone(), 0..32_u8)
            .prop_map(|(from, to, pieces)| Step::BoardsMove { from, to, pieces }),
        1 => (place, 0..32_u8).prop_map(|(place, pieces)| Step::BoardsFound { place, pieces }),
        2 => (ticket.clone(), 0..6_u8, 0..7_u8, outcome.clone())
            .prop_map(|(ticket, piece, removed, outcome)| Step::BoardUsed { ticket, piece, removed, outcome }),
        3 => which.clone().prop_map(|which| Step::Issue { which }),
        2 => (which.clone(), proptest::option::of(some.clone()))
            .prop_map(|(which, quantity)| Step::Return { which, quantity }),
        1 => which.prop_map(|which| Step::Release { which }),
        1 => ticket.clone().prop_map(|ticket| Step::EndTicket { ticket }),
        3 => (ticket, some, outcome).prop_map(|(ticket, quantity, outcome)| Step::Use { ticket, quantity, outcome }),
        1 => (1..40_i64).prop_map(|minutes| Step::Wait { minutes }),
    ];
    // One in eight crashes after its last statement.
    proptest::collection::vec((step, proptest::bool::weighted(0.125)), 1..40)
}

#[derive(QueryableByName, Debug, Clone, PartialEq)]
struct Figures {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = BigInt)]
    on_hand: i64,
    #[diesel(sql_type = BigInt)]
    reserved: i64,
    #[diesel(sql_type = BigInt)]
    moved: i64,
    #[diesel(sql_type = BigInt)]
    promised: i64,
}

/// All figures of the shop's part, by plain SQL that knows nothing of this crate.
const FIGURES: &str =
    "SELECT l.id AS place, COALESCE(b.on_hand, 0) AS on_hand, COALESCE(b.reserved, 0) AS reserved,
    CAST(COALESCE((SELECT SUM(m.quantity) FROM stock_movements m
        WHERE m.to_location_id = l.id AND m.part_id = PART), 0)
      - COALESCE((SELECT SUM(m.quantity) FROM stock_movements m
        WHERE m.from_location_id = l.id AND m.part_id = PART), 0) AS BIGINT) AS moved,
    CAST(COALESCE((SELECT SUM(r.quantity) FROM reservations r WHERE r.location_id = l.id AND r.part_id = PART
        AND r.status IN ('held', 'picked', 'handed_over')), 0) AS BIGINT) AS promised
  FROM stock_locations l LEFT JOIN stock_balances b ON b.location_id = l.id AND b.part_id = PART
  WHERE l.kind IN ('depot', 'van') ORDER BY l.id";

struct Run {
    shop: Shop,
    /// A part that is followed piece by piece.
    board: PartId,
    made: Vec<ReservationId>,
}

impl Run {
    async fn figures(&self) -> Vec<Figures> {
        let mut all = Vec::new();
        for part in [self.shop.parts[0], self.board] {
            let sql = FIGURES.replace("PART", &format!("'{part}'"));
            all.extend(self.shop.read(move |conn| Ok(diesel::sql_query(sql).load::<Figures>(conn)?)).await);
        }
        all
    }

    /// The reservation that a step is about: any that was ever made.
    fn chosen(&self, step: Step) -> ReservationId {
        match step {
            Step::Pick { which, .. }
            | Step::PutBack { which }
            | Step::Issue { which }
            | Step::Return { which, .. }
            | Step::Release { which }
                if !self.made.is_empty() =>
            {
                self.made[which % self.made.len()]
            }
            _ => Id::new(),
        }
    }

    /// Does one step; if `crash`, everything but the commit.
    async fn take(&mut self, step: Step, crash: bool) -> Result<(), Error> {
        let shop = &self.shop;
        if let Step::Wait { minutes } = step {
            shop.test.clock.set(shop.test.clock.now().plus_minutes(minutes));
        }
        let stage = Stage {
            part: shop.parts[0],
            board: self.board,
            places: [shop.depots[0], shop.depots[1], shop.vans[0], shop.vans[1]],
            tickets: shop.tickets,
            visits: shop.visits,
            engineers: shop.engineers,
            chosen: self.chosen(step),
        };
        let made = shop.test.db.write(Actor::system("test"), move |tx| {
            let made = stage.act(tx, step)?;
            if crash { Err(Error::Invalid { field: "crash", problem: "was asked for" }) } else { Ok(made) }
        });
        self.made.extend(made.await?);
        Ok(())
    }
}

/// What the steps are about; copied into each command.
#[derive(Clone, Copy)]
struct Stage {
    part: PartId,
    board: PartId,
    places: [LocationId; 4],
    tickets: [TicketId; 3],
    visits: [VisitId; 3],
    engineers: [EngineerId; 2],
    chosen: ReservationId,
}

impl Stage {
    /// The reservation that the step made, if it made one.
    fn act(self, tx: &mut Tx<'_>, step: Step) -> Result<Option<ReservationId>, Error> {
        let Self { part, places, chosen, .. } = self;
        let now = tx.now();
        let refused = match step {
            Step::Receive { place, quantity } => receive(tx, part, places[place], quantity, "").err(),
            Step::Transfer { from, to, quantity } => {
                transfer(tx, part, places[from], places[to], quantity, "").err()
            }
            Step::Count { place, counted } => adjust(tx, part, places[place], counted, "").err(),
            Step::Pick { quantity, .. } => self.pick(tx, quantity).err(),
            Step::PutBack { .. } => reservations::put_back(tx, chosen).err(),
            Step::Undo { which, board } => self.undo(tx, which, board).err(),
            Step::BoardsIn { place, pieces } => self.boards_in(tx, places[place], &numbers(pieces)).err(),
            Step::BoardsMove { from, to, pieces } => {
                self.boards_move(tx, places[from], places[to], &numbers(pieces)).err()
            }
            Step::BoardsFound { place, pieces } => {
                ledger::found(tx, self.board, places[place], &numbers(pieces), "").err()
            }
            Step::BoardUsed { ticket, piece, removed, outcome } => {
                let one = Usage {
                    part_id: self.board,
                    serial: numbers(1 << piece).pop().unwrap_or_default(),
                    removed_serial: numbers(1 << removed).pop().unwrap_or_default(),
                    ..self.usage(ticket, 1, outcome, now)
                };
                use_part(tx, one).err()
            }
            Step::Issue { .. } => issue(tx, chosen).err(),
            Step::Return { quantity, .. } => {
                reservations::return_part(tx, chosen, quantity, Some(places[0])).err()
            }
            Step::Release { .. } => release(tx, chosen).err(),
            Step::EndTicket { ticket } => release_for_ticket(tx, self.tickets[ticket]).err(),
            Step::Use { ticket, quantity, outcome } => {
                use_part(tx, self.usage(ticket, quantity, outcome, now)).err()
            }
            Step::Wait { .. } => expire_due(tx, now).err(),
            Step::Reserve { ticket, place, quantity, minutes, board } => {
                let request = self.request(ticket, place, quantity, minutes.map(|m| now.plus_minutes(m)));
                let part_id = if board { self.board } else { part };
                let request = Request { part_id, ..request };
                return Ok(Some(reservations::reserve(tx, request)?.id));
            }
        };
        refused.map_or(Ok(None), Err)
    }

    /// Of parts with numbers, the first that lie there.
    fn pick(self, tx: &mut Tx<'_>, quantity: Option<i64>) -> Result<Reservation, Error> {
        let reservation = reservations::get(tx.conn(), self.chosen)?;
        if reservation.part_id != self.board {
            return pick(tx, self.chosen, quantity, &[]);
        }
        let quantity = quantity.unwrap_or(reservation.quantity);
        let here = pieces::Filter {
            part_id: Some(self.board),
            location_id: Some(reservation.location_id),
            ..pieces::Filter::default()
        };
        let found = pieces::list(tx.conn(), here, None, quantity)?;
        let serials: Vec<String> = found.into_iter().map(|piece| piece.number).collect();
        pick(tx, self.chosen, Some(quantity), &serials)
    }

    fn undo(self, tx: &mut Tx<'_>, which: usize, board: bool) -> Result<StockMovement, Error> {
        let part_id = Some(if board { self.board } else { self.part });
        let last = ledger::movements(tx.conn(), ledger::Filter { part_id, ..Default::default() }, None, 9)?;
        let id = last.get(which).map_or_else(Id::new, |movement| movement.id);
        ledger::undo(tx, id)
    }

    fn boards_in(
        self,
        tx: &mut Tx<'_>,
        to: LocationId,
        serials: &[String],
    ) -> Result<Vec<StockMovement>, Error> {
        let quantity = i64::try_from(serials.len()).unwrap();
        let receipt = Receipt { part_id: self.board, to, quantity, serials, lot: None, cost: None, note: "" };
        ledger::take_in(tx, &receipt)
    }

    fn boards_move(
        self,
        tx: &mut Tx<'_>,
        from: LocationId,
        to: LocationId,
        serials: &[String],
    ) -> Result<Vec<StockMovement>, Error> {
        let quantity = i64::try_from(serials.len()).unwrap();
        let transfer = Transfer { part_id: self.board, from, to, quantity, serials, lot: None, note: "" };
        ledger::move_stock(tx, &transfer)
    }

    fn request(self, ticket: usize, place: usize, quantity: i64, expires_at: Option<Timestamp>) -> Request {
        Request {
            ticket_id: self.tickets[ticket],
            engineer_id: Some(self.engineers[ticket % 2]),
            part_id: self.part,
            location_id: self.places[place],
            quantity,
            expires_at,
            instead_of_part_id: None,
        }
    }

    fn usage(self, ticket: usize, quantity: i64, outcome: Outcome, at: Timestamp) -> Usage {
        Usage {
            id: Id::new(),
            ticket_id: self.tickets[ticket],
            visit_id: self.visits[ticket],
            engineer_id: self.engineers[ticket % 2],
            part_id: self.part,
            quantity,
            serial: String::new(),
            outcome,
            removed_serial: String::new(),
            at,
        }
    }
}

/// Takes the steps and checks the books after each.
async fn check(run: &mut Run, steps: Vec<(Step, bool)>) -> Result<(), TestCaseError> {
    let mut before = run.figures().await;
    for (step, crash) in steps {
        let outcome = run.take(step, crash).await;
        let after = run.figures().await;
        for place in &after {
            prop_assert_eq!(place.on_hand, place.moved, "after {:?}: {:?}", step, place);
            prop_assert_eq!(place.reserved, place.promised, "after {:?}: {:?}", step, place);
        }
        match (&outcome, step) {
            (Err(Error::Database(error)), _) => return Err(TestCaseError::fail(error.to_string())),
            (Err(_), _) => prop_assert_eq!(&before, &after, "{:?} was refused and changed something", step),
            // Counts and use are believed; nothing else may promise or take what is not there.
            (Ok(()), step) if step.is_believed() => {}
            (Ok(()), _) => {
                for (was, is) in before.iter().zip(&after) {
                    let free = is.on_hand - is.reserved;
                    let fell = free < was.on_hand - was.reserved;
                    prop_assert!(!fell || free >= 0, "{:?} took what was not free: {:?}", step, is);
                    prop_assert!(is.on_hand >= 0 || is.on_hand >= was.on_hand, "{:?}: {:?}", step, is);
                }
            }
        }
        before = after;
        prop_assert_eq!(run.shop.read(inventory::verify).await, vec![], "after {:?}", step);
    }
    let all = run.shop.read(|conn| reservations::list(conn, Filter::default(), None, 200)).await;
    prop_assert!(all.iter().all(|r| r.quantity > 0));
    Ok(())
}

fn books_are_right_whatever_happens(backend: Backend) {
    let test = TestDb::fresh(backend);
    // One database, and for each case a shop of its own in it: making databases would take most of the time.
    let shop = std::cell::RefCell::new(Some(block_on(Shop::open(test))));
    let config = Config { cases: 24, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let taken = shop.borrow_mut().take().expect("the last case put it back");
        block_on(async {
            let opened = taken.reopen().await;
            let board = opened.tracked(Tracking::Serial).await;
            let mut run = Run { shop: opened, board, made: Vec::new() };
            let checked = check(&mut run, steps).await;
            *shop.borrow_mut() = Some(run.shop);
            checked
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn books_are_right_whatever_happens_on_sqlite() {
    books_are_right_whatever_happens(Backend::Sqlite);
}

#[test]
fn books_are_right_whatever_happens_on_postgres() {
    books_are_right_whatever_happens(Backend::Postgres);
}
