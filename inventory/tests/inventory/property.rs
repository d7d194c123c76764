//! Whatever happens in whatever order: movements sum to the balances, live reservations to what is reserved, what is
//! promised is there, and what was refused or crashed half-way has changed nothing.

use std::collections::BTreeMap;

use db::testing::{Backend, START, TestDb, block_on};
use db::types::{EngineerId, Id, LocationId, PartId, ReservationId, TicketId, VisitId};
use db::{Actor, Timestamp, Tx};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use inventory::ledger::{self, Receipt, Transfer, adjust, receive, transfer};
use inventory::reservations::{
    self, Filter, Goods, Request, expire_due, issue, pick, release, release_for_ticket,
};
use inventory::usage::{Outcome, Usage, use_part};
use inventory::{Error, Reservation, StockMovement, Tracking, pieces};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fixture::{Shop, cases};

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
        of: Of,
    },
    /// Of parts with lots, of this lot.
    Pick {
        which: usize,
        quantity: Option<i64>,
        lot: u8,
    },
    PutBack {
        which: usize,
    },
    Issue {
        which: usize,
    },
    /// Of parts with serial numbers, by name or not.
    Return {
        which: usize,
        quantity: Option<i64>,
        named: bool,
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
        of: Of,
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
    /// One piece or more, named or not, and perhaps one that nobody knew.
    BoardUsed {
        ticket: usize,
        piece: u8,
        removed: u8,
        quantity: i64,
        outcome: Outcome,
    },
    GreaseIn {
        place: usize,
        lot: u8,
        quantity: i64,
    },
    /// Of the lot, or of what expires first.
    GreaseMove {
        from: usize,
        to: usize,
        lot: u8,
        quantity: i64,
    },
    GreaseFound {
        place: usize,
        lot: u8,
        counted: i64,
    },
    GreaseUsed {
        ticket: usize,
        lot: u8,
        quantity: i64,
        outcome: Outcome,
    },
}

impl Step {
    /// Counts and use are believed, whatever was promised.
    fn is_believed(self) -> bool {
        matches!(
            self,
            Self::Count { .. }
                | Self::Use { .. }
                | Self::BoardsFound { .. }
                | Self::BoardUsed { .. }
                | Self::GreaseFound { .. }
                | Self::GreaseUsed { .. }
        )
    }
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A part of which only the quantity is kept.
    Roller,
    /// A part that is followed piece by piece.
    Board,
    /// A part that is followed by lot.
    Grease,
}

/// The lot's number, or none.
fn lot_name(lot: u8) -> Option<&'static str> {
    [None, Some("L1"), Some("L2"), Some("L3")][usize::from(lot) % 4]
}

/// The serial numbers that the bits stand for.
fn numbers(pieces: u8) -> Vec<String> {
    (0..5).filter(|bit| pieces & (1 << bit) != 0).map(|bit| format!("S{bit}")).collect()
}

fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let (place, ticket, which, some) = (0..4_usize, 0..3_usize, 0..8_usize, 1..5_i64);
    let outcome = prop_oneof![Just(Outcome::Used), Just(Outcome::Defective), Just(Outcome::Returned)];
    let of = prop_oneof![4 => Just(Of::Roller), 3 => Just(Of::Board), 3 => Just(Of::Grease)];
    let step = prop_oneof![
        3 => (place.clone(), 1..9_i64).prop_map(|(place, quantity)| Step::Receive { place, quantity }),
        2 => (place.clone(), place.clone(), some.clone())
            .prop_map(|(from, to, quantity)| Step::Transfer { from, to, quantity }),
        1 => (place.clone(), 0..9_i64).prop_map(|(place, counted)| Step::Count { place, counted }),
        9 => (ticket.clone(), prop_oneof![3 => Just(0), 1 => place.clone()], 1..4_i64, proptest::option::of(1..30_i64), of.clone()).prop_map(
            |(ticket, place, quantity, minutes, of)| Step::Reserve { ticket, place, quantity, minutes, of }
        ),
        3 => (which.clone(), proptest::option::of(some.clone()), 0..4_u8)
            .prop_map(|(which, quantity, lot)| Step::Pick { which, quantity, lot }),
        1 => which.clone().prop_map(|which| Step::PutBack { which }),
        2 => (which.clone(), of).prop_map(|(which, of)| Step::Undo { which, of }),
        3 => (place.clone(), 0..32_u8).prop_map(|(place, pieces)| Step::BoardsIn { place, pieces }),
        2 => (place.clone(), place.clone(), 0..32_u8)
            .prop_map(|(from, to, pieces)| Step::BoardsMove { from, to, pieces }),
        1 => (place.clone(), 0..32_u8).prop_map(|(place, pieces)| Step::BoardsFound { place, pieces }),
        2 => (ticket.clone(), 0..6_u8, 0..7_u8, 1..3_i64, outcome.clone()).prop_map(
            |(ticket, piece, removed, quantity, outcome)| {
                Step::BoardUsed { ticket, piece, removed, quantity, outcome }
            }
        ),
        3 => (place.clone(), 1..4_u8, some.clone())
            .prop_map(|(place, lot, quantity)| Step::GreaseIn { place, lot, quantity }),
        2 => (place.clone(), place.clone(), 0..4_u8, some.clone())
            .prop_map(|(from, to, lot, quantity)| Step::GreaseMove { from, to, lot, quantity }),
        1 => (place, 0..4_u8, 0..6_i64)
            .prop_map(|(place, lot, counted)| Step::GreaseFound { place, lot, counted }),
        2 => (ticket.clone(), 0..4_u8, some.clone(), outcome.clone())
            .prop_map(|(ticket, lot, quantity, outcome)| Step::GreaseUsed { ticket, lot, quantity, outcome }),
        6 => which.clone().prop_map(|which| Step::Issue { which }),
        2 => (which.clone(), proptest::option::of(some.clone()), proptest::bool::ANY)
            .prop_map(|(which, quantity, named)| Step::Return { which, quantity, named }),
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

/// What the pieces and the lots at each place come to, and what of the balance is explained without a piece: what an
/// engineer used, or found defective, without a number that was there, and what a count then set right.
#[derive(QueryableByName, Debug, Clone, PartialEq)]
struct Tracked {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = BigInt)]
    boards: i64,
    #[diesel(sql_type = BigInt)]
    pieces: i64,
    #[diesel(sql_type = BigInt)]
    explained: i64,
    #[diesel(sql_type = BigInt)]
    grease: i64,
    #[diesel(sql_type = BigInt)]
    lots: i64,
    #[diesel(sql_type = BigInt)]
    least_named_lot: i64,
}

/// By plain SQL that knows nothing of this crate. A piece that an engineer used and that had gone to no place with
/// stock before is explained like one without a number.
const TRACKED: &str = "SELECT l.id AS place,
    COALESCE((SELECT b.on_hand FROM stock_balances b WHERE b.location_id = l.id AND b.part_id = BOARD), 0) AS boards,
    (SELECT COUNT(*) FROM part_serials s WHERE s.location_id = l.id AND s.part_id = BOARD) AS pieces,
    CAST(COALESCE((SELECT SUM(CASE WHEN m.to_location_id = l.id THEN m.quantity ELSE -m.quantity END)
        FROM stock_movements m WHERE m.part_id = BOARD AND l.id IN (m.from_location_id, m.to_location_id)
          AND m.serial_id IS NULL AND m.kind IN ('adjust', 'install', 'reject')), 0)
      - COALESCE((SELECT SUM(m.quantity) FROM stock_movements m
        WHERE m.part_id = BOARD AND m.from_location_id = l.id AND m.serial_id IS NOT NULL
          AND m.ticket_id IS NOT NULL AND m.kind IN ('install', 'reject')
          AND NOT EXISTS (SELECT 1 FROM stock_movements b WHERE b.serial_id = m.serial_id
            AND b.to_location_id = l.id AND b.id = (SELECT MAX(c.id) FROM stock_movements c
              WHERE c.serial_id = m.serial_id AND c.id < m.id))), 0) AS BIGINT) AS explained,
    COALESCE((SELECT b.on_hand FROM stock_balances b WHERE b.location_id = l.id AND b.part_id = GREASE), 0) AS grease,
    CAST(COALESCE((SELECT SUM(x.on_hand) FROM lot_balances x JOIN part_lots o ON o.id = x.lot_id
        WHERE o.part_id = GREASE AND x.location_id = l.id), 0) AS BIGINT) AS lots,
    COALESCE((SELECT MIN(x.on_hand) FROM lot_balances x JOIN part_lots o ON o.id = x.lot_id
        WHERE o.part_id = GREASE AND x.location_id = l.id AND o.number <> ''), 0) AS least_named_lot
  FROM stock_locations l WHERE l.kind IN ('depot', 'van', 'quarantine') ORDER BY l.id";

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
    /// A part that is followed by lot.
    grease: PartId,
    made: Vec<ReservationId>,
}

