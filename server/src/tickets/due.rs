//! Until SLA policies exist: solved within 2 hours, 8 hours, 3 days or 7 days by priority, counted round the clock.

use db::Timestamp;

/// When a ticket of this priority, opened then, has to be solved.
pub fn due_at(opened_at: Timestamp, priority: i32) -> Timestamp {
    let hours = match priority {
        1 => 2,
        2 => 8,
        3 => 3 * 24,
        _ => 7 * 24,
    };
    opened_at.plus_minutes(hours * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_urgent_ticket_is_due_in_two_hours_and_a_low_one_in_a_week() {
        let opened = Timestamp::from_millis(0);
        let hours = |priority| due_at(opened, priority).millis() / 3_600_000;
        assert_eq!([1, 2, 3, 4].map(hours), [2, 8, 72, 168]);
    }
}
