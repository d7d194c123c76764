//! What closed tickets used, counted; and what people say beside it.

use std::collections::BTreeMap;

use db::both_backends;
use db::testing::TestDb;
use db::types::{PartId, PartNeedId};
use inventory::needs::{
    Case, Fault, HEAVIEST, NewNeed, PartNeed, Use, add, all_said, counted, learn, said, say, unlearn, unsay,
};
use inventory::{Error, MAX_QUANTITY};

use crate::fixture::Shop;

fn fault(symptom: &str) -> Fault {
    Fault { ticket_kind: "repair".into(), asset_model: "GL".into(), symptom: symptom.into() }
}

async fn closed(shop: &Shop, of: Fault, used: &[(PartId, i64)]) {
    let used: BTreeMap<PartId, i64> = used.iter().copied().collect();
    shop.write(move |tx| learn(tx, &of, &used)).await.unwrap();
}

/// Everything that was counted, in an order of its own.
async fn counts(shop: &Shop) -> (Vec<(Fault, i64)>, Vec<(Fault, PartId, i64, i64)>) {
    let (cases, uses) = shop.read(counted).await;
    let mut cases: Vec<_> = cases.into_iter().map(|case| (case.fault, case.tickets)).collect();
    let mut uses: Vec<_> = uses.into_iter().map(|u| (u.fault, u.part_id, u.tickets, u.quantity)).collect();
    cases.sort();
    uses.sort();
    (cases, uses)
}

fn word(shop: &Shop) -> NewNeed {
    NewNeed {
        ticket_kind: "repair".into(),
        asset_model: String::new(),
        symptom: "noise".into(),
        part_id: shop.parts[0],
        quantity: 2,
        probability: 0.25,
        weight: Some(10.0),
    }
}

async fn put(shop: &Shop, new: NewNeed) -> Result<PartNeed, Error> {
    shop.write(move |tx| say(tx, new.clone())).await
}

