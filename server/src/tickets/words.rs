//! What people outside the pages read of a ticket: the name of its state, and an instant by the clock of its site.

use db::Timestamp;
use jiff::tz::TimeZone;

use super::TicketStatus;

/// What a state is called, in English and in Chinese.
pub const fn state(status: TicketStatus) -> (&'static str, &'static str) {
    match status {
        TicketStatus::New => ("New", "新建"),
        TicketStatus::Assigned => ("Assigned", "已派单"),
        TicketStatus::Accepted => ("Accepted", "已接单"),
        TicketStatus::Travelling => ("Travelling", "路途中"),
        TicketStatus::OnSite => ("On site", "已到达"),
        TicketStatus::Working => ("Working", "维修中"),
        TicketStatus::Waiting => ("Waiting", "挂起"),
        TicketStatus::Completed => ("Completed", "待确认"),
        TicketStatus::Closed => ("Closed", "已闭环"),
        TicketStatus::Cancelled => ("Cancelled", "已取消"),
    }
}

/// An instant by the clock of the site, which is named, since the reader may be elsewhere.
pub fn time(at: Timestamp, zone: &str) -> String {
    let there = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let Ok(at) = jiff::Timestamp::from_millisecond(at.millis()) else { return String::new() };
    let name = if zone.is_empty() { "UTC" } else { zone };
    format!("{} ({name})", at.to_zoned(there).strftime("%Y-%m-%d %H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_the_site_and_says_where() {
        let at = Timestamp::from_millis(1_772_442_000_000);
        assert_eq!(time(at, "Asia/Shanghai"), "2026-03-02 17:00 (Asia/Shanghai)");
        assert_eq!(time(at, ""), "2026-03-02 09:00 (UTC)");
    }

    #[test]
    fn no_two_states_have_one_name() {
        let (mut english, mut chinese): (Vec<_>, Vec<_>) = TicketStatus::ALL.into_iter().map(state).unzip();
        for names in [&mut english, &mut chinese] {
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), TicketStatus::ALL.len());
        }
    }
}
