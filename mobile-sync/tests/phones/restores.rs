//! Servers that come back from a backup, once and again: what phones give back, and which versions they had seen.

use db::schema::{
    change_contents, changes, counters, devices, epochs as restores, notes, settings, sync_inbox,
};
use db::testing::raw;
use db::{Actor, Tx, both_backends};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use mobile_sync::{Error, epochs};
use mobile_sync_wire::push::KeptWhy;
use serde_json::json;

use crate::rows::id;
use crate::world::{ANNA, World, tell, told};

impl World {
    /// The number of the last change.
    async fn last(&self) -> i64 {
        self.db().read(db::changes::last).await.unwrap()
    }

    /// What matters here of a restore from a backup in which `last` was the last number, and no restore known.
    async fn restore_to(&self, last: i64) {
        self.write(move |tx| {
            diesel::delete(change_contents::table.filter(change_contents::seq.gt(last)))
                .execute(tx.conn())?;
            diesel::delete(changes::table.filter(changes::seq.gt(last))).execute(tx.conn())?;
            diesel::update(counters::table.find("changes"))
                .set(counters::value.eq(last))
                .execute(tx.conn())?;
            diesel::delete(restores::table).execute(tx.conn())?;
            epochs::begin(tx)
        })
        .await;
    }
}

both_backends! {
    async fn a_restored_server_gets_its_lost_work_again_in_a_new_epoch(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let mut phone = world.phone(ANNA, 900).await;
        let accept = phone.act(&id(700), &ticket, "accept");
        phone.push_one(&accept).await;
        let note = phone.note(&id(701), &ticket, "lost in the fire");
        phone.push_one(&note).await;
        phone.pull().await;
        // The backup knows nothing of the note.
        let mut backup = raw(&world.test.url);
        diesel::delete(notes::table).execute(&mut backup).unwrap();
        diesel::delete(sync_inbox::table.find(id(701))).execute(&mut backup).unwrap();
        backup.batch_execute("DELETE FROM guard_written_rows").unwrap();
        diesel::update(devices::table).set(devices::acked_seq.eq(1)).execute(&mut backup).unwrap();
        let before = world.db().read(db::changes::last).await.unwrap();
        let epoch = world.write(epochs::begin).await;

        let error = phone.try_push(std::slice::from_ref(&note)).await.unwrap_err();
        assert!(matches!(error, Error::EpochChanged { epoch: told } if told == epoch && told != phone.epoch));
        phone.cursor = 0;
        let page = phone.page(1_000).await.unwrap();
        assert_eq!((&page.epoch, page.acked_seq), (&epoch, 1));
        phone.epoch = page.epoch;
        let answer = phone.push(&[accept, note]).await;
        assert_eq!(told(&answer), ["duplicate of applied", "applied"]);
        let jumped = world.db().read(db::changes::last).await.unwrap();
        assert!(jumped > before + (1 << 32), "versions of before never look newer than what follows");
    }

    async fn a_new_epoch_never_takes_the_numbers_beyond_what_a_cursor_holds(world: World) {
        let last = mobile_sync_wire::limits::MAX_NUMBER;
        let almost = move |tx: &mut Tx<'_>, value: i64| {
            let counter = diesel::update(counters::table.find("changes"));
            Ok::<_, db::Error>(counter.set(counters::value.eq(value)).execute(tx.conn())?)
        };
        world.write(move |tx| almost(tx, last - (1 << 32) - 1)).await;
        let (before, _) = (world.db().read(db::changes::last).await.unwrap(), world.write(epochs::begin).await);
        let jumped = world.db().read(db::changes::last).await.unwrap();
        assert_eq!((jumped - before, jumped < last), (1 << 32, true), "the last jump that there is room for");
        let epoch = epochs::current(world.db()).await.unwrap();
        let refused = world.db().write(Actor::system("test"), epochs::begin).await;
        assert!(refused.unwrap_err().to_string().contains("2^53"));
        assert_eq!(world.db().read(db::changes::last).await.unwrap(), jumped, "nothing was written");
        assert_eq!(epochs::current(world.db()).await.unwrap(), epoch);
    }

    async fn the_epoch_is_named_once_and_stays(world: World) {
        let (first, second) = tokio::join!(epochs::current(world.db()), epochs::current(world.db()));
        assert_eq!(first.unwrap(), second.unwrap());
        let stored: Vec<String> = world.db().read(|c| {
            Ok::<_, db::Error>(settings::table.filter(settings::name.eq("epoch")).select(settings::value).load(c)?)
        }).await.unwrap();
        assert_eq!(stored.len(), 1);
        let phone = world.phone(ANNA, 900).await;
        assert_eq!(phone.epoch, stored[0]);
    }

    async fn two_restores_from_backups_of_before_the_first_never_give_a_number_twice(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        let backup = world.last().await;
        world.restore_to(backup).await;
        let began = world.last().await;
        world.change(300, |ticket| ticket.title = "as the first life had it".into()).await;
        let given = world.last().await;
        assert!(given > began && began > backup + (1 << 32));
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let seen = phone.base(&ticket);
        assert!(seen > began);

        world.pass(1_000);
        world.restore_to(backup).await;
        assert!(world.last().await > given + 1_000_000, "the second life begins above all that the first one gave");
        let mut phone = world.phone(ANNA, 900).await;
        // Seen in the first life, sent in the second, in which the office has written the field meanwhile.
        world.change(300, |ticket| ticket.access_note = "entered again".into()).await;
        world.pass(60_000);
        let edit = phone.patch(&ticket, seen, world.now(), json!({"access_note": "gate 7"}));
        let result = phone.push_one(&edit).await;
        assert_eq!((tell(&result).as_str(), result.kept["access_note"].why), ("merged", KeptWhy::Device));
        assert_eq!(result.kept["access_note"].server, "entered again");
        assert!(result.conflict.is_some());
    }

    async fn a_base_of_a_life_that_was_lost_counts_as_none(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        world.change(300, |ticket| ticket.access_note = "of the backup".into()).await;
        let backup = world.last().await;
        world.change(300, |ticket| ticket.access_note = "of the lost life".into()).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let seen = phone.base(&ticket);
        // The restored server has the older value again, which this user may never have seen.
        world.change(300, |ticket| ticket.access_note = "of the backup".into()).await;
        world.restore_to(backup).await;
        let mut phone = world.phone(ANNA, 900).await;
        world.pass(60_000);
        let edit = phone.patch(&ticket, seen, world.now(), json!({"access_note": "gate 7"}));
        let result = phone.push_one(&edit).await;
        assert_eq!((tell(&result).as_str(), result.kept["access_note"].why), ("merged", KeptWhy::Device));
        assert_eq!(result.kept["access_note"].server, "of the backup");
        assert!(result.conflict.is_some(), "the office is told what was replaced");
        assert_eq!(world.read_ticket(300).await.access_note, "gate 7");
    }

    async fn a_base_that_the_backup_has_is_what_the_user_saw(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        world.change(300, |ticket| ticket.access_note = "of the backup".into()).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let seen = phone.base(&ticket);
        world.restore_to(world.last().await).await;
        let mut phone = world.phone(ANNA, 900).await;
        let edit = phone.patch(&ticket, seen, world.now(), json!({"access_note": "gate 7"}));
        assert_eq!(tell(&phone.push_one(&edit).await), "applied");
        // And so is one of the life that is now.
        let (mut tablet, _) = (world.phone(ANNA, 901).await, world.pass(1));
        tablet.pull().await;
        let edit = tablet.patch(&ticket, tablet.base(&ticket), world.now(), json!({"access_note": "gate 8"}));
        assert_eq!(tell(&tablet.push_one(&edit).await), "applied");
    }
}
