//! Whatever is lacking, ordered, received, taken back and cancelled in whatever order: what the list says is ordered
//! once, what comes never makes more be bought, and what lines say has come is what the ledger says.

use db::both_backends;
use db::testing::{Backend, TestDb, block_on};
use db::types::{LocationId, MovementId, OrderLineId, PartId};
use inventory::ledger::{self, Receipt, adjust, undo};
use inventory::levels::{self, NewLevel};
use inventory::locations::{self, NewLocation};
use inventory::orders::{self, NewLine, NewOrder, OrderLine};
use inventory::replenishment::{Choice, Policy, Selection, order, purchase_list};
use inventory::reservations::wanted;
use inventory::{Error, LocationKind, catalogue};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fixture::{Shop, cases, depot};

/// Places: two depots, a bin in the first, a van. `which` picks among the lines or receipts so far.
#[derive(Debug, Clone, Copy)]
enum Step {
    Level {
        place: usize,
        minimum: i64,
        more: i64,
    },
    Found {
        place: usize,
        quantity: i64,
    },
    Wait {
        ticket: usize,
        quantity: i64,
    },
    /// All that the list says, or so much of it.
    OrderList {
        quantity: Option<i64>,
    },
    OrderByHand {
        place: usize,
        quantity: i64,
    },
    Come {
        which: usize,
        quantity: i64,
    },
    TakeBack {
        which: usize,
    },
    CancelLine {
        which: usize,
        quantity: Option<i64>,
    },
    CancelOrder {
        which: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..6_usize;
    prop_oneof![
        3 => (0..4_usize, 0..6_i64, 0..6_i64).prop_map(|(place, minimum, more)| Step::Level { place, minimum, more }),
        3 => (0..4_usize, 0..9_i64).prop_map(|(place, quantity)| Step::Found { place, quantity }),
        2 => (0..3_usize, 0..5_i64).prop_map(|(ticket, quantity)| Step::Wait { ticket, quantity }),
        5 => proptest::option::weighted(0.3, 1..9_i64).prop_map(|quantity| Step::OrderList { quantity }),
        1 => (0..4_usize, 1..6_i64).prop_map(|(place, quantity)| Step::OrderByHand { place, quantity }),
        5 => (which.clone(), 1..7_i64).prop_map(|(which, quantity)| Step::Come { which, quantity }),
        2 => which.clone().prop_map(|which| Step::TakeBack { which }),
        1 => (which.clone(), proptest::option::of(1..5_i64)).prop_map(|(which, quantity)| Step::CancelLine { which, quantity }),
        1 => which.prop_map(|which| Step::CancelOrder { which }),
    ]
}

struct Run {
    shop: Shop,
    places: [LocationId; 4],
    lines: Vec<OrderLineId>,
    receipts: Vec<MovementId>,
}

impl Run {
    async fn begin(shop: Shop) -> Self {
        let new = NewLocation {
            kind: LocationKind::Bin,
            latitude: None,
            longitude: None,
            parent_id: Some(shop.depots[0]),
            ..depot()
        };
        let bin = shop.write(move |tx| Ok(locations::create(tx, new.clone())?.id)).await.unwrap();
        let places = [shop.depots[0], shop.depots[1], bin, shop.vans[0]];
        Self { shop, places, lines: Vec::new(), receipts: Vec::new() }
    }

    fn part(&self) -> PartId {
        self.shop.parts[0]
    }

    /// What is to be bought of the part.
    async fn wanted(&self) -> i64 {
        let (now, part) = (self.shop.test.clock.now(), self.part());
        let list = self.shop.read(move |conn| purchase_list(conn, now, Policy::default())).await;
        list.iter().find(|line| line.part_id == part).map_or(0, |line| line.wanted)
    }

    async fn open_lines(&self) -> Vec<OrderLine> {
        let ids = self.lines.clone();
        self.shop.read(move |conn| ids.into_iter().map(|id| orders::line(conn, id)).collect()).await
    }

    async fn order_list(&mut self, quantity: Option<i64>) -> Result<(), Error> {
        let (now, part_id) = (self.shop.test.clock.now(), self.part());
        let made = self.shop.write(move |tx| {
            let otherwise = Some(catalogue::supplier(tx, "Anybody")?);
            let lines = vec![Choice { part_id, quantity }];
            let selection = Selection { lines, otherwise, expected_on: None, note: String::new() };
            let made = order(tx, now, Policy::default(), &selection)?;
            let lines = made.iter().map(|order| orders::lines(tx.conn(), order.id));
            Ok(lines.collect::<Result<Vec<_>, Error>>()?.concat())
        });
        self.lines.extend(made.await?.iter().map(|line| line.id));
        Ok(())
    }

    async fn order_by_hand(&mut self, place: usize, quantity: i64) -> Result<(), Error> {
        let (part_id, location_id) = (self.part(), self.places[place]);
        let made = self.shop.write(move |tx| {
            let line = NewLine {
                part_id,
                location_id,
                quantity,
                unit_price_micros: None,
                supplier_part_number: None,
            };
            let supplier_id = catalogue::supplier(tx, "Anybody")?;
            let new = NewOrder {
                supplier_id,
                currency: None,
                expected_on: None,
                note: String::new(),
                lines: vec![line],
            };
            Ok(orders::place(tx, &new)?.1)
        });
        self.lines.extend(made.await?.iter().map(|line| line.id));
        Ok(())
    }

    async fn come(&mut self, which: usize, quantity: i64) -> Result<(), Error> {
        let Some(line) = self.lines.get(which % self.lines.len().max(1)).copied() else { return Ok(()) };
        let came = self.shop.write(move |tx| {
            let line = orders::line(tx.conn(), line)?;
            let plain = Receipt::plain(line.part_id, line.location_id, quantity, "");
            Ok(ledger::take_in(tx, &Receipt { order_line_id: Some(line.id), ..plain })?[0].id)
        });
        self.receipts.push(came.await?);
        Ok(())
    }

