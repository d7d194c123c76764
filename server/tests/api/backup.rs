//! Backup and restore: what phones have done comes back, from the backup or from them, once. And what a restore
//! refuses.

use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use db::clock::real_now;
use db::testing::{Backend, Scratch, fresh_url};
use db::{Url, both_backends};
use mobile_sync_device::{Answer, Device, Identity, Moment, Next, Place, RequestKind, Response};
use mobile_sync_wire::Collection;
use reqwest::Method;
use serde_json::json;
use server::auth::Role;
use server::backup::{self, Restored};
use server::config::Config;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::harness::{Person, Server};
use crate::phone::{Phone, new_id, owner};
use crate::phone_blobs::{hash, store};
use crate::sync::assigned;
use crate::tickets::engineer;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("fettle-backup-{}", new_id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn text(url: &Url) -> String {
    match url {
        Url::Sqlite(path) => path.to_string_lossy().into_owned(),
        Url::Postgres(url) => url.clone(),
    }
}

/// An engineer's phone, with the device library, and his session to enrol it with.
struct Handset {
    device: Device,
    owner: Person,
    mono: i64,
}

impl Handset {
    fn new(owner: Person) -> Self {
        let identity =
            Identity { device_id: new_id(), platform: "test".to_owned(), app_version: "1".to_owned() };
        Self { device: Device::open(&Place::Memory, &identity).unwrap(), owner, mono: 1_000 }
    }

    fn moment(&mut self) -> Moment {
        self.mono += 1_000;
        let random = self.mono.to_le_bytes();
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&random);
        let wall = db::testing::START.millis() + self.mono;
        Moment { wall, mono: self.mono, boot: "b1".to_owned(), random: bytes }
    }

    /// Talks with the server until nothing is left to say.
    async fn talk(&mut self) {
        self.device.want_pull();
        loop {
            let now = self.moment();
            let request = match self.device.next(&now).unwrap() {
                Next::Send(request) => request,
                Next::NeedsEnrolment => self.device.enrol(&now).unwrap(),
                Next::Idle => return,
                Next::WaitUntil { .. } => panic!("the server failed"),
            };
            let asked = match (&request.kind, &request.token) {
                (RequestKind::Enrol, _) | (_, None) => self.owner.request(Method::POST, request.path),
                (_, Some(token)) => {
                    let path = format!("{}{}", self.owner.base, request.path);
                    self.owner.client.post(path).bearer_auth(token)
                }
            };
            let answer =
                asked.header("content-type", "application/json").body(request.body).send().await.unwrap();
            let status = answer.status().as_u16();
            let body = answer.bytes().await.unwrap().to_vec();
            let response = Response { status, retry_after_seconds: None, body };
            let now = self.moment();
            self.device.receive(&now, request.number, Answer::Arrived(response)).unwrap();
        }
    }

    fn note(&mut self, ticket: &str, words: &str) {
        let now = self.moment();
        self.device.add_note(&now, ticket, words).unwrap();
    }

    fn notes(&self) -> Vec<String> {
        let rows = self.device.rows(Collection::Notes).unwrap();
        let mut words: Vec<String> =
            rows.iter().map(|row| row["text"].as_str().unwrap().to_owned()).collect();
        words.sort();
        words
    }
}

async fn back_up(server: &Server, to: &Path) {
    let saved = backup::write(&server.app.config, to, real_now()).await.unwrap();
    assert_eq!((saved.path.as_path(), saved.manifest.missing.len()), (to, 0));
}

/// Restores into an empty database of this kind, and serves it.
async fn restored(server: &Server, from: &Path, url: &Url, folder: &Folder) -> (Server, Restored) {
    let database_url = text(url);
    let blob_store = folder.join("blobs").to_string_lossy().into_owned();
    let config = Config {
        database_url: database_url.clone(),
        blob_store: blob_store.clone(),
        ..server.app.config.clone()
    };
    let restored = backup::restore(&config, from, false, real_now()).await.unwrap();
    let other = server
        .another_with(|config| {
            config.database_url = database_url;
            config.blob_store = blob_store;
        })
        .await;
    (other, restored)
}

