-- Housekeeping: a flood of attempts leaves few rows, and what is past its time is found by an index.

alter table log_in_attempts
    -- The minute of a throttled attempt, which is recorded once for its login and network. Null for
    -- all other outcomes, and for what was recorded before there was this column.
    add column throttled_in timestamptz;
create unique index log_in_attempts_throttled_once
    on log_in_attempts (login_key, throttled_in, coalesce(network, ''))
    where throttled_in is not null;

-- Sweeping.
create index known_devices_by_time on known_devices (last_log_in_at);
create index password_changes_by_time on password_changes (at);
create index superseded_tokens_by_time on superseded_tokens (superseded_at);

-- The comment in 0003 says that it was users.id for confirmation.
comment on column throttles.subject is
    'account: login_key; address and spray: network; device: known_devices.id; '
    'confirmation: sessions.id, for the current password asked again in that session';
