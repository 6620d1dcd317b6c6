//! Activity by days.

use crate::wire::{
    activity::{ActivityEntry, ActivityKind, ActivityList},
    device::DeviceTitle,
};

/// Equal failures in a row, or the sessions that one act has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The latest of them.
    pub entry: ActivityEntry,
    /// Their number; 1 for an event of its own.
    pub count: u32,
    /// The devices of sessions that one act has ended, each name once, with the number of devices of that name.
    pub devices: Vec<(DeviceTitle, u32)>,
    /// Whether the list ends within the run, so that `count` may be too small.
    pub is_cut_off: bool,
}

/// The events of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// "Today", "Tuesday, 24 November".
    pub name: String,
    /// The events, the newest first.
    pub runs: Vec<Run>,
}

/// Folds equal failures in a row: of the same kind, on the same day, from the same device and address. Folds the ends of
/// sessions with the same cause at the same moment, too.
pub fn fold(list: ActivityList) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for entry in list.entries {
        match runs.last_mut() {
            Some(run) if run.continues_with(&entry) => run.add(entry.device),
            _ => runs.push(Run {
                devices: entry
                    .device
                    .clone()
                    .map(|device| (device, 1))
                    .into_iter()
                    .collect(),
                entry,
                count: 1,
                is_cut_off: false,
            }),
        }
    }
    if let Some(last) = runs.last_mut() {
        last.is_cut_off = list.older.is_some() && last.count > 1;
    }
    runs
}

/// Sorts events by days, and folds equal failures.
pub fn by_day(list: ActivityList) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for run in fold(list) {
        match days.last_mut() {
            Some(day) if day.name == run.entry.day => day.runs.push(run),
            _ => days.push(Day {
                name: run.entry.day.clone(),
                runs: vec![run],
            }),
        }
    }
    days
}

impl Run {
    fn add(&mut self, device: Option<DeviceTitle>) {
        self.count += 1;
        let Some(device) = device else {
            return;
        };
        let known = self.devices.iter_mut().find(|(known, _)| *known == device);
        match known {
            Some((_, count)) => *count += 1,
            None => self.devices.push((device, 1)),
        }
    }

    fn continues_with(&self, next: &ActivityEntry) -> bool {
        let own = &self.entry;
        let is_one_act = matches!(own.kind, ActivityKind::SessionEnded(_))
            && own.kind == next.kind
            && own.at == next.at;
        is_one_act || self.fails_like(next)
    }

    fn fails_like(&self, next: &ActivityEntry) -> bool {
        let own = &self.entry;
        own.kind.is_failure()
            && own.day == next.day
            && own.kind == next.kind
            && own.device == next.device
            && own.address == next.address
            && own.is_explained == next.is_explained
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{
        Moment,
        activity::ActivityKind,
        device::{Address, AuthenticatedBy},
        session::{End, EndCause},
    };

    fn entry(day: &str, kind: ActivityKind, address: &str) -> ActivityEntry {
        ActivityEntry {
            at: Moment {
                machine: String::new(),
                text: String::new(),
                phrase: String::new(),
            },
            day: day.to_owned(),
            time: "14:02".to_owned(),
            kind,
            device: None,
            address: Some(Address {
                text: address.to_owned(),
                place: None,
            }),
            is_explained: false,
        }
    }

    fn whole(entries: Vec<ActivityEntry>) -> ActivityList {
        ActivityList {
            entries,
            older: None,
        }
    }

    /// The days with the number of equal events in each run.
    fn counts(entries: Vec<ActivityEntry>) -> Vec<(String, Vec<u32>)> {
        let days = by_day(whole(entries)).into_iter();
        days.map(|day| (day.name, day.runs.iter().map(|run| run.count).collect()))
            .collect()
    }

    #[test]
    fn equal_failures_in_a_row_are_one_within_a_day() {
        let wrong = |day| entry(day, ActivityKind::WrongPassword, "203.0.113.7");
        let elsewhere = entry("Today", ActivityKind::WrongPassword, "203.0.113.8");
        let blocked = entry("Today", ActivityKind::Throttled, "203.0.113.8");
        let entries = vec![
            wrong("Today"),
            wrong("Today"),
            elsewhere,
            blocked,
            wrong("Today"),
            wrong("Yesterday"),
            wrong("Yesterday"),
        ];
        assert_eq!(
            counts(entries),
            [
                ("Today".to_owned(), vec![2, 1, 1, 1]),
                ("Yesterday".to_owned(), vec![2])
            ]
        );
    }

    #[test]
    fn what_one_act_has_ended_is_one_entry_that_counts_the_devices_of_a_name() {
        let ended = |name: &str| ActivityEntry {
            device: Some(DeviceTitle {
                given: Some(name.to_owned()),
                ..DeviceTitle::default()
            }),
            ..entry(
                "Today",
                ActivityKind::SessionEnded(End {
                    cause: EndCause::Revoked,
                    by: None,
                }),
                "203.0.113.7",
            )
        };
        let runs = fold(whole(vec![ended("Till"), ended("Phone"), ended("Till")]));
        let [run] = runs.as_slice() else {
            panic!("one act is one run: {runs:?}");
        };
        let names = run
            .devices
            .iter()
            .filter_map(|(device, count)| Some((device.given.as_deref()?, *count)));
        assert_eq!(run.count, 3);
        assert_eq!(names.collect::<Vec<_>>(), [("Till", 2), ("Phone", 1)]);
    }

    #[test]
    fn a_run_at_the_end_of_a_list_is_cut_off_if_older_events_follow() {
        let wrong = |address| entry("Today", ActivityKind::WrongPassword, address);
        let cut_off = |entries, older: Option<&str>| {
            let older = older.map(str::to_owned);
            let runs = fold(ActivityList { entries, older }).into_iter();
            runs.map(|run| (run.count, run.is_cut_off))
                .collect::<Vec<_>>()
        };
        let two = || {
            vec![
                wrong("203.0.113.7"),
                wrong("203.0.113.8"),
                wrong("203.0.113.8"),
            ]
        };
        assert_eq!(cut_off(two(), Some("older")), [(1, false), (2, true)]);
        assert_eq!(cut_off(two(), None), [(1, false), (2, false)]);
        // A single event says nothing of a number.
        assert_eq!(
            cut_off(vec![wrong("203.0.113.7")], Some("older")),
            [(1, false)]
        );
    }

    #[test]
    fn failures_that_a_log_in_explains_stay_apart_from_others() {
        let wrong = |is_explained| ActivityEntry {
            is_explained,
            ..entry("Today", ActivityKind::WrongPassword, "203.0.113.7")
        };
        assert_eq!(
            counts(vec![wrong(false), wrong(true), wrong(true)]),
            [("Today".to_owned(), vec![1, 2])]
        );
    }

    #[test]
    fn log_ins_in_a_row_stay_apart() {
        let by = AuthenticatedBy::Password;
        let logged_in = || entry("Today", ActivityKind::LoggedIn { by }, "203.0.113.7");
        let entries = vec![logged_in(), logged_in()];
        assert_eq!(counts(entries), [("Today".to_owned(), vec![1, 1])]);
        assert_eq!(counts(Vec::new()), []);
    }
}
