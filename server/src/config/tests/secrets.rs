//! The database url: from a file, and never shown.

use super::*;

#[test]
fn the_database_url_may_come_from_a_file() {
    let secret = SecretFile::new("url", "postgres://me:hunter2@db/postgres\r\n");
    let config = load("", &[("LATCHKEY__DATABASE__URL_FILE", secret.name())]).unwrap();
    assert_eq!(
        config.database.dsn().map(Dsn::expose),
        Some("postgres://me:hunter2@db/postgres")
    );
    let printed = config.to_toml().unwrap();
    assert!(printed.contains("url = \"\"\n") && printed.contains(secret.name()));
    assert!(!printed.contains("hunter2"));
}

#[test]
fn a_secret_file_that_is_missing_or_holds_no_url_is_refused() {
    let variable = "LATCHKEY__DATABASE__URL_FILE";
    let text = "[database]\nurl_file = '/nonexistent/url'";
    assert_refused(text, &[], "latchkey.toml:2", "cannot read /nonexistent/url");
    for (name, content) in [("empty", "\n"), ("other", "hunter2")] {
        let secret = SecretFile::new(name, content);
        assert_refused(
            "",
            &[(variable, secret.name())],
            variable,
            "must begin with `postgres://`",
        );
        assert!(!refusal("", &[(variable, secret.name())]).contains("hunter2"));
    }
}

#[test]
fn a_url_and_a_url_file_together_are_refused() {
    let secret = SecretFile::new("twice", "postgres://db");
    let file = format!(
        "[database]\nurl = 'postgres://db'\nurl_file = '{}'",
        secret.name()
    );
    assert_refused(
        &file,
        &[],
        "latchkey.toml:3",
        "together with `database.url`",
    );
    assert!(load(&file, &[("LATCHKEY__DATABASE__URL", "")]).is_ok());
}

#[test]
fn the_secret_is_never_shown() {
    let config = load("[database]\nurl = 'postgres://me:hunter2@db'", &[]).unwrap();
    let printed = config.to_toml().unwrap();
    assert!(printed.contains("url = \"postgres://***\""));
    assert!(!printed.contains("hunter2") && !format!("{config:?}").contains("hunter2"));
    assert!(!refusal("[database]\nurl = 'host=db password=hunter2'", &[]).contains("hunter2"));
}
