//! Replacing a one-time password, and changing a password.

use http::StatusCode;
use latchkey_core::{account::PasswordOrigin, testing::PASSWORD, user::Password};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const OTHER: &str = "a quite different sentence";

#[sqlx::test(migrations = false)]
async fn a_one_time_password_must_be_replaced_before_anything_else(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let one_time = PasswordOrigin::OneTime(Password::new("given-out-once".to_owned()));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, one_time)
        .await
        .unwrap();
    let mut ada = server.browser();
    assert!(
        ada.log_in("ada@example.com", "given-out-once")
            .await
            .body
            .contains("/new-password")
    );

    for path in ["/", "/profile/devices", "/profile/security"] {
        let answer = ada.get(path).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, "/new-password"),
            "{path}"
        );
    }
    let answer = ada.read("/api/list_devices").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::FORBIDDEN, "\"NewPasswordRequired\"")
    );
    assert_eq!(ada.get("/new-password").await.status, StatusCode::OK);

    let differ = [("new_password", OTHER), ("repeated_password", "other")];
    let answer = ada.post("/api/set_new_password", &differ).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "{\"NewPassword\":\"NotRepeated\"}"
        )
    );

    let fields = [("new_password", OTHER), ("repeated_password", OTHER)];
    let answer = ada
        .submit("/new-password", "/api/set_new_password", &fields)
        .await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/"));
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
    assert_eq!(
        server
            .browser()
            .log_in("ada@example.com", OTHER)
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        server
            .browser()
            .log_in("ada@example.com", "given-out-once")
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
}

async fn change(
    browser: &mut Browser,
    current: &str,
    new: &str,
    end_others: bool,
) -> (StatusCode, String) {
    let mut fields = vec![
        ("current_password", current),
        ("new_password", new),
        ("repeated_password", new),
    ];
    if end_others {
        fields.push(("end_other_sessions", "on"));
    }
    let answer = browser.post("/api/change_password", &fields).await;
    (answer.status, answer.body)
}

#[sqlx::test(migrations = false)]
async fn a_changed_password_ends_the_other_sessions_if_wanted(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let (mut mine, mut other) = (server.ada().await, server.ada().await);
    let kept = change(&mut mine, PASSWORD, OTHER, false).await;
    assert_eq!(kept, (StatusCode::OK, "{\"ended_sessions\":0}".to_owned()));
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    let ended = change(&mut mine, OTHER, PASSWORD, true).await;
    assert_eq!(ended, (StatusCode::OK, "{\"ended_sessions\":1}".to_owned()));
    assert_eq!(other.get("/").await.status, StatusCode::SEE_OTHER);
    assert!(
        other
            .get("/login")
            .await
            .body
            .contains("password was changed")
    );
    assert_eq!(mine.get("/").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn a_password_that_cannot_be_set_is_told_why(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for (current, new, error) in [
        ("wrong", OTHER, "\"WrongPassword\""),
        (
            PASSWORD,
            "short",
            "{\"NewPassword\":{\"TooShort\":{\"minimum\":15}}}",
        ),
        (
            PASSWORD,
            "aaaaaaaaaaaaaaaaaaaa",
            "{\"NewPassword\":\"TooCommon\"}",
        ),
        (
            PASSWORD,
            "latchkey latchkey",
            "{\"NewPassword\":{\"ContainsOwn\":\"Product\"}}",
        ),
        (PASSWORD, PASSWORD, "{\"NewPassword\":\"Unchanged\"}"),
    ] {
        assert_eq!(
            change(&mut ada, current, new, true).await,
            (StatusCode::UNPROCESSABLE_ENTITY, error.to_owned())
        );
    }
}
