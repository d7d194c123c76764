//! Who hears of what.

use db::both_backends;
use db::schema::*;
use diesel::prelude::*;

use crate::rows::{self, Balance, Crew, Customer, Engineer, Location, Note, Part, Reservation, Site, id};
use crate::world::{ANNA, BEN, CUSTOMER, DEPOT, PART, SITES, VAN, World, add};

both_backends! {
    async fn a_ticket_that_nobody_has_concerns_no_phone(world: World) {
        world.ticket(300, 0, None).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        assert_eq!(phone.count("tickets") + phone.count("visits") + phone.count("sites"), 0);
    }

    async fn an_assigned_ticket_comes_with_its_site_its_asset_and_its_visit(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let (mut phone, mut other) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        phone.pull().await;
        assert!(phone.holds("tickets", &ticket));
        assert!(phone.holds("sites", &id(SITES[0].0)) && phone.holds("assets", &id(SITES[0].1)));
        assert_eq!(phone.count("visits"), 1);
        let site = phone.row("sites", &id(SITES[0].0));
        assert_eq!(site["customer_name"], "Penn Estates");
        assert!(!site.contains_key("contact"), "an empty column is left out");
        other.pull().await;
        assert_eq!(other.count("tickets"), 0);
    }

    async fn a_ticket_that_changes_hands_leaves_one_phone_with_all_its_rows_and_appears_on_the_other(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let (mut anna, mut ben) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        let note = anna.note(&id(700), &ticket, "rollers worn");
        anna.push_one(&note).await;
        reserve(&world, 800, 300, ANNA).await;
        anna.pull().await;
        ben.pull().await;
        let before = anna.row("notes", &id(700)).clone();
        assert_eq!((anna.count("notes"), anna.count("reservations")), (1, 1));

        world.give(300, Some(BEN)).await;
        anna.pull().await;
        ben.pull().await;
        for collection in ["tickets", "visits", "notes", "reservations", "sites", "assets"] {
            assert_eq!(anna.count(collection), 0, "{collection} left");
            assert_eq!(ben.count(collection), 1, "{collection} came");
        }
        // The note did not change by changing hands, so neither did its version.
        assert_eq!(ben.row("notes", &id(700)), &before);
    }

    // Found by the simulation.
    async fn a_site_that_is_edited_together_with_its_last_tickets_leaving_leaves_too(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        world.write(|tx| {
            let mut ticket: rows::Ticket = tickets::table.find(id(300)).first(tx.conn())?;
            ticket.engineer_id = None;
            ticket.status = "new".into();
            diesel::update(tickets::table.find(id(300))).set(&ticket).execute(tx.conn())?;
            tx.changed(&ticket)?;
            let mut site: Site = sites::table.find(id(SITES[0].0)).first(tx.conn())?;
            site.contact = "the porter".into();
            diesel::update(sites::table.find(&site.id)).set(&site).execute(tx.conn())?;
            tx.changed(&site)
        })
        .await;
        phone.pull().await;
        assert_eq!((phone.count("tickets"), phone.count("sites")), (0, 0));
    }

    async fn a_ticket_taken_back_and_given_again_is_there_again(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        world.give(300, None).await;
        world.give(300, Some(ANNA)).await;
        phone.pull().await;
        assert!(phone.holds("tickets", &ticket) && phone.holds("assets", &id(SITES[0].1)));
        assert_eq!(phone.count("visits"), 1);
    }

    async fn a_site_stays_while_another_ticket_of_the_engineer_needs_it(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        world.ticket(301, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        world.give(300, Some(BEN)).await;
        phone.pull().await;
        assert!(phone.holds("sites", &id(SITES[0].0)) && phone.holds("assets", &id(SITES[0].1)));
        world.give(301, Some(BEN)).await;
        phone.pull().await;
        assert!(!phone.holds("sites", &id(SITES[0].0)) && !phone.holds("assets", &id(SITES[0].1)));
    }

    async fn a_completed_ticket_stays_and_a_closed_or_cancelled_one_leaves(world: World) {
        let (first, second) = (world.ticket(300, 0, Some(ANNA)).await, world.ticket(301, 1, Some(ANNA)).await);
        let mut phone = world.phone(ANNA, 900).await;
        world.change(300, |ticket| ticket.status = "completed".into()).await;
        phone.pull().await;
        assert_eq!(phone.row("tickets", &first)["status"], "completed");
        world.change(300, |ticket| ticket.status = "closed".into()).await;
        world.change(301, |ticket| ticket.status = "cancelled".into()).await;
        phone.pull().await;
        assert!(!phone.holds("tickets", &first) && !phone.holds("tickets", &second));
        assert_eq!(phone.count("visits") + phone.count("sites"), 0);
    }

    async fn what_is_added_to_a_ticket_goes_to_whoever_has_it(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let note = office_note(700, 300);
        world.write(move |tx| add(tx, &note, |row, c| diesel::insert_into(notes::table).values(row).execute(c))).await;
        let crew = Crew { id: id(750), visit_id: id(1_000_300), engineer_id: id(BEN) };
        world.write(move |tx| {
            diesel::insert_into(visit_crew::table).values(&crew).execute(tx.conn())?;
            tx.changed(&OfTicket(crew.clone()))
        }).await;
        assert_eq!(phone.pull().await, [format!("put visits {}", id(1_000_300)), format!("put notes {}", id(700))]
            .iter().rev().cloned().collect::<Vec<_>>());
        assert_eq!(phone.row("visits", &id(1_000_300))["crew"], id(BEN));
        assert!(!phone.row("notes", &id(700)).contains_key("engineer_id"), "the office is no engineer");
        world.write(|tx| {
            let note: Note = notes::table.find(id(700)).first(tx.conn())?;
            diesel::delete(notes::table.find(id(700))).execute(tx.conn())?;
            tx.removed(&note)
        }).await;
        assert_eq!(phone.pull().await, [format!("delete notes {}", id(700))]);
        assert!(phone.holds("tickets", &ticket));
    }

    async fn what_the_office_says_among_itself_goes_to_no_phone_whoever_gets_the_ticket(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        let (mut anna, mut ben) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        anna.pull().await;
        for (n, audience) in [(700, "office"), (701, "customer")] {
            let note = Note { audience: audience.into(), ..office_note(n, 300) };
            world.write(move |tx| add(tx, &note, |row, c| diesel::insert_into(notes::table).values(row).execute(c))).await;
        }
        assert_eq!(anna.pull().await, [format!("put notes {}", id(701))]);
        world.change(300, |ticket| ticket.engineer_id = Some(id(BEN))).await;
        for came in [anna.pull().await, ben.pull().await] {
            assert!(came.iter().any(|one| one.contains(&id(701))), "{came:?}");
            assert!(!came.iter().any(|one| one.contains(&id(700))), "not even that it is there, or gone: {came:?}");
        }
    }

    async fn an_edited_site_goes_to_those_who_hold_it_and_a_renamed_customer_renames_his_sites(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        let (mut anna, mut ben) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        anna.pull().await;
        ben.pull().await;
        world.write(|tx| {
            let mut site: Site = sites::table.find(id(SITES[0].0)).first(tx.conn())?;
            site.access_note = "gate 12".into();
            diesel::update(sites::table.find(&site.id)).set(&site).execute(tx.conn())?;
            tx.changed(&site)
        }).await;
        assert_eq!(anna.pull().await, [format!("put sites {}", id(SITES[0].0))]);
        assert_eq!(anna.row("sites", &id(SITES[0].0))["access_note"], "gate 12");
        world.write(|tx| {
            let mut customer: Customer = customers::table.find(id(CUSTOMER)).first(tx.conn())?;
            customer.name = "Penn & Sons".into();
            diesel::update(customers::table.find(&customer.id)).set(&customer).execute(tx.conn())?;
            tx.changed(&customer)
        }).await;
        anna.pull().await;
        assert_eq!(anna.row("sites", &id(SITES[0].0))["customer_name"], "Penn & Sons");
        assert!(ben.pull().await.is_empty());
    }

    async fn what_lies_in_a_van_goes_to_its_driver_and_what_lies_in_a_depot_to_nobody(world: World) {
        let (mut anna, mut ben) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        anna.pull().await;
        ben.pull().await;
        stock(&world, 500, VAN + ANNA, 4).await;
        stock(&world, 501, DEPOT, 40).await;
        assert_eq!(anna.pull().await, [format!("put van_stock {}", id(500))]);
        let held = anna.row("van_stock", &id(500));
        assert_eq!((held["on_hand"].as_i64(), held["engineer_id"].as_str()), (Some(4), Some(&*id(ANNA))));
        assert!(ben.pull().await.is_empty());

        world.write(|tx| {
            for (van, driver) in [(VAN + BEN, None), (VAN + ANNA, Some(id(BEN)))] {
                let mut van: Location = stock_locations::table.find(id(van)).first(tx.conn())?;
                van.engineer_id = driver;
                diesel::update(stock_locations::table.find(&van.id)).set(&van).execute(tx.conn())?;
                tx.changed(&van)?;
            }
            Ok(())
        }).await;
        assert_eq!(anna.pull().await, [format!("remove van_stock {}", id(500))]);
        assert_eq!(ben.pull().await, [format!("put van_stock {}", id(500))]);
    }

    async fn everybody_holds_the_parts_and_the_colleagues_who_still_work_here(world: World) {
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        assert_eq!((phone.count("parts"), phone.count("colleagues")), (1, 2));
        assert_eq!(phone.row("parts", &id(PART))["name_zh"], "门滚轮");
        world.write(|tx| {
            let mut engineer: Engineer = engineers::table.find(id(BEN)).first(tx.conn())?;
            engineer.active = false;
            diesel::update(engineers::table.find(&engineer.id)).set(&engineer).execute(tx.conn())?;
            tx.changed(&engineer)
        }).await;
        assert_eq!(phone.pull().await, [format!("delete colleagues {}", id(BEN))]);
    }

    async fn a_part_says_whether_its_pieces_or_its_lots_have_numbers(world: World) {
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        assert_eq!(phone.row("parts", &id(PART)).get("tracking"), None, "only how many counts");
        for tracking in ["serial", "lot"] {
            world.write(move |tx| {
                let part = Part { tracking: tracking.into(), ..rows::part(PART) };
                diesel::update(parts::table.find(&part.id)).set(parts::tracking.eq(tracking)).execute(tx.conn())?;
                tx.changed(&part)
            }).await;
            assert_eq!(phone.pull().await, [format!("put parts {}", id(PART))]);
            assert_eq!(phone.row("parts", &id(PART))["tracking"], tracking);
        }
    }

    async fn a_renamed_place_renames_it_on_the_reservations_that_lie_there(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        reserve(&world, 800, 300, ANNA).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        world.write(|tx| {
            let mut depot: Location = stock_locations::table.find(id(DEPOT)).first(tx.conn())?;
            depot.name = "Depot North".into();
            diesel::update(stock_locations::table.find(&depot.id)).set(&depot).execute(tx.conn())?;
            tx.changed(&depot)
        }).await;
        phone.pull().await;
        assert_eq!(phone.row("reservations", &id(800))["location_name"], "Depot North");
    }

    async fn two_changes_of_a_ticket_in_one_group_count_as_their_end(world: World) {
        let (mut anna, mut ben) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        anna.pull().await;
        ben.pull().await;
        // Sent together, these are one group or two; the feed must say the same.
        let (a, b, c) = (world.ticket(300, 0, Some(ANNA)), world.give(300, Some(BEN)), world.ticket(301, 0, Some(ANNA)));
        tokio::join!(a, b, c);
        anna.pull().await;
        ben.pull().await;
        assert!(!anna.holds("tickets", &id(300)) && ben.holds("tickets", &id(300)));
        assert!(anna.holds("tickets", &id(301)) && anna.holds("sites", &id(SITES[0].0)));
        assert!(ben.holds("sites", &id(SITES[0].0)) && ben.count("visits") == 1 && anna.count("visits") == 1);
    }
}

/// A crew member, told of with its ticket, as the server's own row does.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct OfTicket(Crew);

impl db::Entity for OfTicket {
    const ENTITY: &'static str = "visit_crew";

    fn row_id(&self) -> String {
        self.0.id.clone()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(id(300))
    }
}

fn office_note(n: u32, ticket: u32) -> Note {
    Note {
        id: id(n),
        ticket_id: id(ticket),
        visit_id: id(ticket + 1_000_000),
        engineer_id: None,
        author: "dispatcher".into(),
        at: 5,
        text: "call before you come".into(),
        audience: "team".into(),
        mentions: "[]".into(),
    }
}

async fn reserve(world: &World, n: u32, ticket: u32, engineer: u32) {
    let reservation = Reservation {
        id: id(n),
        ticket_id: id(ticket),
        engineer_id: Some(id(engineer)),
        part_id: id(PART),
        location_id: id(DEPOT),
        quantity: 2,
        status: "held".into(),
        expires_at: None,
        created_at: 0,
        updated_at: 0,
    };
    let insert =
        |row: &Reservation, c: &mut db::Conn| diesel::insert_into(reservations::table).values(row).execute(c);
    world.write(move |tx| add(tx, &reservation, insert)).await;
}

async fn stock(world: &World, n: u32, place: u32, on_hand: i64) {
    let balance = Balance { id: id(n), part_id: id(PART), location_id: id(place), on_hand, reserved: 0 };
    let insert =
        |row: &Balance, c: &mut db::Conn| diesel::insert_into(stock_balances::table).values(row).execute(c);
    world.write(move |tx| add(tx, &balance, insert)).await;
    let _ = rows::part(PART);
}
