//! Bytes of photos and the like, by tus 1.0 in plain HTTP: in pieces, over cuts, once, and within bounds.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use db::both_backends;
use futures_util::future::join_all;
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use server::auth::{Role, secret};
use server::housekeeping;
use sha2::{Digest, Sha256};

use crate::harness::Server;
use crate::phone::{Phone, new_id};
use crate::tickets::engineer;

pub fn hash(bytes: &[u8]) -> String {
    secret::hex(&Sha256::digest(bytes))
}

/// Bytes that no two tests share.
fn photo(size: usize) -> Vec<u8> {
    let seed = new_id().into_bytes();
    (0..size).map(|n| seed[n % seed.len()] ^ (n / seed.len() % 251) as u8).collect()
}

async fn sent(request: RequestBuilder) -> (StatusCode, Response) {
    let response = request.header("tus-resumable", "1.0.0").send().await.unwrap();
    (response.status(), response)
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn code(response: Response) -> String {
    response.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned()
}

async fn begin(phone: &Phone, sha256: &str, length: u64) -> (StatusCode, Response) {
    let metadata = format!("sha256 {},filetype {}", BASE64.encode(sha256), BASE64.encode("image/jpeg"));
    let request = phone.request(Method::POST, "/blobs").header("upload-length", length);
    sent(request.header("upload-metadata", metadata)).await
}

/// The path of a new upload of these bytes.
async fn begun(phone: &Phone, bytes: &[u8]) -> String {
    let (status, response) = begin(phone, &hash(bytes), bytes.len() as u64).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(header(&response, "tus-resumable"), "1.0.0");
    assert!(header(&response, "upload-expires").ends_with("GMT"));
    header(&response, "location").strip_prefix("/sync/v1").unwrap().to_owned()
}

fn piece(phone: &Phone, path: &str, offset: usize, body: impl Into<Body>) -> RequestBuilder {
    let request = phone.request(Method::PATCH, path).header("upload-offset", offset);
    request.header("content-type", "application/offset+octet-stream").body(body)
}

/// Sends bytes of this size, whole.
pub async fn store(phone: &Phone, size: usize) -> Vec<u8> {
    let bytes = photo(size);
    let path = begun(phone, &bytes).await;
    let (status, _) = sent(piece(phone, &path, 0, bytes.clone())).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    bytes
}

async fn offset(phone: &Phone, path: &str) -> Option<usize> {
    let (status, response) = sent(phone.request(Method::HEAD, path)).await;
    assert!(matches!(status, StatusCode::OK | StatusCode::NOT_FOUND), "{status}");
    header(&response, "upload-offset").parse().ok()
}

async fn is_here(phone: &Phone, bytes: &[u8]) -> bool {
    offset(phone, &format!("/blobs/sha256:{}", hash(bytes))).await.is_some()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = found.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn stored(server: &Server) -> Vec<PathBuf> {
    files(Path::new(&server.app.config.blob_store))
}

both_backends! {
    async fn a_photo_is_sent_in_pieces_and_is_there_when_the_last_has_come(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let (phone, office) = (Phone::new(&server, &anna).await, server.log_in(Role::Dispatcher).await);
        let bytes = photo(7_000_000);
        assert!(!is_here(&phone, &bytes).await);
        let path = begun(&phone, &bytes).await;
        assert_eq!(offset(&phone, &path).await, Some(0));
        for (at, end) in [(0, 3_000_000), (3_000_000, 3_000_001), (3_000_001, 7_000_000)] {
            assert!(!is_here(&phone, &bytes).await, "not before the last piece");
            let (status, response) = sent(piece(&phone, &path, at, bytes[at..end].to_vec())).await;
            assert_eq!((status, header(&response, "upload-offset")), (StatusCode::NO_CONTENT, end.to_string()));
            assert_eq!(offset(&phone, &path).await, Some(end));
        }
        assert!(is_here(&phone, &bytes).await);
        let seen = office.request(Method::GET, &format!("/api/v1/blobs/{}", hash(&bytes))).send().await.unwrap();
        assert_eq!((header(&seen, "content-type"), header(&seen, "content-disposition")), ("image/jpeg".to_owned(), "inline".to_owned()));
        assert!(seen.bytes().await.unwrap() == bytes, "byte for byte");
        assert_eq!(stored(&server).len(), 1, "the pieces are gone: {:?}", stored(&server));
        assert_eq!(office.get(&format!("/api/v1/blobs/{}", hash(b"other"))).await.code(), "not_found");
    }

    async fn after_a_cut_the_phone_goes_on_where_it_ended(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let bytes = photo(900_000);
        let path = begun(&phone, &bytes).await;
        // The network goes in the middle: the rest of what was announced never comes.
        let host = phone.base.strip_prefix("http://").unwrap();
        let mut line = TcpStream::connect(host).unwrap();
        let head = format!(
            "PATCH /sync/v1{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
             content-type: application/offset+octet-stream\r\ncontent-length: {}\r\n\r\n",
            phone.token,
            bytes.len()
        );
        line.write_all(head.as_bytes()).unwrap();
        line.write_all(&bytes[..400_000]).unwrap();
        drop(line);
        let kept = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                match offset(&phone, &path).await {
                    Some(kept) if kept > 0 => break kept,
                    _ => tokio::task::yield_now().await,
                }
            }
        });
        let kept = kept.await.expect("what came is kept");
        assert_eq!(kept, 400_000);
        let (status, _) = sent(piece(&phone, &path, kept, bytes[kept..].to_vec())).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        assert!(is_here(&phone, &bytes).await);
    }

    async fn a_piece_with_a_checksum_is_taken_whole_or_not_at_all(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let bytes = photo(50_000);
        let path = begun(&phone, &bytes).await;
        let sum = format!("sha256 {}", BASE64.encode(Sha256::digest(&bytes)));
        let (status, response) = sent(piece(&phone, &path, 0, bytes[1..].to_vec()).header("upload-checksum", &sum)).await;
        assert_eq!((status.as_u16(), code(response).await.as_str()), (460, "checksum_mismatch"));
        assert_eq!(offset(&phone, &path).await, Some(0));
        let odd = sent(piece(&phone, &path, 0, bytes.clone()).header("upload-checksum", "crc32 AAAA")).await;
        assert_eq!(odd.0, StatusCode::BAD_REQUEST);
        let (status, _) = sent(piece(&phone, &path, 0, bytes.clone()).header("upload-checksum", &sum)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        assert!(is_here(&phone, &bytes).await);
    }

    async fn bytes_that_are_not_what_was_promised_are_refused_and_gone(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let (promised, other) = (photo(10_000), photo(10_000));
        let path = begun(&phone, &promised).await;
        let (status, response) = sent(piece(&phone, &path, 0, other.clone())).await;
        assert_eq!((status, code(response).await.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "wrong_hash"));
        assert!(!is_here(&phone, &promised).await && !is_here(&phone, &other).await);
        assert_eq!(offset(&phone, &path).await, None, "it begins anew");
        assert_eq!(stored(&server), [] as [PathBuf; 0]);
    }

    async fn what_two_phones_send_is_kept_once_and_of_two_that_send_one_piece_one_does(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let (hers, his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        let bytes = photo(300_000);
        let (one, two) = (begun(&hers, &bytes).await, begun(&his, &bytes).await);
        assert_eq!(offset(&his, &one).await, None, "another's upload is nobody's business");
        assert_eq!(sent(piece(&his, &one, 0, bytes.clone())).await.0, StatusCode::NOT_FOUND);
        let both = join_all([&one, &one].map(|path| sent(piece(&hers, path, 0, bytes.clone())))).await;
        let mut statuses = both.iter().map(|(status, _)| status.as_u16()).collect::<Vec<_>>();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        assert!(is_here(&his, &bytes).await);
        assert_eq!(sent(piece(&his, &two, 0, bytes.clone())).await.0, StatusCode::NO_CONTENT);
        assert_eq!(stored(&server).len(), 1);
    }

    async fn sizes_numbers_and_manners_are_checked(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let abilities = server.stranger().request(Method::OPTIONS, "/sync/v1/blobs").send().await.unwrap();
        assert_eq!((header(&abilities, "tus-extension").as_str(), header(&abilities, "tus-max-size").as_str()), ("creation,checksum,expiration", "104857600"));
        let sha256 = hash(b"x");
        let (status, response) = begin(&phone, &sha256, 2 * 1024 * 1024 * 1024).await;
        assert_eq!((status, code(response).await.as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
        for odd in ["../../etc/passwd", "", &sha256.to_uppercase()] {
            assert_eq!(begin(&phone, odd, 1).await.0, StatusCode::BAD_REQUEST, "{odd}");
        }
        let old = phone.request(Method::POST, "/blobs").header("tus-resumable", "0.2.2").send().await.unwrap();
        assert_eq!((old.status(), code(old).await.as_str()), (StatusCode::PRECONDITION_FAILED, "tus_version"));
        let bytes = photo(1_000);
        let path = begun(&phone, &bytes).await;
        let (status, response) = sent(piece(&phone, &path, 0, [bytes.clone(), bytes.clone()].concat())).await;
        assert_eq!((status, code(response).await.as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"), "more than was said");
        let (status, response) = sent(piece(&phone, &path, 7, bytes.clone())).await;
        assert_eq!((status, code(response).await.as_str()), (StatusCode::CONFLICT, "wrong_offset"));
        let plain = phone.request(Method::PATCH, &path).header("upload-offset", 0).body(bytes);
        assert_eq!(sent(plain).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        for _ in 1..32 {
            begun(&phone, b"more").await;
        }
        let (status, response) = begin(&phone, &sha256, 1).await;
        assert_eq!((status, code(response).await.as_str()), (StatusCode::CONFLICT, "too_many_uploads"));
    }

    async fn an_upload_that_nobody_goes_on_with_is_swept_away(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let bytes = photo(2_000);
        let (path, whole) = (begun(&phone, &bytes).await, photo(10));
        assert_eq!(sent(piece(&phone, &path, 0, bytes[..500].to_vec())).await.0, StatusCode::NO_CONTENT);
        let done = begun(&phone, &whole).await;
        assert_eq!(sent(piece(&phone, &done, 0, whole.clone())).await.0, StatusCode::NO_CONTENT);
        server.clock.set(db::testing::START.plus_minutes(23 * 60));
        housekeeping::once(&server.app).await.unwrap();
        assert_eq!(offset(&phone, &path).await, Some(500));
        server.clock.set(db::testing::START.plus_minutes(24 * 60));
        assert_eq!(offset(&phone, &path).await, None);
        assert_eq!(stored(&server).len(), 2);
        housekeeping::once(&server.app).await.unwrap();
        assert_eq!(stored(&server).len(), 1, "what is whole stays");
        assert!(is_here(&phone, &whole).await);
    }
}
