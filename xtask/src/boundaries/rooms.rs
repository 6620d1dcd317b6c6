//! Which room of a crate stands on which. A room is a module at the top of a crate.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;

use super::modules::{self, Reference};

/// A crate, its rooms, and the references that break the order until they are mended.
#[derive(Debug)]
pub(super) struct House {
    pub(super) sources: &'static str,
    /// From the ground up. A room may name what is in rooms of the storeys below. It names nothing of the rooms
    /// beside and above it.
    pub(super) storeys: &'static [&'static [&'static str]],
    pub(super) arrows_up: &'static [ArrowUp],
}

/// A room that names what is in a room beside or above it.
#[derive(Debug)]
pub(super) struct ArrowUp {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) because: &'static str,
}

pub(super) const HOUSES: &[House] = &[
    House {
        sources: "server/core/src",
        storeys: &[
            &[
                "clock", "random", "error", "likeness", "client", "network", "place",
            ],
            &["database"],
            &["device"],
            &["user"],
            &["module", "activity"],
            &["attempt"],
            &["session"],
            &["account", "log_in", "live", "sweep"],
            &["settings"],
            &["core"],
            // It proves that no secret of any room can be printed.
            &["secrets"],
        ],
        arrows_up: &[],
    },
    House {
        sources: "server/src",
        storeys: &[
            &["config", "stop_signal"],
            &["log", "connections", "platform", "web"],
            &["audit_log", "open_files", "output"],
            &["serve"],
            &["cli"],
        ],
        arrows_up: &[],
    },
    House {
        sources: "app/src",
        storeys: &[
            &["routes", "text", "browser", "audience"],
            &["function"],
            &["api"],
            &["wording", "posted"],
            &["request"],
            &["live"],
            &["page"],
            &["components"],
            &["pages"],
            &["registry"],
            &["shell"],
        ],
        arrows_up: &[up(
            "api",
            "request",
            "a server function has its body, which asks the `Visitor`, in one item with what the browser calls",
        )],
    },
];

const fn up(from: &'static str, to: &'static str, because: &'static str) -> ArrowUp {
    ArrowUp { from, to, because }
}

/// A line for each reference that goes up, and for each entry of the table that is not needed.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for house in HOUSES {
        let rooms = modules::rooms(root, house.sources)?;
        let references = modules::references(root, house.sources)?;
        violations.extend(in_house(house, &rooms, &references));
    }
    Ok(violations)
}

/// How many references go up, with those that the tables permit.
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

/// What the tables permit, for people.
pub(crate) fn exceptions() -> Vec<String> {
    let lines = |house: &House| {
        let sources = house.sources;
        let line = move |arrow: &ArrowUp| {
            format!(
                "{sources}: {} to {}: {}",
                arrow.from, arrow.to, arrow.because
            )
        };
        house.arrows_up.iter().map(line).collect::<Vec<_>>()
    };
    HOUSES.iter().flat_map(lines).collect()
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
    let up: Vec<_> = references
        .iter()
        .filter(|reference| house.goes_up(reference))
        .collect();
    let is_permitted =
        |reference: &Reference| house.arrows_up.iter().any(|arrow| arrow.permits(reference));
    for reference in up.iter().filter(|reference| !is_permitted(reference)) {
        violations.push(format!(
            "{}: {} must not name what is in {}: it stands beside or above (xtask/src/boundaries/rooms.rs)",
            reference.at,
            reference.from.join("::"),
            reference.to.join("::"),
        ));
    }
    for arrow in house.arrows_up {
        if !up.iter().any(|reference| arrow.permits(reference)) {
            violations.push(format!(
                "{sources}: {} names nothing of {} any more: remove the arrow from xtask/src/boundaries/rooms.rs",
                arrow.from, arrow.to
            ));
        }
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

impl ArrowUp {
    fn permits(&self, reference: &Reference) -> bool {
        let is = |module: &[String], room: &str| module.first().is_some_and(|first| first == room);
        is(&reference.from, self.from) && is(&reference.to, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARROW: ArrowUp = ArrowUp {
        from: "ground",
        to: "roof",
        because: "it is being mended",
    };

    fn house(arrows_up: &'static [ArrowUp]) -> House {
        House {
            sources: "src",
            storeys: &[&["ground", "cellar"], &["roof"]],
            arrows_up,
        }
    }

    fn broken(house: &House, rooms: &[&str], references: &[(&str, &str)]) -> Vec<String> {
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
        in_house(house, &rooms, &references)
    }

    const ROOMS: &[&str] = &["cellar", "ground", "roof"];

    #[test]
    fn a_room_names_only_what_is_below() {
        let house = house(&[]);
        assert!(
            broken(
                &house,
                ROOMS,
                &[("roof::tile", "ground"), ("roof::a", "roof::b")]
            )
            .is_empty()
        );
        let found = broken(&house, ROOMS, &[("ground::floor", "roof::tile")]);
        assert!(
            found[0].starts_with("src/x.rs:1: ground::floor must not name what is in roof::tile"),
            "{found:?}"
        );
        assert_eq!(
            broken(&house, ROOMS, &[("ground", "cellar"), ("cellar", "ground")]).len(),
            2
        );
    }

    #[test]
    fn an_exception_holds_as_long_as_it_is_needed() {
        let house = house(&[ARROW]);
        assert!(broken(&house, ROOMS, &[("ground", "roof")]).is_empty());
        let found = broken(&house, ROOMS, &[]);
        assert!(
            found[0].contains("ground names nothing of roof any more"),
            "{found:?}"
        );
    }

    #[test]
    fn the_table_names_the_rooms_that_there_are() {
        let house = house(&[]);
        let found = broken(&house, &["cellar", "ground", "garage"], &[]);
        assert!(found[0].contains("garage has no storey"), "{found:?}");
        assert!(found[1].contains("roof, which does not exist"), "{found:?}");
    }

    #[test]
    fn every_exception_has_a_reason() {
        for arrow in HOUSES.iter().flat_map(|house| house.arrows_up) {
            assert!(!arrow.because.is_empty(), "{arrow:?}");
        }
    }
}
