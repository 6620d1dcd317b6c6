//! Icons: shapes of Lucide (ISC licence, see `style/public/LICENSE-icons.txt`), one path each.

use leptos::prelude::*;

use crate::wire::device::DeviceKind;

/// The picture of an icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A key: the product.
    Key,
    /// A person.
    User,
    /// Two persons: users.
    Users,
    /// A building: companies.
    Building,
    /// Lines of a list: the audit log.
    List,
    /// A clock: policies.
    Clock,
    /// A shield: security.
    Shield,
    /// A database.
    Database,
    /// A door with an arrow: log out.
    LogOut,
    /// An arrow into a door: log in.
    LogIn,
    /// An arrow down: opens something below.
    ChevronDown,
    /// An arrow forward: leads on.
    ChevronRight,
    /// An eye: shows hidden text.
    Eye,
    /// A tick: success.
    Check,
    /// An exclamation mark: a warning.
    Alert,
    /// An exclamation mark in a triangle: the person should look.
    Warning,
    /// A letter i: information.
    Info,
    /// A pencil: changes a name.
    Pencil,
    /// A desktop or laptop.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A prompt: a program of the command line.
    Terminal,
    /// A robot.
    Robot,
    /// A device of unknown kind.
    Unknown,
}

impl From<DeviceKind> for Shape {
    fn from(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Computer => Self::Computer,
            DeviceKind::Phone => Self::Phone,
            DeviceKind::Tablet => Self::Tablet,
            DeviceKind::Program => Self::Terminal,
            DeviceKind::Bot => Self::Robot,
            DeviceKind::Other => Self::Unknown,
        }
    }
}

impl Shape {
    /// The class of its element. A shape that points forward is mirrored where people write from right to left.
    const fn class(self) -> &'static str {
        match self {
            Self::ChevronRight | Self::LogIn | Self::LogOut => "icon icon--forward",
            _ => "icon",
        }
    }

    /// The shape on a square of 24 units.
    const fn path(self) -> &'static str {
        match self {
            Self::Key => {
                "M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4zM16.5 7.5h.01"
            }
            Self::User => {
                "M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M16 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0z"
            }
            Self::Users => {
                "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M13 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM22 21v-2a4 4 0 0 0-3-3.87M16 3.128a4 4 0 0 1 0 7.744"
            }
            Self::Building => {
                "M6 22V4a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v18zM6 12H4a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h2M18 9h2a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-2M10 6h4M10 10h4M10 14h4M10 18h4"
            }
            Self::List => "M8 6h13M8 12h13M8 18h13M3 6h.01M3 12h.01M3 18h.01",
            Self::Clock => "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM12 6v6l4 2",
            Self::Shield => {
                "M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1z"
            }
            Self::Database => {
                "M21 5a9 3 0 1 1-18 0 9 3 0 0 1 18 0zM3 5v14a9 3 0 0 0 18 0V5M3 12a9 3 0 0 0 18 0"
            }
            Self::LogIn => "M15 3h4a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2h-4M10 17l5-5-5-5M15 12H3",
            Self::LogOut => "M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4M16 17l5-5-5-5M21 12H9",
            Self::ChevronDown => "m6 9 6 6 6-6",
            Self::ChevronRight => "m9 18 6-6-6-6",
            Self::Eye => {
                "M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0M15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z"
            }
            Self::Check => "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM9 12l2 2 4-4",
            Self::Alert => "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM12 8v4M12 16h.01",
            Self::Warning => {
                "m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3zM12 9v4M12 17h.01"
            }
            Self::Info => "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM12 16v-4M12 8h.01",
            Self::Pencil => {
                "M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497zM15 5l4 4"
            }
            Self::Computer => {
                "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM8 21h8M12 17v4"
            }
            Self::Phone => {
                "M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zM12 18h.01"
            }
            Self::Tablet => {
                "M6 2h12a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zM12 18h.01"
            }
            Self::Terminal => "m4 17 6-6-6-6M12 19h8",
            Self::Robot => {
                "M12 8V4H8M6 8h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM2 14h2M20 14h2M15 13v2M9 13v2"
            }
            Self::Unknown => {
                "M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM9.09 9a3 3 0 0 1 5.83 1c0 2-3 3-3 3M12 17h.01"
            }
        }
    }
}

/// An icon beside words with the same meaning.
#[component]
pub fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class=shape.class() viewBox="0 0 24 24" aria-hidden="true">
            <path d=shape.path()></path>
        </svg>
    }
}

/// An icon with a meaning of its own, which screen readers read.
#[component]
pub fn NamedIcon(shape: Shape, name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" role="img" aria-label=name>
            <path d=shape.path()></path>
        </svg>
    }
}