impl Run {
    async fn figures(&self) -> Vec<Figures> {
        let mut all = Vec::new();
        for part in [self.shop.parts[0], self.board, self.grease] {
            let sql = FIGURES.replace("PART", &format!("'{part}'"));
            all.extend(self.shop.read(move |conn| Ok(diesel::sql_query(sql).load::<Figures>(conn)?)).await);
        }
        all
    }

    async fn tracked(&self) -> Vec<Tracked> {
        let sql = TRACKED.replace("BOARD", &format!("'{}'", self.board));
        let sql = sql.replace("GREASE", &format!("'{}'", self.grease));
        self.shop.read(move |conn| Ok(diesel::sql_query(sql).load::<Tracked>(conn)?)).await
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
            grease: self.grease,
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

/// When a lot expires: the last one in five minutes, the first one first of the others, and those long after the test.
fn now_of_lot(lot: u8) -> Timestamp {
    if lot == 3 { START.plus_minutes(5) } else { START.plus_minutes(i64::from(lot) * 100_000) }
}

/// What the steps are about; copied into each command.
#[derive(Clone, Copy)]
struct Stage {
    part: PartId,
    board: PartId,
    grease: PartId,
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
            Step::Pick { quantity, lot, .. } => self.pick(tx, quantity, lot).err(),
            Step::PutBack { .. } => reservations::put_back(tx, chosen, now).err(),
            Step::Undo { which, of } => self.undo(tx, which, of).err(),
            Step::BoardsIn { place, pieces } => self.boards_in(tx, places[place], &numbers(pieces)).err(),
            Step::BoardsMove { from, to, pieces } => {
                self.boards_move(tx, places[from], places[to], &numbers(pieces)).err()
            }
            Step::BoardsFound { place, pieces } => {
                ledger::found(tx, self.board, places[place], &numbers(pieces), "").err()
            }
            Step::BoardUsed { ticket, piece, removed, quantity, outcome } => {
                let one = Usage {
                    part_id: self.board,
                    serial: numbers(1 << piece).pop().unwrap_or_default(),
                    removed_serial: numbers(1 << removed).pop().unwrap_or_default(),
                    ..self.usage(ticket, quantity, outcome, now)
                };
                use_part(tx, one).err()
            }
            Step::Issue { .. } => issue(tx, chosen).err(),
            Step::Return { quantity, named, .. } => self.give_back(tx, quantity, named).err(),
            Step::Release { .. } => release(tx, chosen).err(),
            Step::EndTicket { ticket } => release_for_ticket(tx, self.tickets[ticket]).err(),
            Step::Use { ticket, quantity, outcome } => {
                use_part(tx, self.usage(ticket, quantity, outcome, now)).err()
            }
            Step::Wait { .. } => expire_due(tx, now).err(),
            Step::GreaseIn { .. }
            | Step::GreaseMove { .. }
            | Step::GreaseFound { .. }
            | Step::GreaseUsed { .. } => self.grease(tx, step).err(),
            Step::Reserve { ticket, place, quantity, minutes, of } => {
                let request = self.request(ticket, place, quantity, minutes.map(|m| now.plus_minutes(m)));
                let request = Request { part_id: self.part_of(of), ..request };
                return Ok(Some(reservations::reserve(tx, request)?.id));
            }
        };
        refused.map_or(Ok(None), Err)
    }

    fn part_of(self, of: Of) -> PartId {
        match of {
            Of::Roller => self.part,
            Of::Board => self.board,
            Of::Grease => self.grease,
        }
    }

