//! What each answer changes: one function for each kind of request, each one transaction.

use mobile_sync_wire::{
    enrol::EnrolResponse,
    event_time,
    limits::KEEP_ACKED_DAYS,
    mutants::{self, Mutant},
    problem::{EPOCH_CHANGED, SyncProblem},
    pull::PullPage,
    push::PushResponse,
};

use super::{Answer, Progress, RequestKind, Response, UnderWay, read, same_engineer};
use crate::{Device, DeviceError, Moment, outbox, rows, store::State};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

impl Device {
    pub(super) fn take_answer(
        &mut self,
        now: &Moment,
        under_way: &UnderWay,
        answer: Answer,
    ) -> Result<Progress, DeviceError> {
        let Answer::Arrived(response) = answer else { return Ok(self.pause(now, 0, None)) };
        let taken = match (response.status, under_way.kind) {
            (200..=299, RequestKind::Enrol) => self.take_enrolment(now, under_way, &response)?,
            (200..=299, RequestKind::Pull) => self.take_page(now, under_way, &response)?,
            (200..=299, RequestKind::Push) => self.take_results(now, under_way, &response)?,
            (401, RequestKind::Pull | RequestKind::Push) => Some(self.lose_token()?),
            (409, _) => self.take_epoch(&response)?,
            (413, RequestKind::Push) if under_way.count > 1 => Some(self.halve(under_way, &response)?),
            _ => None,
        };
        match taken {
            Some(progress) => {
                self.try_now();
                Ok(progress)
            }
            // Whatever it was, it was not an answer that could be acted upon.
            None => Ok(self.pause(now, response.status, response.retry_after_seconds)),
        }
    }

    fn take_enrolment(
        &mut self,
        now: &Moment,
        under_way: &UnderWay,
        response: &Response,
    ) -> Result<Option<Progress>, DeviceError> {
        let Some(told) = read::<EnrolResponse>(response) else { return Ok(None) };
        let progress = self.write(|tx, state| {
            let known = state.policy.as_ref().map(|policy| policy.engineer_id.as_str());
            if !same_engineer(known, &told.policy.engineer_id) {
                if outbox::waiting(tx)?.count > 0 {
                    return Err(DeviceError::AnotherEngineersWork);
                }
                // Another person's rows are none of his business.
                rows::forget_all(tx)?;
                state.cursor = 0;
                state.complete = false;
            }
            let epoch_changed = !state.epoch.is_empty() && state.epoch != told.epoch;
            if epoch_changed {
                state.change_epoch(&told.epoch);
            }
            learn_time(state, under_way, now, told.server_time);
            state.epoch = told.epoch;
            state.token = Some(told.token);
            state.limits = told.limits;
            state.policy = Some(told.policy);
            Ok(Progress { epoch_changed, ..Progress::default() })
        })?;
        self.want_pull();
        Ok(Some(progress))
    }

    fn take_page(
        &mut self,
        now: &Moment,
        under_way: &UnderWay,
        response: &Response,
    ) -> Result<Option<Progress>, DeviceError> {
        let Some(page) = read::<PullPage>(response) else { return Ok(None) };
        let pulled = !page.more;
        let progress = self.write(|tx, state| {
            learn_time(state, under_way, now, page.server_time);
            if page.epoch != state.epoch {
                // The cursor it was asked with means nothing there, so neither does the page.
                state.change_epoch(&page.epoch);
                return Ok(Progress { epoch_changed: true, ..Progress::default() });
            }
            if state.ask_acked {
                if !mutants::on(Mutant::RePushAfterRestore) {
                    outbox::reopen_after(tx, page.acked_seq)?;
                }
                state.ask_acked = false;
            }
            for change in &page.changes {
                rows::apply(tx, change, state.generation)?;
            }
            state.cursor = page.cursor;
            if pulled {
                // Asked after every result that is here, so it shows all that followed from them.
                outbox::settle(tx)?;
                if !mutants::on(Mutant::RowsOfOldEpoch) {
                    rows::forget_before(tx, state.generation)?;
                }
                let days = state.policy.as_ref().map_or(KEEP_ACKED_DAYS, |policy| policy.keep_acked_days);
                outbox::prune(tx, state.server_now(now) - i64::from(days) * DAY_MS)?;
                state.complete = true;
            }
            Ok(Progress { changes: page.changes.len(), complete: pulled, ..Progress::default() })
        })?;
        self.talk.pulled = pulled && !progress.epoch_changed;
        Ok(Some(progress))
    }

    fn take_results(
        &mut self,
        now: &Moment,
        under_way: &UnderWay,
        response: &Response,
    ) -> Result<Option<Progress>, DeviceError> {
        let Some(told) = read::<PushResponse>(response) else { return Ok(None) };
        let progress = self.write(|tx, state| {
            learn_time(state, under_way, now, told.server_time);
            if told.epoch != state.epoch {
                state.change_epoch(&told.epoch);
                return Ok(Progress { epoch_changed: true, ..Progress::default() });
            }
            let waiting = outbox::waiting(tx)?.count;
            let mut need_from: Option<i64> = None;
            for result in &told.results {
                if let Some(seq) = outbox::take_result(tx, state, result, state.server_now(now))? {
                    need_from = Some(need_from.map_or(seq, |known| known.min(seq)));
                }
            }
            let results = usize::try_from(waiting - outbox::waiting(tx)?.count).unwrap_or(0);
            if let Some(seq) = need_from {
                outbox::reopen_after(tx, seq - 1)?;
            }
            let troubles = told.results.iter().filter(|result| outbox::needs_you(result)).count();
            Ok(Progress { results, troubles, ..Progress::default() })
        })?;
        self.want_pull();
        // An answer that settles nothing must not be asked for again at once.
        Ok((progress.results > 0 || progress.epoch_changed).then_some(progress))
    }

    fn take_epoch(&mut self, response: &Response) -> Result<Option<Progress>, DeviceError> {
        let told = read::<SyncProblem>(response).filter(|problem| problem.code == EPOCH_CHANGED);
        let Some(epoch) = told.and_then(|problem| problem.epoch) else { return Ok(None) };
        self.write(|_, state| {
            state.change_epoch(&epoch);
            Ok(())
        })?;
        self.want_pull();
        Ok(Some(Progress { epoch_changed: true, ..Progress::default() }))
    }

    fn halve(&mut self, under_way: &UnderWay, response: &Response) -> Result<Progress, DeviceError> {
        if let Some(limits) = read::<SyncProblem>(response).and_then(|problem| problem.limits) {
            self.write(|_, state| {
                state.limits = limits;
                Ok(())
            })?;
        }
        self.talk.batch = Some(under_way.count / 2);
        Ok(Progress { failed: Some(413), ..Progress::default() })
    }

    fn lose_token(&mut self) -> Result<Progress, DeviceError> {
        self.write(|_, state| {
            state.token = None;
            Ok(())
        })?;
        Ok(Progress { failed: Some(401), ..Progress::default() })
    }
}

fn learn_time(state: &mut State, under_way: &UnderWay, now: &Moment, server_time: i64) {
    state.offset = event_time::offset(under_way.sent_wall, now.wall, server_time);
}
