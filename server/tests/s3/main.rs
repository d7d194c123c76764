//! Photos and the like in a bucket, at a server that speaks S3: `cargo xtask s3` starts one and names it in
//! `FETTLE_TEST_S3`. Without it these tests fail, they are not skipped.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use db::types::{Id, of};
use futures_util::{StreamExt, stream};
use object_store::path::Path;
use server::auth::secret::hex;
use server::config::Config;
use server::storage::{Refused, Storage};
use sha2::{Digest, Sha256};

/// A part as the storage sends it, and a little more than two of them.
const LARGE: usize = 2 * 5 * 1024 * 1024 + 77;

/// A bucket that nobody has used yet, behind a prefix.
async fn bucket() -> Storage {
    let endpoint = std::env::var("FETTLE_TEST_S3").expect("FETTLE_TEST_S3 is not set: run `cargo xtask s3`");
    let name = format!("fettle-{}", Id::<of::Session>::new());
    let made = reqwest::Client::new().put(format!("{endpoint}/{name}")).send().await.unwrap();
    assert!(made.status().is_success(), "{}", made.status());
    let config = Config {
        blob_store: format!("s3://{name}/photos"),
        s3_endpoint: endpoint,
        s3_access_key_id: "test".to_owned(),
        s3_secret_access_key: "test".to_owned(),
        ..Config::default()
    };
    Storage::open(&config).unwrap()
}

fn pieces(bytes: &[u8]) -> impl stream::Stream<Item = Result<actix_web::web::Bytes, &'static str>> + Unpin {
    let pieces: Vec<_> = bytes.chunks(100_000).map(|piece| Ok(piece.to_vec().into())).collect();
    stream::iter(pieces)
}

async fn read(storage: &Storage, path: &Path) -> Vec<u8> {
    let (size, mut pieces) = storage.read(path).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(size, bytes.len() as u64);
    bytes
}

#[tokio::test]
async fn what_is_written_in_parts_is_read_again_byte_for_byte() {
    let storage = bucket().await;
    for size in [0, 1, 100_000, LARGE] {
        let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        let path = Path::from(format!("blobs/xx/{size}"));
        let written = storage.write(&path, pieces(&bytes), u64::MAX).await.unwrap();
        assert_eq!((written.bytes, written.cut), (size as u64, false));
        assert_eq!(written.sha256, hex(&Sha256::digest(&bytes)));
        assert!(read(&storage, &path).await == bytes);
    }
}

#[tokio::test]
async fn what_is_given_another_name_has_only_that_one_and_nothing_is_as_good_as_removed() {
    let storage = bucket().await;
    let (from, to) = (Path::from("uploads/a/0"), Path::from("blobs/ab/abc"));
    storage.write(&from, pieces(b"bytes"), u64::MAX).await.unwrap();
    storage.rename(&from, &to).await.unwrap();
    assert_eq!(read(&storage, &to).await, b"bytes");
    assert_eq!(storage.read(&from).await.err().unwrap().problem().code, "not_found");
    for _ in 0..2 {
        storage.remove(&to).await.unwrap();
    }
    assert!(storage.read(&to).await.is_err());
}

#[tokio::test]
async fn too_much_leaves_nothing_and_a_folder_goes_as_a_whole() {
    let storage = bucket().await;
    let refused = storage.write(&Path::from("x"), pieces(&vec![1; LARGE]), 1_000_000).await;
    assert!(matches!(refused, Err(Refused::TooLarge(1_000_000))));
    assert!(storage.read(&Path::from("x")).await.is_err());
    for name in ["uploads/a/0", "uploads/a/1", "uploads/b/0"] {
        storage.write(&Path::from(name), pieces(b"piece"), u64::MAX).await.unwrap();
    }
    storage.remove_all(&Path::from("uploads/a")).await.unwrap();
    assert!(storage.read(&Path::from("uploads/a/1")).await.is_err());
    assert_eq!(read(&storage, &Path::from("uploads/b/0")).await, b"piece");
}
