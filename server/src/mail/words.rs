//! What a mail says: subject, plain text and HTML, in the reader's language. What comes from people stands on one line,
//! without control characters, and escaped in HTML; lettre encodes the headers (RFC 2047).

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};

use super::store::Letter;
use crate::auth::Role;
use crate::config::Config;
use crate::notifications::NotificationKind;
use crate::tickets::TicketStatus;
use crate::tickets::words::{state, time};

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;
/// So much of a note is mailed, in characters.
const LONGEST_NOTE: usize = 2_000;

/// The words of one language.
struct Language {
    tag: &'static str,
    response_due: &'static str,
    resolution_due: &'static str,
    reassigned: &'static str,
    rule: &'static str,
    mentioned: &'static str,
    commented: &'static str,
    status: &'static str,
    ticket: &'static str,
    due: &'static str,
    no_due: &'static str,
    open: &'static str,
    why: &'static str,
}

const ENGLISH: Language = Language {
    tag: "en",
    response_due: "The time to respond is running out",
    resolution_due: "The time to solve it is running out",
    reassigned: "Given to somebody else, its time was running out",
    rule: "A rule says that you should know of it",
    mentioned: "{author} mentioned you",
    commented: "{author} wrote a comment",
    status: "Now: {status}",
    ticket: "Ticket #{number}: {title}",
    due: "To be solved by {time}",
    no_due: "By when it is to be solved is open",
    open: "Open the ticket",
    why: "{organisation} writes to you because this address is entered for your log-in.",
};

const CHINESE: Language = Language {
    tag: "zh-CN",
    response_due: "响应时限将至",
    resolution_due: "解决时限将至",
    reassigned: "时限将至，已转派他人",
    rule: "有规则提醒您关注此工单",
    mentioned: "{author} 提到了您",
    commented: "{author} 发表了评论",
    status: "当前状态：{status}",
    ticket: "工单 #{number}：{title}",
    due: "解决期限：{time}",
    no_due: "解决期限：待定",
    open: "打开工单",
    why: "您的账号登记了此邮箱，因此收到 {organisation} 发来的邮件。",
};

/// The mail to one reader.
///
/// # Errors
/// An address that is none.
pub fn message(letter: &Letter, from: &Mailbox, config: &Config) -> Result<Message, String> {
    let to = letter.email.parse().map_err(|_| "the address is none".to_owned())?;
    let domain = from.email.domain();
    let said = Said::of(letter, config);
    let message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(Some(one_line(&letter.name)), to))
        .subject(said.subject())
        // The same whenever it is sent: whoever gets it twice is shown it once.
        .message_id(Some(format!("<{}@{domain}>", letter.mail.id)))
        // All mails about one ticket are one conversation.
        .references(format!("<ticket.{}@{domain}>", letter.mail.ticket_id))
        .raw_header(HeaderValue::new(
            // RFC 3834: nobody's holiday notice answers.
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    let parts = MultiPart::alternative_plain_html(said.plain(), said.html());
    message.multipart(parts).map_err(|error| error.to_string())
}

/// What is said, before it is plain text or HTML.
struct Said {
    language: &'static Language,
    organisation: String,
    what: String,
    note: Option<String>,
    ticket: String,
    due: String,
    link: Option<String>,
    why: String,
}

impl Said {
    fn of(letter: &Letter, config: &Config) -> Self {
        let language = if letter.locale == CHINESE.tag { &CHINESE } else { &ENGLISH };
        let mail = &letter.mail;
        let rule = if letter.locale == CHINESE.tag { &mail.rule_zh } else { &mail.rule_en };
        let author = letter.note_author.as_deref().unwrap_or_default();
        let what = match mail.kind {
            NotificationKind::ResponseDue => language.response_due.to_owned(),
            NotificationKind::ResolutionDue => language.resolution_due.to_owned(),
            NotificationKind::Reassigned => language.reassigned.to_owned(),
            NotificationKind::Rule => rule.as_deref().unwrap_or(language.rule).to_owned(),
            NotificationKind::Mentioned => language.mentioned.replace("{author}", author),
            NotificationKind::Commented => language.commented.replace("{author}", author),
            NotificationKind::StatusChanged => {
                let (english, chinese) =
                    mail.status.as_deref().and_then(TicketStatus::parse).map(state).unwrap_or_default();
                let name = if language.tag == CHINESE.tag { chinese } else { english };
                language.status.replace("{status}", name)
            }
        };
        let ticket = language.ticket.replace("{number}", &letter.number.to_string());
        let base = config.public_url.trim_end_matches('/');
        // An engineer has no console: his phone has the ticket.
        let link = match letter.role {
            Role::Engineer => format!("{base}/phone"),
            Role::Admin | Role::Dispatcher | Role::Warehouse => format!("{base}/?ticket={}", mail.ticket_id),
        };
        let organisation = one_line(&config.organisation);
        Self {
            language,
            what: one_line(&what),
            note: letter.note_text.as_deref().map(excerpt).filter(|text| !text.is_empty()),
            ticket: ticket.replace("{title}", &one_line(&letter.title)),
            due: letter.sla.0.promised(letter.ticket_due_at).map_or_else(
                || language.no_due.to_owned(),
                |at| language.due.replace("{time}", &time(at, &letter.time_zone)),
            ),
            link: (!base.is_empty()).then_some(link),
            why: language.why.replace("{organisation}", &organisation),
            organisation,
        }
    }

    fn subject(&self) -> String {
        let whole = format!("[{}] {} – {}", self.organisation, self.ticket, self.what);
        whole.chars().take(LONGEST_SUBJECT).collect()
    }

    fn plain(&self) -> String {
        let link = self.link.as_ref().map_or_else(String::new, |link| format!("\n{link}\n"));
        let note = self.note.as_ref().map_or_else(String::new, |note| format!("\n{note}\n"));
        format!("{}\n{note}\n{}\n{}\n{link}\n-- \n{}\n", self.what, self.ticket, self.due, self.why)
    }

    fn html(&self) -> String {
        let link = self.link.as_ref().map_or_else(String::new, |link| {
            format!("<p><a href=\"{}\">{}</a></p>", escaped(link), escaped(self.language.open))
        });
        let note = self
            .note
            .as_ref()
            .map_or_else(String::new, |note| format!("<blockquote>{}</blockquote>", escaped(note)));
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"font-family:sans-serif;line-height:1.5\"><p><strong>{}</strong></p>{note}\
             <p>{}<br>{}</p>{link}\
             <p style=\"font-size:13px;opacity:.75\">{}</p></body></html>",
            self.language.tag,
            escaped(&self.subject()),
            escaped(&self.what),
            escaped(&self.ticket),
            escaped(&self.due),
            escaped(&self.why),
        )
    }
}

