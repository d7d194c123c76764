//! Cursors and pages.

use db::both_backends;
use mobile_sync::Error;
use mobile_sync_wire::SCHEMA;
use mobile_sync_wire::pull::PullRequest;

use crate::rows::id;
use crate::world::{ANNA, BEN, World};

both_backends! {
    async fn pages_of_any_size_bring_the_same_rows(world: World) {
        for n in 0..12 {
            world.ticket(300 + n, (n % 2) as usize, Some(ANNA)).await;
        }
        let mut whole = world.phone(ANNA, 900).await;
        whole.pull_by(1_000).await;
        assert_eq!(whole.count("tickets"), 12);
        for limit in [1, 2, 3, 7, 31] {
            let mut phone = world.phone(ANNA, 901).await;
            phone.pull_by(limit).await;
            assert_eq!(phone.rows, whole.rows, "pages of {limit}");
        }
    }

    async fn a_row_that_changes_while_a_phone_pages_moves_to_a_later_page(world: World) {
        for n in 0..6 {
            world.ticket(300 + n, 0, Some(ANNA)).await;
        }
        let mut phone = world.phone(ANNA, 900).await;
        let first = phone.page(4).await.unwrap();
        assert!(first.more);
        phone.cursor = first.cursor;
        let early = first.changes.iter().find(|c| c.c == "tickets").unwrap().id.clone();
        let n = (0..6).find(|n| id(300 + n) == early).unwrap();
        world.change(300 + n, |ticket| ticket.title = "moved".into()).await;
        phone.pull_by(4).await;
        assert_eq!(phone.row("tickets", &early)["title"], "moved");
    }

    async fn a_quiet_phone_hears_nothing_and_its_cursor_moves_on(world: World) {
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        world.ticket(300, 0, Some(BEN)).await;
        let page = phone.page(100).await.unwrap();
        assert!(page.changes.is_empty() && !page.more);
        assert!(page.cursor > phone.cursor, "what others did need not be looked through again");
    }

    async fn a_filter_brings_only_its_collections_and_ignores_names_of_the_future(world: World) {
        world.ticket(300, 0, Some(ANNA)).await;
        let phone = world.phone(ANNA, 900).await;
        let ask = async |names: &[&str]| {
            let collections = Some(names.iter().map(|name| (*name).to_owned()).collect());
            let request = PullRequest { cursor: 0, limit: None, collections, last_seq: None, schema: SCHEMA };
            mobile_sync::pull(world.db(), &phone.who, request).await.unwrap()
        };
        let page = ask(&["parts", "colleagues", "price_book"]).await;
        let names: Vec<&str> = page.changes.iter().map(|c| c.c.as_str()).collect();
        assert_eq!(names, ["parts", "colleagues", "colleagues"]);
        let none = ask(&["price_book"]).await;
        assert!(none.changes.is_empty() && !none.more);
    }

    async fn a_put_carries_the_version_of_the_rows_last_change(world: World) {
        let ticket = world.ticket(300, 0, Some(ANNA)).await;
        world.change(300, |ticket| ticket.title = "again".into()).await;
        let mut phone = world.phone(ANNA, 900).await;
        phone.pull().await;
        let wanted = ticket.clone();
        let version = world.db().read(move |c| db::changes::version(c, "tickets", &wanted)).await.unwrap();
        assert_eq!(phone.base(&ticket), version);
        assert_eq!(phone.row("tickets", &ticket)["title"], "again");
    }

    async fn cursors_and_limits_out_of_range_are_refused_by_name(world: World) {
        let phone = world.phone(ANNA, 900).await;
        for (cursor, limit, wrong) in [(-1, 10, "cursor"), (1 << 53, 10, "cursor"), (0, 0, "limit"), (0, 1_001, "limit")] {
            let request = PullRequest { cursor, limit: Some(limit), collections: None, last_seq: None, schema: SCHEMA };
            let error = mobile_sync::pull(world.db(), &phone.who, request).await.unwrap_err();
            assert!(matches!(error, Error::Invalid { field, .. } if field == wrong));
        }
    }

    async fn a_device_of_another_engineer_or_of_nobody_is_told_to_enrol(world: World) {
        let mut phone = world.phone(ANNA, 900).await;
        phone.who.engineer_id = id(BEN).parse().unwrap();
        assert!(matches!(phone.page(10).await, Err(Error::NotEnrolled)));
        phone.who.device_id = id(999).parse().unwrap();
        assert!(matches!(phone.try_push(&[]).await, Err(Error::NotEnrolled)));
        assert!(matches!(mobile_sync::devices::status(world.db(), &phone.who).await, Err(Error::NotEnrolled)));
    }
}