    async fn take(&mut self, step: Step) -> Result<(), Error> {
        let part_id = self.part();
        match step {
            Step::Level { place, minimum, more } => {
                let (location_id, maximum) = (self.places[place], minimum + more);
                let new = NewLevel { part_id, location_id, minimum, maximum, lead_days: 2 };
                self.shop.write(move |tx| levels::put(tx, new).map(drop)).await
            }
            Step::Found { place, quantity } => {
                let place = self.places[place];
                self.shop.write(move |tx| adjust(tx, part_id, place, quantity, "").map(drop)).await
            }
            Step::Wait { ticket, quantity } => {
                let ticket = self.shop.tickets[ticket];
                self.shop.write(move |tx| wanted::want(tx, ticket, None, part_id, quantity).map(drop)).await
            }
            Step::OrderList { quantity } => self.order_list(quantity).await,
            Step::OrderByHand { place, quantity } => self.order_by_hand(place, quantity).await,
            Step::Come { which, quantity } => self.come(which, quantity).await,
            Step::TakeBack { which } => {
                let Some(id) = self.receipts.get(which % self.receipts.len().max(1)).copied() else {
                    return Ok(());
                };
                self.shop.write(move |tx| undo(tx, id).map(drop)).await
            }
            Step::CancelLine { which, quantity } => {
                let Some(id) = self.lines.get(which % self.lines.len().max(1)).copied() else {
                    return Ok(());
                };
                self.shop.write(move |tx| orders::cancel_line(tx, id, quantity).map(drop)).await
            }
            Step::CancelOrder { which } => {
                let Some(id) = self.lines.get(which % self.lines.len().max(1)).copied() else {
                    return Ok(());
                };
                self.shop
                    .write(move |tx| {
                        let order = orders::line(tx.conn(), id)?.order_id;
                        orders::cancel(tx, order).map(drop)
                    })
                    .await
            }
        }
    }
}

async fn check(run: &mut Run, steps: Vec<Step>) -> Result<(), TestCaseError> {
    for step in steps {
        let before = run.wanted().await;
        let outcome = run.take(step).await;
        if let Err(Error::Database(error)) = &outcome {
            return Err(TestCaseError::fail(error.to_string()));
        }
        let after = run.wanted().await;
        match (step, &outcome) {
            (Step::OrderList { quantity }, Ok(())) => {
                prop_assert!(before > 0, "nothing was lacking, and it was ordered");
                if quantity.is_none_or(|quantity| quantity >= before) {
                    prop_assert_eq!(after, 0, "ordered, and on the list again");
                }
                prop_assert!(after < before);
            }
            (Step::OrderList { .. }, Err(Error::NotLacking { .. })) => prop_assert_eq!(before, 0),
            (Step::OrderByHand { .. } | Step::Come { .. }, Ok(())) => {
                prop_assert!(after <= before, "{:?}: {} were to be bought, then {}", step, before, after);
            }
            (_, Err(_)) => prop_assert_eq!(before, after, "{:?} was refused", step),
            _ => {}
        }
        for line in run.open_lines().await {
            prop_assert!(line.open() >= 0 && line.received >= 0 && line.cancelled >= 0, "{:?}", line);
        }
        prop_assert_eq!(run.shop.read(inventory::verify).await, vec![], "after {:?}", step);
    }
    Ok(())
}

/// Runs one list of steps, found by chance once, on a fresh database.
async fn run_on(test: TestDb, steps: Vec<Step>) {
    let mut run = Run::begin(Shop::open(test).await).await;
    check(&mut run, steps).await.unwrap();
}

both_backends! {
    /// What came to a depot went to its bin, and was missed where a van had counted on the bin's orders.
    async fn what_comes_for_a_van_is_not_bought_again_for_a_bin_that_takes_it(test: TestDb) {
        let level = |place, minimum, more| Step::Level { place, minimum, more };
        let come = |quantity| Step::Come { which: 0, quantity };
        let all = Step::OrderList { quantity: None };
        run_on(test, vec![level(0, 1, 0), level(3, 2, 5), all, come(1), come(3), level(2, 1, 4), come(1)]).await;
    }

    /// Who waited took what came first, wherever that was: the place that he took it from had to be filled up again,
    /// and higher than the one that he would have taken it from.
    async fn what_comes_out_of_turn_for_one_who_waits_is_not_bought_again(test: TestDb) {
        let level = |place, minimum, more| Step::Level { place, minimum, more };
        let by_hand = |place| Step::OrderByHand { place, quantity: 1 };
        let wait = Step::Wait { ticket: 0, quantity: 1 };
        run_on(test, vec![level(0, 1, 0), level(1, 1, 4), by_hand(0), by_hand(1), wait,
            Step::Come { which: 1, quantity: 1 }]).await;
    }
}

fn nothing_is_ordered_twice(backend: Backend) {
    let test = TestDb::fresh(backend);
    let shop = std::cell::RefCell::new(Some(block_on(Shop::open(test))));
    let config =
        Config { cases: cases(), failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let steps = proptest::collection::vec(step(), 1..24);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let taken = shop.borrow_mut().take().expect("the last case put it back");
        block_on(async {
            let mut run = Run::begin(taken.reopen().await).await;
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
fn nothing_is_ordered_twice_whatever_happens_on_sqlite() {
    nothing_is_ordered_twice(Backend::Sqlite);
}

#[test]
fn nothing_is_ordered_twice_whatever_happens_on_postgres() {
    nothing_is_ordered_twice(Backend::Postgres);
}
