//! Where messages may be sent. A phone says the address, so it must not lead into the company's own network: only https
//! to a public address is taken, and what a name means is looked at again whenever a connection is made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Longest address, in characters.
pub const LONGEST: usize = 1_000;

/// Reads an address, and says why it is not taken.
///
/// # Errors
/// Why, for people.
pub fn read(text: &str, private: bool) -> Result<Url, &'static str> {
    if text.len() > LONGEST {
        return Err("is longer than 1,000 characters");
    }
    let url = Url::parse(text).map_err(|_| "is no address")?;
    match url.scheme() {
        "https" => {}
        "http" if private => {}
        _ => return Err("must begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must name no user");
    }
    let host = url.host_str().ok_or("names no host")?;
    let public = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(ip) => is_public(ip),
        Err(_) => is_public_name(host),
    };
    if public || private { Ok(url) } else { Err("leads into a private network") }
}

/// Scheme, host and port: whom a proof is for.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = [".localhost", ".local", ".internal", ".home.arpa"];
    name.contains('.') && !ends.iter().any(|end| name.ends_with(end))
}

/// Whether an address is one of the world's, and not of this machine or a network behind it.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let assigned = a == 192 && b == 0 && c == 0;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let this = a == 0 || a >= 240;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || shared
        || assigned
        || benchmarks
        || this)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Only 2000::/3 is the world's; of it, tunnels (6to4, Teredo) lead to any address of the old kind.
    (a & 0xe000) == 0x2000 && a != 0x2002 && !(a == 0x2001 && (b == 0 || b == 0xdb8))
}

/// Looks names up, and leaves out what is not public.
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(format!("{} leads into a private network", name.as_str()).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_services_are_taken() {
        for text in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://web.push.apple.com/QGuQ",
            "https://push.example:8443/x",
            "https://8.8.8.8/x",
            "https://[2606:4700::1111]/x",
        ] {
            assert!(read(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn nothing_leads_into_a_network_behind_the_server() {
        for text in [
            "http://push.example/x",
            "ftp://push.example/x",
            "https://localhost/x",
            "https://printer/x",
            "https://nas.local/x",
            "https://metadata.google.internal./x",
            "https://127.0.0.1/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://10.0.0.8/x",
            "https://172.16.3.4/x",
            "https://192.168.1.1/x",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/x",
            "https://0.0.0.0/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://[fd00::1]/x",
            "https://[fe80::1]/x",
            "https://[2002:7f00:1::]/x",
            "https://user:secret@push.example/x",
            "nonsense",
        ] {
            assert!(read(text, false).is_err(), "{text}");
        }
        assert!(read(&format!("https://push.example/{}", "x".repeat(LONGEST)), false).is_err());
    }

    #[test]
    fn a_private_address_is_taken_where_the_configuration_says_so() {
        assert!(read("http://127.0.0.1:9/x", true).is_ok());
        assert!(read("https://push.example/x", true).is_ok());
        assert!(read("file:///etc/passwd", true).is_err());
    }

    #[tokio::test]
    async fn a_name_that_means_this_machine_is_not_followed() {
        let error = PublicOnly.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(error.to_string().contains("private"), "{error}");
    }

    #[test]
    fn the_origin_has_no_path() {
        assert_eq!(
            origin(&read("https://push.example:8443/a/b?c", false).unwrap()),
            "https://push.example:8443"
        );
    }
}