/// Without line breaks and other control characters: a title must not become a header, nor a paragraph.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a note begins, on one line.
fn excerpt(text: &str) -> String {
    one_line(text).chars().take(LONGEST_NOTE).collect()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use db::Timestamp;
    use db::types::{Id, Json};

    use super::super::store::Mail;
    use super::*;

    #[test]
    fn what_people_wrote_stands_on_one_line_and_is_no_html() {
        assert_eq!(one_line("Car\r\nBcc: all@x.example\u{85}\0 stuck"), "Car Bcc: all@x.example stuck");
        assert_eq!(
            escaped("<img src='x' onerror=\"y\">&"),
            "&lt;img src=&#39;x&#39; onerror=&quot;y&quot;&gt;&amp;"
        );
    }

    #[test]
    fn no_name_and_no_title_becomes_a_header() {
        let letter = Letter {
            mail: Mail {
                id: Id::new(),
                user_id: Id::new(),
                ticket_id: Id::new(),
                kind: NotificationKind::Rule,
                at: Timestamp::from_millis(0),
                rule_en: Some("Look\r\nCc: all@x.example".to_owned()),
                rule_zh: None,
                attempts: 1,
                due_at: None,
                created_at: Timestamp::from_millis(0),
                sent_at: None,
                error: String::new(),
                note_id: None,
                status: None,
            },
            email: "li@x.example".to_owned(),
            name: "Li\r\nBcc: all@x.example".to_owned(),
            locale: "en".to_owned(),
            role: Role::Dispatcher,
            active: true,
            number: 7,
            title: "Stuck\n\nX-Evil: 1".to_owned(),
            ticket_due_at: Timestamp::from_millis(0),
            sla: Json::default(),
            time_zone: String::new(),
            note_author: None,
            note_text: None,
        };
        let from = "Fettle <fettle@x.example>".parse().unwrap();
        let sent = message(&letter, &from, &Config::default()).unwrap();
        let whom: Vec<String> = sent.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(whom, ["li@x.example"]);
        let bytes = sent.formatted();
        let read = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        assert!(read.cc().is_none() && read.bcc().is_none() && read.header("X-Evil").is_none());
        assert_eq!(read.to().unwrap().first().unwrap().name(), Some("Li Bcc: all@x.example"));
    }
}
