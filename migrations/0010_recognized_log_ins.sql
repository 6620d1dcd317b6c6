-- Log-ins: a flood leaves few rows whatever its sender varies, and owners are told from strangers by network and by code.

alter table log_in_attempts
    -- The minute of a throttled attempt. One row stands for all of its login, and one for all of its network where the
    -- network itself is blocked. 0005's throttled_in stays for nodes that are not updated yet.
    add column throttled_minute timestamptz,
    -- The widest network that was blocked; null where the login alone was.
    add column throttled_network text;
create unique index log_in_attempts_throttled_login_once on log_in_attempts (login_key, throttled_minute)
    where throttled_minute is not null;
create unique index log_in_attempts_throttled_network_once on log_in_attempts (throttled_network, throttled_minute)
    where throttled_network is not null;

alter table throttles drop constraint throttles_kind_check;
alter table throttles add constraint throttles_kind_check check (kind in (
    'account', 'address', 'address_56', 'address_48', 'spray', 'device', 'known_network', 'code', 'code_guess',
    'confirmation'
));
comment on column throttles.subject is
    'account: login_key; address and spray: IPv4 address or IPv6 /64; address_56 and address_48: IPv6 network; '
    'device: known_devices.id; known_network: known_networks.id; code: log_in_codes.id; '
    'code_guess: IPv4 address or IPv6 /48; confirmation: sessions.id';

-- The delay after one more failure, by a schedule as settings make it. `forgotten_at` is when the failures before it are
-- forgotten; null if there was none.
create function throttle_delay(rule jsonb, forgotten_at timestamptz, at timestamptz) returns interval
language sql immutable parallel safe as $$
    select make_interval(secs => (rule -> 'delays' ->> greatest(0, least(
        ceil(
            extract(epoch from greatest(coalesce(forgotten_at, at) - at, '0')) / (rule ->> 'every')::numeric
        )::integer + 2 - (rule ->> 'free')::integer,
        jsonb_array_length(rule -> 'delays') - 1
    )))::float8)
$$;

-- A device gets a new token at each log-in.
alter table known_devices
    -- The token before this one: good for a minute, for log-ins that run in parallel.
    add column previous_token_hash bytea check (octet_length(previous_token_hash) = 32),
    add column token_renewed_at timestamptz;

-- A person forgets the own devices with the sessions on them.
grant select (user_id), delete on known_devices to latchkey_restricted;
create policy forget_own_devices on known_devices for delete to latchkey_restricted
    using (user_id = calling_user());

-- Networks that a user has logged in from: strangers elsewhere do not hold those log-ins up.
create table known_networks (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    -- IPv4 whole, IPv6 by its /64.
    network text not null,
    last_log_in_at timestamptz not null,
    constraint known_networks_once unique (user_id, network)
);
create index known_networks_by_time on known_networks (last_log_in_at);
alter table known_networks enable row level security;
grant select (id, user_id, network), delete on known_networks to latchkey_restricted;
create policy own_networks on known_networks for select to latchkey_restricted
    using (user_id = calling_user());
create policy forget_own_networks on known_networks for delete to latchkey_restricted
    using (user_id = calling_user());

-- Codes that pass the throttles once. A code is no credential: the password is still needed.
create table log_in_codes (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    -- SHA-256 of the code.
    code_hash bytea not null check (octet_length(code_hash) = 32),
    expires_at timestamptz not null
);
create index log_in_codes_by_user on log_in_codes (user_id, expires_at desc);
create index log_in_codes_by_time on log_in_codes (expires_at);
alter table log_in_codes enable row level security;
grant select (id, user_id, expires_at), insert, delete on log_in_codes to latchkey_restricted;
create policy own_codes on log_in_codes for select to latchkey_restricted
    using (user_id = calling_user());
create policy make_own_codes on log_in_codes for insert to latchkey_restricted
    with check (user_id = calling_user());
create policy forget_own_codes on log_in_codes for delete to latchkey_restricted
    using (user_id = calling_user());
