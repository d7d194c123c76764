//! What does not go as sent: told, shown to the office, and taken back on the phone.

use db::both_backends;
use db::schema::{conflict_cards, notes};
use diesel::prelude::*;
use mobile_sync::{ConflictCard, cards};
use serde_json::{Value, json};

use crate::rows::id;
use crate::world::{ANNA, BEN, World, tell, told};

async fn cards_of(world: &World) -> Vec<ConflictCard> {
    let read =
        |c: &mut db::Conn| Ok::<_, db::Error>(conflict_cards::table.order(conflict_cards::id).load(c)?);
    world.db().read(read).await.unwrap()
}

both_backends! {
    async fn work_on_a_cancelled_ticket_is_kept_and_is_one_card_however_much_it_is(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        world.change(300, |ticket| ticket.status = "cancelled".into()).await;
        let work = vec![
            phone.act(&id(700), &ticket, "start"),
            phone.note(&id(701), &ticket, "rollers changed"),
            phone.act(&id(702), &ticket, "complete"),
        ];
        let answer = phone.push(&work).await;
        assert_eq!(told(&answer), vec!["conflict cancelled"; 3]);
        let cards = cards_of(&world).await;
        assert_eq!((cards.len(), cards[0].kind.as_str(), cards[0].detail.0.len()), (1, cards::LATE_WORK, 3));
        assert_eq!(cards[0].ticket_id.map(|id| id.to_string()), Some(ticket.clone()));
        assert!(answer.results.iter().all(|r| r.conflict == Some(cards[0].id.to_string())));
        assert_eq!(answer.results[2].doc.as_ref().unwrap()["kind"], "complete", "his own row he may see");
        // The rows are no longer his, and his phone hears so.
        let heard = phone.pull().await;
        for row in [format!("tickets {ticket}"), format!("ticket_events {}", id(700)), format!("notes {}", id(701))] {
            assert!(heard.contains(&format!("remove {row}")), "{row} in {heard:?}");
        }
        let kept: i64 = world.db().read(|c| Ok::<_, db::Error>(notes::table.count().get_result(c)?)).await.unwrap();
        assert_eq!(kept, 1, "what was done was done");
    }

    async fn a_step_that_the_state_forbids_leaves_the_ticket_and_tells_it_again(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let resume = phone.act(&id(700), &ticket, "resume");
        let result = phone.push_one(&resume).await;
        assert_eq!(tell(&result), "conflict not_accepted");
        assert_eq!(cards_of(&world).await[0].kind, cards::STEP);
        assert_eq!(phone.pull().await, [format!("put tickets {ticket}"), format!("put ticket_events {}", id(700))]);
        let status = mobile_sync::devices::status(world.db(), &phone.who).await.unwrap();
        assert_eq!(status.open_conflicts, 1);
    }

    async fn another_engineers_ticket_is_not_yours_and_nothing_of_it_is_shown(world: World) {
        let ticket = world.ticket(300, 0, Some(BEN)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let batch = vec![
            phone.patch(&ticket, 0, world.now(), json!({"access_note": "mine"})),
            phone.act(&id(700), &ticket, "complete"),
            phone.note(&id(701), &ticket, "hello"),
            phone.mutation(json!({"op": "patch", "c": "visits", "id": id(1_000_300), "set": {"crew": "x"}})),
        ];
        let answer = phone.push(&batch).await;
        assert_eq!(told(&answer), vec!["conflict not_yours"; 4]);
        assert!(answer.results[0].doc.is_none() && answer.results[0].v.is_none());
        assert!(answer.results[3].doc.is_none());
        for at in [1, 2] {
            assert_eq!(answer.results[at].doc.as_ref().unwrap()["engineer_id"], id(ANNA));
        }
        let after = world.read_ticket(300).await;
        assert_eq!((after.status.as_str(), after.access_note.as_str()), ("assigned", ""));
        let heard = phone.pull().await;
        assert!(heard.contains(&format!("remove tickets {ticket}")));
        assert_eq!(phone.count("tickets") + phone.count("notes") + phone.count("ticket_events"), 0);
        // A repeat shows no more than the first time.
        let again = phone.push(&batch).await;
        assert!(again.results[0].doc.is_none() && again.results[3].doc.is_none());
    }

    async fn what_nobody_can_do_is_kept_and_says_why(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let insert = |c: &str, id: String, ticket: &str| {
            json!({"op": "insert", "c": c, "id": id, "set": {"ticket_id": ticket, "text": "x"}})
        };
        let cases: Vec<(Value, &str)> = vec![
            (json!({"op": "delete", "c": "tickets", "id": ticket}), "delete_not_offered"),
            (insert("notes", id(700), &id(999)), "unknown_ticket"),
            (insert("notes", id(701), "no id"), "unknown_ticket"),
            (insert("parts", id(702), &ticket), "not_insertable"),
            (insert("labour", id(703), &ticket), "unsupported"),
            (json!({"op": "intent", "c": "ticket_events", "id": id(704), "set": {"ticket_id": ticket, "kind": "dance"}}), "unknown_kind"),
            (json!({"op": "patch", "c": "tickets", "id": id(999), "set": {"access_note": "x"}}), "unknown_row"),
            (json!({"op": "patch", "c": "articles", "id": id(999), "set": {"x": "x"}}), "unsupported"),
            (json!({"op": "insert", "c": "notes", "id": id(705), "schema": 99, "set": {"ticket_id": ticket}}), "unknown_schema"),
            (json!({"op": "insert", "c": "notes", "id": id(706), "set": {"ticket_id": ticket, "engineer_id": id(BEN)}}), "wrong_engineer"),
        ];
        let mut last = None;
        for (with, why) in cases {
            let mutation = phone.mutation(with);
            let result = phone.push_one(&mutation).await;
            assert_eq!(tell(&result), format!("rejected_kept {why}"), "{mutation}");
            assert!(result.conflict.is_some(), "the office has a card");
            last = result.conflict;
        }
        assert!(last.is_some());
        phone.pull().await;
        assert_eq!(phone.count("notes") + phone.count("labour"), 0);
        assert!(phone.holds("tickets", &ticket), "the row that could not be deleted is told again");
    }

    async fn a_card_that_the_phone_need_not_know_of_does_not_spoil_a_clean_result(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let used = phone.part(&id(700), &ticket, &id(crate::world::PART), 11);
        let result = phone.push_one(&used).await;
        assert_eq!((tell(&result).as_str(), &result.conflict), ("applied", &None));
        assert_eq!(cards_of(&world).await[0].kind, "negative_stock");
        assert_eq!(phone.push_one(&used).await.conflict, None);
    }

    async fn late_work_that_leaves_less_than_nothing_is_two_questions(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        world.give(300, None).await;
        let used = phone.part(&id(700), &ticket, &id(crate::world::PART), 11);
        let result = phone.push_one(&used).await;
        assert_eq!(tell(&result), "conflict not_yours");
        let mut kinds: Vec<String> = cards_of(&world).await.into_iter().map(|card| card.kind).collect();
        kinds.sort();
        assert_eq!(kinds, ["late_work", "negative_stock"]);
    }

    async fn a_row_sent_again_under_another_name_is_left_as_it_is(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let accept = phone.act(&id(700), &ticket, "accept");
        phone.push_one(&accept).await;
        let mut again = phone.act(&id(700), &ticket, "decline");
        again["mid"] = json!("another name");
        let result = phone.push_one(&again).await;
        assert_eq!(tell(&result), "merged");
        assert_eq!(result.doc.unwrap()["kind"], "accept");
        assert_eq!(world.read_ticket(300).await.status, "accepted");
    }
}
