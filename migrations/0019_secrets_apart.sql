-- Secrets have tables of their own. So the role of people reads whole tables elsewhere, and a new column needs no grant.

create table session_tokens (
    session_id uuid primary key references sessions (id) on delete cascade,
    -- SHA-256 of the token in the cookie: a dump of this table is no credential.
    token_hash bytea not null constraint session_tokens_token_hash_unique unique
        check (octet_length(token_hash) = 32),
    issued_at timestamptz not null,
    -- SHA-256 of the network and the agent that the token was issued to. Null: not known.
    issued_to bytea check (octet_length(issued_to) = 32),
    -- Null until a request brings the token: the answer with the token may have been lost.
    used_at timestamptz,
    -- The number of tokens in a row that were issued and that no request has brought, this token included. The number
    -- says nothing once `used_at` is set.
    unused integer not null default 0
);
alter table session_tokens enable row level security;

insert into session_tokens (session_id, token_hash, issued_at, issued_to, used_at, unused)
select id, token_hash, token_issued_at, token_issued_to, token_used_at, tokens_unused from sessions;

create table passwords (
    user_id uuid primary key references users (id) on delete cascade,
    hash text not null,
    -- An administrator has set the password, and its user must replace the password at the next log-in.
    is_one_time boolean not null,
    changed_at timestamptz not null
);
alter table passwords enable row level security;

insert into passwords (user_id, hash, is_one_time, changed_at)
select id, password_hash, password_is_one_time, password_changed_at from users;

alter table sessions
    drop column token_hash,
    drop column token_issued_at,
    drop column token_issued_to,
    drop column token_used_at,
    drop column tokens_unused;
alter table users
    drop column password_hash,
    drop column password_is_one_time,
    drop column password_changed_at;

grant select on sessions, users to latchkey_restricted;