/// The same zip file with other words in one of its files: a good checksum of the zip's own, and not the manifest's hash.
fn with_table(whole: &[u8], table: &str, words: &[u8]) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(whole)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let file = from.by_index_raw(at).unwrap();
        if file.name().unwrap() == table {
            to.start_file(table, SimpleFileOptions::default()).unwrap();
            to.write_all(words).unwrap();
        } else {
            to.raw_copy_file(file).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

fn kind(server: &Server) -> Backend {
    if matches!(server.url(), Url::Postgres(_)) { Backend::Postgres } else { Backend::Sqlite }
}

fn other(backend: Backend) -> Backend {
    if backend == Backend::Postgres { Backend::Sqlite } else { Backend::Postgres }
}

/// An address at which there is no file yet.
fn nowhere() -> (Url, Scratch) {
    let (url, scratch) = fresh_url(Backend::Sqlite);
    std::fs::remove_file(text(&url)).unwrap();
    (url, scratch)
}

both_backends! {
    async fn what_a_phone_did_before_and_after_the_backup_is_there_once_after_the_restore(server: Server) {
        let folder = Folder::new();
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let ticket = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(owner(&server, &anna).await);
        phone.talk().await;
        phone.note(&ticket, "in the backup");
        phone.talk().await;
        back_up(&server, &folder.join("monday.zip")).await;
        phone.note(&ticket, "lost with the disk");
        phone.talk().await;
        assert_eq!(phone.device.waiting().unwrap().count, 0, "the server has confirmed it");
        phone.note(&ticket, "not sent yet");

        let (url, _scratch) = fresh_url(kind(&server));
        let (other, restored) = restored(&server, &folder.join("monday.zip"), &url, &folder).await;
        let before = server.app.db.read(db::changes::last).await.unwrap();
        let after = other.app.db.read(db::changes::last).await.unwrap();
        assert!(after > before + (1 << 32), "no number of before comes again: {before} {after}");
        phone.owner = Person { base: other.base.clone(), ..phone.owner };
        for _ in 0..2 {
            phone.talk().await;
            assert_eq!(phone.notes(), ["in the backup", "lost with the disk", "not sent yet"]);
            assert_eq!((phone.device.epoch(), phone.device.waiting().unwrap().count), (restored.epoch.as_str(), 0));
        }
        let notes = Person { base: other.base.clone(), ..office }.get(&format!("/api/v1/tickets/{ticket}/notes")).await;
        assert_eq!(notes.ok()["items"].as_array().unwrap().len(), 3, "nothing is lost and nothing doubled");
    }

    async fn photos_come_with_it_and_a_backup_can_go_to_the_other_database(server: Server) {
        let folder = Folder::new();
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let photo = store(&phone, 300_000).await;
        back_up(&server, &folder.join("all.zip")).await;
        let (url, _scratch) = fresh_url(other(kind(&server)));
        let (other, restored) = restored(&server, &folder.join("all.zip"), &url, &folder).await;
        assert_eq!(restored.manifest.objects.len(), 1);
        let phone = Phone { base: other.base.clone(), ..phone };
        let known = phone.request(Method::HEAD, &format!("/blobs/sha256:{}", hash(&photo))).send().await.unwrap();
        assert!(known.status().is_success());
        let stored = other.app.storage.size(&server::blobs::object(&hash(&photo))).await.unwrap();
        assert_eq!(stored, Some(photo.len() as u64));
        let engineers = other.log_in(Role::Dispatcher).await.get("/api/v1/engineers").await.ok();
        let found = &engineers["items"][0];
        assert_eq!((found["code"].as_str(), found["home_longitude"].as_f64()), (Some("E-1"), Some(-73.98)));
    }

    async fn a_backup_is_its_owners_alone_and_half_of_one_has_no_name(server: Server) {
        let folder = Folder::new();
        back_up(&server, &folder.join("x.zip")).await;
        let mode = std::fs::metadata(folder.join("x.zip")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds the secrets of the database");
        let blob_store = folder.join("x.zip/no/folder").to_string_lossy().into_owned();
        let config = Config { blob_store, ..server.app.config.clone() };
        assert!(backup::write(&config, &folder.join("y.zip"), real_now()).await.is_err());
        let names: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["x.zip"]);
    }

    async fn nothing_is_replaced_that_has_something_in_it_or_is_open(server: Server) {
        let folder = Folder::new();
        engineer(&server, "E-1").await;
        let backup = folder.join("x.zip");
        back_up(&server, &backup).await;
        let again = backup::write(&server.app.config, &backup, real_now()).await.unwrap_err();
        assert!(again.to_string().contains("there already"), "{again}");
        let open = backup::restore(&server.app.config, &backup, true, real_now()).await.unwrap_err();
        assert!(open.to_string().contains("stop all servers"), "{open}");
        assert_eq!(server.log_in(Role::Dispatcher).await.get("/api/v1/engineers").await.ok()["items"][0]["code"], "E-1");

        let (url, _scratch) = nowhere();
        let blob_store = folder.join("blobs").to_string_lossy().into_owned();
        let config = Config { database_url: text(&url), blob_store, ..server.app.config.clone() };
        let first = backup::restore(&config, &backup, false, real_now()).await.unwrap();
        assert_eq!(first.replaced, None);
        let refused = backup::restore(&config, &backup, false, real_now()).await.unwrap_err();
        assert!(refused.to_string().contains("there is something in"), "{refused}");
        let forced = backup::restore(&config, &backup, true, real_now()).await.unwrap();
        assert!(forced.replaced.unwrap().exists());
        assert_ne!(forced.epoch, first.epoch);
    }

    async fn a_damaged_backup_is_refused_before_anything_is_touched(server: Server) {
        let folder = Folder::new();
        engineer(&server, "E-1").await;
        let backup = folder.join("x.zip");
        back_up(&server, &backup).await;
        let (url, _scratch) = nowhere();
        let config = Config { database_url: text(&url), ..server.app.config.clone() };
        let whole = std::fs::read(&backup).unwrap();
        let damaged = |file: &str| {
            let mut zip = ZipArchive::new(Cursor::new(&whole)).unwrap();
            let at = zip.by_name(file).unwrap().data_start().unwrap() as usize;
            whole.iter().enumerate().map(|(n, byte)| byte ^ u8::from(n == at + 3)).collect()
        };
        for (name, bytes) in [
            ("a bit of a table is another", damaged("tables/engineers.jsonl")),
            ("a bit of the manifest is another", damaged("manifest.json")),
            ("a table is another", with_table(&whole, "tables/engineers.jsonl", b"{}\n")),
            ("cut off", whole[..whole.len() / 2].to_vec()),
            ("nothing", Vec::new()),
        ] {
            std::fs::write(folder.join("bad.zip"), &bytes).unwrap();
            assert!(backup::restore(&config, &folder.join("bad.zip"), true, real_now()).await.is_err(), "{name}");
            assert!(!Path::new(&config.database_url).exists(), "{name}");
        }
    }

    async fn a_backup_of_a_newer_fettle_is_refused(server: Server) {
        let (url, _scratch) = fresh_url(kind(&server));
        let newer = vec!["9999_from_the_future".to_owned()];
        let fill = |_: &mut db::Conn, _: i64| Ok::<_, db::Error>(());
        let refused = db::refill::refill(&url, &newer, true, 1, fill).unwrap_err();
        assert!(refused.to_string().contains("9999_from_the_future"), "{refused}");
        assert_eq!(json!(server.log_in(Role::Admin).await.get("/api/v1/users").await.ok()["items"][0]["role"]), "admin");
    }
}
