//! No secret can be printed or serialised: otherwise this file does not compile.

use std::fmt::{Debug, Display};

use serde::Serialize;
use static_assertions::assert_not_impl_any;

use crate::{
    attempt::{LogInCode, LogInCodeHash},
    device::{DeviceToken, DeviceTokenHash, IssuedDeviceToken},
    log_in::OpenedSession,
    session::{SessionToken, TokenHash},
    user::{Password, PasswordHash},
};

assert_not_impl_any!(Password: Debug, Display, Serialize);
assert_not_impl_any!(PasswordHash: Debug, Display, Serialize);
assert_not_impl_any!(SessionToken: Debug, Display, Serialize, Clone);
assert_not_impl_any!(TokenHash: Debug, Display, Serialize);
assert_not_impl_any!(DeviceToken: Debug, Display, Serialize, Clone);
assert_not_impl_any!(DeviceTokenHash: Debug, Display, Serialize);
assert_not_impl_any!(IssuedDeviceToken: Debug, Serialize, Clone);
assert_not_impl_any!(LogInCode: Debug, Display, Serialize, Clone);
assert_not_impl_any!(LogInCodeHash: Debug, Display, Serialize);
assert_not_impl_any!(OpenedSession: Debug, Serialize);
