//! The place of an address, by a file in the format `mmdb`. Places help people to recognise devices; no rule
//! uses them.

use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
};

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

/// A place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2: "DE".
    pub country: String,
    /// The English name: "Berlin". Files of countries have no cities.
    pub city: Option<String>,
}

/// Finds the places of addresses. Without a file it finds no place.
#[derive(Default)]
pub struct Places(Option<Reader<Vec<u8>>>);

/// The reason why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    /// The file does not exist, or may not be read.
    #[error("cannot read {0}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// The file does not have the format `mmdb`, or is incomplete.
    #[error("{0} is no MaxMind DB file")]
    Malformed(PathBuf, #[source] MaxMindDbError),
}

/// The records of different makers: `MaxMind` and DB-IP use objects, ip-location-db flat values.
#[derive(Deserialize)]
struct Record {
    country: Option<Country>,
    country_code: Option<String>,
    city: Option<City>,
}

#[derive(Deserialize)]
struct Country {
    iso_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum City {
    Plain(String),
    Named {
        #[serde(default)]
        names: Names,
    },
}

#[derive(Default, Deserialize)]
struct Names {
    en: Option<String>,
}

impl Places {
    /// Reads the whole file into memory.
    pub fn read(file: &Path) -> Result<Self, PlacesError> {
        let bytes =
            fs::read(file).map_err(|error| PlacesError::Unreadable(file.to_owned(), error))?;
        let reader = Reader::from_source(bytes)
            .map_err(|error| PlacesError::Malformed(file.to_owned(), error))?;
        Ok(Self(Some(reader)))
    }

    /// The place of an address, if the file has it.
    pub fn find(&self, address: IpAddr) -> Option<Place> {
        let found = self
            .0
            .as_ref()?
            .lookup(address)
            .and_then(|found| found.decode());
        // The file may be damaged at this address only, so other addresses are still looked up.
        let record: Record = found.unwrap_or_else(|error| {
            tracing::debug!(%error, "no place");
            None
        })?;
        let country = record.country.and_then(|country| country.iso_code);
        let country = country.or(record.country_code);
        let city = record.city.and_then(|city| match city {
            City::Plain(name) => Some(name),
            City::Named { names } => names.en,
        });
        Some(Place {
            country: country.filter(|code| !code.is_empty())?,
            city: city.filter(|name| !name.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{env, process};

    use maxminddb_writer::{Database, paths::IpAddrWithMask};
    use serde_json::{Value, json};

    use super::*;

    /// A file in the temporary folder, until it is dropped.
    struct File(PathBuf);

    impl File {
        fn with(name: &str, bytes: &[u8]) -> Self {
            let path = env::temp_dir().join(format!("latchkey-{name}-{}.mmdb", process::id()));
            fs::write(&path, bytes).unwrap();
            Self(path)
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    fn bytes(networks: &[(&str, Value)]) -> Vec<u8> {
        let mut database = Database::default();
        database.metadata.binary_format_major_version = 2;
        for (network, record) in networks {
            let record = database.insert_value(record).unwrap();
            let network: IpAddrWithMask = network.parse().unwrap();
            database.insert_node(network, record);
        }
        database.write_to(Vec::new()).unwrap()
    }

    fn place(country: &str, city: Option<&str>) -> Place {
        Place {
            country: country.to_owned(),
            city: city.map(str::to_owned),
        }
    }

    #[test]
    fn files_of_all_makers_are_understood() {
        let (iso, names) = (
            json!({"iso_code": "DE"}),
            json!({"en": "Berlin", "fr": "Berlin"}),
        );
        let file = File::with(
            "makers",
            &bytes(&[
                ("192.0.2.0/24", json!({"country_code": "FR"})),
                (
                    "198.51.100.0/25",
                    json!({"country_code": "FR", "city": "Lyon"}),
                ),
                (
                    "198.51.100.128/25",
                    json!({"country_code": "FR", "city": ""}),
                ),
                (
                    "203.0.113.0/25",
                    json!({"country": iso, "city": {"names": names}}),
                ),
                (
                    "203.0.113.128/26",
                    json!({"autonomous_system_number": 64_496}),
                ),
                ("203.0.113.192/27", json!({"country_code": ""})),
                (
                    "203.0.113.224/27",
                    json!({"country": {"iso_code": "AT"}, "city": {"geoname_id": 1}}),
                ),
                ("233.252.0.0/24", json!("not a record")),
            ]),
        );
        let places = Places::read(&file.0).unwrap();
        let find = |address: &str| places.find(address.parse().unwrap());
        assert_eq!(find("192.0.2.7"), Some(place("FR", None)));
        assert_eq!(find("198.51.100.7"), Some(place("FR", Some("Lyon"))));
        assert_eq!(find("198.51.100.200"), Some(place("FR", None)));
        assert_eq!(find("203.0.113.7"), Some(place("DE", Some("Berlin"))));
        assert_eq!(find("203.0.113.230"), Some(place("AT", None)));
        for nowhere in [
            "203.0.113.150",
            "203.0.113.200",
            "233.252.0.1",
            "8.8.8.8",
            "2001:db8::1",
        ] {
            assert_eq!(find(nowhere), None, "{nowhere}");
        }
        assert_eq!(Places::default().find("192.0.2.7".parse().unwrap()), None);
    }

    #[test]
    fn a_file_that_is_not_there_or_cut_short_is_refused() {
        let missing = Places::read(Path::new("/nonexistent.mmdb")).err().unwrap();
        assert!(matches!(missing, PlacesError::Unreadable(..)), "{missing}");
        let whole = bytes(&[("192.0.2.0/24", json!({"country_code": "FR"}))]);
        for (name, cut) in [("empty", 0), ("half", whole.len() / 2)] {
            let file = File::with(name, &whole[..cut]);
            let error = Places::read(&file.0).err().unwrap();
            assert!(
                matches!(error, PlacesError::Malformed(..)),
                "{name}: {error}"
            );
        }
    }
}
