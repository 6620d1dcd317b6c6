//! Which room of a crate stands on which. A room is a module at the top of a crate.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;

use super::modules::{self, Reference};

/// A crate and its rooms.
#[derive(Debug)]
pub(super) struct House {
    pub(super) sources: &'static str,
    /// From the ground up. A room may name what is in rooms of the storeys below. It names nothing of the rooms
    /// beside and above it.
    pub(super) storeys: &'static [&'static [&'static str]],
}

pub(super) const HOUSES: &[House] = &[
    House {
        sources: "server/core/src",
        storeys: &[
            &[
                "clock", "random", "error", "likeness", "client", "language", "network", "place",
            ],
            &["database", "displayed_name"],
            &["company", "device"],
            &["access"],
            &["user"],
            &["module", "activity", "audit"],
            &["attempt"],
            &["session"],
            &["account", "log_in", "live", "sweep"],
            &["settings"],
            &["core"],
            // It proves that no secret of any room can be printed.
            &["secrets"],
        ],
    },
    House {
        sources: "server/src",
        storeys: &[
            &["config", "statements", "stop_signal", "text"],
            &["log", "connections", "platform", "web"],
            &["audit_log", "open_files", "output"],
            &["serve"],
            &["cli"],
        ],
    },
    House {
        sources: "app/src",
        storeys: &[
            &["routes", "text", "browser", "audience"],
            &["function", "wire"],
            &["wording", "posted"],
            &["request"],
            &["api"],
            &["live"],
            &["page"],
            &["components"],
            &["pages"],
            &["registry"],
            &["shell"],
        ],
    },
];

/// A line for each reference that goes up, and for each room without a storey.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for house in HOUSES {
        let rooms = modules::rooms(root, house.sources)?;
        let references = modules::references(root, house.sources)?;
        violations.extend(in_house(house, &rooms, &references));
    }
    Ok(violations)
}

/// How many references go up.
pub(crate) fn count_arrows_up(root: &Path) -> Result<usize> {
    let mut count = 0;
    for house in HOUSES {
        let references = modules::references(root, house.sources)?;
        count += references
            .iter()
            .filter(|reference| house.goes_up(reference))
            .count();
    }
    Ok(count)
}

fn in_house(house: &House, rooms: &BTreeSet<String>, references: &[Reference]) -> Vec<String> {
    let sources = house.sources;
    let named: BTreeSet<_> = house
        .storeys
        .iter()
        .flat_map(|storey| storey.iter().copied())
        .collect();
    let mut violations = Vec::new();
    for room in rooms.iter().filter(|room| !named.contains(room.as_str())) {
        violations.push(format!(
            "{sources}: the room {room} has no storey in xtask/src/boundaries/rooms.rs"
        ));
    }
    for room in named.iter().filter(|room| !rooms.contains(**room)) {
        violations.push(format!(
            "{sources}: xtask/src/boundaries/rooms.rs names the room {room}, which does not exist"
        ));
    }
    for reference in references
        .iter()
        .filter(|reference| house.goes_up(reference))
    {
        violations.push(format!(
            "{}: {} must not name what is in {}: it stands beside or above (xtask/src/boundaries/rooms.rs)",
            reference.at,
            reference.from.join("::"),
            reference.to.join("::"),
        ));
    }
    violations
}

impl House {
    fn goes_up(&self, reference: &Reference) -> bool {
        match (reference.from.first(), reference.to.first()) {
            (Some(from), Some(to)) if from != to => match (self.storey(from), self.storey(to)) {
                (Some(from), Some(to)) => from <= to,
                _ => false,
            },
            _ => false,
        }
    }

    fn storey(&self, room: &str) -> Option<usize> {
        self.storeys
            .iter()
            .position(|storey| storey.contains(&room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: House = House {
        sources: "src",
        storeys: &[&["ground", "cellar"], &["roof"]],
    };

    fn broken(rooms: &[&str], references: &[(&str, &str)]) -> Vec<String> {
        let module = |path: &str| path.split("::").map(str::to_owned).collect();
        let references: Vec<_> = references
            .iter()
            .map(|(from, to)| Reference {
                from: module(from),
                to: module(to),
                at: "src/x.rs:1".to_owned(),
            })
            .collect();
        let rooms = rooms.iter().map(|room| (*room).to_owned()).collect();
        in_house(&HOUSE, &rooms, &references)
    }

    const ROOMS: &[&str] = &["cellar", "ground", "roof"];

    #[test]
    fn a_room_names_only_what_is_below() {
        assert!(broken(ROOMS, &[("roof::tile", "ground"), ("roof::a", "roof::b")]).is_empty());
        let found = broken(ROOMS, &[("ground::floor", "roof::tile")]);
        assert!(
            found[0].starts_with("src/x.rs:1: ground::floor must not name what is in roof::tile"),
            "{found:?}"
        );
        assert_eq!(
            broken(ROOMS, &[("ground", "cellar"), ("cellar", "ground")]).len(),
            2
        );
    }

    #[test]
    fn the_table_names_the_rooms_that_there_are() {
        let found = broken(&["cellar", "ground", "garage"], &[]);
        assert!(found[0].contains("garage has no storey"), "{found:?}");
        assert!(found[1].contains("roof, which does not exist"), "{found:?}");
    }
}