    fn grease(self, tx: &mut Tx<'_>, step: Step) -> Result<(), Error> {
        let (part_id, places, now) = (self.grease, self.places, tx.now());
        match step {
            Step::GreaseIn { place, lot, quantity } => {
                // Each lot has a day of its own.
                let expires_at = Some(now_of_lot(lot));
                let lot = lot_name(lot);
                let receipt = Receipt {
                    part_id,
                    to: places[place],
                    quantity,
                    serials: &[],
                    lot,
                    expires_at,
                    cost: None,
                    order_line_id: None,
                    note: "",
                };
                ledger::take_in(tx, &receipt).map(drop)
            }
            Step::GreaseMove { from, to, lot, quantity } => {
                let (from, to, lot) = (places[from], places[to], lot_name(lot));
                let way = Transfer { part_id, from, to, quantity, serials: &[], lot, note: "" };
                ledger::move_stock(tx, &way).map(drop)
            }
            Step::GreaseFound { place, lot, counted } => match lot_name(lot) {
                Some(lot) => ledger::adjust_lot(tx, (part_id, places[place]), lot, counted, "").map(drop),
                None => adjust(tx, part_id, places[place], counted, "").map(drop),
            },
            Step::GreaseUsed { ticket, lot, quantity, outcome } => {
                let serial = lot_name(lot).unwrap_or_default().to_owned();
                let said = self.usage(ticket, quantity, outcome, now);
                use_part(tx, Usage { part_id, serial, ..said }).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Of parts with numbers, the first that lie there.
    fn pick(self, tx: &mut Tx<'_>, quantity: Option<i64>, lot: u8) -> Result<Reservation, Error> {
        let reservation = reservations::get(tx.conn(), self.chosen)?;
        if reservation.part_id != self.board {
            let lot = lot_name(lot).filter(|_| reservation.part_id == self.grease);
            return pick(tx, self.chosen, &Goods { quantity, serials: &[], lot });
        }
        let quantity = quantity.unwrap_or(reservation.quantity);
        let serials = self.lying_at(tx, reservation.location_id, quantity)?;
        pick(tx, self.chosen, &Goods { quantity: Some(quantity), serials: &serials, lot: None })
    }

    fn lying_at(self, tx: &mut Tx<'_>, place: LocationId, most: i64) -> Result<Vec<String>, Error> {
        let here = pieces::Filter {
            part_id: Some(self.board),
            location_id: Some(place),
            ..pieces::Filter::default()
        };
        Ok(pieces::list(tx.conn(), here, None, most)?.into_iter().map(|piece| piece.number).collect())
    }

    fn give_back(self, tx: &mut Tx<'_>, quantity: Option<i64>, named: bool) -> Result<Reservation, Error> {
        let reservation = reservations::get(tx.conn(), self.chosen)?;
        let serials = if named && reservation.part_id == self.board {
            self.lying_at(tx, reservation.location_id, quantity.unwrap_or(reservation.quantity))?
        } else {
            Vec::new()
        };
        let goods = Goods { quantity, serials: &serials, lot: None };
        reservations::return_part(tx, self.chosen, &goods, Some(self.places[0]))
    }

    fn undo(self, tx: &mut Tx<'_>, which: usize, of: Of) -> Result<Vec<StockMovement>, Error> {
        let part_id = Some(self.part_of(of));
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
        let receipt = Receipt {
            part_id: self.board,
            to,
            quantity,
            serials,
            lot: None,
            expires_at: None,
            cost: None,
            order_line_id: None,
            note: "",
        };
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

/// The first depot and the first van have some of everything, so that most of what is asked for can be had.
fn stocked() -> Vec<(Step, bool)> {
    let filled = |place| {
        [
            Step::Receive { place, quantity: 6 },
            Step::BoardsIn { place, pieces: if place == 0 { 0b111 } else { 0b11000 } },
            Step::GreaseIn { place, lot: 1, quantity: 3 },
            Step::GreaseIn { place, lot: 2, quantity: 2 },
        ]
    };
    [0, 2].into_iter().flat_map(filled).map(|step| (step, false)).collect()
}

/// Takes the steps and checks the books after each.
async fn check(run: &mut Run, steps: Vec<(Step, bool)>) -> Result<(), TestCaseError> {
    let mut before = run.figures().await;
    let mut lots_before: BTreeMap<String, i64> = BTreeMap::new();
    for (step, crash) in steps {
        let outcome = run.take(step, crash).await;
        let after = run.figures().await;
        for place in &after {
            prop_assert_eq!(place.on_hand, place.moved, "after {:?}: {:?}", step, place);
            prop_assert_eq!(place.reserved, place.promised, "after {:?}: {:?}", step, place);
        }
        for place in run.tracked().await {
            prop_assert_eq!(place.pieces, place.boards - place.explained, "after {:?}: {:?}", step, place);
            prop_assert_eq!(place.lots, place.grease, "after {:?}: {:?}", step, place);
            if !step.is_believed() {
                let before = lots_before.get(&place.place).copied().unwrap_or(0).min(0);
                prop_assert!(place.least_named_lot >= before, "after {:?}: {:?}", step, place);
            }
            lots_before.insert(place.place.clone(), place.least_named_lot);
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
    let config =
        Config { cases: cases(), failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let taken = shop.borrow_mut().take().expect("the last case put it back");
        block_on(async {
            let opened = taken.reopen().await;
            let board = opened.tracked(Tracking::Serial).await;
            let grease = opened.tracked(Tracking::Lot).await;
            let mut run = Run { shop: opened, board, grease, made: Vec::new() };
            let checked = check(&mut run, stocked().into_iter().chain(steps).collect()).await;
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
