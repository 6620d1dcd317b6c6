-- Every attempt to log in, what holds guessers back, the devices that may pass it, and changes of
-- passwords: what a person reads under Activity, and an administrator after an attack.

create table log_in_attempts (
    id uuid primary key,
    at timestamptz not null,
    -- As typed, cut to 254 characters. Never a password, but for one typed into the wrong field.
    login text not null,
    -- What was looked for, whether or not somebody has it.
    login_key text not null,
    -- Whose login it is, if it is somebody's.
    user_id uuid references users on delete cascade,
    outcome text not null check (outcome in (
        'succeeded', 'unknown_login', 'wrong_password', 'disabled', 'denied', 'throttled'
    )),
    factor text not null check (factor in ('password', 'one_time_password')),
    address inet,
    -- The address as throttles count it: IPv4 whole, IPv6 by its /64.
    network text,
    user_agent text not null,
    -- The session that it opened. No foreign key: sessions are swept in batches of their own, which
    -- must not have to touch this table.
    session_id uuid,
    constraint log_in_attempts_session check ((session_id is not null) = (outcome = 'succeeded'))
);

-- "My recent activity", newest first.
create index log_in_attempts_by_user on log_in_attempts (user_id, at desc, id desc);
-- Deletion by age, and the administrator's list.
create index log_in_attempts_by_time on log_in_attempts (at);
-- Whether a network has tried this login before: what tells spraying from forgetting.
create index log_in_attempts_by_network on log_in_attempts (network, login_key, at);

-- Failures by what they count against. A row here, and not in a node's memory, holds for all nodes
-- and over a restart. It knows nothing of users: an unknown login is counted like a known one.
create table throttles (
    kind text not null check (kind in (
        'account', 'address', 'device', 'spray', 'confirmation'
    )),
    -- account: login_key; address and spray: network; device: known_devices.id;
    -- confirmation: users.id, for the current password asked again of somebody who is logged in.
    subject text not null,
    -- When the last of the failures will be forgotten. They are forgotten one by one at a steady pace,
    -- so that the distance from now says how many there are (the "generic cell rate algorithm").
    forgotten_at timestamptz not null,
    blocked_until timestamptz not null,
    -- The network of all these failures; null if there were several.
    network text,
    primary key (kind, subject)
);

-- Sweeping.
create index throttles_by_time on throttles (forgotten_at);

-- OWASP device cookies: browsers that their owner has logged in with pass the throttles of account
-- and address, and are counted by themselves.
create table known_devices (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    -- SHA-256 of the token in the cookie.
    token_hash bytea not null constraint known_devices_token_hash_unique unique
        check (octet_length(token_hash) = 32),
    created_at timestamptz not null,
    last_log_in_at timestamptz not null
);

create index known_devices_by_user on known_devices (user_id, last_log_in_at desc);

create table password_changes (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    at timestamptz not null,
    changed_by text not null check (changed_by in ('person', 'administrator')),
    -- Where the person was; an administrator works on the server.
    address inet,
    user_agent text
);

create index password_changes_by_user on password_changes (user_id, at desc, id desc);

-- Ends are listed by person too.
create index sessions_by_user on sessions (user_id, created_at);

-- A person reads what is about the own account. Throttles and devices are the system's alone.
alter table log_in_attempts enable row level security;
grant select (id, at, user_id, outcome, factor, address, user_agent, session_id)
    on log_in_attempts to latchkey_restricted;
create policy own_attempts on log_in_attempts for select to latchkey_restricted
    using (user_id = calling_user());

alter table password_changes enable row level security;
grant select (id, user_id, at, changed_by, address, user_agent)
    on password_changes to latchkey_restricted;
create policy own_password_changes on password_changes for select to latchkey_restricted
    using (user_id = calling_user());

alter table throttles enable row level security;
alter table known_devices enable row level security;
