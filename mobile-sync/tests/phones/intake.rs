//! What phones push, in order and once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use db::schema::{counters, notes, sync_inbox, ticket_events};
use db::{Clock, Db, Options, both_backends};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::rows::id;
use crate::world::{ANNA, World, tell, told};

both_backends! {
    async fn a_days_work_takes_effect_in_order_and_once_however_often_it_is_sent(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let day = vec![
            phone.act(&id(700), &ticket, "accept"),
            phone.act(&id(701), &ticket, "travel"),
            phone.act(&id(702), &ticket, "arrive"),
            phone.act(&id(703), &ticket, "start"),
            phone.note(&id(704), &ticket, "rollers worn"),
            phone.act(&id(705), &ticket, "complete"),
        ];
        let answer = phone.push(&day).await;
        assert_eq!(told(&answer), vec!["applied"; 6]);
        assert_eq!(answer.acked_seq, 6);
        assert!(answer.results.iter().all(|r| r.v.is_some() && r.doc.is_none()));
        assert_eq!(world.read_ticket(300).await.status, "completed");
        for _ in 0..2 {
            let again = phone.push(&day).await;
            assert_eq!(told(&again), vec!["duplicate of applied"; 6]);
            assert!(again.results.iter().all(|r| r.doc.is_some()), "the truth is sent back");
        }
        let written = world.db().read(|c| {
            let events: i64 = ticket_events::table.count().get_result(c)?;
            let notes: i64 = notes::table.count().get_result(c)?;
            Ok::<_, db::Error>((events, notes))
        }).await.unwrap();
        assert_eq!(written, (5, 1));
    }

    // A task that has had its share of the scheduler is woken last first: commands sent side by side came in reverse,
    // were held for each other, and each was taken up to four times.
    async fn each_of_a_long_push_is_taken_once(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let day: Vec<Value> = (0..600).map(|n| phone.note(&id(1_000 + n), &ticket, "rollers worn")).collect();
        let commands = || world.db().stats().commands.load(Ordering::Relaxed);
        let before = commands();
        assert_eq!(told(&phone.push(&day).await), vec!["applied"; 600]);
        assert_eq!(commands() - before, 600);
    }

    async fn mutations_in_any_order_of_the_batch_take_effect_in_theirs(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let mut day = vec![
            phone.act(&id(700), &ticket, "accept"),
            phone.act(&id(701), &ticket, "start"),
            phone.act(&id(702), &ticket, "complete"),
        ];
        day.reverse();
        let answer = phone.push(&day).await;
        assert_eq!(told(&answer), vec!["applied"; 3]);
        assert_eq!(answer.results[0].mid, id(702), "results come in the order of the mutations");
        // Without numbers, the events' own count orders them.
        let other = world.ticket(301, 0, Some(ANNA)).await;
        let mut day: Vec<Value> = ["complete", "accept", "pause"].iter().zip([3, 1, 2]).map(|(kind, dseq)| {
            let set = json!({"ticket_id": other, "kind": kind, "dseq": dseq, "reason": "part"});
            json!({"mid": id(710 + dseq), "id": id(710 + dseq), "op": "insert", "c": "ticket_events", "set": set, "schema": 1})
        }).collect();
        day.insert(0, json!({"mid": "n", "id": id(720), "op": "insert", "c": "notes", "schema": 1,
            "set": {"ticket_id": other, "text": "first"}}));
        assert_eq!(told(&phone.push(&day).await), vec!["applied"; 4]);
        assert_eq!(world.read_ticket(301).await.status, "completed");
    }

    async fn behind_a_gap_everything_is_stored_and_held_and_follows_when_the_gap_is_closed(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let accept = phone.act(&id(700), &ticket, "accept");
        let travel = phone.act(&id(701), &ticket, "travel");
        let arrive = phone.act(&id(702), &ticket, "arrive");
        let answer = phone.push(&[travel.clone(), arrive.clone()]).await;
        assert_eq!((told(&answer), answer.acked_seq), (vec!["held from 1".to_owned(); 2], 0));
        assert_eq!(world.read_ticket(300).await.status, "assigned");
        let status = mobile_sync::devices::status(world.db(), &phone.who).await.unwrap();
        assert_eq!((status.acked_seq, status.held), (0, 2));

        let answer = phone.push(&[accept]).await;
        assert_eq!((told(&answer), answer.acked_seq), (vec!["applied".to_owned()], 3));
        assert_eq!(world.read_ticket(300).await.status, "on_site");
        assert_eq!(mobile_sync::devices::status(world.db(), &phone.who).await.unwrap().held, 0);
        assert_eq!(told(&phone.push(&[travel, arrive]).await), vec!["duplicate of applied"; 2]);
    }

    async fn a_mutation_whose_effect_fails_is_kept_alone_and_those_behind_it_take_effect(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let batch = vec![
            phone.act(&id(700), &ticket, "accept"),
            phone.note(&id(701), &ticket, "break"),
            phone.act(&id(702), &ticket, "travel"),
            phone.part(&id(703), &ticket, &id(999), 1),
            phone.act(&id(704), &ticket, "arrive"),
        ];
        let answer = phone.push(&batch).await;
        assert_eq!(told(&answer)[..3], ["applied", "rejected_kept broken", "applied"]);
        assert!(told(&answer)[3].starts_with("rejected_kept"), "{:?}", told(&answer));
        assert_eq!((told(&answer)[4].as_str(), answer.acked_seq), ("applied", 5));
        assert!(answer.results[1].conflict.is_some() && answer.results[1].doc.is_none());
        assert_eq!(world.read_ticket(300).await.status, "on_site");
        let written: i64 = world.db().read(|c| Ok::<_, db::Error>(notes::table.count().get_result(c)?)).await.unwrap();
        assert_eq!(written, 0, "what the failing one wrote is undone");
        assert!(told(&phone.push(&batch).await)[1].starts_with("duplicate of rejected_kept"));
    }

    async fn many_failures_in_one_batch_do_not_stop_the_queue(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let mut batch: Vec<Value> = (0..40).map(|n| phone.note(&id(700 + n), &ticket, "break")).collect();
        batch.push(phone.act(&id(790), &ticket, "accept"));
        let mut rounds = 0;
        loop {
            let answer = phone.push(&batch).await;
            if answer.acked_seq == 41 {
                break;
            }
            rounds += 1;
            assert!(rounds < 5, "each push brings the queue on: {}", answer.acked_seq);
        }
        assert_eq!(world.read_ticket(300).await.status, "accepted");
    }

    async fn an_unreadable_mutation_is_kept_word_for_word_and_counted(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let mut typo = phone.act(&id(700), &ticket, "accept");
        typo["bse"] = json!(4);
        let good = phone.act(&id(701), &ticket, "accept");
        let nameless = json!({"nothing": "of use"});
        let answer = phone.push(&[typo.clone(), good, nameless.clone(), nameless]).await;
        let unreadable = "rejected_kept unreadable";
        assert_eq!(told(&answer), [unreadable, "applied", unreadable, "duplicate of rejected_kept unreadable"]);
        assert_eq!(answer.acked_seq, 2);
        let kept: String = world.db().read(|c| {
            Ok::<_, db::Error>(sync_inbox::table.find(id(700)).select(sync_inbox::body).first(c)?)
        }).await.unwrap();
        assert_eq!(kept, typo.to_string());
    }

    async fn a_thousand_offline_acts_are_one_request(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let batch: Vec<Value> = (0..1_000).map(|n| phone.note(&id(10_000 + n), &ticket, "noted")).collect();
        let answer = phone.push(&batch).await;
        assert!(told(&answer).iter().all(|told| told == "applied"));
        assert_eq!(answer.acked_seq, 1_000);
        let one_more = phone.note(&id(9_999), &ticket, "x");
        let too_many: Vec<Value> = batch.into_iter().chain([one_more]).collect();
        assert!(matches!(phone.try_push(&too_many).await, Err(mobile_sync::Error::TooLarge)));
    }

    async fn two_servers_that_get_the_same_push_at_once_let_it_take_effect_once(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let batch: Vec<Value> = (0..30).map(|n| phone.note(&id(700 + n), &ticket, "noted")).collect();
        let body = json!({"epoch": phone.epoch, "mutations": batch}).to_string();
        let clock = Clock::scaled(world.test.clock.now(), 0.0);
        let hook = Some(mobile_sync::feed::scopes as db::FeedHook);
        let second = Db::open(Options { clock, hook, guard: true, ..Options::new(world.test.url.clone()) }).unwrap();
        let here = mobile_sync::push(world.db(), &world.office, &phone.who, body.as_bytes());
        let there = mobile_sync::push(&second, &world.office, &phone.who, body.as_bytes());
        let (here, there) = tokio::join!(here, there);
        let (here, there) = (here.unwrap(), there.unwrap());
        assert_eq!((here.acked_seq, there.acked_seq), (30, 30));
        for (a, b) in here.results.iter().zip(&there.results) {
            let both: BTreeSet<String> = [tell(a), tell(b)].into();
            assert_eq!(both, ["applied", "duplicate of applied"].map(str::to_owned).into());
        }
        let written: i64 = world.db().read(|c| Ok::<_, db::Error>(notes::table.count().get_result(c)?)).await.unwrap();
        assert_eq!(written, 30);
    }

    async fn a_device_that_enrols_again_goes_on_where_it_was(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let note = phone.note(&id(700), &ticket, "one");
        phone.push_one(&note).await;
        let again = world.phone(ANNA, 900).await;
        assert_eq!(again.page(10).await.unwrap().acked_seq, 1);
        assert_eq!(tell(&again.push_one(&note).await), "duplicate of applied");
    }

    async fn numbers_of_the_feed_and_of_the_log_never_meet(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let (counter, log) = world.db().read(|c| {
            let counter: i64 = counters::table.find("changes").select(counters::value).first(c)?;
            let log = db::changes::after(c, 0, 1_000)?;
            Ok::<_, db::Error>((counter, log))
        }).await.unwrap();
        let feed: Vec<i64> = world.db().read(|c| {
            use db::schema::sync_feed;
            Ok::<_, db::Error>(sync_feed::table.select(sync_feed::seq).load(c)?)
        }).await.unwrap();
        let all: BTreeSet<i64> = feed.iter().copied().chain(log.iter().map(|change| change.seq)).collect();
        assert_eq!(all.len(), feed.len() + log.len());
        assert!(all.iter().all(|seq| *seq <= counter));
        assert!(Arc::strong_count(&world.office) >= 1);
    }
}