both_backends! {
    async fn tickets_are_counted_by_their_fault_and_parts_by_ticket_and_quantity(test: TestDb) {
        let shop = Shop::open(test).await;
        let [roller, board] = shop.parts;
        closed(&shop, fault("noise"), &[(roller, 2), (board, 1)]).await;
        closed(&shop, fault("noise"), &[(roller, 3)]).await;
        closed(&shop, fault("stuck"), &[(roller, 7)]).await;
        let (cases, uses) = counts(&shop).await;
        assert_eq!(cases, [(fault("noise"), 2), (fault("stuck"), 1)]);
        let mut expected = [
            (fault("noise"), roller, 2, 5),
            (fault("noise"), board, 1, 1),
            (fault("stuck"), roller, 1, 7),
        ];
        expected.sort();
        assert_eq!(uses, expected);
    }

    async fn a_ticket_that_used_nothing_is_a_case_all_the_same(test: TestDb) {
        let shop = Shop::open(test).await;
        closed(&shop, fault("noise"), &[]).await;
        closed(&shop, fault("noise"), &[(shop.parts[0], 1)]).await;
        closed(&shop, fault("noise"), &[]).await;
        let (cases, uses) = counts(&shop).await;
        assert_eq!(cases, [(fault("noise"), 3)]);
        assert_eq!(uses, [(fault("noise"), shop.parts[0], 1, 1)]);
    }

    async fn what_is_not_known_of_a_ticket_is_a_fault_of_its_own(test: TestDb) {
        let shop = Shop::open(test).await;
        let bare = Fault { asset_model: String::new(), symptom: String::new(), ..fault("") };
        closed(&shop, bare.clone(), &[]).await;
        closed(&shop, Fault { asset_model: String::new(), ..fault("noise") }, &[]).await;
        closed(&shop, fault(""), &[]).await;
        closed(&shop, bare.clone(), &[]).await;
        let (cases, _) = counts(&shop).await;
        assert_eq!(cases.len(), 3);
        assert!(cases.contains(&(bare, 2)), "{cases:?}");
    }

    async fn a_record_that_was_kept_elsewhere_adds_to_what_was_learnt(test: TestDb) {
        let shop = Shop::open(test).await;
        let part_id = shop.parts[0];
        closed(&shop, fault("noise"), &[(part_id, 2)]).await;
        let record = |tickets, quantity| {
            let case = Case { fault: fault("noise"), tickets: 40 };
            (case, Use { fault: fault("noise"), part_id, tickets, quantity })
        };
        let (case, used) = record(30, 90);
        shop.write(move |tx| add(tx, std::slice::from_ref(&case), std::slice::from_ref(&used))).await.unwrap();
        let (case, used) = record(5, 6);
        // The same fault twice in one list counts twice.
        shop.write(move |tx| add(tx, &[case.clone(), case.clone()], &[used.clone(), used.clone()])).await.unwrap();
        assert_eq!(counts(&shop).await, (vec![(fault("noise"), 121)], vec![(fault("noise"), part_id, 41, 104)]));
    }

    async fn what_is_taken_out_again_leaves_the_others(test: TestDb) {
        let shop = Shop::open(test).await;
        let [roller, board] = shop.parts;
        closed(&shop, fault("noise"), &[(roller, 2), (board, 1)]).await;
        closed(&shop, fault("noise"), &[(roller, 3)]).await;
        let used = BTreeMap::from([(roller, 2), (board, 1)]);
        shop.write(move |tx| unlearn(tx, &fault("noise"), &used)).await.unwrap();
        let (cases, uses) = counts(&shop).await;
        assert_eq!(cases, [(fault("noise"), 1)]);
        let left: Vec<_> = uses.into_iter().filter(|(_, _, tickets, _)| *tickets > 0).collect();
        assert_eq!(left, [(fault("noise"), roller, 1, 3)]);
    }

    async fn a_ticket_that_is_not_closed_after_all_is_not_counted(test: TestDb) {
        let shop = Shop::open(test).await;
        let used = BTreeMap::from([(shop.parts[0], 1)]);
        let failed = shop.write(move |tx| {
            learn(tx, &fault("noise"), &used)?;
            Err::<(), _>(Error::Invalid { field: "status", problem: "is not closed" })
        });
        failed.await.unwrap_err();
        assert_eq!(counts(&shop).await, (Vec::new(), Vec::new()));
    }

    async fn many_who_close_tickets_at_once_are_all_counted(test: TestDb) {
        let shop = Shop::open(test).await;
        let part = shop.parts[0];
        let used = [(part, 2)];
        let one = || closed(&shop, fault("noise"), &used);
        tokio::join!(one(), one(), one(), one(), one(), one(), one(), one());
        assert_eq!(counts(&shop).await, (vec![(fault("noise"), 8)], vec![(fault("noise"), part, 8, 16)]));
    }

    async fn what_is_said_again_replaces_what_was_said_of_the_same_part(test: TestDb) {
        let shop = Shop::open(test).await;
        let first = put(&shop, word(&shop)).await.unwrap();
        assert_eq!((first.quantity, first.probability, first.weight), (2, 0.25, Some(10.0)));
        let again = NewNeed { quantity: 5, probability: 1.0, weight: None, ..word(&shop) };
        let second = put(&shop, again).await.unwrap();
        assert_eq!((second.id, second.quantity, second.probability, second.weight), (first.id, 5, 1.0, None));
        assert_eq!(shop.read(all_said).await, [second], "what is read is what was answered");
    }

    async fn another_kind_model_symptom_or_part_is_another_entry(test: TestDb) {
        let shop = Shop::open(test).await;
        let others = [
            word(&shop),
            NewNeed { ticket_kind: "maintenance".into(), ..word(&shop) },
            NewNeed { asset_model: "GL".into(), ..word(&shop) },
            NewNeed { symptom: String::new(), ..word(&shop) },
            NewNeed { part_id: shop.parts[1], ..word(&shop) },
        ];
        for new in others.iter().chain(&others) {
            put(&shop, new.clone()).await.unwrap();
        }
        assert_eq!(shop.read(all_said).await.len(), others.len());
    }

    async fn every_word_is_in_the_log_with_who_said_it_and_that_it_is_gone(test: TestDb) {
        let shop = Shop::open(test).await;
        let before = shop.read(|conn| Ok(db::changes::last(conn)?)).await;
        let id = put(&shop, word(&shop)).await.unwrap().id;
        put(&shop, NewNeed { quantity: 9, ..word(&shop) }).await.unwrap();
        shop.write(move |tx| unsay(tx, id)).await.unwrap();
        let log = shop.read(move |conn| Ok(db::changes::after(conn, before, 99)?)).await;
        let rows: Vec<_> = log.iter().map(|change| (change.entity.as_str(), change.row_id.as_str())).collect();
        assert_eq!(rows, [("part_needs", id.as_str()); 3]);
    }

    async fn words_that_make_no_sense_are_refused_by_field_and_change_nothing(test: TestDb) {
        let shop = Shop::open(test).await;
        let before = put(&shop, word(&shop)).await.unwrap();
        let bad = [
            ("probability", NewNeed { probability: -0.01, ..word(&shop) }),
            ("probability", NewNeed { probability: 1.01, ..word(&shop) }),
            ("probability", NewNeed { probability: f64::NAN, ..word(&shop) }),
            ("quantity", NewNeed { quantity: 0, ..word(&shop) }),
            ("quantity", NewNeed { quantity: -2, ..word(&shop) }),
            ("quantity", NewNeed { quantity: MAX_QUANTITY + 1, ..word(&shop) }),
            ("weight", NewNeed { weight: Some(-1.0), ..word(&shop) }),
            ("weight", NewNeed { weight: Some(HEAVIEST * 1.01), ..word(&shop) }),
            ("weight", NewNeed { weight: Some(f64::INFINITY), ..word(&shop) }),
            ("weight", NewNeed { weight: Some(f64::NAN), ..word(&shop) }),
            ("ticket_kind", NewNeed { ticket_kind: " ".into(), ..word(&shop) }),
        ];
        for (field, new) in bad {
            let refused = put(&shop, new).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: f, .. } if f == field), "{field}: {refused:?}");
        }
        let unknown = put(&shop, NewNeed { part_id: PartId::new(), ..word(&shop) }).await.unwrap_err();
        assert!(matches!(unknown, Error::NotFound { what: "part", .. }), "{unknown:?}");
        assert_eq!(shop.read(all_said).await, [before]);
    }

    async fn the_bounds_themselves_are_allowed(test: TestDb) {
        let shop = Shop::open(test).await;
        for (probability, quantity, weight) in [(0.0, 1, 0.0), (1.0, MAX_QUANTITY, HEAVIEST)] {
            let new = NewNeed { probability, quantity, weight: Some(weight), ..word(&shop) };
            let need = put(&shop, new).await.unwrap();
            assert_eq!((need.probability, need.quantity, need.weight), (probability, quantity, Some(weight)));
        }
    }

    async fn what_was_taken_back_is_gone_and_can_be_said_anew(test: TestDb) {
        let shop = Shop::open(test).await;
        let id = put(&shop, word(&shop)).await.unwrap().id;
        let other = put(&shop, NewNeed { part_id: shop.parts[1], ..word(&shop) }).await.unwrap();
        shop.write(move |tx| unsay(tx, id)).await.unwrap();
        assert_eq!(shop.read(all_said).await, [other]);
        let gone = shop.write(move |tx| unsay(tx, id)).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { what: "part need", .. }), "{gone:?}");
        assert_ne!(put(&shop, word(&shop)).await.unwrap().id, id);
    }

    async fn pages_of_what_was_said_have_no_gap_and_keep_to_their_kind(test: TestDb) {
        let shop = Shop::open(test).await;
        let mut expected = Vec::new();
        for n in 0..5 {
            let new = NewNeed { symptom: format!("symptom {n}"), ..word(&shop) };
            expected.push(put(&shop, new.clone()).await.unwrap().id);
            put(&shop, NewNeed { ticket_kind: "maintenance".into(), ..new }).await.unwrap();
        }
        expected.sort();
        let mut seen: Vec<PartNeedId> = Vec::new();
        loop {
            let after = seen.last().copied();
            let page = shop.read(move |conn| said(conn, Some("repair"), after, 2)).await;
            assert!(page.len() <= 2 && page.iter().all(|need| need.ticket_kind == "repair"), "{page:?}");
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|need| need.id));
        }
        assert_eq!(seen, expected);
        assert_eq!(shop.read(|conn| said(conn, None, None, 99)).await.len(), 10);
        assert_eq!(shop.read(|conn| said(conn, None, None, 0)).await.len(), 1, "a page has at least one row");
        assert_eq!(shop.read(|conn| said(conn, Some("none of ours"), None, 9)).await, []);
    }
}
