//! Phones that lie.

use db::both_backends;
use db::schema::{conflict_cards, sync_inbox};
use diesel::prelude::*;
use mobile_sync::Error;
use serde_json::{Value, json};

use crate::rows::id;
use crate::world::{ANNA, BEN, World, tell, told};

both_backends! {
    async fn another_phones_name_for_a_mutation_tells_nothing_and_is_kept_apart(world: World) {
        let (hers, his) = (world.ticket(300, 0, Some(ANNA)).await, world.ticket(301, 0, Some(BEN)).await);
        let (mut anna, mut ben) = (world.phone(ANNA, 900).await, world.phone(BEN, 901).await);
        let secret = anna.note(&id(700), &hers, "the code is 1234");
        anna.push_one(&secret).await;
        let stolen = ben.note(&id(700), &his, "give me that");
        let result = ben.push_one(&stolen).await;
        assert_eq!(tell(&result), "rejected_kept mid_taken");
        assert!(result.doc.is_none());
        let again = ben.push_one(&stolen).await;
        assert_eq!(tell(&again), "duplicate of rejected_kept mid_taken");
        assert!(again.doc.is_none() && again.first.is_some());
        let next = ben.act(&id(701), &his, "accept");
        assert_eq!(tell(&ben.push_one(&next).await), "applied", "his own queue goes on");
    }

    async fn numbers_of_the_far_future_fill_nothing(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let batch: Vec<Value> = (0..20).map(|n| {
            phone.seq = (1 << 52) + n;
            phone.note(&id(700 + u32::try_from(n).unwrap()), &ticket, "x")
        }).collect();
        assert_eq!(told(&phone.push(&batch).await), vec!["held from 1"; 20]);
        let stored: i64 = world.db().read(|c| Ok::<_, db::Error>(sync_inbox::table.count().get_result(c)?)).await.unwrap();
        assert_eq!(stored, 0);
    }

    async fn a_flood_of_refusals_makes_few_cards_and_none_of_them_grows_without_end(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let batch: Vec<Value> = (0..120).map(|n| phone.note(&id(700 + n), &id(999), "x")).collect();
        phone.push(&batch).await;
        let details: Vec<String> = world.db().read(|c| {
            Ok::<_, db::Error>(conflict_cards::table.select(conflict_cards::detail).load(c)?)
        }).await.unwrap();
        assert_eq!(details.len(), 3);
        let entries = |detail: &String| serde_json::from_str::<Vec<Value>>(detail).unwrap().len();
        assert_eq!(details.iter().map(entries).sum::<usize>(), 120, "and none is forgotten");
    }

    async fn texts_that_no_database_takes_are_kept_as_sent(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let nul = phone.mutation(json!({"op": "patch", "c": "tickets", "id": ticket, "set": {"priority": "\u{0}\u{202e}"}}));
        assert_eq!(tell(&phone.push_one(&nul).await), "conflict server");
        let nested = phone.mutation(json!({"op": "insert", "c": "notes", "id": id(700), "set": {"ticket_id": {"deep": []}}}));
        assert_eq!(tell(&phone.push_one(&nested).await), "rejected_kept unreadable");
        let long = phone.note(&id(701), &ticket, &"x".repeat(300_000));
        assert_eq!(tell(&phone.push_one(&long).await), "rejected_kept unreadable");
        let fine = phone.act(&id(702), &ticket, "accept");
        assert_eq!(tell(&phone.push_one(&fine).await), "applied");
    }

    async fn a_body_that_is_no_push_is_refused_as_a_whole(world: World) {
        let phone = world.phone(ANNA, 900).await;
        for body in ["", "[]", "{\"epoch\":\"e\"}", "{\"epoch\":\"e\",\"mutations\":[],\"more\":1}"] {
            let error = mobile_sync::push(world.db(), &world.office, &phone.who, body.as_bytes()).await.unwrap_err();
            assert!(matches!(error, Error::Invalid { field: "body", .. }));
        }
    }
}
